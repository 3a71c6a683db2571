// Counts parsed bytes and says so in steps, so that the other side neither stalls nor floods.
// Each saying is a message, so the steps are large; they are still small beside what the other side may send ahead (1 MiB).

const STEP = 128 * 1024;
const IDLE = 30;

export class Acks {
  #parsed = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly say: (bytes: number) => void) {}

  add(bytes: number): void {
    this.#parsed += bytes;
    clearTimeout(this.#timer);
    if (this.#parsed >= STEP) this.flush();
    else this.#timer = setTimeout(() => this.flush(), IDLE);
  }

  flush(): void {
    clearTimeout(this.#timer);
    if (this.#parsed > 0) this.say(this.#parsed);
    this.#parsed = 0;
  }
}
