// Output that waits for the parser: what was handed over cannot be taken back, so it is little; the rest can be forgotten.
// What is handed over is parsed at one go, and then the screen is drawn. Drawing takes longer than parsing, so under a flood
// little at once would mean to draw most of the time.

/** Milliseconds that the parser is to be busy at one go. A key pressed under a flood waits that long, and for a drawing. */
const MOMENT = 20;
/** What a line costs the parser, in bytes of it: a line of one letter takes nearly as long as one of a hundred. */
const LINE = 64;
/** Bounds for what is parsed at one go, in bytes with what their lines cost. */
const LEAST = 32 * 1024;
const MOST = 1024 * 1024;
/** Before anything is known of the speed. */
const FIRST = 128 * 1024;
/** The time of less says nothing about the speed. */
const MEASURABLE = 16 * 1024;

interface Piece {
  bytes: Uint8Array;
  /** Whether the other side counts it. */
  counted: boolean;
}

export class Inbox {
  #waiting: Piece[] = [];
  #parsing = false;
  #atOnce = FIRST;

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
    this.done(sizeOf(forgotten));
  }

  #take(piece: Piece): void {
    this.#waiting.push(piece);
    this.#feed();
  }

  #feed(): void {
    if (this.#parsing || this.#waiting.length === 0) return;
    this.#parsing = true;
    const [pieces, cost] = this.#next();
    this.#measured(joined(pieces), cost, () => {
      this.#parsing = false;
      this.done(sizeOf(pieces.filter((piece) => piece.counted)));
      this.#feed();
    });
  }

  /** What is parsed at one go, and what it costs: waiting pieces, of the last one what there is room for. */
  #next(): [Piece[], number] {
    const pieces: Piece[] = [];
    let room = this.#atOnce;
    while (room > 0) {
      const piece = this.#waiting.shift();
      if (!piece) break;
      const [cut, cost] = fitting(piece.bytes, room);
      if (cut < piece.bytes.length) this.#waiting.unshift({ ...piece, bytes: piece.bytes.subarray(cut) });
      pieces.push({ ...piece, bytes: piece.bytes.subarray(0, cut) });
      room -= cost;
    }
    return [pieces, this.#atOnce - room];
  }

  /** Parses, and learns how much of it can be done in a moment. The parser begins when it likes: its first byte tells when. */
  #measured(bytes: Uint8Array, cost: number, parsed: () => void): void {
    if (cost < MEASURABLE) return this.parse(bytes, parsed);
    let began = 0;
    this.parse(bytes.subarray(0, 1), () => (began = this.now()));
    this.parse(bytes.subarray(1), () => {
      const took = Math.max(0.1, this.now() - began);
      this.#atOnce = Math.min(MOST, Math.max(LEAST, Math.round((cost / took) * MOMENT)));
      parsed();
    });
  }
}

/** How many of the bytes there is room for, at least one, and what they cost. */
function fitting(bytes: Uint8Array, room: number): [cut: number, cost: number] {
  let [at, cost] = [0, 0];
  while (at < bytes.length && cost < room) {
    const end = bytes.indexOf(10, at);
    if (end < 0 || end - at > room - cost) {
      const rest = Math.min(bytes.length - at, room - cost);
      return [at + rest, cost + rest];
    }
    cost += end + 1 - at + LINE;
    at = end + 1;
  }
  return [at, cost];
}

function sizeOf(pieces: Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
}

function joined(pieces: Piece[]): Uint8Array {
  const [first] = pieces;
  if (first && pieces.length === 1) return first.bytes;
  const all = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (const { bytes } of pieces) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}
