// Output that waits for the parser: what was handed over cannot be taken back, so it is little; the rest can be forgotten.

/** Bytes that the parser may have at once: enough to be busy until the next frame. */
const AT_ONCE = 128 * 1024;

interface Piece {
  bytes: Uint8Array;
  /** Whether the other side counts it. */
  counted: boolean;
}

export class Inbox {
  #waiting: Piece[] = [];
  #parsing = 0;

  /** `parse` calls back when it is done with the bytes; `done` hears of all that came from the other side. */
  constructor(
    private readonly parse: (bytes: Uint8Array, parsed: () => void) => void,
    private readonly done: (bytes: number) => void,
  ) {}

  /** Output of the shell. */
  add(bytes: Uint8Array): void {
    this.#take({ bytes, counted: true });
  }

  /** A line of our own between the output. */
  say(text: string): void {
    this.#take({ bytes: new TextEncoder().encode(text), counted: false });
  }

  /** Forgets output that the parser does not have yet. */
  skip(): void {
    const forgotten = this.#waiting.filter((piece) => piece.counted);
    this.#waiting = this.#waiting.filter((piece) => !piece.counted);
    this.done(forgotten.reduce((sum, piece) => sum + piece.bytes.length, 0));
  }

  #take(piece: Piece): void {
    this.#waiting.push(piece);
    this.#feed();
  }

  #feed(): void {
    while (this.#parsing < AT_ONCE) {
      const piece = this.#waiting.shift();
      if (!piece) return;
      this.#parsing += piece.bytes.length;
      this.parse(piece.bytes, () => this.#parsed(piece));
    }
  }

  #parsed(piece: Piece): void {
    this.#parsing -= piece.bytes.length;
    if (piece.counted) this.done(piece.bytes.length);
    this.#feed();
  }
}
