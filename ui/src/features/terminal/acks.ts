// Counts parsed bytes and says so in steps, so that the other side neither stalls nor floods.

const STEP = 16_384;
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
