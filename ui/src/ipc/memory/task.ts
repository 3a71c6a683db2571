// The sample's stand-in for the Rust core: a few diagnostics, completions and form edits of task.yaml, enough to work with.
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { CheckResult, Completions, Diagnostic, FormEdit, Hover, Outline, OutlineStep, Position } from '../types/bundle';

interface Named {
  name?: string;
  needs?: string[];
  [key: string]: unknown;
}

const KEYS: Record<string, [string, string]> = {
  role: ['controller or service', 'Groups the dependency in the app: `controller` for what works cluster-wide, `service` for what the task uses.'],
  needs: ['list of names', 'What has to be done first. Everything that does not depend on each other boots at the same time.'],
  ready: ['list of gates', 'When the dependency counts as ready: `rollout`, `crd`, `dryRun`, `job`, …'],
  timeout: ['duration', 'How long it may take, as `45s`, `2m`, `1h30m`. It is enforced.'],
  run: ['file', 'A script of the bundle. It runs inside the cluster, never on your machine.'],
  manifests: ['list of files', 'Manifests to apply, by path or pattern.'],
  helm: ['chart', 'A chart with its values, rendered when the bundle is planned.'],
  points: ['number', 'How much the check is worth.'],
  title: ['text', 'What people read.'],
  failureMessage: ['text', 'What the candidate reads when the check fails. Say what is missing, not how to do it.'],
  mustFail: ['list of checks', 'The checks that this wrong solution has to fail.'],
  bootBudget: ['duration', 'How long a boot may take. It is the line in the timeline.'],
  timeLimit: ['duration', 'How long the candidate has.'],
  podSecurity: ['privileged, baseline or restricted', 'The Pod Security Standard that holds in the task.'],
  kubernetesVersion: ['version', 'The version of the vCluster, as `"1.36"`.'],
};

export function taskValue(text: string): unknown {
  const document = parseDocument(text);
  return document.errors.length > 0 ? null : document.toJS();
}

export function editTask(text: string, edits: FormEdit[]): string {
  const document = parseDocument(text, { keepSourceTokens: true });
  for (const edit of edits) apply(document, edit);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, indentSeq: false });
}

function apply(document: Document, edit: FormEdit): void {
  if (edit.op === 'set') document.setIn(edit.path, edit.value);
  else if (edit.op === 'remove') document.deleteIn(edit.path);
  else if (edit.op === 'append') append(document, edit.path, edit.value);
  else move(document, edit.path, edit.to);
}

function append(document: Document, path: (string | number)[], value: unknown): void {
  if (document.hasIn(path)) document.addIn(path, document.createNode(value));
  else document.setIn(path, document.createNode([value]));
}

function move(document: Document, path: (string | number)[], to: number): void {
  const list = document.getIn(path.slice(0, -1));
  if (!isSeq(list)) return;
  const [item] = list.items.splice(Number(path.at(-1)), 1);
  list.items.splice(to, 0, item);
}

/** A few of the checks that the Rust core makes. */
export function checkTask(text: string, exists: (path: string) => boolean): CheckResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, keepSourceTokens: true });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, offset };
  };
  const found = document.errors.map((error) => diagnostic('yaml-syntax', error.message.split('\n')[0] ?? '', at(error.pos[0]), at(error.pos[1])));
  if (found.length > 0) return { diagnostics: found, outline: null };
  const range = (path: (string | number)[]): [Position, Position] => {
    const node = document.getIn(path, true) as Node | undefined;
    const [from, to] = node?.range ?? [0, 1];
    return [at(from), at(isScalar(node) ? to : from + 1)];
  };
  const task = document.toJS() as { spec?: { dependencies?: Named[]; init?: Named[]; checks?: Named[]; solutions?: Named[] } };
  return { diagnostics: [...unknownKeys(document, at), ...references(task.spec ?? {}, range), ...missingFiles(task.spec ?? {}, range, exists)], outline: outline(task, (path) => range(path)[0].line) };
}

function unknownKeys(document: Document, at: (offset: number) => Position): Diagnostic[] {
  const allowed: Record<string, string[]> = {
    dependencies: ['name', 'role', 'helm', 'manifests', 'kustomize', 'needs', 'ready'],
    init: ['name', 'run', 'needs', 'timeout'],
    checks: [
      'name', 'title', 'points', 'run', 'assert', 'cel', 'objects', 'tcp', 'http', 'status', 'contains', 'timeout', 'retries', 'needs',
      'expectInitially', 'failureMessage',
    ],
    solutions: ['name', 'run', 'mustFail'],
  };
  return Object.entries(allowed).flatMap(([section, keys]) => {
    const list = document.getIn(['spec', section]);
    if (!isSeq(list)) return [];
    return list.items.filter(isMap).flatMap((item) =>
      item.items.flatMap((pair) => {
        const key = pair.key;
        if (!isScalar(key) || keys.includes(String(key.value)) || String(key.value).startsWith('x-')) return [];
        const [from, to] = key.range ?? [0, 0];
        return [unknownKey(String(key.value), keys, at(from), at(to))];
      }),
    );
  });
}

function unknownKey(key: string, keys: string[], start: Position, end: Position): Diagnostic {
  const near = keys.find((one) => one.startsWith(key.slice(0, 3)));
  const fixes = near ? [{ title: `Change to ${near}`, edits: [{ file: 'task.yaml', from: start.offset, to: end.offset, insert: near }] }] : [];
  return { ...diagnostic('unknown-key', `unknown key \`${key}\``, start, end), help: near ? `did you mean \`${near}\`? An \`x-\` prefix escapes.` : 'An `x-` prefix escapes.', fixes };
}

function references(spec: { dependencies?: Named[]; init?: Named[] }, range: (path: (string | number)[]) => [Position, Position]): Diagnostic[] {
  const names = [...(spec.dependencies ?? []), ...(spec.init ?? [])].map((one) => one.name ?? '');
  return (['dependencies', 'init'] as const).flatMap((section) =>
    (spec[section] ?? []).flatMap((one, index) =>
      (one.needs ?? []).flatMap((need, place) => (names.includes(need) ? [] : [unknownNeed(need, names, range(['spec', section, index, 'needs', place]))])),
    ),
  );
}

function unknownNeed(need: string, names: string[], [start, end]: [Position, Position]): Diagnostic {
  const near = names.find((name) => name.startsWith(need.slice(0, 3)));
  const fixes = near ? [{ title: `Change to ${near}`, edits: [{ file: 'task.yaml', from: start.offset, to: end.offset, insert: near }] }] : [];
  return { ...diagnostic('unknown-need', `nothing here is called \`${need}\``, start, end), help: near ? `did you mean \`${near}\`?` : `Known names: ${names.join(', ')}.`, fixes };
}

function missingFiles(spec: Record<string, unknown>, range: (path: (string | number)[]) => [Position, Position], exists: (path: string) => boolean): Diagnostic[] {
  return ['init', 'checks', 'solutions'].flatMap((section) =>
    ((spec[section] as Named[] | undefined) ?? []).flatMap((one, index) => {
      if (typeof one.run !== 'string' || exists(one.run)) return [];
      const [start, end] = range(['spec', section, index, 'run']);
      return [{ ...diagnostic('missing-file', `there is no file \`${one.run}\` in the bundle`, start, end), help: 'Make the file, or correct the path.' }];
    }),
  );
}

function diagnostic(code: string, message: string, start: Position, end: Position): Diagnostic {
  return { code, severity: 'error', message, file: 'task.yaml', start, end, help: null, fixes: [], related: [] };
}

function outline(task: { metadata?: { name?: string }; spec?: Record<string, unknown> }, line: (path: (string | number)[]) => number): Outline {
  const spec = task.spec ?? {};
  const named = (section: string) => (spec[section] as Named[] | undefined) ?? [];
  return {
    name: task.metadata?.name ?? '',
    title: String(spec.title ?? ''),
    difficulty: (spec.difficulty as string | undefined) ?? null,
    timeLimitMs: minutes(spec.timeLimit),
    bootBudgetMs: minutes((spec.environment as Record<string, unknown> | undefined)?.bootBudget),
    steps: [...named('dependencies').map((one, index) => step(one, 'dependency', line(['spec', 'dependencies', index]), named('dependencies'))), ...named('init').map((one, index) => step(one, 'init', line(['spec', 'init', index]), named('dependencies')))],
    checks: named('checks').map((one, index) => ({ name: one.name ?? '', title: String(one.title ?? ''), points: Number(one.points ?? 1), line: line(['spec', 'checks', index]) })),
    solutions: named('solutions').map((one, index) => ({ name: one.name ?? '', mustFail: (one.mustFail as string[] | undefined) ?? [], line: line(['spec', 'solutions', index]) })),
  };
}

function step(one: Named, kind: OutlineStep['kind'], line: number, dependencies: Named[]): OutlineStep {
  const isDependency = (name: string) => dependencies.some((dependency) => dependency.name === name);
  const gates = ((one.ready as Record<string, unknown>[] | undefined) ?? []).map((gate) => Object.entries(gate).filter(([key]) => !['namespace', 'timeout'].includes(key)).map(([key, value]) => `${key} ${value}`).join(' '));
  const source = one.manifests ? `manifests ${(one.manifests as string[]).join(', ')}` : one.helm ? `helm ${(one.helm as { chart: string }).chart}` : `run ${one.run}`;
  return {
    id: `${kind}/${one.name}`, kind, role: (one.role as OutlineStep['role']) ?? null, source,
    needs: (one.needs ?? []).map((need) => `${isDependency(need) ? 'dependency' : 'init'}/${need}`), gates, line,
  };
}

function minutes(value: unknown): number {
  const [, number, unit] = /^(\d+)([smh])$/.exec(String(value ?? '45m')) ?? [null, '45', 'm'];
  return Number(number) * { s: 1000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h'];
}

export function completeTask(text: string, offset: number): Completions | null {
  const typed = /[\w-]*$/.exec(text.slice(0, offset))?.[0] ?? '';
  const from = offset - typed.length;
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, from);
  if (/^\s*needs: \[|^\s*- $/.test(line) && /needs/.test(line)) return { from, to: offset, items: names(text).map((label) => ({ label, insert: label, kind: 'reference' as const, detail: 'step', documentation: null })) };
  if (!/^\s*(- )?$/.test(line)) return null;
  return { from, to: offset, items: Object.entries(KEYS).map(([label, [detail, documentation]]) => ({ label, insert: `${label}: `, kind: 'key' as const, detail, documentation })) };
}

export function hoverTask(text: string, offset: number): Hover | null {
  const before = /[\w-]*$/.exec(text.slice(0, offset))?.[0] ?? '';
  const after = /^[\w-]*/.exec(text.slice(offset))?.[0] ?? '';
  const known = KEYS[before + after];
  return known ? { from: offset - before.length, to: offset + after.length, markdown: `**${before}${after}** · ${known[0]}\n\n${known[1]}` } : null;
}

function names(text: string): string[] {
  return [...text.matchAll(/^ {2}- \{?name: ([\w-]+)/gm)].map((match) => match[1] ?? '');
}
