// What becomes of each thing while a bundle is sent, folded from what it tells.
import type { ExportEvent } from '#ipc/types/export';

export interface Part {
  what: string;
  /** `copying` is an image, whose layers follow. */
  doing: 'sending' | 'fetching' | 'copying' | 'there';
  /** How many bytes it has, or how many are there by now. */
  bytes: number | null;
  /** Why it broke off, each time. */
  retries: string[];
  /** When it was first told of. */
  since: number;
}

/** Takes in one more event, at a time of this machine's clock. The part that was told of last stands last. */
export function take(parts: Part[], event: ExportEvent, now: number): void {
  if (event.event === 'copying') return void parts.push({ what: event.image, doing: 'copying', bytes: null, retries: [], since: now });
  const doing = event.event === 'present' ? 'there' : event.event === 'retrying' ? null : event.event;
  const last = parts.findLast((one) => one.what === event.what && (doing === null || doing === one.doing || (one.doing === 'sending' && doing === 'there')));
  const part = last ?? { what: event.what, doing: doing ?? 'sending', bytes: null, retries: [], since: now };
  if (doing !== null) part.doing = doing;
  if ('bytes' in event) part.bytes = event.bytes;
  if (event.event === 'retrying') part.retries.push(event.reason);
  const at = parts.indexOf(part);
  if (at < 0) parts.push(part);
  else if (at < parts.length - 1) parts.push(...parts.splice(at, 1));
}
