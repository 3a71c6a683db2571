// Sample grading and proving: what the checks of a bundle come to in each case, with the times at which it is told.
import type { BootEvent } from '../types/boot';
import type { CaseCheck, CaseKind, CaseTitle, Grade, GradedCheck, GradeEvent, Proof, ProofCase, ProveEvent } from '../types/proof';
import { taskValue } from './task';
import type { SampleOptions } from './options';

/** Something that is told `at` milliseconds after the beginning. */
export interface Told<T> {
  at: number;
  item: T;
}

export interface SampleTask {
  name: string;
  checks: { name: string; title: string; points: number; message: string | undefined }[];
  solutions: { name: string; mustFail: string[] }[];
}

/** What is graded, as task.yaml says it. */
export function sampleTask(text: string): SampleTask {
  const task = taskValue(text) as { metadata?: { name?: string }; spec?: Record<string, Record<string, unknown>[] | undefined> } | null;
  return {
    name: task?.metadata?.name ?? '',
    checks: (task?.spec?.checks ?? []).map((one) => ({ name: String(one.name), title: String(one.title ?? one.name), points: Number(one.points ?? 1), message: one.failureMessage as string | undefined })),
    solutions: (task?.spec?.solutions ?? []).map((one) => ({ name: String(one.name), mustFail: (one.mustFail as string[] | undefined) ?? [] })),
  };
}

/** How a check ends in a state of the task. */
interface Ending {
  outcome: GradedCheck['outcome'];
  reason?: string;
  ms: number;
  attempts?: number;
  output?: string[];
}

const EXIT = 'it ended with exit code 1';
const EMPTY = 'ERROR:  relation "orders" does not exist\nLINE 1: SELECT count(*), sum(amount_cents), max(placed_at AT TIME ZON...\n                                                                  ^\ncommand terminated with exit code 1'.split('\n');
const REPLACED = ['pod "orders-0" deleted', 'pod/orders-0 condition met'];
const pass = (ms: number, ...output: string[]): Ending => ({ outcome: 'pass', ms, output });
const fail = (ms: number, ...output: string[]): Ending => ({ outcome: 'fail', reason: EXIT, ms, output });

/** What the checks of postgres-recovery come to, by what was done before. */
const ENDINGS: Record<string, Record<string, Ending>> = {
  untouched: {
    'database-is-ready': pass(412),
    'orders-are-back': fail(1106, ...EMPTY),
    'original-volume': fail(388, 'orders-0 keeps its data on the claim pgdata-orders-0; the original one is data-orders-0'),
    'survives-restart': fail(19_840, ...REPLACED, ...EMPTY.slice(0, 1), 'command terminated with exit code 1'),
  },
  reference: { 'database-is-ready': pass(402), 'orders-are-back': pass(986), 'original-volume': pass(371), 'survives-restart': pass(17_420, ...REPLACED) },
  'new-empty-table': {
    'database-is-ready': pass(409),
    'orders-are-back': fail(1012, 'rows, sum and last order: 0; wanted: 1842 23515357 2026-03-15 09:42:00'),
    'original-volume': fail(380, 'orders-0 keeps its data on the claim pgdata-orders-0; the original one is data-orders-0'),
    'survives-restart': fail(18_300, ...REPLACED, 'rows after the pod was replaced: 0, wanted: 1842'),
  },
  'pod-by-hand': {
    'database-is-ready': fail(398, 'ready replicas: 0; orders-0 belongs to: nobody'),
    'orders-are-back': pass(1004),
    'original-volume': pass(377),
    'survives-restart': fail(60_900, 'pod "orders-0" deleted', 'Error from server (NotFound): pods "orders-0" not found'),
  },
  halfway: {
    'database-is-ready': pass(412),
    'orders-are-back': { ...pass(2204), attempts: 2 },
    'original-volume': fail(388, 'orders-0 keeps its data on the claim pgdata-orders-0; the original one is data-orders-0'),
    'survives-restart': fail(19_840, ...REPLACED, 'rows after the pod was replaced: 0, wanted: 1842'),
  },
  broken: {
    'database-is-ready': pass(412),
    'orders-are-back': { outcome: 'error', reason: "a program that it calls, or the one in its first line, is not in the grader's image: exit code 127", ms: 96, output: ['checks/orders-are-back.sh: line 5: psql: command not found'] },
    'original-volume': pass(388),
    'survives-restart': { outcome: 'error', reason: 'it did not end within its timeout of 120 s', ms: 120_000, output: ['pod "orders-0" deleted'] },
  },
};

function ending(task: SampleTask, check: string, after: string): Ending {
  const known = ENDINGS[after]?.[check];
  if (known) return known;
  const solution = task.solutions.find((one) => one.name === after);
  const passes = solution ? !solution.mustFail.includes(check) : after === 'halfway' && check === task.checks[0]?.name;
  return passes ? pass(640) : fail(720, 'what it looks for is not there');
}

/** Grades a task after something was done in it. */
export function gradeEvents(task: SampleTask, preview: string, after: string, change: (check: string, ending: Ending) => Ending = (_, one) => one): Told<GradeEvent>[] {
  const told: Told<GradeEvent>[] = [
    { at: 0, item: { event: 'began', preview, checks: task.checks.map((one) => one.name) } },
    { at: 120, item: { event: 'preparing', doing: "the grader's pod" } },
    { at: 1900, item: { event: 'preparing', doing: "the way to the task's API" } },
  ];
  const results: GradedCheck[] = [];
  let at = 2300;
  for (const check of task.checks) {
    const end = change(check.name, ending(task, check.name, after));
    told.push({ at, item: { event: 'check-started', name: check.name } });
    if ((end.attempts ?? 1) > 1) told.push({ at: at + end.ms / 2, item: { event: 'retrying', name: check.name, reason: EXIT } });
    for (const [index, line] of (end.output ?? []).entries()) told.push({ at: at + (end.ms * (index + 1)) / ((end.output?.length ?? 0) + 1), item: { event: 'output', name: check.name, stream: 'stdout', line } });
    at += end.ms;
    const result: GradedCheck = {
      name: check.name, title: check.title, points: check.points, outcome: end.outcome, ms: end.ms, attempts: end.attempts ?? 1,
      ...(end.outcome === 'fail' && check.message !== undefined && { message: check.message }), ...(end.reason !== undefined && { reason: end.reason }), ...(end.output?.length && { output: end.output }),
    };
    results.push(result);
    told.push({ at, item: { event: 'check-finished', result } });
  }
  told.push({ at: at + 300, item: { event: 'finished', grade: gradeOf(task, preview, results) } });
  return told;
}

function gradeOf(task: SampleTask, preview: string, checks: GradedCheck[]): Grade {
  const sum = (some: GradedCheck[]) => some.reduce((points, one) => points + one.points, 0);
  return { preview, bundle: task.name, points: sum(checks.filter((one) => one.outcome === 'pass')), of: sum(checks), decided: checks.every((one) => one.outcome !== 'error'), checks };
}

const PLAYED: Record<string, string[]> = {
  reference: ['statefulset.apps "orders" deleted', 'pod/orders-0 condition met', 'statefulset.apps/orders created', 'Waiting for 1 pods to be ready...', 'partitioned roll out complete: 1 new pods have been updated...'],
  'new-empty-table': ['CREATE TABLE', 'CREATE TABLE'],
  'pod-by-hand': ['statefulset.apps "orders" deleted', 'pod/orders-0 condition met', 'pod/orders-0 created', 'pod/orders-0 condition met'],
};

interface Planned extends CaseTitle {
  mustFail: string[];
}

function planned(task: SampleTask, repeat: number): Planned[] {
  const rounds = Array.from({ length: repeat }, (_, index) => index + 1);
  return rounds.flatMap((round): Planned[] => [
    { name: 'untouched', kind: 'untouched', round, mustFail: [] },
    ...task.solutions.map((one) => ({ name: one.name, kind: (one.mustFail.length > 0 ? 'wrong-solution' : 'solution') as CaseKind, round, mustFail: one.mustFail })),
  ]);
}

/** One case from its beginning to its removal, and what it comes to. */
function caseEvents(task: SampleTask, one: Planned, index: number, boots: BootEvent[][], how: SampleOptions['prove']): { told: Told<ProveEvent>[]; ends: number } {
  const preview = `${task.name}-${['k4x9d', 'm2v7q', 'r8c3z', 't5n6h'][index % 4]}${index < 4 ? '' : index}`;
  const fails = how === 'failed' && one.name === 'reference';
  const boot = boots[fails ? 2 : index % 2] ?? [];
  const booted = boot.at(-1)?.at ?? 0;
  const told: Told<ProveEvent>[] = [{ at: 0, item: { event: 'case-started', case: index, preview } }, ...boot.map((event) => ({ at: event.at, item: { event: 'boot' as const, case: index, boot: event.event === 'began' ? { ...event, preview } : event } }))];
  let at = booted + 40;
  const lines = PLAYED[one.name] ?? [];
  const ms = one.name === 'new-empty-table' ? 1230 : 14_600;
  if (!fails && one.kind !== 'untouched') {
    told.push({ at, item: { event: 'playing', case: index } });
    for (const [line, text] of lines.entries()) told.push({ at: at + (ms * (line + 1)) / (lines.length + 1), item: { event: 'output', case: index, line: text } });
    at += ms;
  }
  const graded = fails ? [] : gradeEvents(task, preview, one.name, (check, end) => changed(check, end, one, how));
  for (const { at: after, item } of graded) told.push({ at: at + after, item: { event: 'grade', case: index, grade: item } });
  at += (graded.at(-1)?.at ?? 0) + 200;
  told.push({ at, item: { event: 'removing', case: index } });
  at += 6400;
  const last = graded.at(-1)?.item;
  const checks = last?.event === 'finished' ? last.grade.checks.map((check) => judged(check, one, how)) : [];
  const problem = fails ? 'it did not boot: init/seed.sh ended with exit code 1' : undefined;
  const result: ProofCase = {
    name: one.name, kind: one.kind, round: one.round, passed: problem === undefined && checks.every((check) => (check.expected === undefined ? check.outcome !== 'error' : check.outcome === check.expected)),
    ...(problem !== undefined && { problem, evidence: ['psql: error: connection to server at "orders" failed: Connection refused'] }), bootMs: booted, timeline: steps(boot), checks, peaks: peaks(index),
    ...(how === 'failed' && one.kind === 'untouched' && { notes: ['the statement names the command `pgcli`, which the terminal does not have'] }),
    ...(!fails && one.kind !== 'untouched' && { played: { succeeded: true, how: 'it ended with exit code 0', ms, output: lines } }),
  };
  told.push({ at, item: { event: 'case-finished', case: index, result } });
  return { told, ends: at };
}

/** The template is sound: a sample of a faulty one breaks it where people break theirs. */
function changed(check: string, end: Ending, one: Planned, how: SampleOptions['prove']): Ending {
  if (how === 'failed' && one.name === 'pod-by-hand' && check === 'survives-restart') return { outcome: 'error', reason: 'it did not end within its timeout of 120 s', ms: 120_000, output: ['pod "orders-0" deleted'] };
  if (how === 'flaky' && check === 'survives-restart' && one.name === 'reference' && one.round === 2) return { ...fail(60_400, ...REPLACED.slice(0, 1), 'error: timed out waiting for the condition on pods/orders-0'), attempts: 2 };
  if (how === 'flaky' && check === 'original-volume' && one.name === 'pod-by-hand' && one.round === 3) return fail(402, 'orders-0 keeps its data on the claim (none); the original one is data-orders-0');
  return end;
}

function judged(check: GradedCheck, one: Planned, how: SampleOptions['prove']): CaseCheck {
  // As with `expectInitially: pass` where the template's check passes from the beginning; the faulty one does without.
  const initially = how !== 'failed' && ENDINGS.untouched?.[check.name]?.outcome === 'pass' ? 'pass' : 'fail';
  const expected = one.kind === 'untouched' ? initially : one.kind === 'solution' ? 'pass' : one.mustFail.includes(check.name) ? 'fail' : undefined;
  const { name, outcome, reason, ms, attempts, output } = check;
  return { name, outcome, ...(expected !== undefined && { expected }), ...(reason !== undefined && { reason }), ms, attempts, ...(output && { output }) };
}

/** The steps that ended, in the order of the plan. */
function steps(boot: BootEvent[]): ProofCase['timeline'] {
  const began = new Map(boot.flatMap((event) => (event.event === 'started' ? [[event.step, event.at] as const] : [])));
  const ended = new Map(boot.flatMap((event) => (event.event === 'finished' || event.event === 'failed' ? [[event.step, event.at] as const] : [])));
  const failed = new Set(boot.flatMap((event) => (event.event === 'failed' ? [event.step] : [])));
  const plan = boot.flatMap((event) => (event.event === 'planned' ? event.steps.map(({ id }) => id) : []));
  return plan.filter((step) => ended.has(step)).map((step) => ({ step, started: began.get(step) ?? 0, ended: ended.get(step) ?? 0, ...(failed.has(step) && { failed: true }) }));
}

function peaks(index: number): ProofCase['peaks'] {
  const more = 1 + index * 0.03;
  const use = (cpuMilli: number, memory: number, pods: number, storage: number) => ({ cpuMilli: Math.round(cpuMilli * more), memory: Math.round(memory * more), pods, storage });
  return { task: use(612, 214e6, 3, 2_147_483_648), controlPlane: use(388, 402e6, 1, 0), dependencies: { 'orders-db': use(540, 121e6, 1, 2_147_483_648) } };
}

/** A whole proof, at most `jobs` cases at once. */
export function proveEvents(task: SampleTask, repeat: number, jobs: number, boots: BootEvent[][], how: SampleOptions['prove']): Told<ProveEvent>[] {
  const cases = planned(task, repeat);
  const told: Told<ProveEvent>[] = [{ at: 0, item: { event: 'began', task: task.name, cases: cases.map(({ name, kind, round }) => ({ name, kind, round })), checks: task.checks.map((one) => one.name) } }];
  const free = Array.from({ length: Math.max(1, jobs) }, () => 20);
  for (const [index, one] of cases.entries()) {
    const job = free.indexOf(Math.min(...free));
    const begins = free[job] ?? 0;
    const { told: events, ends } = caseEvents(task, one, index, boots, how);
    told.push(...events.map(({ at, item }) => ({ at: begins + at, item })));
    free[job] = begins + ends + 20;
  }
  return told.sort((a, b) => a.at - b.at);
}

/** What a proof comes to, as it is written to proof.json. */
export function proofOf(task: SampleTask, told: Told<ProveEvent>[], madeAt: string): Proof {
  const ended = told.flatMap(({ item }) => (item.event === 'case-finished' ? [item] : []));
  const cases = ended.sort((a, b) => a.case - b.case).map((one) => one.result);
  return {
    version: 1, task: task.name, bundle: 'sha256:4be1f0c27d9a8c55e0a3a1f6b2d37c90e1584a6f7f1c2b9d8e6a05c4f39b7d12', lock: 'sha256:91c7a2e40b6f3d58c1e9f07a4d2b86f5301ce97b84a6d0f2c35e718b9a4d60fe',
    passed: cases.every((one) => one.passed), madeAt, versions: { kubernetes: 'v1.36.3', task: '1.36', taskwright: '0.1.0', vcluster: '0.28.0' }, cases,
  };
}
