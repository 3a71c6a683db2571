// The transport without anything behind it: a sample workspace, recorded boots, a sample shell. For tests, screenshots and development.
import { marked } from 'marked';
import type { Backend, Job, OpenTerminal, TerminalHandle, TerminalListener } from '../backend';
import type { Settings } from '../types/app';
import type { BootEvent, BootResult } from '../types/boot';
import type { CommandName, Commands, StreamName, Streams } from '../types/commands';
import type { PreviewView, TerminalState, TerminalView } from '../types/preview';
import type { ExportSurvey, ExportView, ExportWish, LockedBundle } from '../types/export';
import type { Grade, Proof, ProofRun, ProofView, ProveEvent } from '../types/proof';
import { HOME, problem, SampleDisk, templates } from './disk';
import { gradeEvents, proofOf, proveEvents, sampleTask, type Told } from './grading';
import { doctor, health, hostList, SANDBOX, sandbox, sandboxProgress } from './hosts';
import failedLog from './logs/postgres-recovery-failed.jsonl?raw';
import readyLog from './logs/postgres-recovery-1.jsonl?raw';
import updateLog from './logs/postgres-recovery-update.jsonl?raw';
import secondLog from './logs/postgres-recovery-2.jsonl?raw';
import wavesLog from './logs/waves-failed.jsonl?raw';
import { EVENTS, hostPod, logLines, objectYaml, OBJECTS } from './objects';
import { readOptions, type SampleOptions } from './options';
import { sampleShell } from './shell';
import { CHANGES, exported, exportEvents, impossible, LOCK_TEXT, lockedBundle, lockEvents, objections, pastExports, survey, UNCHANGED, type LockState } from './shipping';
import { checkTask, completeTask, editTask, hoverTask, taskValue } from './task';

type Handlers = { [C in CommandName]: (args: Commands[C]['args']) => Commands[C]['result'] | Promise<Commands[C]['result']> };
type Emit = (item: never) => void;

/** A proof that goes on whoever follows it: what it has told so far, and whoever listens. */
interface SampleProof {
  run: ProofRun;
  events: ProveEvent[];
  listeners: Set<(item: unknown) => void>;
  stopped: AbortController;
  done: Promise<Proof>;
  over: boolean;
}

const LOGS = { ready: readyLog, failed: failedLog, waves: wavesLog };

export function memoryBackend(search = location.search): Backend {
  return new Sample(readOptions(search));
}

/** Parses a recorded log, one event a line. */
export function parseLog(text: string): BootEvent[] {
  return text.trim().split('\n').map((line) => JSON.parse(line) as BootEvent);
}

/** What a case of a proof boots: twice well, once not. */
const boots = () => [readyLog, secondLog, failedLog].map(parseLog);

class Sample implements Backend {
  readonly kind = 'memory';
  #disk = new SampleDisk();
  #settings: Settings;
  #previews: PreviewView[];
  #watchers = new Set<() => void>();
  #terminals: TerminalView[] = [];
  #ids = 0;
  #boots = 0;
  #proofs = new Map<string, ProofView>();
  #proving = new Map<string, SampleProof>();
  #locks = new Map<string, LockState>();
  /** Destinations with what went there since a file was last written. */
  #current = new Set<string>();
  #handlers: Handlers;

  constructor(private readonly options: SampleOptions) {
    this.#settings = settings(options);
    this.#previews = options.previews === 'some' ? [running()] : [];
    if (options.broken) this.#break();
    this.#handlers = this.#answers();
    if (options.proving) void this.#prove({ bundle: `${HOME}/postgres-recovery`, context: SANDBOX, repeat: 1, jobs: 2 }, () => undefined, new AbortController().signal).catch(() => undefined);
  }

  async call<C extends CommandName>(command: C, args: Commands[C]['args']): Promise<Commands[C]['result']> {
    await pause(command === 'probe_host' ? 60 : 4);
    const handler = this.#handlers[command] as (args: Commands[C]['args']) => Commands[C]['result'] | Promise<Commands[C]['result']>;
    return structuredClone(await handler(args));
  }

  stream<S extends StreamName>(name: S, args: Streams[S]['args'], onItem: (item: Streams[S]['item']) => void): Job<Streams[S]['result']> {
    const stopped = new AbortController();
    const emit = onItem as Emit;
    const done = this.#run(name, args as never, emit as (item: unknown) => void, stopped.signal) as Promise<Streams[S]['result']>;
    return { done, cancel: () => stopped.abort() };
  }

  async openTerminal(args: OpenTerminal, on: TerminalListener): Promise<TerminalHandle> {
    const attached = 'attach' in args;
    const id = attached ? args.attach : `sample-${(this.#ids += 1)}`;
    const view = { id, host: attached ? SANDBOX : args.host, preview: attached ? 'postgres-recovery-l3rb3' : args.preview, columns: args.columns, rows: args.rows };
    this.#terminals = [...this.#terminals.filter((one) => one.id !== id), view];
    const encoder = new TextEncoder();
    let unread = 0;
    const say = (text: string) => {
      if (unread > 262_144) return;
      const bytes = encoder.encode(text);
      unread += bytes.length;
      // Letters beyond ASCII come byte by byte, as the worst network would bring them.
      if (bytes.length < 400 && bytes.length !== text.length) for (const byte of bytes) on.data(Uint8Array.of(byte));
      else on.data(bytes);
    };
    // A test can say what becomes of the connection by an event on the window.
    const said = (event: Event) => on.state((event as CustomEvent<TerminalState>).detail);
    globalThis.addEventListener?.('sample-terminal-state', said);
    await pause(30);
    on.state({ state: 'open' });
    const shell = sampleShell(say, (code) => on.state({ state: 'ended', exit: { code } }));
    return {
      id,
      write: (data) => shell.input(typeof data === 'string' ? data : new TextDecoder().decode(data)),
      resize: (columns, rows) => Object.assign(view, { columns, rows }),
      ack: (bytes) => (unread -= bytes),
      close: async () => {
        shell.stop();
        globalThis.removeEventListener?.('sample-terminal-state', said);
        this.#terminals = this.#terminals.filter((one) => one.id !== id);
      },
    };
  }

  #answers(): Handlers {
    const disk = this.#disk;
    const { options } = this;
    return {
      app_info: () => ({ version: '0.1.0', commit: null, platform: 'sample', settingsFile: '~/.config/taskwright/window.json', logsFolder: '~/.local/state/taskwright/logs', homeFolder: HOME }),
      get_settings: () => this.#settings,
      set_settings: ({ settings: next }) => void (this.#settings = { ...next, recent: this.#settings.recent, exports: this.#settings.exports }) as unknown as null,
      pick_folder: () => Promise.reject(problem('usage', 'this window has no folder dialog', 'Type the path of the folder.')),
      pick_file: () => Promise.reject(problem('usage', 'this window has no file dialog', 'Type the path of the file.')),
      open_external: () => null,
      list_templates: () => templates(),
      new_bundle: ({ parent, template, name }) => disk.create(parent, template, name),
      open_workspace: ({ folder }) => {
        const workspace = disk.workspace(folder);
        return { ...workspace, bundles: workspace.bundles.map((one) => ({ ...one, errors: this.#check(one.folder, []).diagnostics.length })) };
      },
      list_files: ({ bundle }) => disk.list(bundle),
      read_file: ({ bundle, path }) => disk.read(bundle, path),
      write_file: ({ bundle, path, text, expected }) => {
        const written = disk.write(bundle, path, text, expected);
        this.#touch(bundle);
        return written;
      },
      rename_file: ({ bundle, from, to }) => (disk.rename(bundle, from, to), null),
      delete_file: ({ bundle, path }) => (disk.delete(bundle, path), null),
      check_bundle: ({ bundle, overlays }) => this.#check(bundle, overlays),
      complete: ({ path, text, offset }) => (path === 'task.yaml' ? completeTask(text, offset) : null),
      hover: ({ path, text, offset }) => (path === 'task.yaml' ? hoverTask(text, offset) : null),
      task_value: ({ text }) => ({ value: taskValue(text) }),
      edit_task: ({ text, edits }) => ({ text: editTask(text, edits) }),
      render_markdown: async ({ text }) => ({ html: await marked.parse(text.replaceAll('<', '&lt;')) }),
      proof_state: ({ bundle }) => this.#proof(bundle),
      list_proofs: () => [...this.#proving.values()].filter((one) => !one.over).map((one) => one.run),
      survey_export: async ({ bundle, to }) => {
        await pause(options.speed > 0 ? 240 / options.speed : 0);
        return this.#survey(bundle, to);
      },
      list_hosts: () => hostList(options),
      probe_host: async ({ context }) => {
        if (options.hosts === 'slow' && context !== SANDBOX) await pause(60_000);
        return health(context, options);
      },
      sandbox_status: () => sandbox(options),
      list_previews: ({ context }) => this.#listed(context),
      plan_preview: ({ bundle }) => ({ id: `${bundle.split('/').at(-1)}-plan`, steps: [], notes: [] }),
      object_yaml: ({ kind, namespace, name }) => ({ yaml: objectYaml(kind, namespace, name) }),
      host_pod: ({ name }) => hostPod(name),
      list_terminals: () => this.#terminals,
    };
  }

  async #run(name: StreamName, args: Record<string, string> & { repeat?: number; jobs?: number; wish?: ExportWish }, emit: (item: unknown) => void, signal: AbortSignal): Promise<unknown> {
    switch (name) {
      case 'boot':
      case 'attach_boot':
        return this.#boot(emit, signal);
      case 'update_preview':
        return this.#update(args.preview ?? '', emit, signal);
      case 'sandbox_up':
      case 'sandbox_down':
        return this.#sandbox(name === 'sandbox_up', emit, signal);
      case 'remove_preview':
        return this.#remove(args.preview ?? '', emit);
      case 'watch_previews':
        return this.#watchPreviews(args.context ?? '', emit, signal);
      case 'watch_objects':
        return this.#watchObjects(args.kind as never, emit, signal);
      case 'watch_events':
        EVENTS.forEach(emit);
        return until(signal);
      case 'follow_logs':
        emit(logLines());
        return until(signal);
      case 'grade':
        return this.#grade(args.bundle ?? '', args.preview ?? '', emit, signal);
      case 'prove':
        return this.#prove({ bundle: args.bundle ?? '', context: args.context ?? '', repeat: Number(args.repeat), jobs: Number(args.jobs) }, emit, signal);
      case 'attach_proof':
        return this.#attachProof(args.bundle ?? '', emit, signal);
      case 'lock_bundle':
        return this.#lock(args.bundle ?? '', emit, signal);
      case 'export_bundle':
        return this.#export(args.bundle ?? '', args.wish as ExportWish, emit, signal);
      case 'watch_bundle':
        return this.#watchBundle(args.bundle ?? '', emit, signal);
      case 'doctor':
        return this.#examine(args.context ?? '', emit, signal);
    }
  }

  async #boot(emit: (item: unknown) => void, signal: AbortSignal): Promise<BootResult> {
    this.#boots += 1;
    const log = this.options.boot === 'ready' && this.#boots % 2 === 0 ? secondLog : LOGS[this.options.boot];
    const { preview, last, stopped } = await this.#replay(parseLog(log), emit, signal);
    if (stopped) return { preview, outcome: 'cancelled' };
    const outcome = this.options.boot === 'ready' ? 'ready' : 'failed';
    this.#previews = [{ ...running(), id: preview, state: outcome, createdAt: new Date(Date.now() - last).toISOString(), ageMs: last }];
    this.#changed();
    return { preview, outcome };
  }

  async #update(preview: string, emit: (item: unknown) => void, signal: AbortSignal): Promise<BootResult> {
    const log = parseLog(updateLog).map((event) => (event.event === 'began' ? { ...event, preview } : event));
    const { stopped } = await this.#replay(log, emit, signal);
    return { preview, outcome: stopped ? 'cancelled' : 'ready' };
  }

  /** Tells a log as it happened, until it is held or stopped. */
  async #replay(log: BootEvent[], emit: (item: unknown) => void, signal: AbortSignal): Promise<{ preview: string; last: number; stopped: boolean }> {
    const { speed, hold } = this.options;
    let [last, preview] = [0, ''];
    for (const event of log) {
      if (hold !== null && event.at > hold) await until(signal);
      if (speed > 0) await pause((event.at - last) / speed, signal);
      if (signal.aborted) {
        emit({ at: last, event: 'cancelled' });
        return { preview, last, stopped: true };
      }
      last = event.at;
      if (event.event === 'began') preview = event.preview;
      emit(event);
    }
    return { preview, last, stopped: false };
  }

  async #grade(bundle: string, preview: string, emit: (item: unknown) => void, signal: AbortSignal): Promise<Grade> {
    const { grade } = this.options;
    await pause(4);
    if (grade === 'refused') throw problem('host', 'the grader\'s pod cannot be scheduled: 0/3 nodes are available: insufficient memory', 'Lower the requests, or give the host’s task pool a node with enough room.');
    const told = gradeEvents(sampleTask(this.#disk.text(bundle, 'task.yaml')), preview, grade === 'full' ? 'reference' : grade);
    await this.#tell(told, emit, signal);
    if (signal.aborted) throw problem('cancelled', 'grading was stopped');
    const last = told.at(-1)?.item;
    return (last?.event === 'finished' ? last.grade : null) as Grade;
  }

  async #prove(run: ProofRun, emit: (item: unknown) => void, signal: AbortSignal): Promise<Proof> {
    const { bundle } = run;
    await pause(4);
    if (this.#proving.get(bundle)?.over === false) throw problem('conflict', `${bundle} is being proven already`, 'wait for that proof, or stop it');
    const lock = this.#locked(bundle);
    if (lock === 'missing') throw problem('bundle', 'the bundle was never locked, and a proof is of what a lock pins', `lock it with \`taskwright lock ${bundle}\``);
    if (lock === 'drifted') throw problem('bundle', 'the bundle has drifted from its lock: the values of `orders-exporter` are others', `lock it with \`taskwright lock ${bundle}\``);
    const stopped = new AbortController();
    const listeners = new Set<(item: unknown) => void>();
    const going: SampleProof = { run, events: [], listeners, stopped, over: false, done: Promise.resolve(null as never) };
    const say = (item: unknown) => {
      going.events.push(item as ProveEvent);
      for (const listener of listeners) listener(item);
    };
    this.#proving.set(bundle, going);
    going.done = this.#proven(run, say, stopped.signal).finally(() => (going.over = true));
    return this.#attachProof(bundle, emit, signal);
  }

  /** Tells a proof from its start, however often it was told before; whoever stops following by `cancel` stops the proof. */
  #attachProof(bundle: string, emit: (item: unknown) => void, signal: AbortSignal): Promise<Proof> {
    const going = this.#proving.get(bundle);
    if (!going) return Promise.reject(problem('not-found', `this window has not started to prove ${bundle}`));
    going.events.forEach(emit);
    going.listeners.add(emit);
    signal.addEventListener('abort', () => going.stopped.abort(), { once: true });
    return going.done.finally(() => going.listeners.delete(emit));
  }

  async #proven({ bundle, repeat, jobs }: ProofRun, emit: (item: unknown) => void, signal: AbortSignal): Promise<Proof> {
    const { prove, speed } = this.options;
    const task = sampleTask(this.#disk.text(bundle, 'task.yaml'));
    const told = proveEvents(task, repeat, jobs, boots(), prove);
    const heard = await this.#tell(told, emit, signal);
    if (signal.aborted) {
      const running = heard.reduce((open, { item }) => (item.event === 'case-started' ? open.add(item.case) : item.event === 'case-finished' ? (open.delete(item.case), open) : open), new Set<number>());
      for (const one of running) emit({ event: 'removing', case: one });
      await pause(speed > 0 ? 1600 : 0);
      throw problem('cancelled', 'the proof was stopped; nothing was written');
    }
    const proof = proofOf(task, told, new Date().toISOString());
    this.#proofs.set(bundle, { state: proof.passed ? 'holds' : 'failed', proof });
    this.#current.clear();
    this.#disk.put(bundle, 'proof.json', `${JSON.stringify(proof, null, 2)}\n`);
    return proof;
  }

  async #lock(bundle: string, emit: (item: unknown) => void, signal: AbortSignal): Promise<LockedBundle> {
    const { locking } = this.options;
    await pause(4);
    if (locking === 'refused') throw problem('host', 'helm is not here, and the bundle has charts', 'Bring the sandbox up once, which gets it, or name it as `helm` in the host’s settings.');
    await this.#tell(lockEvents(), emit, signal);
    if (signal.aborted) throw problem('cancelled', 'the bundle was not locked: it was stopped');
    const locked = lockedBundle(locking, this.#disk.text(bundle, 'task.yaml'));
    if (!locked.locked) return locked;
    const written = this.#locked(bundle) === 'holds' ? [] : locked.written;
    for (const path of written) this.#disk.put(bundle, path, path === 'task.lock' ? LOCK_TEXT : 'apiVersion: apps/v1\nkind: Deployment\n');
    this.#locks.set(bundle, locking === 'warns' ? 'unpinned' : 'holds');
    if (written.length > 0) this.#touch(bundle);
    return { ...locked, written };
  }

  #locked(bundle: string): LockState {
    return this.#locks.get(bundle) ?? (this.options.prove === 'unlocked' ? 'missing' : this.options.lock);
  }

  #survey(bundle: string, to: string | null): ExportSurvey {
    const task = sampleTask(this.#disk.text(bundle, 'task.yaml')).name;
    if (this.#check(bundle, []).diagnostics.length > 0) throw problem('bundle', 'the bundle has problems that must be corrected first', 'See them with `taskwright check`.');
    if (to !== null && /^oci:/.test(to) && !/^oci:\/\/[\w.:-]+\/[a-z0-9._/-]+(:[\w.-]+)?$/.test(to)) throw problem('usage', `\`${to.slice(6)}\` is not the name of an artifact; write \`oci://REGISTRY/REPOSITORY:TAG\``);
    if (this.options.export === 'impossible') return impossible(task);
    return survey(task, this.#disk.list(bundle), objections(this.#locked(bundle), this.#proof(bundle).state), this.#there(bundle, to));
  }

  #there(bundle: string, to: string | null): Pick<ExportSurvey, 'changes' | 'incomparable'> {
    if (to === null || /^https?:/.test(to)) return { changes: null, incomparable: null };
    if (this.options.export === 'unreadable') return { changes: null, incomparable: 'the registry `registry.example.org` cannot be reached; check its name and the network' };
    if (this.#current.has(to)) return { changes: UNCHANGED, incomparable: null };
    if (this.#settings.exports.some((one) => one.bundle === bundle && one.to === to)) return { changes: CHANGES, incomparable: null };
    return { changes: null, incomparable: to.startsWith('oci:') ? `there is no \`${to}\`; check the name, or log in if it is private` : null };
  }

  async #export(bundle: string, wish: ExportWish, emit: (item: unknown) => void, signal: AbortSignal): Promise<ExportView> {
    const how = this.options.export;
    const seen = this.#survey(bundle, wish.to);
    await pause(4);
    if (!wish.force && seen.objections.length > 0) throw problem('bundle', `the bundle is not exported: ${seen.objections.map((one) => one.message).join('; ')}`, ...seen.objections.map((one) => one.remedy));
    await this.#tell(exportEvents(wish, how), emit, signal);
    if (this.options.speed > 0) await pause(700 / this.options.speed, signal);
    if (signal.aborted) throw problem('cancelled', 'the export was stopped');
    if (how === 'refused') throw problem('host', 'the registry refuses restricted.tar.zst (HTTP 403): requested access to the resource is denied; ask whoever runs it', 'Log in with `docker login registry.example.org`, then export again.');
    const view = exported(wish, seen);
    const past = { bundle, to: wish.to, sign: wish.sign, tokenFile: wish.tokenFile, images: wish.images, digest: view.digest, exportedAt: new Date().toISOString() };
    this.#settings = { ...this.#settings, exports: [past, ...this.#settings.exports.filter((one) => one.bundle !== bundle || one.to !== wish.to)] };
    this.#current.add(wish.to);
    return view;
  }

  /** Tells what happens, when it happens; gives what was told before somebody stopped it. */
  async #tell<T>(told: Told<T>[], emit: (item: unknown) => void, signal: AbortSignal): Promise<Told<T>[]> {
    const { speed, hold } = this.options;
    let last = 0;
    for (const [index, { at, item }] of told.entries()) {
      if (hold !== null && at > hold) await until(signal);
      if (speed > 0) await pause((at - last) / speed, signal);
      if (signal.aborted) return told.slice(0, index);
      last = at;
      emit(item);
    }
    return told;
  }

  #proof(bundle: string): ProofView {
    const { options } = this;
    const known = this.#proofs.get(bundle);
    if (known) return known;
    if (options.proof === 'missing') return { state: 'missing' };
    if (options.proof === 'changed') return { state: 'of-other-bytes' };
    if (options.proof === 'broken') return { state: 'broken', reason: 'expected `,` or `}` at line 41 column 3' };
    const task = sampleTask(this.#disk.text(bundle, 'task.yaml'));
    const proof = proofOf(task, proveEvents(task, 1, 2, boots(), options.proof), new Date(Date.now() - 8_040_000).toISOString());
    this.#proofs.set(bundle, { state: proof.passed ? 'holds' : 'failed', proof });
    return this.#proof(bundle);
  }

  /** A proof is of the bytes that were proven. */
  #touch(bundle: string): void {
    this.#current.clear();
    if (this.#proof(bundle).state !== 'missing') this.#proofs.set(bundle, { state: 'of-other-bytes' });
  }

  async #sandbox(up: boolean, emit: (item: unknown) => void, signal: AbortSignal): Promise<null> {
    let at = 0;
    for (const { after, item } of sandboxProgress(up)) {
      if (this.options.hold !== null && item.at >= this.options.hold) await until(signal);
      await pause(this.options.speed > 0 ? (after - at) / this.options.speed : 0, signal);
      at = after;
      emit(item);
    }
    this.options.sandbox = up ? 'up' : 'down';
    return null;
  }

  async #examine(context: string, emit: (item: unknown) => void, signal: AbortSignal): Promise<null> {
    const [first, ...rest] = doctor(context, this.options);
    await pause(4);
    emit(first);
    if (this.options.hosts === 'slow' && context !== SANDBOX) {
      await until(signal);
      throw problem('cancelled', 'stopped');
    }
    rest.forEach(emit);
    return null;
  }

  async #remove(preview: string, emit: (item: unknown) => void): Promise<{ objects: number }> {
    for (const text of ['Removing the vCluster', 'Removing 14 objects', `Removing namespace ${preview}`]) {
      emit({ text });
      await pause(this.options.speed > 0 ? 600 : 0);
    }
    this.#previews = this.#previews.filter((one) => one.id !== preview);
    this.#changed();
    return { objects: 14 };
  }

  async #watchPreviews(context: string, emit: (item: unknown) => void, signal: AbortSignal): Promise<null> {
    const say = () => emit(this.#listed(context));
    say();
    this.#watchers.add(say);
    await until(signal);
    this.#watchers.delete(say);
    return null;
  }

  async #watchObjects(kind: keyof typeof OBJECTS, emit: (item: unknown) => void, signal: AbortSignal): Promise<null> {
    emit({ change: 'restarted' });
    for (const row of OBJECTS[kind]) emit({ change: 'applied', row });
    if (this.options.stale) emit({ change: 'stale', reason: 'the API of the vCluster does not answer: connection reset by peer', since: new Date(Date.now() - 95_000).toISOString() });
    await until(signal);
    return null;
  }

  /** A test can say what changed on disk by an event on the window. */
  async #watchBundle(bundle: string, emit: (item: unknown) => void, signal: AbortSignal): Promise<null> {
    const changed = (event: Event) => {
      const { path, text } = (event as CustomEvent<{ path: string; text: string }>).detail;
      this.#disk.put(bundle, path, text);
      emit({ paths: [path] });
    };
    globalThis.addEventListener?.('sample-disk-change', changed);
    await until(signal);
    globalThis.removeEventListener?.('sample-disk-change', changed);
    return null;
  }

  #check(bundle: string, overlays: { path: string; text: string }[]) {
    const overlay = overlays.find(({ path }) => path === 'task.yaml');
    return checkTask(overlay?.text ?? this.#disk.text(bundle, 'task.yaml'), (path) => this.#disk.exists(bundle, path));
  }

  #listed(context: string): PreviewView[] {
    if (this.options.previews === 'unreachable') throw problem('host', `${context} does not answer: connection refused`, 'Look at the connection with the doctor.');
    return context === SANDBOX ? this.#previews.map((one) => ({ ...one, ageMs: Date.now() - new Date(one.createdAt).getTime() })) : [];
  }

  #changed(): void {
    for (const say of this.#watchers) say();
  }

  #break(): void {
    const bundle = `${HOME}/postgres-recovery`;
    const text = this.#disk.text(bundle, 'task.yaml').replace('needs: [orders-db]', 'needs: [order-db]').replace('    timeout: 1m', '    timeouts: 1m');
    this.#disk.put(bundle, 'task.yaml', text);
  }
}

function running(): PreviewView {
  return { id: 'postgres-recovery-l3rb3', bundle: 'postgres-recovery', title: 'The orders are gone', host: SANDBOX, state: 'ready', createdAt: new Date(Date.now() - 13 * 60_000 - 20_000).toISOString(), ageMs: 800_000, folder: `${HOME}/postgres-recovery`, timeLimitMs: 1_800_000 };
}

function settings(options: SampleOptions): Settings {
  const day = 86_400_000;
  return {
    theme: (options.theme as Settings['theme'] | null) ?? 'system',
    terminal: { fontFamily: null, fontSize: 13, lineHeight: 1.2, scrollback: 10_000, copyOnSelect: false, cursorBlink: false, screenReader: false },
    editor: { fontSize: 13, formView: false },
    keys: {},
    recent: options.recent === 'none' ? [] : [
      { folder: HOME, name: 'tasks', openedAt: new Date(Date.now() - 26 * 60_000).toISOString() },
      { folder: `${HOME}/postgres-recovery`, name: 'postgres-recovery', openedAt: new Date(Date.now() - day).toISOString() },
    ],
    exports: options.exports === 'none' ? [] : pastExports(`${HOME}/postgres-recovery`, Date.now()),
    layout: {},
  };
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

function until(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => (signal.aborted ? resolve(null) : signal.addEventListener('abort', () => resolve(null), { once: true })));
}
