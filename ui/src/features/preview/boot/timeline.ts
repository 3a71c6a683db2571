// The boot's log folded into bars, the same fold as crates/preview/src/timeline.rs.
import type { BootEvent, Detail, Failure, Step, StepId } from '#ipc/types/boot';

export interface Bar {
  step: StepId;
  needs: StepId[];
  started: number | null;
  ended: number | null;
  doing: Detail | null;
  failure: Failure | null;
}

export type Outcome = 'ready' | 'failed' | 'cancelled';

export interface Timeline {
  preview: string | null;
  bundle: string | null;
  title: string | null;
  host: string | null;
  budget: number | null;
  notes: string[];
  bars: Bar[];
  now: number;
  outcome: Outcome | null;
}

export function emptyTimeline(): Timeline {
  return { preview: null, bundle: null, title: null, host: null, budget: null, notes: [], bars: [], now: 0, outcome: null };
}

/** Folds a whole log. */
export function timelineOf(events: Iterable<BootEvent>): Timeline {
  const timeline = emptyTimeline();
  for (const event of events) push(timeline, event);
  return timeline;
}

/** Takes in one more event. */
export function push(timeline: Timeline, event: BootEvent): void {
  timeline.now = event.at;
  switch (event.event) {
    case 'began':
      return began(timeline, event);
    case 'planned':
      return planned(timeline, event.steps, event.notes);
    case 'started':
      bar(timeline, event.step).started = event.at;
      return;
    case 'doing':
      bar(timeline, event.step).doing = event.detail;
      return;
    case 'output':
      return;
    case 'finished':
      return end(bar(timeline, event.step), event.at, null);
    case 'failed':
      return end(bar(timeline, event.step), event.at, event.failure);
    case 'ready':
    case 'cancelled':
      timeline.outcome = event.event;
      return;
    case 'stopped':
      timeline.outcome = 'failed';
  }
}

/** The steps that had to be done one after another for the boot to take as long as it did, first to last. */
export function longestChain(bars: Bar[]): StepId[] {
  const chain: StepId[] = [];
  let next = lastOf(bars);
  while (next) {
    chain.unshift(next.step);
    const needs = next.needs;
    next = lastOf(bars.filter((other) => needs.includes(other.step)));
  }
  return chain;
}

/** The steps that a bar waits for and that are not done. */
export function waitsFor(one: Bar, bars: Bar[]): StepId[] {
  if (one.started !== null) return [];
  return one.needs.filter((need) => !bars.some((other) => other.step === need && other.ended !== null));
}

/** When all that a bar needs was done: from then on it could have worked. */
export function couldStart(one: Bar, bars: Bar[]): number {
  return Math.max(0, ...bars.filter((other) => one.needs.includes(other.step)).map((other) => other.ended ?? other.started ?? 0));
}

/** Whether this was no boot, but brought a preview up to date: only that ends by removing what has left the bundle. */
export function isUpdate(timeline: Timeline): boolean {
  return timeline.bars.some((one) => one.step === 'prune');
}

/** The bar that failed, if one did. */
export function failedBar(bars: Bar[]): (Bar & { failure: Failure }) | null {
  return (bars.find((one) => one.failure !== null) as (Bar & { failure: Failure }) | undefined) ?? null;
}

/** The last of those that ended latest, as Rust's `max_by_key` picks it. */
function lastOf(bars: Bar[]): Bar | null {
  return bars.reduce<Bar | null>(
    (last, one) => (one.ended !== null && (last?.ended == null || one.ended >= last.ended) ? one : last),
    null,
  );
}

function began(timeline: Timeline, event: Extract<BootEvent, { event: 'began' }>): void {
  timeline.preview = event.preview;
  timeline.bundle = event.bundle;
  timeline.title = event.title;
  timeline.host = event.host;
  // An update has none, which is written as 0.
  timeline.budget = event.budget || null;
}

function planned(timeline: Timeline, steps: Step[], notes: string[]): void {
  timeline.notes = notes;
  for (const step of steps) bar(timeline, step.id).needs = step.needs;
  const order = new Map(steps.map((step, index) => [step.id, index]));
  timeline.bars.sort((a, b) => (order.get(a.step) ?? -1) - (order.get(b.step) ?? -1));
}

function end(one: Bar, at: number, failure: Failure | null): void {
  one.ended = at;
  one.doing = null;
  one.failure = failure;
}

function bar(timeline: Timeline, step: StepId): Bar {
  const known = timeline.bars.find((one) => one.step === step);
  if (known) return known;
  timeline.bars.push({ step, needs: [], started: null, ended: null, doing: null, failure: null });
  return timeline.bars.at(-1) as Bar;
}
