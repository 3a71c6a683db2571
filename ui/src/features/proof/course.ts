// A proof folded from what it tells, or from what was written: every case with its stage, boot, lines and checks.
import type { BootEvent } from '#ipc/types/boot';
import type { CaseKind, CheckOutcome, GradeEvent, Proof, ProofCase, ProveEvent } from '#ipc/types/proof';

/** Where a case is; `stopped` ended before it came to anything. */
export type Stage = 'waiting' | 'booting' | 'playing' | 'grading' | 'removing' | 'done' | 'stopped';

export interface BootRow {
  step: string;
  started: number | null;
  ended: number | null;
  failed: boolean;
}

/** A check of a case that is not judged yet. */
export interface EarlyCheck {
  name: string;
  outcome: CheckOutcome | null;
}

export interface CaseCourse {
  name: string;
  kind: CaseKind;
  round: number;
  preview: string | null;
  stage: Stage;
  /** When the stage and the case began, and when it ended, on this machine's clock. */
  since: number;
  began: number | null;
  ended: number | null;
  boot: BootRow[];
  /** How far the boot is, in milliseconds since it began. */
  booted: number;
  /** What the solution printed so far. */
  lines: string[];
  checks: EarlyCheck[];
  /** What the grader waits for before the first check. */
  preparing: string | null;
  result: ProofCase | null;
}

export interface Course {
  task: string;
  checks: string[];
  cases: CaseCourse[];
}

/** Lines of a solution that are kept while it runs; as many are written. */
const LINES = 40;

export function emptyCourse(): Course {
  return { task: '', checks: [], cases: [] };
}

/** Takes in one more event, at a time of this machine's clock. */
export function take(course: Course, event: ProveEvent, now: number): void {
  if (event.event === 'began') {
    Object.assign(course, { task: event.task, checks: event.checks, cases: event.cases.map((title) => caseOf(title, now)) });
    return;
  }
  const one = course.cases[event.case];
  if (!one) return;
  switch (event.event) {
    case 'case-started':
      Object.assign(one, { preview: event.preview, began: now });
      return enter(one, 'booting', now);
    case 'boot':
      return boot(one, event.boot, now);
    case 'playing':
      return enter(one, 'playing', now);
    case 'output':
      one.lines.push(event.line);
      if (one.lines.length > LINES) one.lines.shift();
      return;
    case 'grade':
      if (event.grade.event === 'began') enter(one, 'grading', now);
      return grade(one, event.grade);
    case 'removing':
      return enter(one, 'removing', now);
    case 'case-finished':
      Object.assign(one, { result: event.result, ended: now });
      enter(one, 'done', now);
  }
}

/** Nothing more comes: what is not done came to nothing. */
export function stop(course: Course): void {
  for (const one of course.cases) if (one.result === null) one.stage = 'stopped';
}

/** A proof that was written, as if it had just been seen. */
export function courseOf(proof: Proof): Course {
  const longest = proof.cases.reduce<ProofCase['checks']>((most, one) => (one.checks.length > most.length ? one.checks : most), []);
  return { task: proof.task, checks: longest.map((check) => check.name), cases: proof.cases.map((result) => ({ ...caseOf(result, 0), stage: 'done', result })) };
}

/** The steps of a case's boot: as they were written, or as they go. */
export function bootRows(one: CaseCourse): BootRow[] {
  if (one.boot.length > 0 || !one.result) return one.boot;
  return one.result.timeline.map((step) => ({ ...step, failed: step.failed ?? false }));
}

/** The steps that are being done. */
export function busySteps(one: CaseCourse): string[] {
  return one.boot.filter((row) => row.started !== null && row.ended === null).map((row) => row.step);
}

function caseOf({ name, kind, round }: Pick<ProofCase, 'name' | 'kind' | 'round'>, now: number): CaseCourse {
  return { name, kind, round, preview: null, stage: 'waiting', since: now, began: null, ended: null, boot: [], booted: 0, lines: [], checks: [], preparing: null, result: null };
}

function enter(one: CaseCourse, stage: Stage, now: number): void {
  if (one.stage !== stage) [one.stage, one.since] = [stage, now];
}

function boot(one: CaseCourse, event: BootEvent, now: number): void {
  one.booted = event.at;
  // What is told from its start to a window that was reloaded began before: the boot's own clock knows when.
  if (one.began !== null && one.began > now - event.at) {
    one.began = now - event.at;
    if (one.stage === 'booting') one.since = one.began;
  }
  if (event.event === 'planned') one.boot = event.steps.map(({ id }) => ({ step: id, started: null, ended: null, failed: false }));
  if (event.event !== 'started' && event.event !== 'finished' && event.event !== 'failed') return;
  let row = one.boot.find(({ step }) => step === event.step);
  if (!row) {
    one.boot.push({ step: event.step, started: null, ended: null, failed: false });
    row = one.boot.at(-1) as BootRow;
  }
  if (event.event === 'started') row.started = event.at;
  else [row.ended, row.failed] = [event.at, event.event === 'failed'];
}

function grade(one: CaseCourse, event: GradeEvent): void {
  const check = (name: string) => one.checks.find((known) => known.name === name);
  if (event.event === 'began') one.checks = event.checks.map((name) => ({ name, outcome: null }));
  else if (event.event === 'preparing') one.preparing = event.doing;
  else if (event.event === 'check-started') one.preparing = null;
  else if (event.event === 'check-finished') {
    const known = check(event.result.name);
    if (known) known.outcome = event.result.outcome;
  }
}
