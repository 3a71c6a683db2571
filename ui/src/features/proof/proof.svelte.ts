// The proof of one bundle: what lies beside its files, and the one that is being made.
import { asProblem, ending, type Backend, type Job } from '#ipc/backend';
import type { Problem } from '#ipc/types/app';
import type { Proof, ProofRun, ProofView, ProveEvent } from '#ipc/types/proof';
import { cli } from '#shared/cli';
import { courseOf, emptyCourse, stop, take, type Course } from './course';
import { findings, groups } from './matrix';

/** A place in the matrix: a case, or a check of a case. */
export interface Place {
  group: string;
  check: string | null;
}

export class BundleProof {
  readonly folder: string;
  /** What lies on disk; null until it was asked for. */
  view = $state.raw<ProofView | null>(null);
  /** Why it cannot be told: the bundle cannot be read. */
  unread = $state.raw<Problem | null>(null);
  /** Why the last proof did not begin, or did not end. */
  problem = $state.raw<Problem | null>(null);
  repeat = $state(1);
  jobs = $state(2);
  /** The proof that is being made, or was made or stopped in this window. */
  made = $state<Course | null>(null);
  /** When it began and ended, on this machine's clock, and where. Nobody here may have seen it begin. */
  began = $state<number | null>(0);
  ended = $state<number | null>(null);
  context = $state('');
  stopping = $state(false);
  stopped = $state(false);
  chosen = $state.raw<Place | null>(null);
  working = $derived(this.made !== null && this.ended === null);
  written = $derived(this.view?.state === 'holds' || this.view?.state === 'failed' ? this.view.proof : null);
  course = $derived(this.made ?? (this.written ? courseOf(this.written) : null));
  groups = $derived(this.course ? groups(this.course) : []);
  findings = $derived(findings(this.groups));
  done = $derived(this.course?.cases.filter((one) => one.stage === 'done').length ?? 0);
  #backend: Backend;
  #job: Job<Proof> | null = null;
  #asked = 0;

  constructor(backend: Backend, folder: string) {
    this.#backend = backend;
    this.folder = folder;
  }

  /** Asks what lies on disk. */
  async read(): Promise<void> {
    const round = (this.#asked += 1);
    const answer = await this.#backend.call('proof_state', { bundle: this.folder }).then((view) => ({ view, unread: null }), (thrown: unknown) => ({ view: null, unread: asProblem(thrown) }));
    if (round === this.#asked) Object.assign(this, answer);
  }

  async start(context: string): Promise<void> {
    if (this.working) return;
    const run: ProofRun = { bundle: this.folder, context, repeat: this.repeat, jobs: this.jobs };
    await this.#follow(run, Date.now(), (take) => this.#backend.stream('prove', run, take));
  }

  /** Follows the proof of this bundle that is under way to its end, and says whether there was one: a window that was reloaded goes on with it. */
  async find(began: number | null = null): Promise<boolean> {
    const run = await this.#underWay();
    if (!run || this.working) return false;
    await this.#attach(run, began);
    return true;
  }

  async #underWay(): Promise<ProofRun | undefined> {
    const runs = await this.#backend.call('list_proofs', {}).catch(() => []);
    return runs.find((one) => one.bundle === this.folder);
  }

  async #attach(run: ProofRun, began: number | null): Promise<void> {
    [this.repeat, this.jobs] = [run.repeat, run.jobs];
    await this.#follow(run, began, (take) => this.#backend.stream('attach_proof', { bundle: this.folder }, take));
  }

  async #follow(run: ProofRun, began: number | null, stream: (take: (event: ProveEvent) => void) => Job<Proof>): Promise<void> {
    this.forget();
    [this.context, this.began, this.ended, this.stopping] = [run.context, began, null, false];
    this.made = emptyCourse();
    const course = this.made;
    this.#job = stream((event) => take(course, event, Date.now()));
    const { result, problem, stopped } = await ending(this.#job);
    // Somebody else has begun to prove it: that proof is as good as ours.
    if (problem?.code === 'conflict') return this.#attach((await this.#underWay()) ?? run, null);
    [this.problem, this.stopped] = [problem, stopped];
    if (result === null) stop(course);
    await this.read();
    this.ended = Date.now();
    if (course.cases.length === 0) this.made = null;
  }

  stop(): void {
    if (!this.working) return;
    this.stopping = true;
    this.#job?.cancel();
  }

  /** Says why a proof did not begin. */
  refuse(problem: Problem): void {
    this.problem = problem;
  }

  /** Goes back to what lies on disk. */
  forget(): void {
    [this.made, this.chosen, this.stopped, this.problem] = [null, null, false, null];
  }

  /** The command line that proves the same way. */
  line(context: string | null): string {
    return cli('prove', this.folder, ...(this.repeat > 1 ? ['--repeat', String(this.repeat)] : []), ...(this.jobs !== 2 ? ['--jobs', String(this.jobs)] : []), ...(context ? ['--host', context] : []));
  }
}
