// One boot or update as it runs: its log, the bars and output folded from it, and the way to stop it.
import { asProblem, type Backend, type Job } from '#ipc/backend';
import type { Problem } from '#ipc/types/app';
import type { BootEvent, BootResult } from '#ipc/types/boot';
import { emptyTimeline, isUpdate, push, type Timeline } from './timeline';
import { pushOutput, type ScriptOutput } from './output';

export class BootRun {
  readonly bundle: string;
  readonly context: string;
  readonly began: number;
  timeline = $state<Timeline>(emptyTimeline());
  scripts = $state<ScriptOutput[]>([]);
  problem = $state.raw<Problem | null>(null);
  cancelling = $state(false);
  over = $state(false);
  #asked = false;
  #log: BootEvent[] = [];
  #job: Job<BootResult> | null = null;
  /** Told the id of the preview as soon as there is one. */
  onnamed: () => void = () => undefined;

  constructor(bundle: string, context: string, began = Date.now()) {
    this.began = began;
    this.bundle = bundle;
    this.context = context;
  }

  /** Boots, and resolves when it has ended, however it ended. */
  start(backend: Backend): Promise<BootResult | null> {
    return this.#follow(backend.stream('boot', { bundle: this.bundle, context: this.context }, (event) => this.take(event)));
  }

  /** Brings a preview up to date with the bundle, and resolves when that has ended. */
  update(backend: Backend, preview: string): Promise<BootResult | null> {
    this.#asked = true;
    return this.#follow(backend.stream('update_preview', { bundle: this.bundle, context: this.context, preview }, (event) => this.take(event)));
  }

  /** Comes back to a boot that goes on without this window: its log so far, then what follows. */
  attach(backend: Backend, preview: string): Promise<BootResult | null> {
    return this.#follow(backend.stream('attach_boot', { preview }, (event) => this.take(event)));
  }

  async #follow(job: Job<BootResult>): Promise<BootResult | null> {
    this.#job = job;
    try {
      return await job.done;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      return null;
    } finally {
      this.over = true;
    }
  }

  take(event: BootEvent): void {
    this.#log.push(event);
    push(this.timeline, event);
    pushOutput(this.scripts, event);
    if (event.event === 'began') this.onnamed();
  }

  cancel(): void {
    this.cancelling = true;
    this.#job?.cancel();
  }

  /** Whether it brings a preview up to date, and is no boot; of one that was found after a reload its steps say so. */
  get isUpdate(): boolean {
    return this.#asked || isUpdate(this.timeline);
  }

  get log(): readonly BootEvent[] {
    return this.#log;
  }
}
