// What locking does, folded from what it tells: charts that are fetched, dependencies that are rendered, images that are asked for.
import type { LockEvent } from '#ipc/types/export';
import { count } from '#shared/words';

/** One thing that is done; the last one is under way, those before it are done. */
export interface LockStep {
  what: string;
  about: string;
}

export function emptySteps(): LockStep[] {
  return [];
}

/** Takes in one more event; the same thing told twice is one step. */
export function take(steps: LockStep[], event: LockEvent): void {
  const step = stepOf(event);
  const last = steps.at(-1);
  if (last?.what !== step.what || last.about !== step.about) steps.push(step);
}

function stepOf(event: LockEvent): LockStep {
  switch (event.event) {
    case 'fetching':
      return { what: 'Fetches the chart', about: event.chart };
    case 'rendering':
      return { what: 'Renders', about: event.dependency };
    case 'resolving':
      return { what: 'Asks registries for digests', about: `of ${count(event.images, 'image')}` };
  }
}
