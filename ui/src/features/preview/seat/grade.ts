// A grading folded from what it tells: which check is at work, what each came to, the sum.
import type { Grade, GradedCheck, GradeEvent } from '#ipc/types/proof';
import { count, list } from '#shared/words';

export interface CheckRow {
  name: string;
  /** Not begun, at work, over; `left` was not reached before somebody stopped it. */
  state: 'waiting' | 'running' | 'over' | 'left';
  /** When it began, on this machine's clock. */
  since: number;
  /** Why the attempt before did not pass. */
  retrying: string | null;
  lines: string[];
  result: GradedCheck | null;
}

export interface Graded {
  /** What the grader waits for before the first check. */
  preparing: string | null;
  rows: CheckRow[];
  grade: Grade | null;
}

/** Lines of a check at work that are kept. */
const LINES = 40;

export function emptyGraded(): Graded {
  return { preparing: null, rows: [], grade: null };
}

/** Takes in one more event, at a time of this machine's clock. */
export function take(graded: Graded, event: GradeEvent, now: number): void {
  switch (event.event) {
    case 'began':
      graded.rows = event.checks.map((name) => ({ name, state: 'waiting', since: now, retrying: null, lines: [], result: null }));
      return;
    case 'preparing':
      graded.preparing = event.doing;
      return;
    case 'check-started':
      graded.preparing = null;
      Object.assign(row(graded, event.name), { state: 'running', since: now });
      return;
    case 'retrying':
      Object.assign(row(graded, event.name), { retrying: event.reason, lines: [] });
      return;
    case 'output': {
      const { lines } = row(graded, event.name);
      lines.push(event.line);
      if (lines.length > LINES) lines.shift();
      return;
    }
    case 'check-finished':
      Object.assign(row(graded, event.result.name), { state: 'over', result: event.result });
      return;
    case 'finished':
      graded.grade = event.grade;
  }
}

/** Nothing more comes: what has no result was not reached. */
export function end(graded: Graded): void {
  graded.preparing = null;
  for (const one of graded.rows) if (one.result === null) one.state = 'left';
}

/** The points of the checks that passed so far. */
export function points(graded: Graded): number {
  return graded.rows.reduce((sum, { result }) => sum + (result?.outcome === 'pass' ? result.points : 0), 0);
}

/** `6 of 10 points: 2 checks did not pass`, for people who listen. */
export function verdict(grade: Grade): string {
  const of = (outcome: GradedCheck['outcome']) => grade.checks.filter((one) => one.outcome === outcome).length;
  const rest = [of('fail') > 0 ? `${count(of('fail'), 'check')} failed` : '', of('error') > 0 ? `${count(of('error'), 'check')} broke` : ''].filter(Boolean);
  return `${grade.points} of ${count(grade.of, 'point')}: ${rest.length > 0 ? list(rest) : 'every check passed'}`;
}

function row(graded: Graded, name: string): CheckRow {
  const known = graded.rows.find((one) => one.name === name);
  if (known) return known;
  graded.rows.push({ name, state: 'waiting', since: 0, retrying: null, lines: [], result: null });
  return graded.rows.at(-1) as CheckRow;
}
