// Locking: whether it is needed, what it tells, what it comes to, over the sample.
import { expect, it } from 'vitest';
import { BundleLock } from '../src/features/lock/lock.svelte';
import { emptySteps, take } from '../src/features/lock/steps';
import { memoryBackend } from '../src/ipc/memory/index';

const bundle = '/home/you/tasks/postgres-recovery';

function lockOf(search: string) {
  const backend = memoryBackend(`speed=0&${search}`);
  return { backend, lock: new BundleLock(backend, bundle) };
}

it.each([['holds', null], ['unpinned', null], ['missing', 'unlocked'], ['drifted', 'drifted']])('a lock that is %s has to be made: %s', async (state, reason) => {
  const { lock } = lockOf(`lock=${state}`);
  await lock.read();
  expect(lock.wanted?.reason ?? null).toBe(reason);
});

it('says nothing of a bundle that cannot be read', async () => {
  const { lock } = lockOf('lock=missing&broken');
  await lock.read();
  expect(lock.wanted).toBeNull();
});

it('locks, says what it wrote, and then a proof can be made', async () => {
  const { lock, backend } = lockOf('prove=unlocked');
  await lock.read();
  const prove = () => backend.stream('prove', { bundle, context: 'x', repeat: 1, jobs: 2 }, () => undefined).done;
  await expect(prove()).rejects.toMatchObject({ code: 'bundle' });
  expect(await lock.start('lab')).toEqual(['lock/orders-exporter.yaml', 'task.lock']);
  expect([lock.result?.locked, lock.wanted, lock.working]).toEqual([true, null, false]);
  expect(lock.steps.map((step) => `${step.what} ${step.about}`)).toEqual(['Fetches the chart oci://registry.example.org/charts/postgres-exporter', 'Renders orders-exporter', 'Asks registries for digests of 4 images']);
  expect((await prove()).passed).toBe(true);
  expect((await backend.call('read_file', { bundle, path: 'task.lock' })).text).toContain('images:');
  // What is pinned already is not written again.
  expect(await lock.start('lab')).toEqual([]);
});

it('names what is in the way, with its place', async () => {
  const { lock } = lockOf('lock=missing&locking=fails');
  expect(await lock.start(null)).toEqual([]);
  expect(lock.result?.locked).toBe(false);
  expect(lock.result?.diagnostics.map((one) => `${one.file}:${one.start.line} ${one.code}`)).toEqual(['dependencies/orders/postgres.yaml:38 needs-hook', 'task.yaml:19 not-rendered']);
});

it('tells refused from stopped', async () => {
  const { lock } = lockOf('lock=missing&locking=refused');
  await lock.start(null);
  expect([lock.problem?.code, lock.stopped]).toEqual(['host', false]);
  const held = lockOf('lock=missing&hold=2000').lock;
  const end = held.start(null);
  await expect.poll(() => held.steps.length).toBe(2);
  held.stop();
  await end;
  expect([held.problem, held.stopped, held.result]).toEqual([null, true, null]);
});

it('has the command line that does the same', () => {
  const { lock } = lockOf('');
  expect([lock.line(null), lock.line('lab')]).toEqual([`taskwright lock ${bundle}`, `taskwright lock ${bundle} --host lab`]);
});

it('folds what is told twice into one step', () => {
  const steps = emptySteps();
  for (const images of [3, 3, 4]) take(steps, { event: 'resolving', images });
  expect(steps.map(({ about }) => about)).toEqual(['of 3 images', 'of 4 images']);
});
