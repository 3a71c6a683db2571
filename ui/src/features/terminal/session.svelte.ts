// One terminal: lives at module scope, not in a component, so that no tab switch or re-render ever loses its screen.
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon, type ISearchOptions } from '@xterm/addon-search';
import { SerializeAddon } from '@xterm/addon-serialize';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { asProblem, type Backend, type OpenTerminal, type TerminalHandle } from '#ipc/backend';
import type { Problem, TerminalSettings } from '#ipc/types/app';
import type { TerminalState } from '#ipc/types/preview';
import { isMac } from '#shared/actions/chord';
import { copy, notices } from '#shared/clipboard.svelte';
import { links, webAddress } from '#shared/links.svelte';
import { count, duration, timeOfDay } from '#shared/words';
import { Intake } from './intake';
import { options, searchColours, xtermTheme } from './look';
import { meaning } from './keys';
import { clipboardRequest, glimpse } from './osc52';
import { pieces, prepare, wire, type Paste } from './paste';
import { park } from './parking';

export type Status =
  | { is: 'opening' }
  | { is: 'open' }
  | { is: 'reconnecting'; reason: string; attempt: number; since: number }
  | { is: 'ended'; exit: { code: number } | { reason: string } }
  | { is: 'failed'; problem: Problem };

export class TerminalSession {
  readonly number: number;
  readonly host: string;
  readonly preview: string;
  status = $state.raw<Status>({ is: 'opening' });
  /** A paste that waits for a yes. */
  asking = $state.raw<Paste | null>(null);
  finding = $state(false);
  found = $state.raw<{ index: number; count: number } | null>(null);
  bell = $state(false);
  readonly element = document.createElement('div');
  readonly term: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #serialize = new SerializeAddon();
  /** Links need a key beside the click, say so under the pointer, and are asked about with their real target. */
  readonly #links = {
    activate: (event: MouseEvent, url: string) => (event.ctrlKey || event.metaKey) && links.ask(url),
    hover: (_: MouseEvent, url: string) => (this.element.title = `${webAddress(url) ?? 'not an address of the web'}\n${isMac ? '⌘' : 'Ctrl'}+click opens it, after asking`),
    leave: () => (this.element.title = ''),
  };
  readonly #intake = new Intake((bytes, parsed) => this.term.write(bytes, parsed), (bytes) => this.#handle?.ack(bytes));
  #handle: TerminalHandle | null = null;
  #backend: Backend;
  #attach: string | null;
  #watcher: ResizeObserver | null = null;
  #resizing: ReturnType<typeof setTimeout> | undefined;
  #opened = false;
  #copyOnSelect: boolean;

  constructor(backend: Backend, place: { host: string; preview: string; number: number; attach?: string }, settings: TerminalSettings) {
    this.#backend = backend;
    [this.host, this.preview, this.number, this.#attach] = [place.host, place.preview, place.number, place.attach ?? null];
    this.#copyOnSelect = settings.copyOnSelect;
    this.term = new Terminal(options(settings, this.#links));
    this.element.className = 'terminal-host';
    this.element.dataset.zone = 'terminal';
    this.#equip();
  }

  /** Puts the terminal on the screen; the result parks it again. */
  show(place: HTMLElement): () => void {
    place.append(this.element);
    this.#watcher = new ResizeObserver(() => this.#resizeSoon());
    this.#watcher.observe(place);
    void this.#begin();
    return () => {
      this.#watcher?.disconnect();
      park(this.element);
    };
  }

  focus(): void {
    this.term.focus();
  }

  /** Opens a new shell in the same pane, under the old screen. */
  async restart(): Promise<void> {
    await this.#handle?.close().catch(() => undefined);
    this.#attach = null;
    this.#divider('new shell');
    await this.#connect();
  }

  async close(): Promise<void> {
    this.#watcher?.disconnect();
    await this.#handle?.close().catch(() => undefined);
    this.term.dispose();
    this.element.remove();
  }

  /** Leaves the shell running, for another window. */
  drop(): void {
    this.#watcher?.disconnect();
    this.term.dispose();
    this.element.remove();
  }

  paste(text: string): void {
    const paste = prepare(text, this.term.modes.bracketedPasteMode);
    if (paste.runs > 0) this.asking = paste;
    else this.send(paste);
  }

  /** Sends a paste that was agreed to. */
  send(paste: Paste): void {
    this.asking = null;
    for (const piece of pieces(wire(paste.text, this.term.modes.bracketedPasteMode))) this.#handle?.write(piece);
    this.term.scrollToBottom();
    this.focus();
  }

  async copySelection(): Promise<void> {
    const text = this.term.getSelection();
    if (text === '') return;
    await copy(text, count([...text].length, 'character'));
    this.term.clearSelection();
  }

  find(query: string, forward: boolean, how: Pick<ISearchOptions, 'regex' | 'caseSensitive'>): void {
    const decorations = searchColours();
    const search = { ...how, decorations, incremental: forward };
    try {
      if (query === '') this.#search.clearDecorations();
      else if (forward) this.#search.findNext(query, search);
      else this.#search.findPrevious(query, search);
    } catch {
      this.found = { index: -1, count: 0 };
    }
  }

  endFind(): void {
    this.finding = false;
    this.#search.clearDecorations();
    this.focus();
  }

  /** The whole scrollback with its colours. */
  recording(): string {
    return this.#serialize.serialize();
  }

  settings(settings: TerminalSettings): void {
    this.#copyOnSelect = settings.copyOnSelect;
    Object.assign(this.term.options, options(settings, this.#links));
    this.#resizeSoon();
  }

  theme(): void {
    this.term.options.theme = xtermTheme();
  }

  #equip(): void {
    const { term } = this;
    term.loadAddon(this.#fit);
    term.loadAddon(this.#search);
    term.loadAddon(this.#serialize);
    term.loadAddon(new UnicodeGraphemesAddon());
    term.loadAddon(new WebLinksAddon(this.#links.activate, this.#links));
    term.attachCustomKeyEventHandler((event) => this.#key(event));
    term.onData((data) => this.#handle?.write(data));
    term.onBinary((data) => this.#handle?.write(data));
    term.onResize(({ cols, rows }) => this.#handle?.resize(cols, rows));
    term.onSelectionChange(() => this.#copyOnSelect && this.term.hasSelection() && void copy(this.term.getSelection(), 'Selection'));
    term.onBell(() => this.#ring());
    term.parser.registerOscHandler(52, (data) => this.#clipboard(data));
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) => (this.found = { index: resultIndex, count: resultCount }));
    this.element.addEventListener('paste', (event) => this.#pasted(event), { capture: true });
  }

  async #begin(): Promise<void> {
    if (!this.#opened) {
      this.#opened = true;
      await document.fonts.load(`${this.term.options.fontSize}px "JetBrains Mono Variable"`).catch(() => undefined);
      this.term.open(this.element);
      this.term.textarea?.setAttribute('aria-label', `Terminal ${this.number}`);
      this.#fit.fit();
      await this.#connect();
    }
    this.#fit.fit();
    this.focus();
  }

  async #connect(): Promise<void> {
    this.status = { is: 'opening' };
    const { cols: columns, rows } = this.term;
    const args: OpenTerminal = this.#attach ? { attach: this.#attach, columns, rows } : { host: this.host, preview: this.preview, columns, rows };
    try {
      this.#handle = await this.#backend.openTerminal(args, { data: (bytes) => this.#intake.add(bytes), state: (state) => this.#changed(state), skip: () => this.#intake.skip() });
      if (this.status.is === 'opening') this.status = { is: 'open' };
    } catch (thrown) {
      this.status = { is: 'failed', problem: asProblem(thrown) };
    }
  }

  #changed(state: TerminalState): void {
    this.#intake.settle();
    const before = this.status;
    if (state.state === 'open') this.status = { is: 'open' };
    else if (state.state === 'reconnecting') this.status = { is: 'reconnecting', reason: state.reason, attempt: state.attempt, since: before.is === 'reconnecting' ? before.since : Date.now() };
    else if (state.state === 'ended') this.status = { is: 'ended', exit: state.exit };
    else {
      this.status = { is: 'open' };
      if (before.is === 'reconnecting') this.#divider(`reconnected after ${duration(Date.now() - before.since)}: ${before.reason}`);
    }
  }

  #divider(text: string): void {
    const plain = text.replace(/[\x00-\x1f\x7f]/g, ' ');
    this.#intake.say(`\r\n\x1b[0;2m── ${timeOfDay(new Date())} ${plain} ──\x1b[0m\r\n`);
  }

  #key(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') return true;
    const what = meaning(event, this.term.hasSelection(), isMac);
    if (what === 'shell') return true;
    if (what === 'copy') {
      event.preventDefault();
      void this.copySelection();
    }
    return false;
  }

  #pasted(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    this.paste(event.clipboardData?.getData('text/plain') ?? '');
  }

  #clipboard(data: string): boolean {
    const text = clipboardRequest(data);
    if (text !== null) {
      notices.show(`Terminal ${this.number} wants to copy ${count([...text].length, 'character')}: ${glimpse(text)}`, { title: 'Copy', run: () => void copy(text, 'Text of the terminal') });
    }
    return true;
  }

  #ring(): void {
    this.bell = true;
    setTimeout(() => (this.bell = false), 150);
  }

  #resizeSoon(): void {
    clearTimeout(this.#resizing);
    this.#resizing = setTimeout(() => this.element.isConnected && this.element.offsetParent && this.#fit.fit(), 50);
  }
}
