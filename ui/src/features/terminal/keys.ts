// What a key does in a terminal: copies, or goes to the shell.

export type KeyMeaning = 'copy' | 'paste' | 'shell';

type Press = Pick<KeyboardEvent, 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey' | 'code'>;

/** Ctrl+C copies only when something is selected; with Shift it always copies; Ctrl+Shift+V and Shift+Insert paste. */
export function meaning(press: Press, selected: boolean, mac: boolean): KeyMeaning {
  const { ctrlKey: ctrl, metaKey: meta, shiftKey: shift, altKey: alt, code } = press;
  if (alt) return 'shell';
  if (mac && meta && !ctrl) return code === 'KeyC' ? (selected ? 'copy' : 'shell') : code === 'KeyV' ? 'paste' : 'shell';
  if (shift && code === 'Insert') return 'paste';
  if (!ctrl || meta) return 'shell';
  if (code === 'KeyV' && shift) return 'paste';
  if (code === 'Insert') return selected ? 'copy' : 'shell';
  return code === 'KeyC' && (shift || selected) ? 'copy' : 'shell';
}
