// Output that waits for the parser: what was handed over cannot be taken back, so it is little; the rest can be forgotten.

/** Milliseconds of work that the parser may have at once. A key pressed under a flood waits that long. */
const MOMENT = 30;
/** Bounds for that in bytes: enough to be busy until the next frame. Short lines take ten times as long as long ones. */
const LEAST = 16 * 1024;
const MOST = 128 * 1024;
/** Below this a time says nothing about the speed. */
const MEASURABLE = 8;

interface Piece {
  bytes: Uint8Array;
  /** Whether the other side counts it. */
  counted: boolean;
}

export class Inbox {
  #waiting: Piece[] = [];
  #parsing = 0;
  #most = MOST;
  /** Since when the parser was busy without being measured, and what it has done since. */
  #since = 0;
  #measured = 0;

  /** `parse` calls back when it is done with the bytes; `done` hears of all that came from the other side. */
  constructor(
    private readonly parse: (bytes: Uint8Array, parsed: () => void) => void,
    private readonly done: (bytes: number) => void,
    private readonly now: () => number = () => performance.now(),
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
    while (this.#parsing < this.#most) {
      const piece = this.#next(this.#most - this.#parsing);
      if (!piece) return;
      if (this.#parsing === 0) this.#restart();
      this.#parsing += piece.bytes.length;
      this.parse(piece.bytes, () => this.#parsed(piece));
    }
  }

  /** The next piece, and of a large one what there is room for. */
  #next(room: number): Piece | undefined {
    const piece = this.#waiting.shift();
    if (!piece || piece.bytes.length <= room) return piece;
    this.#waiting.unshift({ ...piece, bytes: piece.bytes.subarray(room) });
    return { ...piece, bytes: piece.bytes.subarray(0, room) };
  }

  #parsed(piece: Piece): void {
    this.#parsing -= piece.bytes.length;
    this.#measure(piece.bytes.length);
    if (piece.counted) this.done(piece.bytes.length);
    this.#feed();
  }

  #measure(bytes: number): void {
    this.#measured += bytes;
    const took = this.now() - this.#since;
    if (took < MEASURABLE) return;
    this.#most = Math.min(MOST, Math.max(LEAST, Math.round((this.#measured / took) * MOMENT)));
    this.#restart();
  }

  #restart(): void {
    this.#since = this.now();
    this.#measured = 0;
  }
}
