// Counts parsed bytes and says so in steps, so that the other side neither stalls nor floods.
// Each saying is a message, so there are few.

const STEP = 128 * 1024;
/** Milliseconds between two sayings of less. */
const PAUSE = 50;

export class Acks {
  #parsed = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly say: (bytes: number) => void) {}

  add(bytes: number): void {
    this.#parsed += bytes;
    if (this.#parsed >= STEP) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), PAUSE);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#parsed > 0) this.say(this.#parsed);
    this.#parsed = 0;
  }
}
