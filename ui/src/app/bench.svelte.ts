// The state of the whole window: what is open, which host, which preview, and how the panes stand.
import { asProblem, type Backend } from '#ipc/backend';
import type { AppInfo, Problem, Settings } from '#ipc/types/app';
import type { BundleSummary, Template, Workspace } from '#ipc/types/bundle';
import type { BootResult } from '#ipc/types/boot';
import type { PreviewView } from '#ipc/types/preview';
import { actions } from '#shared/actions/registry.svelte';
import { cli } from '#shared/cli';
import { notices } from '#shared/clipboard.svelte';
import { done } from '#shared/done.svelte';
import { theme } from '#shared/theme/theme.svelte';
import { count } from '#shared/words';
import { BundleEditor } from '../features/bundle/bundle.svelte';
import { Hosts } from '../features/hosts/hosts.svelte';
import { BootRun } from '../features/preview/boot/boot-run.svelte';
import type { Timeline } from '../features/preview/boot/timeline';
import { Previews } from '../features/preview/previews.svelte';
import { Grading } from '../features/preview/seat/grading.svelte';
import { Deck } from '../features/terminal/deck.svelte';
import { Delivery } from './delivery.svelte';
import { FIRST, firstFor, readLayout, type Layout, type SeatTab, type StripTab } from './layout';
import { recall, remember, type Booting } from './reload';

export type View = 'home' | 'bench' | 'hosts' | 'proof';
export type DialogName = 'palette' | 'files' | 'keys' | 'settings' | 'about' | 'new' | 'folder' | 'sandbox' | 'tear-down' | 'lock' | 'export';

/** The preview whose seat one sits in. */
export interface Seat {
  id: string;
  host: string;
  title: string;
  /** The name of its bundle, and where that lies, if anybody knows. */
  bundle: string;
  folder: string | null;
  /** When its prompt was there. */
  since: number;
  limit: number | null;
  /** Whether its dependencies were brought up to date since it was booted. */
  updated?: boolean;
}

export class Bench {
  readonly backend: Backend;
  readonly hosts: Hosts;
  /** How the bundle in focus is locked, proven and exported. */
  readonly delivery: Delivery;
  view = $state<View>('home');
  dialog = $state<DialogName | null>(null);
  info = $state.raw<AppInfo | null>(null);
  settings = $state.raw<Settings | null>(null);
  templates = $state.raw<Template[]>([]);
  templatesProblem = $state.raw<Problem | null>(null);
  template = $state('');
  problem = $state.raw<Problem | null>(null);
  opening = $state<string | null>(null);
  workspace = $state.raw<Workspace | null>(null);
  editor = $state.raw<BundleEditor | null>(null);
  layout = $state<Layout>({ ...FIRST });
  host = $state<string | null>(null);
  shownHost = $state<string | null>(null);
  previews = $state.raw<Previews | null>(null);
  run = $state.raw<BootRun | null>(null);
  before = $state.raw<Timeline | null>(null);
  seat = $state.raw<Seat | null>(null);
  deck = $state.raw<Deck | null>(null);
  grading = $state.raw<Grading | null>(null);
  logsPod = $state.raw<{ namespace: string; pod: string } | null>(null);
  booting = $derived(this.run !== null && !this.run.over);
  errors = $derived(this.editor?.diagnostics.filter((one) => one.severity === 'error').length ?? 0);
  warnings = $derived(this.editor?.diagnostics.filter((one) => one.severity === 'warning').length ?? 0);
  statement = $derived(this.#statement());
  #stored = $state.raw<string | null>(null);
  /** The notice of how to leave the seat; it goes with the seat. */
  #seated = 0;
  #saving: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend) {
    this.backend = backend;
    this.hosts = new Hosts(backend);
    this.delivery = new Delivery(this);
  }

  /** Reads settings and hosts, and comes back to where a reload left. */
  async start(): Promise<void> {
    try {
      const settings = await this.backend.call('get_settings', {});
      this.#use(settings);
      this.layout = readLayout(settings.layout, firstFor(innerWidth, innerHeight));
      this.info = await this.backend.call('app_info', {});
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
    void this.readTemplates();
    void this.hosts.load().then(() => this.chooseHost(this.hosts.first(this.layout.host), false));
    const last = recall();
    this.delivery.recall(last?.proofs ?? []);
    if (last?.folder) await this.openWorkspace(last.folder, last.bundle);
    if (last?.seat) {
      await this.attach(last.seat);
      this.#recallBoot(last.seat);
    }
    if (last?.booting) await this.#resume(last.booting);
  }

  async readTemplates(): Promise<void> {
    this.templatesProblem = null;
    try {
      this.templates = await this.backend.call('list_templates', {});
      this.template = this.templates[0]?.name ?? '';
    } catch (thrown) {
      this.templatesProblem = asProblem(thrown);
    }
  }

  async openWorkspace(folder: string, bundle: string | null = null): Promise<void> {
    this.opening = folder;
    this.problem = null;
    try {
      this.workspace = await this.backend.call('open_workspace', { folder });
      const wanted = this.workspace.bundles.find((one) => one.folder === bundle) ?? this.workspace.bundles[0];
      if (wanted) await this.openBundle(wanted);
      this.view = 'bench';
      this.settings = await this.backend.call('get_settings', {});
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
    this.opening = null;
  }

  async openBundle(summary: Pick<BundleSummary, 'folder'>): Promise<void> {
    if (this.editor?.folder === summary.folder) return;
    if (this.editor?.dirty && !(await this.editor.saveAll())) return;
    this.editor?.leave();
    const editor = new BundleEditor(this.backend, summary.folder);
    this.editor = editor;
    this.delivery.focus(summary.folder);
    this.#stored = null;
    this.keepPlace();
    void this.delivery.goOnProving(editor);
    done.say(cli('check', summary.folder));
    await editor.load();
    await this.#readStatement(editor);
  }

  /** Makes the example once, then opens it. */
  async openExample(): Promise<void> {
    const [parent, name] = [this.info?.homeFolder ?? '', 'postgres-recovery'];
    const folder = `${parent}/${name}`;
    const there = await this.backend.call('open_workspace', { folder }).then(() => true, () => false);
    if (!there) {
      try {
        await this.backend.call('new_bundle', { parent, template: name, name });
      } catch (thrown) {
        this.problem = asProblem(thrown);
        return;
      }
    }
    if (!there) done.say(cli('new', folder, '--template', name));
    await this.openWorkspace(folder);
  }

  async pickFolder(): Promise<void> {
    try {
      const folder = await this.backend.call('pick_folder', { title: 'Open a folder of bundles' });
      if (folder) await this.openWorkspace(folder);
    } catch {
      this.dialog = 'folder';
    }
  }

  chooseHost(context: string | null, keep = true): void {
    if (!context || context === this.host) return;
    this.host = context;
    this.shownHost ??= context;
    this.previews?.leave();
    this.previews = new Previews(this.backend, context);
    if (keep) this.lay({ host: context });
  }

  showHost(context: string): void {
    this.shownHost = context;
    this.view = 'hosts';
  }

  /** Boots the bundle in focus; whatever is missing is asked for first. */
  async boot(): Promise<void> {
    const { editor } = this;
    if (!editor || this.booting || !(await this.#ready(editor, 'a boot'))) return;
    const health = this.host ? this.hosts.health[this.host] : undefined;
    if (!this.host || health?.state === 'unreachable') {
      this.dialog = 'sandbox';
      return;
    }
    await this.#boot(editor, this.host);
  }

  /** Whether the preview one sits in was booted from the bundle in the editor, and nothing else is done to it. */
  get canUpdate(): boolean {
    return this.seat !== null && this.editor !== null && !this.booting && this.graded(this.seat) === this.editor.folder;
  }

  /** Brings the dependencies of the preview one sits in up to date with the bundle; the terminals stay. */
  async update(): Promise<void> {
    const { editor, seat } = this;
    if (!editor || !seat || !this.canUpdate || !(await this.#ready(editor, 'an update'))) return;
    const run = new BootRun(editor.folder, seat.host);
    this.#begin(run);
    done.say(this.updateLine() ?? '');
    const written = [...editor.written];
    editor.forget();
    await this.#updated(run, run.update(this.backend, seat.id));
    if (run.timeline.outcome !== 'ready') editor.written = [...new Set([...written, ...editor.written])];
  }

  updateLine(): string | null {
    return this.seat && this.editor && cli('update', this.seat.id, this.editor.folder, '--host', this.seat.host);
  }

  /** Saves and checks the bundle; says what has to be corrected first. */
  async #ready(editor: BundleEditor, before: string): Promise<boolean> {
    if (!(await editor.saveAll())) return false;
    await editor.check();
    if (this.errors === 0) return true;
    this.openStrip('problems');
    notices.show(`${count(this.errors, 'problem')} must be corrected before ${before}`);
    return false;
  }

  /** Runs the checks in the preview one sits in: what is open is saved first, since what lies on disk is what is graded. */
  async grade(): Promise<void> {
    const { seat, grading } = this;
    if (!seat || !grading) return void notices.show('There is nothing to grade yet: boot the bundle first');
    if (this.layout.preset === 'seat') this.preset('write');
    this.view = 'bench';
    this.showSeat('checks');
    const folder = this.graded(seat);
    if (folder === null) {
      if (!this.editor) notices.show(`The bundle ${seat.bundle} of this preview is not known here: open its folder, then grade`, { title: 'Open a folder', run: () => void this.pickFolder() });
      return;
    }
    if (grading.working || (this.editor?.folder === folder && !(await this.editor.saveAll()))) return;
    done.say(cli('grade', seat.id, '--bundle', folder, '--host', seat.host));
    await grading.start(folder);
  }

  /** The bundle that a seat is graded by: the one it was booted from, else one of the same name that is open. */
  graded(seat: Seat): string | null {
    if (seat.folder !== null) return seat.folder;
    return this.editor?.outline?.name === seat.bundle ? this.editor.folder : null;
  }

  gradeLine(): string | null {
    return this.seat && cli('grade', this.seat.id, '--bundle', this.graded(this.seat) ?? 'FOLDER', '--host', this.seat.host);
  }

  /** Shows the proof of the bundle in focus, or goes back to the bundle. */
  showProof(): void {
    this.view = this.view === 'proof' ? 'bench' : 'proof';
  }

  /** Sits down in a preview's seat. */
  async attach(preview: Seat | PreviewView): Promise<void> {
    const seat: Seat = 'since' in preview ? preview : { id: preview.id, host: preview.host, title: preview.title, bundle: preview.bundle, folder: preview.folder, since: new Date(preview.createdAt).getTime(), limit: preview.timeLimitMs };
    if (this.seat?.id === seat.id) {
      this.view = 'bench';
      return;
    }
    this.#stand();
    if (seat.folder && this.editor?.folder !== seat.folder) await this.openWorkspace(seat.folder);
    this.#sit(seat);
    if (!this.written(seat)) this.preset('seat');
    done.say(cli('shell', seat.id, '--host', seat.host));
  }

  /** Whether the bundle of a seat is the one in the editor; a preview of another machine has none here. */
  written(seat: Seat): boolean {
    return seat.folder !== null && seat.folder === this.editor?.folder;
  }

  /** Removes the preview one sits in, or the one that failed. */
  async tearDown(): Promise<void> {
    const doomed = this.doomed();
    this.dialog = null;
    if (!doomed) return;
    const { id, host } = doomed;
    this.#stand();
    const previews = this.previews?.context === host ? this.previews : new Previews(this.backend, host);
    const removed = await previews.remove(id);
    if (removed !== null) notices.show(`${id} is removed: namespace and ${count(removed, 'object')}`);
    else notices.show(`${id} could not be removed: ${previews.problem?.message ?? 'unknown'}`, { title: 'Show', run: () => (this.view = 'home') });
    if (previews !== this.previews) previews.leave();
  }

  preset(preset: Layout['preset'] = this.layout.preset === 'seat' ? 'write' : 'seat'): void {
    if (preset === 'seat' && !this.seat) {
      notices.show('There is no seat yet: boot the bundle first');
      return;
    }
    this.layout.preset = preset;
    notices.dismiss(this.#seated);
    if (preset === 'seat') {
      this.view = 'bench';
      this.#seated = notices.show(`What you see is what the candidate sees. ${actions.key('view.seat')} leads back.`, { title: 'Leave the seat', run: () => this.preset('write') }, 5000);
      requestAnimationFrame(() => this.deck?.focus());
    }
  }

  /** Text in editor and terminals, larger or smaller, or as at first. */
  zoom(by: 1 | -1 | 0): void {
    if (!this.settings) return;
    const size = (now: number) => (by === 0 ? 13 : Math.min(32, Math.max(8, now + by)));
    const { editor, terminal } = this.settings;
    this.save({ ...this.settings, editor: { ...editor, fontSize: size(editor.fontSize) }, terminal: { ...terminal, fontSize: size(terminal.fontSize) } });
  }

  lay(change: Partial<Layout>): void {
    Object.assign(this.layout, change);
    if (this.settings) this.save({ ...this.settings, layout: { ...this.layout } });
  }

  openStrip(tab: StripTab): void {
    this.lay({ stripTab: tab, stripOpen: true });
  }

  /** Goes to what has to be corrected. */
  showProblems(): void {
    this.dialog = null;
    this.view = 'bench';
    this.openStrip('problems');
  }

  showSeat(tab: SeatTab): void {
    this.lay({ seatTab: tab, seatShut: false });
  }

  /** Keeps settings, a moment later, so that dragging a pane writes once. */
  save(settings: Settings): void {
    this.#use(settings);
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => void this.backend.call('set_settings', { settings: $state.snapshot(settings) as Settings }).catch((thrown) => notices.show(`The settings were not saved: ${asProblem(thrown).message}`)), 400);
  }

  /** The line of what the timeline shows. */
  runLine(): string {
    return (this.run?.isUpdate && this.updateLine()) || this.bootLine();
  }

  bootLine(): string {
    return cli('preview', this.editor?.folder ?? '.', ...(this.host ? ['--host', this.host] : []));
  }

  /** What tearing down is about: the preview one sits in, or the one that failed. */
  doomed(): { id: string; host: string } | null {
    const id = this.seat?.id ?? this.run?.timeline.preview;
    const host = this.seat?.host ?? this.run?.context;
    return id && host ? { id, host } : null;
  }

  downLine(): string | null {
    const doomed = this.doomed();
    return doomed && cli('down', doomed.id, '--host', doomed.host);
  }

  async #boot(editor: BundleEditor, host: string): Promise<void> {
    const run = new BootRun(editor.folder, host);
    this.#begin(run);
    done.say(this.bootLine());
    editor.forget();
    await this.#land(run, run.start(this.backend));
  }

  /** Shows a boot or an update that begins. */
  #begin(run: BootRun): void {
    if (this.run?.timeline.outcome === 'ready' && !this.run.isUpdate) this.before = this.run.timeline;
    this.run = run;
    this.view = 'bench';
    this.preset('write');
    this.openStrip('boot');
  }

  /** After a reload: the boot or update that was under way. */
  async #resume({ preview, bundle, context, began }: Booting): Promise<void> {
    const run = new BootRun(bundle, context, began);
    this.run = run;
    const end = run.attach(this.backend, preview);
    await (this.seat?.id === preview ? this.#updated(run, end) : this.#land(run, end));
  }

  /** Follows an update to its end; the seat stays. */
  async #updated(run: BootRun, end: Promise<BootResult | null>): Promise<void> {
    run.onnamed = () => this.keepPlace();
    const result = await end;
    if (this.seat && this.seat.id === result?.preview && result.outcome === 'ready') {
      this.seat = { ...this.seat, updated: true };
      notices.show(`${result.preview} is up to date with its bundle`);
    }
    this.keepPlace();
  }

  /** After a reload: how the preview was booted, if this program did it. */
  #recallBoot(seat: Seat): void {
    const run = new BootRun(seat.folder ?? '', seat.host, seat.since);
    const recalled = run.attach(this.backend, seat.id);
    void recalled.then((result) => result && (this.run ??= run));
  }

  /** Follows a boot to its end and sits down when it is ready. */
  async #land(run: BootRun, end: Promise<BootResult | null>): Promise<void> {
    run.onnamed = () => this.keepPlace();
    const result = await end;
    if (this.run !== run) return;
    if (result?.outcome !== 'ready') return this.keepPlace();
    this.#stand();
    const outline = this.editor?.folder === run.bundle ? this.editor.outline : null;
    this.#sit({ id: result.preview, host: run.context, title: run.timeline.title ?? '', bundle: run.timeline.bundle ?? '', folder: run.bundle, since: Date.now(), limit: outline?.timeLimitMs ?? null });
  }

  #sit(seat: Seat): void {
    if (!this.settings) return;
    this.seat = seat;
    this.deck = new Deck(this.backend, seat.host, seat.id, this.settings.terminal);
    this.grading = new Grading(this.backend, seat.host, seat.id);
    this.layout.seatShut = false;
    this.view = 'bench';
    this.keepPlace();
    void this.deck.begin();
  }

  #stand(): void {
    this.deck?.leave();
    this.grading?.stop();
    [this.deck, this.seat, this.logsPod, this.grading] = [null, null, null, null];
    this.preset('write');
    this.keepPlace();
  }

  /** Writes down where a reload comes back to. */
  keepPlace(): void {
    const { run } = this;
    const booting = run && !run.over && run.timeline.preview ? { preview: run.timeline.preview, bundle: run.bundle, context: run.context, began: run.began } : null;
    remember({ folder: this.workspace?.folder ?? null, bundle: this.editor?.folder ?? null, seat: this.seat, booting, proofs: this.delivery.proving });
  }

  #use(settings: Settings): void {
    this.settings = settings;
    theme.choice = settings.theme;
    actions.overrides = settings.keys;
    document.documentElement.style.setProperty('--editor-size', `${settings.editor.fontSize}px`);
    this.deck?.settings(settings.terminal);
  }

  /** The statement's text: what is typed when it is open, else what is on disk. */
  #statement(): string | null {
    return this.editor?.open.find((file) => file.path === 'statement.md')?.text ?? this.#stored;
  }

  async #readStatement(editor: BundleEditor): Promise<void> {
    const content = await this.backend.call('read_file', { bundle: editor.folder, path: 'statement.md' }).catch(() => null);
    if (this.editor === editor) this.#stored = content?.text ?? null;
  }
}
