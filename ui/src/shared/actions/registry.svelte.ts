// Every action of the window, once: the palette, menus, tooltips, the key sheet and rebinding all read this list.
import { matches, parse, shown, type Press } from './chord';

export interface Action {
  id: string;
  title: string;
  /** Where it is listed: `Preview`, `Terminal`, … */
  group: string;
  /** Default keys; the first is the one that is shown. */
  keys?: string[];
  /** Whether it can be done right now; an action that cannot is not offered. */
  when?: () => boolean;
  /** Also works without Shift while the terminal has the focus. */
  everywhere?: boolean;
  /** The command line that does the same. */
  cli?: () => string | null;
  run: () => void;
}

export type Zone = 'terminal' | 'editor' | 'text' | 'page';

class Actions {
  #actions = $state.raw<Action[]>([]);
  /** Keys that the user chose, by action; an empty list means none. */
  overrides = $state<Record<string, string[]>>({});
  all = $derived(this.#actions);

  /** Adds actions; the result takes them away again. */
  add(actions: Action[]): () => void {
    this.#actions = [...this.#actions.filter((known) => !actions.some((one) => one.id === known.id)), ...actions];
    return () => (this.#actions = this.#actions.filter((known) => !actions.includes(known)));
  }

  find(id: string): Action | undefined {
    return this.#actions.find((action) => action.id === id);
  }

  possible(action: Action): boolean {
    return action.when?.() ?? true;
  }

  run(id: string): void {
    const action = this.find(id);
    if (action && this.possible(action)) action.run();
  }

  keys(action: Action): string[] {
    return this.overrides[action.id] ?? action.keys ?? [];
  }

  /** The first key of an action for people, or nothing. */
  key(id: string): string {
    const action = this.find(id);
    const first = action ? this.keys(action)[0] : undefined;
    return first ? shown(first) : '';
  }

  /** Title and key, for a tooltip. */
  tip(id: string): string {
    const key = this.key(id);
    const title = this.find(id)?.title ?? '';
    return key ? `${title} (${key})` : title;
  }

  /** Other actions that answer to the same chord. */
  conflicts(action: Action): Action[] {
    const mine = this.keys(action);
    return this.#actions.filter((other) => other.id !== action.id && this.keys(other).some((key) => mine.includes(key)));
  }

  /** The action that a key press in a zone asks for. */
  asked(press: Press, zone: Zone): Action | undefined {
    return this.#actions.find(
      (action) => this.possible(action) && this.keys(action).some((key) => matches(parse(key), press) && heard(action, press, zone)),
    );
  }
}

/** Whether a zone lets this chord through to us: the terminal keeps everything but Ctrl+Shift and Shift with a function key, text keeps single keys. */
export function heard(action: Pick<Action, 'everywhere'>, press: Press, zone: Zone): boolean {
  if (zone === 'page') return true;
  const functionKey = /^F\d+$/.test(press.key);
  if (zone === 'terminal') return Boolean(action.everywhere) || press.metaKey || (press.shiftKey && (press.ctrlKey || functionKey));
  return press.ctrlKey || press.metaKey || press.altKey || functionKey;
}

/** The zone of an element that has the focus. */
export function zoneOf(element: Element | null): Zone {
  const zone = element?.closest<HTMLElement>('[data-zone]')?.dataset.zone as Zone | undefined;
  if (zone) return zone;
  return element?.matches('input, textarea, select, [contenteditable="true"]') ? 'text' : 'page';
}

export const actions = new Actions();
