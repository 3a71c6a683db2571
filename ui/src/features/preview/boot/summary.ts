// One line about a boot, for the strip at the bottom and for lists.
import { stepName } from '#shared/steps';
import { duration } from '#shared/words';
import { failedBar, longestChain, waitsFor, type Timeline } from './timeline';

/** `13.1 s, longest: control plane → init/seed`, `booting: tty, init/seed waits`, `failed at init/seed after 24.5 s`. */
export function summary(timeline: Timeline): string {
  const took = duration(timeline.now);
  if (timeline.outcome === 'cancelled') return `cancelled after ${took}`;
  if (timeline.outcome === 'failed') return `failed at ${stepName(failedBar(timeline.bars)?.step ?? 'boot')} after ${took}`;
  if (timeline.outcome === 'ready') return `${took}, longest: ${chainWords(timeline)}`;
  return working(timeline);
}

/** The longest chain without the steps that took next to nothing. */
export function chainWords(timeline: Timeline): string {
  const bars = new Map(timeline.bars.map((bar) => [bar.step, bar]));
  const long = longestChain(timeline.bars).filter((step) => {
    const bar = bars.get(step);
    return (bar?.ended ?? 0) - (bar?.started ?? 0) > timeline.now * 0.02;
  });
  return long.map(stepName).join(' → ');
}

function working(timeline: Timeline): string {
  const busy = timeline.bars.filter((bar) => bar.started !== null && bar.ended === null);
  const waiting = timeline.bars.filter((bar) => bar.started === null && waitsFor(bar, timeline.bars).length > 0);
  if (timeline.bars.length === 0) return 'asking the host';
  const rest = waiting.length > 0 ? `, ${waiting.length} waiting` : '';
  return `${busy.map((bar) => stepName(bar.step)).join(', ') || 'beginning'}${rest}`;
}

/** Heights from 0 to 1 of a small picture: how long each step of the boot took. */
export function spark(timeline: Timeline): { height: number; failed: boolean }[] {
  const took = timeline.bars.map((bar) => (bar.started === null ? 0 : (bar.ended ?? timeline.now) - bar.started));
  const most = Math.max(1, ...took);
  return timeline.bars.map((bar, index) => ({ height: Math.max(0.1, (took[index] ?? 0) / most), failed: bar.failure !== null }));
}
