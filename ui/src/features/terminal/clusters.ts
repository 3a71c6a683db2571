// Keeps letters that belong together in one piece: the width model of the terminal loses a joiner that arrives alone.

const WAIT = 6;
const MOST = 256;

/** Passes bytes on at once up to the last plain one; what follows waits a moment for the bytes after it. */
export class Clusters {
  #held = new Uint8Array(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly write: (bytes: Uint8Array) => void) {}

  add(bytes: Uint8Array): void {
    clearTimeout(this.#timer);
    const all = this.#held.length === 0 ? bytes : joined(this.#held, bytes);
    const end = plainEnd(all);
    const cut = all.length - end > MOST ? all.length : end;
    this.#held = all.slice(cut);
    if (cut > 0) this.write(all.subarray(0, cut));
    if (this.#held.length > 0) this.#timer = setTimeout(() => this.flush(), WAIT);
  }

  flush(): void {
    clearTimeout(this.#timer);
    if (this.#held.length > 0) this.write(this.#held);
    this.#held = new Uint8Array(0);
  }
}

/** Where the last run of bytes that are not ASCII begins, if it stands at the end. */
function plainEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] as number) >= 0x80) end -= 1;
  return end;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
