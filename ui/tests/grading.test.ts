// A grading folded from what it tells, over the sample's events.
import { expect, it } from 'vitest';
import { memoryBackend } from '../src/ipc/memory/index';
import { emptyGraded, end, points, take, verdict, type Graded } from '../src/features/preview/seat/grade';
import { Grading } from '../src/features/preview/seat/grading.svelte';

const bundle = '/home/you/tasks/postgres-recovery';
const preview = 'postgres-recovery-l3rb3';

async function graded(search: string): Promise<Graded> {
  const folded = emptyGraded();
  await memoryBackend(`speed=0&${search}`).stream('grade', { bundle, context: 'x', preview }, (event) => take(folded, event, 0)).done;
  return folded;
}

it('says what each check came to, and the sum', async () => {
  const { rows, grade } = await graded('');
  expect(rows.map(({ name, state, result }) => [name, state, result?.outcome])).toEqual([
    ['database-is-ready', 'over', 'pass'], ['orders-are-back', 'over', 'pass'], ['original-volume', 'over', 'fail'], ['survives-restart', 'over', 'fail'],
  ]);
  expect(rows[2]?.result).toMatchObject({ message: 'The pod orders-0 does not keep its data on the original volume.', reason: 'it ended with exit code 1' });
  expect([grade?.points, grade?.of, grade?.decided]).toEqual([5, 10, true]);
  expect(verdict(grade!)).toBe('5 of 10 points: 2 checks failed');
});

it('tells a check that broke from one that failed', async () => {
  const { grade } = await graded('grade=broken');
  expect(grade?.decided).toBe(false);
  expect(verdict(grade!)).toBe('4 of 10 points: 2 checks broke');
  expect(verdict((await graded('grade=full')).grade!)).toBe('10 of 10 points: every check passed');
});

it('follows a check while it runs, and lets go of lines that are old', () => {
  const folded = emptyGraded();
  take(folded, { event: 'began', preview, checks: ['a', 'b'] }, 5);
  take(folded, { event: 'preparing', doing: "the grader's pod" }, 6);
  expect(folded.preparing).toBe("the grader's pod");
  take(folded, { event: 'check-started', name: 'a' }, 7);
  for (let line = 0; line < 50; line += 1) take(folded, { event: 'output', name: 'a', stream: 'stdout', line: `line ${line}` }, 8);
  expect(folded.rows[0]).toMatchObject({ state: 'running', since: 7 });
  expect([folded.preparing, folded.rows[0]?.lines.length, folded.rows[0]?.lines[0]]).toEqual([null, 40, 'line 10']);
  take(folded, { event: 'retrying', name: 'a', reason: 'it ended with exit code 1' }, 9);
  expect([folded.rows[0]?.retrying, folded.rows[0]?.lines]).toEqual(['it ended with exit code 1', []]);
  end(folded);
  expect(folded.rows.map((row) => row.state)).toEqual(['left', 'left']);
  expect(points(folded)).toBe(0);
});

it('can be stopped, and begins anew', async () => {
  const grading = new Grading(memoryBackend('speed=1'), 'x', preview);
  const first = grading.start(bundle);
  setTimeout(() => grading.stop(), 20);
  await first;
  expect([grading.stopped, grading.working, grading.problem]).toEqual([true, false, null]);
  const again = new Grading(memoryBackend('speed=0&grade=refused'), 'x', preview);
  await again.start(bundle);
  expect([again.stopped, again.problem?.code]).toEqual([false, 'host']);
});
