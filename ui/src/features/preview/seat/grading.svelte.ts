// Grading the work in one preview: the last run, whether it is still under way, and the way to stop it.
import { ending, type Backend, type Job } from '#ipc/backend';
import type { Problem } from '#ipc/types/app';
import type { Grade } from '#ipc/types/proof';
import { emptyGraded, end, take, type Graded } from './grade';

export class Grading {
  readonly context: string;
  readonly preview: string;
  graded = $state<Graded | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** When the last run began and ended, on this machine's clock. */
  began = $state(0);
  ended = $state<number | null>(null);
  stopping = $state(false);
  stopped = $state(false);
  working = $derived(this.graded !== null && this.ended === null);
  #backend: Backend;
  #job: Job<Grade> | null = null;

  constructor(backend: Backend, context: string, preview: string) {
    this.#backend = backend;
    this.context = context;
    this.preview = preview;
  }

  /** Runs the checks of the bundle in a folder. */
  async start(bundle: string): Promise<void> {
    if (this.working) return;
    [this.problem, this.stopping, this.stopped, this.began, this.ended] = [null, false, false, Date.now(), null];
    this.graded = emptyGraded();
    const graded = this.graded;
    this.#job = this.#backend.stream('grade', { bundle, context: this.context, preview: this.preview }, (event) => take(graded, event, Date.now()));
    const { problem, stopped } = await ending(this.#job);
    [this.problem, this.stopped] = [problem, stopped];
    end(graded);
    this.ended = Date.now();
  }

  stop(): void {
    if (!this.working) return;
    this.stopping = true;
    this.#job?.cancel();
  }
}
