// Copying with a word about what was copied, and the short notices at the edge of the window.

export interface Notice {
  id: number;
  text: string;
  action?: { title: string; run: () => void };
}

const MOST = 4;

class Notices {
  list = $state<Notice[]>([]);
  #ids = 0;

  /** Shows a notice for a while, or until it is dismissed; gives what dismisses it. */
  show(text: string, action?: Notice['action'], ms = action ? 12_000 : 3500): number {
    const id = (this.#ids += 1);
    this.list = [...this.list.filter((notice) => notice.text !== text), { id, text, action }].slice(-MOST);
    setTimeout(() => this.dismiss(id), ms);
    return id;
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();

/** Copies a text and says so: `Command line copied`. */
export async function copy(text: string, what: string): Promise<void> {
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  if (done || copyBySelection(text)) notices.show(`${what} copied`);
  else notices.show(`${what} could not be copied: the system refused access to the clipboard`);
}

/** The older way, for web views that keep the clipboard from pages. */
function copyBySelection(text: string): boolean {
  const before = document.activeElement as HTMLElement | null;
  const area = document.createElement('textarea');
  area.value = text;
  area.style.cssText = 'position:fixed;opacity:0';
  // What is outside an open dialog cannot be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  before?.focus();
  return done;
}
