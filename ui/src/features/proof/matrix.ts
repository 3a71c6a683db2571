// The matrix of a proof: a row for each case, with all its rounds, and a cell for each check.
import type { CaseCheck, CaseKind } from '#ipc/types/proof';
import type { CaseCourse, Course } from './course';

/** `flaky` came out now so, now so; `early` is not judged yet. */
export type CellTone = 'good' | 'bad' | 'broken' | 'flaky' | 'open' | 'early' | 'none';

export interface Cell {
  check: string;
  tone: CellTone;
  /** What it came to: `pass`, `2 of 3`. */
  word: string;
  /** What it had to come to, or how often it was tried. */
  note: string;
}

export interface Group {
  name: string;
  kind: CaseKind;
  rounds: CaseCourse[];
  cells: Cell[];
  /** Rounds that are done, and those of them that came out as they have to. */
  done: number;
  right: number;
}

/** What did not come out as it has to, and where. */
export interface Finding {
  group: Group;
  check: string | null;
  round: number;
  result: CaseCheck | null;
  problem: string | null;
}

/** Cases of the same name stand together, however often they were tried. */
export function groups(course: Course): Group[] {
  const names = [...new Set(course.cases.map((one) => one.name))];
  return names.map((name) => {
    const rounds = course.cases.filter((one) => one.name === name);
    const done = rounds.filter((one) => one.result !== null);
    return {
      name, rounds, kind: rounds[0]?.kind ?? 'solution',
      cells: course.checks.map((check) => cell(check, rounds)),
      done: done.length, right: done.filter((one) => one.result?.passed).length,
    };
  });
}

/** Whether a check came out as it has to; one that broke never does. */
export function isRight(check: Pick<CaseCheck, 'expected' | 'outcome'>): boolean {
  return check.expected === undefined ? check.outcome !== 'error' : check.outcome === check.expected;
}

/** A check in every round of a case that is done. */
export function resultsOf(check: string, rounds: CaseCourse[]): { round: number; result: CaseCheck }[] {
  return rounds.flatMap((one) => {
    const result = one.result?.checks.find(({ name }) => name === check);
    return result ? [{ round: one.round, result }] : [];
  });
}

export function findings(all: Group[]): Finding[] {
  return all.flatMap((group) => {
    const problems = group.rounds.flatMap((one): Finding[] => (one.result?.problem ? [{ group, check: null, round: one.round, result: null, problem: one.result.problem }] : []));
    const checks = group.cells.flatMap(({ check }) => resultsOf(check, group.rounds).filter(({ result }) => !isRight(result)).map(({ round, result }): Finding => ({ group, check, round, result, problem: null })));
    return [...problems, ...checks];
  });
}

function cell(check: string, rounds: CaseCourse[]): Cell {
  const results = resultsOf(check, rounds).map(({ result }) => result);
  if (results.length === 0) return early(check, rounds);
  const expected = results[0]?.expected;
  const right = results.filter(isRight).length;
  const must = expected === undefined ? 'either is right' : `must ${expected}`;
  if (new Set(results.map((one) => one.outcome)).size > 1) {
    const wanted = expected ?? 'pass';
    const tone = right < results.length ? 'flaky' : 'open';
    return { check, tone, word: `${results.filter((one) => one.outcome === wanted).length} of ${results.length} ${wanted}`, note: must };
  }
  const word = results[0]?.outcome ?? '';
  if (right < results.length) return { check, tone: word === 'error' ? 'broken' : 'bad', word, note: must };
  const tries = results.length > 1 ? `${results.length} of ${results.length}` : '';
  if (expected === undefined) return { check, tone: 'open', word, note: tries || 'either is right' };
  return { check, tone: 'good', word, note: tries };
}

/** While a case is still graded or removed, its outcomes are known and not judged. */
function early(check: string, rounds: CaseCourse[]): Cell {
  const outcome = rounds.flatMap((one) => one.checks).find((one) => one.name === check && one.outcome !== null)?.outcome;
  return outcome ? { check, tone: 'early', word: outcome, note: rounds.some((one) => one.stage === 'stopped') ? 'not judged' : 'not judged yet' } : { check, tone: 'none', word: '', note: '' };
}
