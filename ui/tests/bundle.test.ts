// The pure parts of the editor: changes, trees, graphs, tables, filters, what is remembered.
import { describe, expect, it } from 'vitest';
import { merged, smallestChange } from '../src/features/bundle/editor/replace';
import { layers } from '../src/features/bundle/graph/layers';
import { freeName, gate, line, listed, readGate } from '../src/features/bundle/form/value';
import { visible } from '../src/features/bundle/tree';
import { foldProgress } from '../src/features/hosts/progress';
import { logFilter } from '../src/features/preview/seat/log-filter';
import { change, columns, EMPTY, filtered } from '../src/features/preview/seat/rows';
import { FIRST, firstFor, readLayout } from '../src/app/layout';
import type { OutlineStep } from '../src/ipc/types/bundle';
import type { ObjectRow } from '../src/ipc/types/preview';

it('changes as little as it can', () => {
  expect(smallestChange('abc', 'abc')).toBeNull();
  expect(smallestChange('a: 1\nb: 2\n', 'a: 1\nb: 3\n')).toEqual({ from: 8, to: 9, insert: '3' });
  for (const [before, after] of [['aaa', 'aa'], ['', 'x'], ['x', ''], ['abab', 'ababab']] as const) {
    const { from, to, insert } = smallestChange(before, after)!;
    expect(before.slice(0, from) + insert + before.slice(to)).toBe(after);
  }
});

it('shows a tree with what is written first at the top', () => {
  const node = (path: string, kind: 'file' | 'folder' = 'file') => ({ path, kind, restricted: false, size: 0 });
  const files = [node('checks', 'folder'), node('checks/a.sh'), node('notes.txt'), node('statement.md'), node('task.yaml')];
  expect(visible(files, []).map((row) => row.path)).toEqual(['task.yaml', 'statement.md', 'checks', 'checks/a.sh', 'notes.txt']);
  expect(visible(files, ['checks']).map((row) => row.path)).toEqual(['task.yaml', 'statement.md', 'checks', 'notes.txt']);
});

describe('graph', () => {
  const step = (id: string, ...needs: string[]): OutlineStep => ({ id, kind: 'dependency', role: null, source: '', needs, gates: [], line: 1 });
  const sizes = { direction: 'row' as const, nodeWidth: 100, nodeHeight: 40, between: 50, beside: 10 };
  it('stands in layers by the longest way', () => {
    const { nodes, edges } = layers([step('a'), step('b', 'a'), step('c', 'a', 'b'), step('d')], sizes);
    expect(Object.fromEntries(nodes.map((node) => [node.step.id, node.layer]))).toEqual({ a: 0, b: 1, c: 2, d: 0 });
    expect(edges).toHaveLength(3);
  });
  it('survives circles and unknown names', () => {
    const { nodes, edges } = layers([step('a', 'b'), step('b', 'a', 'nobody')], sizes);
    expect(nodes).toHaveLength(2);
    expect(edges).toHaveLength(2);
  });
});

it('reads forms from half-written tasks', () => {
  expect([line(['a.yaml', 'b.yaml']), line(undefined), listed(' a.yaml,b.yaml  c ')]).toEqual(['a.yaml, b.yaml', '', ['a.yaml', 'b.yaml', 'c']]);
  expect(freeName('prepare', [{ name: 'prepare' }, { name: 'prepare-2' }])).toBe('prepare-3');
});

it.each([
  ['rollout statefulset/orders in shop, 2m', { rollout: 'statefulset/orders', namespace: 'shop', timeout: '2m' }],
  ['condition Ready of kafka.kafka.strimzi.io/events', { condition: 'Ready', of: 'kafka.kafka.strimzi.io/events' }],
  ['crd virtualservices.networking.istio.io', { crd: 'virtualservices.networking.istio.io' }],
])('reads the gate %s as it is shown', (text, value) => {
  expect(readGate(text)).toEqual(value);
  expect(gate(value)).toBe(text);
});

it('reads no gate where none is said', () => {
  for (const text of ['', 'rollout', 'ready deployment/web', 'condition Ready', 'crd a of b']) expect([text, readGate(text)]).toEqual([text, null]);
});

describe('two who change one text', () => {
  const base = 'a: 1\nb: 2\nc: 3\n';
  it.each([
    ['in different lines', 'a: 9\nb: 2\nc: 3\n', 'a: 1\nb: 2\nc: 4\n', 'a: 9\nb: 2\nc: 4\n'],
    ['the other way round', 'a: 1\nb: 2\nc: 4\n', 'a: 9\nb: 2\nc: 3\n', 'a: 9\nb: 2\nc: 4\n'],
    ['of whom one did nothing', base, 'x\n', 'x\n'],
    ['in one line', 'a: 1\nb: 8\nc: 3\n', 'a: 1\nb: 9\nc: 3\n', null],
    ['one around the other', 'a: 1\nb: 2 # why\nc: 3\n', 'theirs\n', null],
  ])('%s', (_, mine, theirs, both) => expect(merged(base, mine, theirs)).toBe(both));
});

describe('objects', () => {
  const row = (name: string, namespace = 'shop'): ObjectRow => ({ uid: name, kind: 'Pod', apiVersion: 'v1', namespace, name, status: { text: 'Running', tone: 'ok' }, age: '', columns: [['Node', 'task-1']], hostPod: null });
  it('keeps one sorted row for each object', () => {
    let table = change(EMPTY, { change: 'applied', row: row('b') });
    table = change(table, { change: 'applied', row: row('a') });
    table = change(table, { change: 'applied', row: row('z', 'default') });
    table = change(table, { change: 'applied', row: { ...row('b'), status: { text: 'Failed', tone: 'bad' } } });
    expect(table.rows.map((one) => [one.name, one.status.text])).toEqual([['z', 'Running'], ['a', 'Running'], ['b', 'Failed']]);
    expect(columns(table.rows)).toEqual(['Node']);
    expect(filtered(table.rows, 'shop fail').map((one) => one.name)).toEqual(['b']);
  });
  it('stays on the screen while it is stale, and starts anew after', () => {
    const table = change(change(EMPTY, { change: 'applied', row: row('a') }), { change: 'stale', reason: 'lost', since: 'then' });
    expect([table.rows.length, table.stale?.reason]).toEqual([1, 'lost']);
    expect(change(table, { change: 'restarted' })).toEqual({ rows: [], known: true, stale: null });
    expect(change(table, { change: 'gone', uid: 'a' }).rows).toEqual([]);
  });
});

it('filters logs by words, expressions, and their opposite', () => {
  const test = (query: string, text: string) => logFilter(query).test(text);
  expect([test('', 'x'), test('err', 'ERROR'), test('!err', 'ERROR'), test('/e.r/', 'eXr'), test('!/e.r/', 'eXr')]).toEqual([true, true, false, true, false]);
  expect(logFilter('/(/').wrong).not.toBeNull();
  expect(logFilter('/(/').test('anything')).toBe(true);
});

it('folds the progress of the sandbox', () => {
  const item = (at: number, state: 'began' | 'ended' | 'note', step: string | null, done: number | null = null) => ({ at, text: step ?? 'note', step, state, done, of: 2 });
  const fold = foldProgress([item(0, 'began', 'a', 0), item(500, 'ended', 'a', 1), item(500, 'began', 'b', 1), item(600, 'note', null)]);
  expect(fold).toEqual({ steps: [{ id: 'a', text: 'a', began: 0, took: 500 }, { id: 'b', text: 'b', began: 500, took: null }], done: 1, of: 2, note: 'note' });
});

it('reads back old or broken layouts', () => {
  expect(readLayout({})).toEqual(FIRST);
  expect(readLayout({ seat: 500 }, firstFor(3840, 2160))).toMatchObject({ seat: 500, terminal: 821, statement: 760 });
  expect(readLayout({ sidebar: 'wide', seat: 700, seatTab: 'nothing', host: 'kind', unknown: 1, preset: 'seat' })).toEqual({ ...FIRST, seat: 700, host: 'kind' });
});
