// Follows a stream for as long as somebody looks: what it says never counts as something the follower depends on.
import { untrack } from 'svelte';
import { asProblem, type Backend } from '#ipc/backend';
import type { Problem } from '#ipc/types/app';
import type { StreamName, Streams } from '#ipc/types/commands';

/** Begins at once; the result ends it, after which nothing is said any more. */
export function follow<S extends StreamName>(
  backend: Backend,
  name: S,
  args: Streams[S]['args'],
  onItem: (item: Streams[S]['item']) => void,
  onProblem: (problem: Problem) => void,
): () => void {
  return untrack(() => {
    let over = false;
    const job = backend.stream(name, args, (item) => over || onItem(item));
    job.done.catch((thrown) => over || onProblem(asProblem(thrown)));
    return () => {
      over = true;
      job.cancel();
    };
  });
}
