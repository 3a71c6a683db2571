// The sample answers every command as the contract says, so that the window can be worked on without anything behind it.
import { describe, expect, it } from 'vitest';
import { isUpdate, timelineOf } from '../src/features/preview/boot/timeline';
import { memoryBackend } from '../src/ipc/memory/index';
import { editTask } from '../src/ipc/memory/task';
import type { BootEvent } from '../src/ipc/types/boot';

const HOME = '/home/you/tasks';
const bundle = `${HOME}/postgres-recovery`;

it('replays a boot to its end', async () => {
  const events: BootEvent[] = [];
  const job = memoryBackend('speed=0').stream('boot', { bundle, context: 'x' }, (event) => events.push(event));
  expect(await job.done).toEqual({ preview: 'postgres-recovery-l3rb3', outcome: 'ready' });
  expect([events[0]?.event, events.at(-1)?.event]).toEqual(['began', 'ready']);
});

it('replays an update of the preview that is named', async () => {
  const events: BootEvent[] = [];
  const job = memoryBackend('speed=0').stream('update_preview', { bundle, context: 'x', preview: 'mine-1' }, (event) => events.push(event));
  expect(await job.done).toEqual({ preview: 'mine-1', outcome: 'ready' });
  expect(isUpdate(timelineOf(events))).toBe(true);
  expect(timelineOf(events).preview).toBe('mine-1');
});

it('can be cancelled', async () => {
  const job = memoryBackend('speed=1').stream('boot', { bundle, context: 'x' }, () => undefined);
  setTimeout(() => job.cancel(), 20);
  expect((await job.done).outcome).toBe('cancelled');
});

it('refuses to write over what changed', async () => {
  const backend = memoryBackend('');
  const { version } = await backend.call('read_file', { bundle, path: 'statement.md' });
  await backend.call('write_file', { bundle, path: 'statement.md', text: 'new', expected: version });
  await expect(backend.call('write_file', { bundle, path: 'statement.md', text: 'newer', expected: version })).rejects.toMatchObject({ code: 'conflict' });
});

describe('sample checks', () => {
  it('find nothing in the templates', async () => {
    const backend = memoryBackend('');
    for (const one of (await backend.call('open_workspace', { folder: HOME })).bundles) {
      const { diagnostics, outline } = await backend.call('check_bundle', { bundle: one.folder, overlays: [] });
      expect(diagnostics).toEqual([]);
      expect(outline?.checks.length).toBeGreaterThan(0);
    }
  });
  it('find what is broken, with a fix that corrects it', async () => {
    const backend = memoryBackend('broken');
    const { diagnostics } = await backend.call('check_bundle', { bundle, overlays: [] });
    expect(diagnostics.map((one) => one.code).sort()).toEqual(['unknown-key', 'unknown-need']);
    let { text } = await backend.call('read_file', { bundle, path: 'task.yaml' });
    for (const edit of diagnostics.flatMap((one) => one.fixes[0]?.edits ?? []).sort((a, b) => b.from - a.from)) text = text!.slice(0, edit.from) + edit.insert + text!.slice(edit.to);
    expect((await backend.call('check_bundle', { bundle, overlays: [{ path: 'task.yaml', text: text! }] })).diagnostics).toEqual([]);
  });
});

it('keeps comments when a form edits the text', () => {
  const text = 'spec:\n  # why\n  title: a # here\n  checks:\n  - {name: one}\n';
  expect(editTask(text, [{ op: 'set', path: ['spec', 'title'], value: 'b' }])).toBe('spec:\n  # why\n  title: b # here\n  checks:\n  - {name: one}\n');
});
