// Numbers and times as people say them: the one place where figures become language.

/** Milliseconds as `13.1 s`, `2 m 05 s` or `1 h 05 m`. */
export function duration(ms: number): string {
  const tenths = Math.floor((ms + 50) / 100);
  if (tenths < 600) return `${Math.floor(tenths / 10)}.${tenths % 10} s`;
  const seconds = Math.floor((ms + 500) / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} m`;
}

/** Milliseconds as a clock: `44:12`, `1:02:09`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

/** An age in one unit or two: `12 s`, `4 m`, `3 h 10 m`, `5 d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 90) return `${minutes} m`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  return `${Math.floor(minutes / 1440)} d`;
}

/** A number of bytes as `512 B`, `64.0 kB`, `3.1 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let [tenths, unit] = [Math.floor(bytes / 100), 0];
  while (tenths >= 10_000 && unit + 1 < units.length) {
    tenths = Math.floor(tenths / 1000);
    unit += 1;
  }
  return `${Math.floor(tenths / 10)}.${tenths % 10} ${units[unit]}`;
}

/** `1 object`, `2 objects`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** A reason as it stands in a list, as a sentence: `it ended with 1` is `It ended with 1.` */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…:]$/.test(text) ? '' : '.'}`;
}

/** A message as it begins a line: `the bundle …` is `The bundle …`; a name, such as `helm …` or `init/seed.sh …`, stays as it is written. */
export function opening(text: string): string {
  return text.replace(/^(?:an?|the|this|that|there|its?|one|no|nobody|nothing|what) /, (word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
}

/** The time of day here, `14:02:09`. */
export function timeOfDay(at: string | Date): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The same moment in UTC, for a tooltip. */
export function utc(at: string | Date): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** How long ago, as a whole phrase: `just now`, `4 m ago`, `yesterday`. */
export function ago(at: string, now: number): string {
  const ms = now - new Date(at).getTime();
  if (ms < 20_000) return 'just now';
  const days = Math.floor(ms / 86_400_000);
  if (days === 1) return 'yesterday';
  return days > 1 ? `${days} days ago` : `${age(ms)} ago`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
