// A proof folded from what it tells: stages, the matrix, what is wrong, and what lies on disk.
import { describe, expect, it } from 'vitest';
import { memoryBackend } from '../src/ipc/memory/index';
import type { CaseCheck, ProveEvent } from '../src/ipc/types/proof';
import { bootRows, busySteps, courseOf, emptyCourse, stop, take, type Course } from '../src/features/proof/course';
import { findings, groups, isRight } from '../src/features/proof/matrix';
import { BundleProof } from '../src/features/proof/proof.svelte';
import { cellWords, stage, stateWords, verdict, versions } from '../src/features/proof/words';

const bundle = '/home/you/tasks/postgres-recovery';

async function proven(search: string, repeat = 1): Promise<{ course: Course; seen: ProveEvent[] }> {
  const course = emptyCourse();
  const seen: ProveEvent[] = [];
  const job = memoryBackend(`speed=0&${search}`).stream('prove', { bundle, context: 'x', repeat, jobs: 2 }, (event) => {
    seen.push(event);
    take(course, event, seen.length);
  });
  await job.done;
  return { course, seen };
}

describe('a proof that holds', () => {
  it('has a row for each case and a cell for each check', async () => {
    const all = groups((await proven('')).course);
    expect(all.map((group) => [group.name, group.kind, group.right])).toEqual([['untouched', 'untouched', 1], ['reference', 'solution', 1], ['new-empty-table', 'wrong-solution', 1], ['pod-by-hand', 'wrong-solution', 1]]);
    expect(all.map((group) => group.cells.map((cell) => `${cell.word} ${cell.tone}`))).toEqual([
      ['pass good', 'fail good', 'fail good', 'fail good'], ['pass good', 'pass good', 'pass good', 'pass good'],
      ['pass open', 'fail good', 'fail good', 'fail good'], ['fail good', 'pass open', 'pass open', 'fail good'],
    ]);
    expect(findings(all)).toEqual([]);
    expect(verdict(all)).toBe('Proven: untouched fails, the solution passes and 2 wrong solutions are caught');
    expect(cellWords(all[2]!, all[2]!.cells[1]!)).toEqual({ before: 'orders-are-back, new-empty-table: ', after: ', as it has to be' });
  });
  it('is the same from disk', async () => {
    const { course, seen } = await proven('');
    const results = seen.flatMap((event) => (event.event === 'case-finished' ? [event] : [])).sort((a, b) => a.case - b.case).map((event) => event.result);
    const read = courseOf({ version: 1, task: 'postgres-recovery', bundle: '', lock: null, passed: true, madeAt: '', versions: {}, cases: results });
    expect(groups(read).map((group) => group.cells)).toEqual(groups(course).map((group) => group.cells));
    expect(bootRows(read.cases[0]!).map((row) => row.step)).toEqual(bootRows(course.cases[0]!).map((row) => row.step));
  });
});

it('goes through the stages of a case', async () => {
  const { seen } = await proven('');
  const course = emptyCourse();
  const stages: string[] = [];
  let busy: string[] = [];
  for (const event of seen) {
    take(course, event, 0);
    const one = course.cases[1]!;
    if (stages.at(-1) !== one.stage) stages.push(one.stage);
    if (event.event === 'boot' && event.case === 1 && event.boot.event === 'started' && event.boot.step === 'tty') busy = busySteps(one);
  }
  expect(stages).toEqual(['waiting', 'booting', 'playing', 'grading', 'removing', 'done']);
  expect(busy).toContain('tty');
  expect(stage(course.cases[1]!)).toEqual({ word: 'done', about: '' });
});

it('shows outcomes of a case that is not judged yet, and what was stopped', () => {
  const course = emptyCourse();
  take(course, { event: 'began', task: 't', cases: [{ name: 'untouched', kind: 'untouched', round: 1 }, { name: 'good', kind: 'solution', round: 1 }], checks: ['a', 'b'] }, 0);
  take(course, { event: 'case-started', case: 0, preview: 't-1' }, 1);
  take(course, { event: 'grade', case: 0, grade: { event: 'began', preview: 't-1', checks: ['a', 'b'] } }, 2);
  take(course, { event: 'grade', case: 0, grade: { event: 'check-finished', result: { name: 'a', title: 'A', points: 1, outcome: 'fail', ms: 5, attempts: 1 } } }, 3);
  expect(groups(course)[0]?.cells.map((cell) => cell.tone)).toEqual(['early', 'none']);
  expect(stage(course.cases[0]!)).toEqual({ word: 'grading', about: '1 of 2 checks' });
  stop(course);
  expect(course.cases.map((one) => one.stage)).toEqual(['stopped', 'stopped']);
});

it('names everything that is wrong', async () => {
  const all = groups((await proven('prove=failed')).course);
  expect(findings(all).map((one) => [one.group.name, one.check, one.result?.outcome ?? one.problem])).toEqual([
    ['untouched', 'database-is-ready', 'pass'], ['reference', null, 'it did not boot: init/seed.sh ended with exit code 1'], ['pod-by-hand', 'survives-restart', 'error'],
  ]);
  expect(verdict(all)).toBe('Not proven: 3 of 4 cases came out wrong');
  expect(all[1]?.cells.every((cell) => cell.tone === 'none')).toBe(true);
});

it('groups tries by case, and tells a flaky check', async () => {
  const all = groups((await proven('prove=flaky', 3)).course);
  expect(all.map((group) => [group.name, group.right, group.done])).toEqual([['untouched', 3, 3], ['reference', 2, 3], ['new-empty-table', 3, 3], ['pod-by-hand', 3, 3]]);
  expect(all[1]?.cells[3]).toEqual({ check: 'survives-restart', tone: 'flaky', word: '2 of 3 pass', note: 'must pass' });
  expect(all[1]?.cells[0]).toEqual({ check: 'database-is-ready', tone: 'good', word: 'pass', note: '3 of 3' });
  // Where either outcome is right, coming out now so, now so is no fault.
  expect(all[3]?.cells[2]).toEqual({ check: 'original-volume', tone: 'open', word: '2 of 3 pass', note: 'either is right' });
});

it.each<[string, Partial<CaseCheck>, boolean]>([['what is expected', { expected: 'fail', outcome: 'fail' }, true], ['another', { expected: 'fail', outcome: 'pass' }, false], ['a broken one', { outcome: 'error' }, false], ['either', { outcome: 'fail' }, true]])('judges %s', (_, check, right) => {
  expect(isRight({ outcome: 'pass', ...check })).toBe(right);
});

describe('the proof of a bundle', () => {
  const run = async (search: string) => {
    const proof = new BundleProof(memoryBackend(`speed=0&${search}`), bundle);
    await proof.read();
    return proof;
  };
  it.each([['missing', 'not proven'], ['holds', 'proven'], ['failed', 'proof failed'], ['changed', 'changed since its proof'], ['broken', 'proof cannot be read']])('%s on disk is %s', async (state, words) => {
    const proof = await run(`proof=${state}`);
    expect(stateWords(proof.view).text).toBe(words);
    expect(proof.groups.length).toBe(['holds', 'failed'].includes(state) ? 4 : 0);
  });
  it('is made, and then lies on disk', async () => {
    const proof = await run('');
    await proof.start('x');
    expect([proof.working, proof.done, proof.view?.state]).toEqual([false, 4, 'holds']);
    expect(versions(proof.written!)).toBe('Taskwright 0.1.0, Kubernetes of the host v1.36.3, Kubernetes of the task 1.36, vCluster 0.28.0');
  });
  it('says why it did not begin, and shows nothing else', async () => {
    const proof = await run('prove=unlocked');
    await proof.start('x');
    expect([proof.problem?.code, proof.course, proof.working]).toEqual(['bundle', null, false]);
  });
  it('is stopped without a trace on disk, and put away', async () => {
    const proof = new BundleProof(memoryBackend('speed=0&hold=30000'), bundle);
    const made = proof.start('x');
    await expect.poll(() => proof.course?.cases[0]?.stage).toBe('booting');
    proof.stop();
    await made;
    expect([proof.stopped, proof.view?.state, proof.course?.cases.every((one) => one.stage === 'stopped')]).toEqual([true, 'missing', true]);
    proof.forget();
    expect([proof.course, proof.stopped]).toEqual([null, false]);
  });
  it('does not hold any more when a file was written', async () => {
    const backend = memoryBackend('speed=0');
    const proof = new BundleProof(backend, bundle);
    await proof.start('x');
    const { version } = await backend.call('read_file', { bundle, path: 'statement.md' });
    await backend.call('write_file', { bundle, path: 'statement.md', text: 'new', expected: version });
    await proof.read();
    expect(proof.view).toEqual({ state: 'of-other-bytes' });
  });
  it('has a command line with what is not as usual', async () => {
    const proof = await run('');
    expect(proof.line(null)).toBe(`taskwright prove ${bundle}`);
    Object.assign(proof, { repeat: 3, jobs: 4 });
    expect(proof.line('lab')).toBe(`taskwright prove ${bundle} --repeat 3 --jobs 4 --host lab`);
  });
});

describe('a proof that goes on', () => {
  it('is found after a reload, and shown from its start with its end', async () => {
    const backend = memoryBackend('speed=0&hold=30000');
    const first = new BundleProof(backend, bundle);
    Object.assign(first, { repeat: 2, jobs: 3 });
    const made = first.start('lab');
    await expect.poll(() => first.course?.cases[0]?.stage).toBe('booting');
    const again = new BundleProof(backend, bundle);
    const found = again.find(5);
    await expect.poll(() => again.course?.cases[0]?.stage).toBe('booting');
    expect([again.working, again.context, again.repeat, again.jobs, again.began]).toEqual([true, 'lab', 2, 3, 5]);
    expect(groups(again.course!)).toEqual(groups(first.course!).map((group, at) => ({ ...group, rounds: again.groups[at]!.rounds })));
    again.stop();
    expect(await found).toBe(true);
    await made;
    expect([first.stopped, again.stopped, again.working]).toEqual([true, true, false]);
    expect(await again.find()).toBe(false);
  });
  it('is followed when somebody else has begun it', async () => {
    const backend = memoryBackend('speed=0&hold=30000');
    const first = new BundleProof(backend, bundle);
    const made = first.start('lab');
    await expect.poll(() => first.course?.cases.length).toBe(4);
    const other = new BundleProof(backend, bundle);
    const followed = other.start('elsewhere');
    await expect.poll(() => other.course?.cases[0]?.stage).toBe('booting');
    expect([other.problem, other.working, other.context, other.began]).toEqual([null, true, 'lab', null]);
    first.stop();
    await Promise.all([made, followed]);
    expect([other.stopped, other.problem]).toEqual([true, null]);
  });
  it('is not looked for where there is none', async () => {
    const proof = new BundleProof(memoryBackend('speed=0'), bundle);
    expect([await proof.find(), proof.working, proof.course]).toEqual([false, false, null]);
  });
  it('knows when a boot began by the boot’s own clock', () => {
    const course = emptyCourse();
    take(course, { event: 'began', task: 't', cases: [{ name: 'untouched', kind: 'untouched', round: 1 }], checks: [] }, 100_000);
    take(course, { event: 'case-started', case: 0, preview: 't-1' }, 100_000);
    take(course, { event: 'boot', case: 0, boot: { at: 12_000, event: 'started', step: 'tty' } }, 100_000);
    expect([course.cases[0]?.began, course.cases[0]?.since]).toEqual([88_000, 88_000]);
  });
});
