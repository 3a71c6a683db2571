// The export of one bundle: where it goes and how, what is known of it beforehand, and the one that is being made.
import { asProblem, ending, type Backend, type Job } from '#ipc/backend';
import type { PastExport, Problem } from '#ipc/types/app';
import type { ExportSurvey, ExportView, ExportWish } from '#ipc/types/export';
import { cli } from '#shared/cli';
import { fault, firstFile, inFolder, kindOf, written, type Kind } from './destination';
import { take, type Part } from './progress';

/** How long typing has to rest before the destination is looked at. */
const REST = 350;

export class BundleExport {
  readonly folder: string;
  name = $state('');
  kind = $state<Kind>('file');
  typed = $state<Record<Kind, string>>({ file: '', registry: '', platform: '' });
  sign = $state('');
  images = $state(false);
  version = $state('');
  tokenFile = $state('');
  force = $state(false);
  /** Where this bundle went before, the last one first. */
  past = $state.raw<PastExport[]>([]);
  /** Whether the system has a dialog for files and folders; known once it was asked for. */
  picks = $state(true);
  /** What is known beforehand, and of which destination. */
  survey = $state.raw<ExportSurvey | null>(null);
  surveyed = $state<string | null>(null);
  /** Why the destination or the bundle could not be looked at. */
  unsurveyed = $state.raw<Problem | null>(null);
  looking = $state(false);
  parts = $state<Part[]>([]);
  working = $state(false);
  stopping = $state(false);
  stopped = $state(false);
  began = $state(0);
  ended = $state<number | null>(null);
  result = $state.raw<ExportView | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** What was asked for when it began. */
  made = $state.raw<ExportWish | null>(null);
  to = $derived(written(this.kind, this.typed[this.kind]));
  fault = $derived(fault(this.kind, this.typed[this.kind]));
  wish = $derived(this.#wish());
  line = $derived(this.#line());
  /** The export that went to this place before. */
  before = $derived(this.past.find((one) => one.to === this.to));
  objected = $derived((this.survey?.objections.length ?? 0) > 0);
  blocked = $derived(this.#blocked());
  #backend: Backend;
  #job: Job<ExportView> | null = null;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #begun = false;

  constructor(backend: Backend, folder: string) {
    this.#backend = backend;
    this.folder = folder;
  }

  /** The dialog was opened: with the last destination at first, as it was left later on. */
  async open(name: string, past: PastExport[]): Promise<void> {
    this.name = name;
    this.remember(past);
    if (!this.#begun) {
      this.typed.file = firstFile(this.folder, name);
      if (this.past[0]) this.#fill(this.past[0]);
    }
    this.#begun = true;
    if (!this.working && !this.result) await this.look();
  }

  /** The dialog was closed: what was seen to its end is put away; what is under way goes on. */
  close(): void {
    if (!this.working) this.#clear();
  }

  remember(past: PastExport[]): void {
    this.past = past.filter((one) => one.bundle === this.folder);
  }

  /** Takes another kind of place: what was typed for it, else where the bundle went last of that kind. */
  choose(kind: Kind): void {
    const last = this.past.find((one) => kindOf(one.to) === kind);
    if (this.typed[kind] === '' && last) this.#fill(last);
    this.kind = kind;
    this.#lookSoon();
  }

  /** Takes in what was typed; a destination of another kind is taken as one. */
  type(text: string): void {
    if (text.includes('://')) this.kind = kindOf(text.trim());
    this.typed[this.kind] = text;
    this.#lookSoon();
  }

  /** Fills in everything as it was for an export before. */
  refill(past: PastExport): void {
    this.#fill(past);
    this.#lookSoon();
  }

  #fill(past: PastExport): void {
    this.kind = kindOf(past.to);
    this.typed[this.kind] = past.to;
    [this.sign, this.images, this.tokenFile, this.version] = [past.sign ?? '', past.images, past.tokenFile ?? '', ''];
  }

  /** Lets a folder be chosen; says whether the system has a dialog for it. */
  async pickFolder(): Promise<boolean> {
    const folder = await this.#pick('pick_folder', `Export ${this.name} into a folder`);
    if (folder) this.type(inFolder(folder, this.typed.file, this.name));
    return this.picks;
  }

  async pickFile(field: 'sign' | 'tokenFile'): Promise<boolean> {
    const file = await this.#pick('pick_file', field === 'sign' ? 'The private key to sign with' : 'The file with the token');
    if (file) this[field] = file;
    return this.picks;
  }

  async #pick(command: 'pick_folder' | 'pick_file', title: string): Promise<string | null> {
    try {
      return await this.#backend.call(command, { title });
    } catch {
      this.picks = false;
      return null;
    }
  }

  #lookSoon(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.looking = true;
    this.#timer = setTimeout(() => void this.look(), REST);
  }

  /** Asks what an export there would do; what was asked last is what is shown. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    const round = (this.#asked += 1);
    const to = this.fault === null ? this.to : null;
    this.looking = true;
    const ask = (place: string | null) => this.#backend.call('survey_export', { bundle: this.folder, to: place }).then((survey) => ({ survey, problem: null }), (thrown: unknown) => ({ survey: null, problem: asProblem(thrown) }));
    const answer = await ask(to);
    // What is wrong with the place says nothing about the bundle.
    const bundle = answer.problem?.code === 'usage' && to !== null ? (await ask(null)).survey : answer.survey;
    if (round !== this.#asked) return;
    const before = against(this.survey);
    [this.survey, this.unsurveyed, this.surveyed, this.looking] = [bundle, answer.problem, to, false];
    // What was agreed to was that, and nothing else.
    if (against(bundle) !== before) this.force = false;
  }

  async start(): Promise<void> {
    if (this.working || this.blocked !== null) return;
    this.#clear();
    [this.made, this.working, this.began, this.ended, this.stopping] = [this.wish, true, Date.now(), null, false];
    const { parts } = this;
    this.#job = this.#backend.stream('export_bundle', { bundle: this.folder, wish: this.wish }, (event) => take(parts, event, Date.now()));
    Object.assign(this, await ending(this.#job));
    [this.working, this.ended] = [false, Date.now()];
    if (!this.result) void this.look();
  }

  stop(): void {
    if (!this.working) return;
    this.stopping = true;
    this.#job?.cancel();
  }

  /** Goes back to where and how. */
  again(): void {
    this.#clear();
    void this.look();
  }

  #clear(): void {
    [this.result, this.problem, this.stopped, this.parts] = [null, null, false, []];
  }

  /** What is asked for: only what fits the kind of place. */
  #wish(): ExportWish {
    const { kind } = this;
    const text = (typed: string) => typed.trim() || null;
    return {
      to: this.to, force: this.force && this.objected, sign: kind === 'platform' ? null : text(this.sign), images: kind === 'registry' && this.images,
      version: kind === 'platform' ? text(this.version) : null, tokenFile: kind === 'platform' ? text(this.tokenFile) : null,
    };
  }

  #line(): string {
    const { to, force, sign, images, version, tokenFile } = this.wish;
    const flag = (name: string, value: string | null) => (value === null ? [] : [name, value]);
    return cli('export', this.folder, '--to', to || 'DESTINATION', ...(force ? ['--force'] : []), ...flag('--sign', sign), ...(images ? ['--images'] : []), ...flag('--version', version), ...flag('--token-file', tokenFile));
  }

  /** Why it cannot be exported now; null when it can. */
  #blocked(): string | null {
    if (this.fault) return this.fault;
    if (this.unsurveyed?.code === 'usage') return 'Correct the destination first.';
    if (this.unsurveyed?.code === 'bundle') return 'Correct the bundle first.';
    if (this.survey === null) return this.unsurveyed ? null : 'The bundle is being looked at.';
    if (this.survey.problems.length > 0) return 'It cannot be exported before that is corrected.';
    return this.objected && !this.force ? 'Lock and prove it, or export it by force.' : null;
  }
}

function against(survey: ExportSurvey | null): string {
  return survey?.objections.map(({ message }) => message).join('\n') ?? '';
}
