// The lock of one bundle: whether it holds, and the locking that is being done.
import { ending, type Backend, type Job } from '#ipc/backend';
import type { Problem } from '#ipc/types/app';
import type { LockedBundle, LockEvent } from '#ipc/types/export';
import { cli } from '#shared/cli';
import { emptySteps, take, type LockStep } from './steps';

/** Why a bundle has to be locked before it can be proven. */
export interface Unlocked {
  reason: 'unlocked' | 'drifted';
  message: string;
}

export class BundleLock {
  readonly folder: string;
  /** Why it has to be locked; null when it holds, or nobody knows. */
  wanted = $state.raw<Unlocked | null>(null);
  steps = $state<LockStep[]>([]);
  began = $state(0);
  ended = $state<number | null>(null);
  result = $state.raw<LockedBundle | null>(null);
  problem = $state.raw<Problem | null>(null);
  stopped = $state(false);
  working = $state(false);
  /** Whose mirror and programs were used the last time. */
  context = $state<string | null>(null);
  #backend: Backend;
  #job: Job<LockedBundle> | null = null;
  #asked = 0;

  constructor(backend: Backend, folder: string) {
    this.#backend = backend;
    this.folder = folder;
  }

  /** Asks whether the lock holds. A bundle with errors says nothing about it. */
  async read(): Promise<void> {
    const round = (this.#asked += 1);
    const survey = await this.#backend.call('survey_export', { bundle: this.folder, to: null }).catch(() => null);
    if (round !== this.#asked) return;
    const found = survey?.objections.find(({ reason }) => reason === 'unlocked' || reason === 'drifted');
    this.wanted = found ? { reason: found.reason as Unlocked['reason'], message: found.message } : null;
  }

  /** Locks it; gives the files that are others now. */
  async start(context: string | null): Promise<string[]> {
    if (this.working) return [];
    this.forget();
    [this.working, this.context, this.began, this.ended] = [true, context, Date.now(), null];
    this.steps = emptySteps();
    const { steps } = this;
    this.#job = this.#backend.stream('lock_bundle', { bundle: this.folder, context }, (event: LockEvent) => take(steps, event));
    Object.assign(this, await ending(this.#job));
    [this.working, this.ended] = [false, Date.now()];
    await this.read();
    return this.result ? [...this.result.written, ...this.result.removed] : [];
  }

  stop(): void {
    this.#job?.cancel();
  }

  /** Says why it was not begun. */
  refuse(problem: Problem): void {
    this.forget();
    this.problem = problem;
  }

  forget(): void {
    [this.result, this.problem, this.stopped, this.steps] = [null, null, false, []];
  }

  /** The command line that does the same. */
  line(context: string | null): string {
    return cli('lock', this.folder, ...(context ? ['--host', context] : []));
  }
}
