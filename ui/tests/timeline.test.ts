// The folds of a boot's log, over boots that really happened.
import { describe, expect, it } from 'vitest';
import type { BootEvent } from '../src/ipc/types/boot';
import { gantt, ticks } from '../src/features/preview/boot/gantt';
import { outputOf } from '../src/features/preview/boot/output';
import { spark, summary } from '../src/features/preview/boot/summary';
import { ganttSvg } from '../src/features/preview/boot/svg';
import { failedBar, longestChain, timelineOf, waitsFor } from '../src/features/preview/boot/timeline';
import { causeWords } from '../src/features/preview/boot/words';
import { stepName } from '../src/shared/steps';
import { THEMES } from '../src/shared/theme/tokens';
import { log } from './logs';

const step = (id: string, needs: string[]) => ({ id, needs });
const ran = (id: string, from: number, to: number): BootEvent[] => [{ at: from, event: 'started', step: id }, { at: to, event: 'finished', step: id }];

describe('timeline', () => {
  it('follows what ended last for the longest chain', () => {
    const events: BootEvent[] = [
      { at: 0, event: 'planned', notes: [], steps: [step('control-plane', []), step('dependency/slow', ['control-plane']), step('dependency/fast', ['control-plane']), step('init/seed', ['dependency/slow', 'dependency/fast'])] },
      ...[...ran('control-plane', 0, 10), ...ran('dependency/fast', 10, 12), ...ran('dependency/slow', 10, 20), ...ran('init/seed', 20, 25)].sort((a, b) => a.at - b.at),
    ];
    expect(longestChain(timelineOf(events).bars)).toEqual(['control-plane', 'dependency/slow', 'init/seed']);
  });

  it('takes the later of two that ended together, as the core does', () => {
    const events: BootEvent[] = [{ at: 0, event: 'planned', notes: [], steps: [step('a', []), step('b', [])] }, ...ran('a', 0, 5), ...ran('b', 0, 5)];
    expect(longestChain(timelineOf(events).bars)).toEqual(['b']);
  });

  it('says what a bar waits for until that has ended', () => {
    const planned: BootEvent = { at: 0, event: 'planned', notes: [], steps: [step('control-plane', []), step('tty', ['control-plane'])] };
    const before = timelineOf([planned]);
    expect(waitsFor(before.bars[1]!, before.bars)).toEqual(['control-plane']);
    const after = timelineOf([planned, { at: 5, event: 'finished', step: 'control-plane' }]);
    expect(waitsFor(after.bars[1]!, after.bars)).toEqual([]);
  });

  it('keeps the order of the plan, even for steps that were heard of before it', () => {
    const events: BootEvent[] = [{ at: 0, event: 'started', step: 'b' }, { at: 1, event: 'planned', notes: [], steps: [step('a', []), step('b', ['a'])] }];
    expect(timelineOf(events).bars.map((bar) => bar.step)).toEqual(['a', 'b']);
  });

  it('folds a boot that became ready', () => {
    const timeline = timelineOf(log('postgres-recovery-1'));
    expect(timeline).toMatchObject({ preview: 'postgres-recovery-l3rb3', budget: 240_000, outcome: 'ready', now: 55_023 });
    expect(longestChain(timeline.bars)).toEqual(['preflight', 'nodes', 'control-plane', 'dependency/orders-db', 'init/seed', 'init/last-nights-change']);
    expect(summary(timeline)).toBe('55.0 s, longest: control plane → orders-db → init/last-nights-change');
    expect(timeline.bars.every((bar) => bar.ended !== null && bar.doing === null)).toBe(true);
  });

  it('folds a boot that failed, with its cause', () => {
    const timeline = timelineOf(log('postgres-recovery-failed'));
    const failed = failedBar(timeline.bars);
    expect(summary(timeline)).toBe('failed at init/seed after 32.5 s');
    expect(failed && causeWords(failed.failure.cause)).toEqual({ what: 'init/seed.sh ended with exit code 1', why: 'The script itself ended so; its last lines are below.', about: 'init/seed.sh', remedy: 'Read the script’s last lines and correct it.' });
    expect(failed?.failure.evidence).toEqual(['Error from server (NotFound): pods "orders-1" not found']);
  });

  it('says while booting what works and how much waits', () => {
    const soFar = log('postgres-recovery-1').filter((event) => event.at <= 22_000);
    expect(summary(timelineOf(soFar))).toBe('dns, orders-db, tty, 2 waiting');
  });

  it('folds the output of scripts', () => {
    const scripts = outputOf(log('waves-failed'));
    expect(scripts.map(({ step: id, path, failed, lines }) => [id, path, failed, lines.length])).toEqual([['init/seed', 'init/seed.sh', false, 3], ['init/after', 'init/after.sh', true, 1]]);
  });

  it('reaches the same bars event by event and at once', () => {
    for (const name of ['postgres-recovery-1', 'postgres-recovery-2', 'waves-failed'] as const) {
      const events = log(name);
      expect(timelineOf(events)).toMatchSnapshot(name);
    }
  });
});

describe('gantt', () => {
  const timeline = timelineOf(log('postgres-recovery-1'));

  it('puts bars in their place and never outside the picture', () => {
    for (const width of [420, 900, 3000]) {
      const layout = gantt(timeline, width, timeline.now);
      for (const row of layout.rows) {
        const { x, width: w } = row.working!;
        expect(x).toBeGreaterThanOrEqual(layout.left);
        expect(x + w).toBeLessThanOrEqual(width - layout.right + 0.01);
        if (row.waiting) expect(row.waiting.x + row.waiting.width).toBeLessThanOrEqual(Math.max(x, layout.left + 2) + 0.01);
      }
    }
  });

  it('outlines the longest chain and links it', () => {
    const layout = gantt(timeline, 900, timeline.now);
    expect(layout.rows.filter((row) => row.onChain).map((row) => row.name)).toEqual(['preflight', 'nodes', 'control plane', 'orders-db', 'init/seed', 'init/last-nights-change']);
    expect(layout.links).toHaveLength(5);
  });

  it('says what each step waits for while the boot runs', () => {
    const early = timelineOf(log('postgres-recovery-1').filter((event) => event.at <= 22_000));
    const says = Object.fromEntries(gantt(early, 900, 22_500).rows.map((row) => [row.name, row.says]));
    expect(says['init/seed']).toBe('waits for dns, tty, orders-db');
    expect(says.dns).toMatch(/^pod coredns-.*: containers with unready status: \[coredns\]$/);
  });

  it('shows the budget only when it is near', () => {
    expect(gantt(timeline, 900, timeline.now).budget).toBeNull();
    expect(gantt({ ...timeline, budget: 60_000 }, 900, timeline.now).budget?.label).toBe('budget 1 m 00 s');
  });

  it('lays another boot over it', () => {
    const layout = gantt(timeline, 900, timeline.now, timelineOf(log('postgres-recovery-2')));
    expect(layout.rows.map((row) => row.other?.figure)).toEqual(['±0.0 s', '±0.0 s', '+2.0 s', '−0.5 s', '+5.2 s', '−0.5 s', '+0.2 s', '+0.3 s']);
  });

  it('marks steps that never began', () => {
    const failed = gantt(timelineOf(log('postgres-recovery-failed')), 900, 0);
    expect(failed.rows.map((row) => row.state)).toEqual(['done', 'done', 'done', 'done', 'done', 'done', 'failed', 'never']);
  });

  it('has round ticks, few of them', () => {
    expect(ticks(57_000)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000]);
    for (const span of [900, 4000, 61_000, 240_000, 3_600_000]) expect(ticks(span).length).toBeLessThanOrEqual(9);
  });

  it('is exported as a picture that stands alone', () => {
    const svg = ganttSvg(gantt(timeline, 1120, timeline.now), 'A < B & C', 'line', THEMES.light);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('A &lt; B &amp; C');
    expect(svg).not.toContain('NaN');
    expect(svg).not.toContain('var(');
  });

  it('has a small form', () => {
    expect(spark(timeline).map((bar) => Math.round(bar.height * 100))).toEqual([10, 10, 100, 13, 93, 18, 10, 57]);
  });
});

it('names steps as people do', () => {
  expect(['control-plane', 'dependency/orders-db', 'init/seed', 'tty'].map(stepName)).toEqual(['control plane', 'orders-db', 'init/seed', 'tty']);
});
