// The bundle that is being worked on: its files, what is open, what the core says about it.
import { setDiagnostics } from '@codemirror/lint';
import { asProblem, type Backend } from '#ipc/backend';
import type { Problem } from '#ipc/types/app';
import type { Diagnostic, FileNode, Fix, FormEdit, Outline, Overlay } from '#ipc/types/bundle';
import { notices } from '#shared/clipboard.svelte';
import { follow } from '#shared/follow';
import { extensions } from './editor/extensions';
import { hoverText } from './editor/hover';
import { OpenFile } from './editor/open-file.svelte';

const CHECK_DELAY = 180;
export const GRAPH = '#graph';

export class BundleEditor {
  readonly folder: string;
  files = $state.raw<FileNode[]>([]);
  open = $state<OpenFile[]>([]);
  /** Path of the file that is shown, or the graph. */
  active = $state<string | null>(null);
  graphOpen = $state(false);
  diagnostics = $state.raw<Diagnostic[]>([]);
  outline = $state.raw<Outline | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(true);
  checked = $state(false);
  file = $derived(this.open.find((one) => one.path === this.active) ?? null);
  dirty = $derived(this.open.some((one) => one.dirty));
  /** Files written since `forget` was last called: what makes a running preview differ from a cold boot. */
  written = $state<string[]>([]);
  #backend: Backend;
  #leave: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round = 0;

  constructor(backend: Backend, folder: string) {
    this.#backend = backend;
    this.folder = folder;
  }

  /** Reads the bundle and begins to watch it. */
  async load(): Promise<void> {
    this.loading = true;
    this.problem = null;
    try {
      await this.refresh();
      this.#leave();
      this.#leave = follow(this.#backend, 'watch_bundle', { bundle: this.folder }, ({ paths }) => void this.#changedOnDisk(paths), ({ message }) => notices.show(`Changes on disk are no longer seen: ${message}`));
      if (this.files.some(({ path }) => path === 'task.yaml')) await this.show('task.yaml');
      await this.check();
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
    this.loading = false;
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#leave();
  }

  /** Takes in what another part of the window wrote. */
  async reread(paths: string[]): Promise<void> {
    await this.#changedOnDisk(paths);
  }

  async refresh(): Promise<void> {
    this.files = await this.#backend.call('list_files', { bundle: this.folder });
  }

  /** Opens a file, or comes back to it, and goes to a place in it. */
  async show(path: string, line?: number, column = 1): Promise<void> {
    if (path === GRAPH) {
      this.graphOpen = true;
      this.active = GRAPH;
      return;
    }
    try {
      const file = this.open.find((one) => one.path === path) ?? (await this.#read(path));
      this.active = path;
      if (file && line !== undefined) this.#goTo(file, line, column);
    } catch (thrown) {
      notices.show(asProblem(thrown).message);
    }
  }

  close(path: string): void {
    const index = this.#tabs().indexOf(path);
    if (path === GRAPH) this.graphOpen = false;
    else this.open = this.open.filter((one) => one.path !== path);
    if (this.active === path) this.active = this.#tabs()[Math.max(0, index - 1)] ?? null;
  }

  async save(file: OpenFile, again = false): Promise<boolean> {
    if (!file.dirty && !file.conflict) return true;
    const text = file.text;
    try {
      const { version } = await this.#backend.call('write_file', { bundle: this.folder, path: file.path, text, expected: file.version });
      file.agree(text, version);
      this.#wrote([file.path]);
      return true;
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.code !== 'conflict') notices.show(`${file.path} was not saved: ${problem.message}`);
      else await this.#changedOnDisk([file.path]);
      return problem.code === 'conflict' && !file.conflict && !again ? this.save(file, true) : false;
    }
  }

  /** Begins to count written files anew. */
  forget(): void {
    this.written = [];
  }

  async saveAll(): Promise<boolean> {
    const saved = await Promise.all(this.open.filter((file) => file.dirty).map((file) => this.save(file)));
    return saved.every(Boolean);
  }

  async newFile(path: string): Promise<void> {
    await this.#do(async () => {
      await this.#backend.call('write_file', { bundle: this.folder, path, text: '', expected: null });
      await this.refresh();
      await this.show(path);
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#do(async () => {
      await this.#backend.call('rename_file', { bundle: this.folder, from, to });
      const file = this.open.find((one) => one.path === from);
      if (file) this.open = this.open.filter((one) => one !== file);
      await this.refresh();
      if (file) await this.show(to);
      this.checkSoon();
    });
  }

  async remove(path: string): Promise<void> {
    await this.#do(async () => {
      await this.#backend.call('delete_file', { bundle: this.folder, path });
      this.close(path);
      await this.refresh();
      this.checkSoon();
    });
  }

  /** Asks the core about everything, with what was typed and is not saved. */
  async check(): Promise<void> {
    clearTimeout(this.#timer);
    const round = (this.#round += 1);
    const overlays: Overlay[] = this.open.filter((file) => file.dirty).map(({ path, text }) => ({ path, text }));
    try {
      const { diagnostics, outline } = await this.#backend.call('check_bundle', { bundle: this.folder, overlays });
      if (round !== this.#round) return;
      this.diagnostics = [...diagnostics].sort((a, b) => a.file.localeCompare(b.file) || a.start.offset - b.start.offset);
      this.outline = outline ?? this.outline;
      this.checked = true;
      this.open.forEach((file) => this.mark(file));
    } catch (thrown) {
      notices.show(`The bundle could not be checked: ${asProblem(thrown).message}`);
    }
  }

  checkSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check(), CHECK_DELAY);
  }

  /** Shows the diagnostics of a file in its text. */
  mark(file: OpenFile): void {
    const length = file.state.doc.length;
    const mine = this.diagnostics.filter((one) => one.file === file.path);
    const marks = mine.map((one) => {
      const from = Math.min(one.start.offset, length);
      const actions = one.fixes.map((fix) => ({ name: fix.title, apply: () => void this.fix(fix) }));
      return { from, to: Math.min(Math.max(one.end.offset, from + 1), length), severity: one.severity, message: one.message, source: one.code, actions, renderMessage: () => hoverText(one.help ? `${one.message}\n\n${one.help}` : one.message) };
    });
    file.dispatch(setDiagnostics(file.state, marks));
  }

  /** Applies a quick fix to every file it touches. */
  async fix(fix: Fix): Promise<void> {
    for (const path of new Set(fix.edits.map((edit) => edit.file))) {
      const file = this.open.find((one) => one.path === path) ?? (await this.#read(path));
      const changes = fix.edits.filter((edit) => edit.file === path).map(({ from, to, insert }) => ({ from, to, insert }));
      file?.dispatch({ changes, userEvent: 'input.complete' });
    }
    await this.check();
  }

  /** Edits task.yaml by its structure; comments and layout stay. */
  async edit(file: OpenFile, edits: FormEdit[]): Promise<void> {
    await this.#do(async () => {
      const { text } = await this.#backend.call('edit_task', { text: file.text, edits });
      file.replace(text);
    });
  }

  async #read(path: string): Promise<OpenFile | null> {
    const content = await this.#backend.call('read_file', { bundle: this.folder, path });
    if (content.text === null) {
      notices.show(`${path} is not text, so it cannot be edited here`);
      return null;
    }
    const already = this.open.find((one) => one.path === path);
    if (already) return already;
    const file = new OpenFile(content, (one) =>
      extensions(this.#backend, this.folder, path, content.language, (view) => {
        one.state = view.state;
        one.text = view.state.doc.toString();
        this.checkSoon();
      }),
    );
    this.open.push(file);
    this.mark(file);
    return file;
  }

  #goTo(file: OpenFile, line: number, column: number): void {
    const { doc } = file.state;
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const anchor = Math.min(at.from + column - 1, at.to);
    file.dispatch({ selection: { anchor }, scrollIntoView: true });
    queueMicrotask(() => requestAnimationFrame(() => file.view?.focus()));
  }

  async #changedOnDisk(paths: string[]): Promise<void> {
    await this.refresh().catch(() => undefined);
    for (const file of this.open.filter((one) => paths.includes(one.path))) {
      const content = await this.#backend.call('read_file', { bundle: this.folder, path: file.path }).catch(() => null);
      const outcome = file.disk({ text: content?.text ?? null, version: content?.version ?? null });
      if (outcome === 'merged') notices.show(`${file.path} changed on disk in other lines than yours: both changes are in it now`);
    }
    this.#wrote(paths);
    this.checkSoon();
  }

  #wrote(paths: string[]): void {
    this.written = [...new Set([...this.written, ...paths])];
  }

  #tabs(): string[] {
    return [...this.open.map((one) => one.path), ...(this.graphOpen ? [GRAPH] : [])];
  }

  async #do(work: () => Promise<void>): Promise<void> {
    await work().catch((thrown) => notices.show(asProblem(thrown).message));
  }
}
