// All terminals of a preview: tabs, and panes side by side or one below the other within a tab.
import type { Backend } from '#ipc/backend';
import type { TerminalSettings } from '#ipc/types/app';
import { TerminalSession } from './session.svelte';

export interface DeckTab {
  id: number;
  panes: TerminalSession[];
  direction: 'row' | 'column';
  /** The pane that has the focus. */
  pane: number;
}

const MOST_PANES = 4;

export class Deck {
  readonly host: string;
  readonly preview: string;
  tabs = $state<DeckTab[]>([]);
  active = $state(0);
  tab = $derived(this.tabs.find((tab) => tab.id === this.active) ?? null);
  session = $derived(this.tab?.panes[this.tab.pane] ?? null);
  #backend: Backend;
  #settings: TerminalSettings;
  #numbers = 0;

  constructor(backend: Backend, host: string, preview: string, settings: TerminalSettings) {
    this.#backend = backend;
    this.host = host;
    this.preview = preview;
    this.#settings = settings;
  }

  /** Comes back to the shells that are still alive, or opens the first one. */
  async begin(): Promise<void> {
    const alive = await this.#backend.call('list_terminals', {}).catch(() => []);
    const mine = alive.filter((one) => one.preview === this.preview && one.host === this.host);
    for (const one of mine) this.open(one.id);
    if (mine.length === 0) this.open();
  }

  /** A new tab with one terminal. */
  open(attach?: string): void {
    const session = this.#make(attach);
    this.tabs.push({ id: session.number, panes: [session], direction: 'row', pane: 0 });
    this.active = session.number;
  }

  split(direction: 'row' | 'column'): void {
    const { tab } = this;
    if (!tab) return this.open();
    if (tab.panes.length >= MOST_PANES) return;
    tab.direction = direction;
    tab.panes.splice(tab.pane + 1, 0, this.#make());
    tab.pane += 1;
  }

  async close(session: TerminalSession): Promise<void> {
    const tab = this.tabs.find((one) => one.panes.includes(session));
    if (!tab) return;
    const index = this.tabs.indexOf(tab);
    tab.panes = tab.panes.filter((one) => one !== session);
    tab.pane = Math.max(0, Math.min(tab.pane, tab.panes.length - 1));
    if (tab.panes.length === 0) {
      this.tabs = this.tabs.filter((one) => one.id !== tab.id);
      if (this.active === tab.id) this.active = this.tabs[Math.max(0, index - 1)]?.id ?? 0;
    }
    await session.close();
    this.focus();
  }

  step(by: 1 | -1): void {
    const index = this.tabs.findIndex((tab) => tab.id === this.active);
    this.active = this.tabs[(index + by + this.tabs.length) % this.tabs.length]?.id ?? 0;
  }

  stepPane(by: 1 | -1): void {
    const { tab } = this;
    if (!tab) return;
    tab.pane = (tab.pane + by + tab.panes.length) % tab.panes.length;
    this.focus();
  }

  focus(): void {
    this.session?.focus();
  }

  settings(settings: TerminalSettings): void {
    this.#settings = settings;
    for (const session of this.#sessions()) session.settings(settings);
  }

  theme(): void {
    for (const session of this.#sessions()) session.theme();
  }

  /** Lets go of the screens; the shells stay alive until their preview is removed. */
  leave(): void {
    for (const session of this.#sessions()) session.drop();
    this.tabs = [];
  }

  #sessions(): TerminalSession[] {
    return this.tabs.flatMap((tab) => tab.panes);
  }

  #make(attach?: string): TerminalSession {
    this.#numbers += 1;
    return new TerminalSession(this.#backend, { host: this.host, preview: this.preview, number: this.#numbers, attach }, this.#settings);
  }
}
