// Key chords: written `mod+shift+k`, where `mod` is Cmd on a Mac and Ctrl elsewhere.

export interface Chord {
  ctrl: boolean;
  meta: boolean;
  shift: boolean;
  alt: boolean;
  key: string;
}

/** What of a KeyboardEvent matters here. */
export type Press = Pick<KeyboardEvent, 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey' | 'key' | 'code'>;

export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

export function parse(text: string, mac = isMac): Chord {
  const parts = text.toLowerCase().split('+');
  const key = text.endsWith('+') ? '+' : (parts.at(-1) ?? '');
  const has = (part: string) => parts.slice(0, -1).includes(part);
  return { ctrl: has('ctrl') || (has('mod') && !mac), meta: has('cmd') || (has('mod') && mac), shift: has('shift'), alt: has('alt'), key };
}

/** The chord of a key press, in the notation of bindings; empty while only modifiers are down. */
export function written(press: Press, mac = isMac): string {
  const key = keyOf(press);
  if (['control', 'shift', 'alt', 'meta', 'altgraph', 'dead'].includes(key)) return '';
  const main = mac ? press.metaKey : press.ctrlKey;
  const names = [
    main ? 'mod' : '',
    mac && press.ctrlKey ? 'ctrl' : '',
    press.altKey ? 'alt' : '',
    press.shiftKey && shiftCounts(press) ? 'shift' : '',
  ];
  return [...names.filter(Boolean), key].join('+');
}

export function matches(chord: Chord, press: Press): boolean {
  const shift = shiftCounts(press) ? press.shiftKey === chord.shift : true;
  return chord.key === keyOf(press) && press.ctrlKey === chord.ctrl && press.metaKey === chord.meta && press.altKey === chord.alt && shift;
}

/** The chord for people: `Ctrl Shift K`, `⇧⌘K`. */
export function shown(text: string, mac = isMac): string {
  const chord = parse(text, mac);
  const key = NAMES[chord.key] ?? (chord.key.length === 1 ? chord.key.toUpperCase() : chord.key.replace(/^./, (first) => first.toUpperCase()));
  if (mac) return `${chord.ctrl ? '⌃' : ''}${chord.alt ? '⌥' : ''}${chord.shift ? '⇧' : ''}${chord.meta ? '⌘' : ''}${key}`;
  const names = [chord.ctrl && 'Ctrl', chord.meta && 'Meta', chord.alt && 'Alt', chord.shift && 'Shift', key];
  return names.filter(Boolean).join(' ');
}

const NAMES: Record<string, string> = { ' ': 'Space', arrowup: '↑', arrowdown: '↓', arrowleft: '←', arrowright: '→', escape: 'Esc', enter: 'Enter' };

/** Letters and digits by where they are on the keyboard when a modifier is down, since Shift and Alt change what they write. */
function keyOf(press: Press): string {
  const plain = /^Key([A-Z])$/.exec(press.code)?.[1] ?? /^Digit(\d)$/.exec(press.code)?.[1];
  const modified = press.ctrlKey || press.metaKey || press.altKey;
  if (press.code === 'Backquote' && modified) return '`';
  return (modified && plain ? plain : press.key).toLowerCase();
}

/** For signs such as `?` the Shift that makes them is no part of the chord. */
function shiftCounts(press: Press): boolean {
  return press.ctrlKey || press.metaKey || press.altKey || press.key.length > 1 || /[a-z]/i.test(press.key);
}
