// The running previews of a host, found by their labels; and taking one away.
import { asProblem, type Backend } from '#ipc/backend';
import type { Problem } from '#ipc/types/app';
import type { PreviewView } from '#ipc/types/preview';
import { cli } from '#shared/cli';
import { done } from '#shared/done.svelte';
import { follow } from '#shared/follow';

export class Previews {
  readonly context: string;
  list = $state.raw<PreviewView[] | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Previews that are being removed, with what is being done. */
  leaving = $state<Record<string, string>>({});
  /** When the list was last true. */
  seen = $state(0);
  #backend: Backend;
  #leave: () => void = () => undefined;

  constructor(backend: Backend, context: string) {
    this.#backend = backend;
    this.context = context;
    this.follow();
  }

  follow(): void {
    this.#leave();
    this.problem = null;
    const take = (list: PreviewView[]) => {
      this.list = list;
      this.seen = Date.now();
    };
    this.#leave = follow(this.#backend, 'watch_previews', { context: this.context }, take, (problem) => (this.problem = problem));
  }

  leave(): void {
    this.#leave();
  }

  /** Removes a preview; resolves with how many objects were, or null when it failed. */
  async remove(preview: string): Promise<number | null> {
    this.leaving[preview] = 'Removing';
    done.say(cli('down', preview, '--host', this.context));
    try {
      const job = this.#backend.stream('remove_preview', { context: this.context, preview }, ({ text }) => (this.leaving[preview] = text));
      return (await job.done).objects;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      return null;
    } finally {
      delete this.leaving[preview];
    }
  }
}
