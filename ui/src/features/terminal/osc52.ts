// OSC 52: a program in the pod may ask to write to the clipboard; reading it is always refused.

const MOST = 75_000;
const SHOWN = 40;

/** The text that a program wants to copy, or null when it asks for anything else. */
export function clipboardRequest(data: string): string | null {
  const separator = data.indexOf(';');
  const body = separator < 0 ? '' : data.slice(separator + 1);
  if (body === '' || body === '?' || body.length > MOST) return null;
  try {
    const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The beginning of such a text for the question about it, without signs that could disguise it. */
export function glimpse(text: string): string {
  const plain = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN)}…` : plain;
}
