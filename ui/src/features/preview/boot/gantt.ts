// Where everything in the picture of a boot stands: pure geometry from a timeline, for the screen and for export.
import type { StepId } from '#ipc/types/boot';
import { stepName } from '#shared/steps';
import { duration } from '#shared/words';
import { couldStart, longestChain, waitsFor, type Bar, type Timeline } from './timeline';
import { detail, stepGroup } from './words';

export type BarState = 'waiting' | 'working' | 'done' | 'failed' | 'never';

export interface Segment {
  x: number;
  width: number;
}

export interface Row {
  step: StepId;
  name: string;
  group: ReturnType<typeof stepGroup>;
  y: number;
  state: BarState;
  /** Grey: from when it is known until it works. */
  waiting: Segment | null;
  /** Solid: from its start to its end, or to now. */
  working: Segment | null;
  onChain: boolean;
  /** The figure at the right. */
  figure: string;
  /** What it does or waits for, in one line. */
  says: string;
  /** The same step in the boot that is laid over. */
  other: { segment: Segment; figure: string; difference: number } | null;
}

export interface Gantt {
  width: number;
  height: number;
  left: number;
  right: number;
  rows: Row[];
  /** From the end of one step of the longest chain to the start of the next. */
  links: { x: number; y1: number; y2: number }[];
  ticks: { x: number; label: string }[];
  budget: { x: number; label: string } | null;
  now: { x: number } | null;
  /** Milliseconds over the whole width. */
  span: number;
}

export const ROW = 22;
export const HEAD = 26;
export const BAR = 12;

/** Lays a boot out; `at` is now while it still runs, `other` a boot to compare with. */
export function gantt(timeline: Timeline, width: number, at: number, other: Timeline | null = null): Gantt {
  const end = timeline.outcome === null ? Math.max(at, timeline.now) : timeline.now;
  const [left, right] = [labelWidth(timeline.bars), other ? 124 : 72];
  const budget = timeline.budget;
  const longest = Math.max(end, other?.now ?? 0, 1000);
  const span = budget !== null && budget < longest * 1.6 ? Math.max(longest, budget) * 1.04 : longest * 1.04;
  const x = (ms: number) => left + ((width - left - right) * ms) / span;
  // Which chain is the longest is known when the boot is over.
  const chain = timeline.outcome === null ? [] : longestChain(timeline.bars);
  const rows = timeline.bars.map((bar, index) => row(bar, index, timeline, { end, x, chain, other }));
  return {
    width, left, right, rows, span,
    height: HEAD + rows.length * ROW + 8,
    links: links(chain, timeline.bars, x),
    ticks: ticks(span).map((ms) => ({ x: x(ms), label: tick(ms) })),
    budget: budget !== null && budget <= span ? { x: x(budget), label: `budget ${duration(budget)}` } : null,
    now: timeline.outcome === null && rows.length > 0 ? { x: x(end) } : null,
  };
}

interface Scale {
  end: number;
  x: (ms: number) => number;
  chain: StepId[];
  other: Timeline | null;
}

function row(bar: Bar, index: number, timeline: Timeline, { end, x, chain, other }: Scale): Row {
  const state = stateOf(bar, timeline);
  const until = bar.ended ?? end;
  const segment = (from: number, to: number) => ({ x: x(from), width: Math.max(x(to) - x(from), 2) });
  const from = bar.started ?? end;
  return {
    step: bar.step,
    name: stepName(bar.step),
    group: stepGroup(bar.step),
    y: HEAD + index * ROW,
    state,
    waiting: from > 40 ? segment(0, from) : null,
    working: bar.started === null ? null : segment(bar.started, until),
    onChain: chain.includes(bar.step),
    figure: bar.started === null ? '' : duration(until - bar.started),
    says: says(bar, timeline),
    other: other ? overlay(bar, other, segment) : null,
  };
}

function overlay(bar: Bar, other: Timeline, segment: (from: number, to: number) => Segment): Row['other'] {
  const twin = other.bars.find((one) => one.step === bar.step);
  if (!twin || twin.started === null || twin.ended === null) return null;
  const took = twin.ended - twin.started;
  const mine = bar.started === null || bar.ended === null ? took : bar.ended - bar.started;
  return { segment: segment(twin.started, twin.ended), figure: signed(mine - took), difference: mine - took };
}

function signed(ms: number): string {
  if (Math.abs(ms) < 50) return '±0.0 s';
  return `${ms < 0 ? '−' : '+'}${duration(Math.abs(ms))}`;
}

function stateOf(bar: Bar, timeline: Timeline): BarState {
  if (bar.failure) return 'failed';
  if (bar.ended !== null) return 'done';
  if (timeline.outcome !== null) return 'never';
  return bar.started === null ? 'waiting' : 'working';
}

function says(bar: Bar, timeline: Timeline): string {
  const waits = waitsFor(bar, timeline.bars);
  if (bar.started === null && timeline.outcome !== null) return `did not begin: it needs ${waits.map(stepName).join(', ')}`;
  if (waits.length > 0) return `waits for ${waits.map(stepName).join(', ')}`;
  if (bar.ended === null && bar.doing) return detail(bar.doing);
  if (bar.started === null || bar.ended === null) return '';
  const late = bar.started - couldStart(bar, timeline.bars);
  const after = bar.needs.length > 0 ? `, after ${bar.needs.map(stepName).join(', ')}` : '';
  const waited = late > 100 ? `, ${duration(late)} after it could have` : '';
  return `began at ${duration(bar.started)}${after}${waited}; took ${duration(bar.ended - bar.started)}`;
}

function links(chain: StepId[], bars: Bar[], x: (ms: number) => number): Gantt['links'] {
  const index = (step: StepId) => bars.findIndex((bar) => bar.step === step);
  return chain.slice(1).map((step, at) => {
    const before = index(chain[at] as StepId);
    const y = (position: number) => HEAD + position * ROW + ROW / 2;
    return { x: x(bars[before]?.ended ?? 0), y1: y(before), y2: y(index(step)) };
  });
}

/** Round steps, five to nine of them. */
export function ticks(span: number): number[] {
  const step = [500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000].find((one) => span / one <= 8) ?? 1_200_000;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
}

function tick(ms: number): string {
  if (ms < 60_000) return `${ms / 1000} s`;
  const seconds = Math.round((ms % 60_000) / 1000);
  return seconds === 0 ? `${ms / 60_000} m` : `${Math.floor(ms / 60_000)} m ${String(seconds).padStart(2, '0')}`;
}

function labelWidth(bars: Bar[]): number {
  const longest = Math.max(10, ...bars.map((bar) => stepName(bar.step).length));
  return Math.min(220, 22 + longest * 7);
}
