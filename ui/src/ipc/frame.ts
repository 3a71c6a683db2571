// Frames of a terminal: one tag byte, then raw output, a state, or nothing, so that their order is never in doubt.
import type { TerminalListener } from './backend';

export const OUTPUT = 0;
export const STATE = 1;
export const SKIP = 2;

/** Hands a frame to whoever listens. */
export function readFrame(frame: Uint8Array, on: TerminalListener): void {
  const body = frame.subarray(1);
  if (frame[0] === OUTPUT) on.data(body);
  else if (frame[0] === STATE) on.state(JSON.parse(new TextDecoder().decode(body)));
  else if (frame[0] === SKIP) on.skip();
}
