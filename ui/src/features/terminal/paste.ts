// What a paste does: asked about when it would run commands at once, sent in pieces, never with a last newline of its own.

export interface Paste {
  text: string;
  /** Lines that would run as soon as they arrive; 0 when it is safe. */
  runs: number;
}

/** Looks at a text before it goes to the shell. `bracketed`: the shell has asked to be told about pastes. */
export function prepare(text: string, bracketed: boolean): Paste {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '');
  // Keys such as Ctrl+C or the end of the brackets have no business in a text.
  const safe = lines.replace(/[^\P{Cc}\n\t]/gu, '');
  const runs = bracketed ? 0 : (safe.match(/\n/g)?.length ?? 0);
  return { text: safe, runs };
}

/** Pieces small enough for a pseudo terminal's buffer. */
export function pieces(text: string, size = 4096): string[] {
  const all: string[] = [];
  let piece = '';
  for (const letter of text) {
    piece += letter;
    if (piece.length >= size) {
      all.push(piece);
      piece = '';
    }
  }
  return piece === '' ? all : [...all, piece];
}

/** How the bytes of a paste look on the wire. */
export function wire(text: string, bracketed: boolean): string {
  const body = text.replaceAll('\n', '\r');
  return bracketed ? `\x1b[200~${body}\x1b[201~` : body;
}
