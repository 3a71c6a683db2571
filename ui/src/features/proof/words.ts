// The words for a proof: kinds of cases, stages, verdicts, and what a wrong outcome most likely means.
import type { CaseKind, Proof, ProofView, ResourceUse } from '#ipc/types/proof';
import { stepName } from '#shared/steps';
import { count, list, size } from '#shared/words';
import { busySteps, type CaseCourse } from './course';
import type { Cell, Group } from './matrix';

export const KINDS: Record<CaseKind, string> = { untouched: 'nothing is done', solution: 'solution', 'wrong-solution': 'wrong solution' };

/** What has to come of a case. */
export const DEMANDS: Record<CaseKind, string> = {
  untouched: 'Nothing is done, so every check has to fail, or to pass where it says `expectInitially: pass`.',
  solution: 'The solution is played from the candidate’s seat. It has to end with 0, and every check has to pass.',
  'wrong-solution': 'The wrong solution is played from the candidate’s seat. It has to end with 0, and the checks that it names have to fail; the others may come out either way.',
};

/** What a check that came out wrong most likely means. */
export function advice(kind: CaseKind, outcome: string): string {
  if (outcome === 'error') return 'The check itself broke, which says nothing about the work: correct it, then prove again.';
  if (kind === 'untouched') return outcome === 'pass' ? 'It passes before anybody has done anything: make it look at what has to change, or say `expectInitially: pass`.' : 'It says `expectInitially: pass`, and fails before anybody has done anything.';
  return kind === 'solution' ? 'It has to pass when the task is solved.' : 'It does not see what is wrong with this solution.';
}

const STAGES: Record<CaseCourse['stage'], string> = { waiting: 'waits', booting: 'booting', playing: 'playing', grading: 'grading', removing: 'removing', done: 'done', stopped: 'stopped' };

/** What a case does now, in a word and what about. */
export function stage(one: CaseCourse): { word: string; about: string } {
  const about = { booting: busySteps(one).map(stepName).join(', '), grading: one.preparing ?? progress(one), playing: 'from the candidate’s seat', waiting: '', removing: 'what was booted', done: '', stopped: '' }[one.stage];
  return { word: one.stage === 'stopped' && one.began === null ? 'not begun' : STAGES[one.stage], about };
}

function progress(one: CaseCourse): string {
  return `${one.checks.filter((check) => check.outcome !== null).length} of ${count(one.checks.length, 'check')}`;
}

/** What people who listen are told before and after what stands in a cell. */
export function cellWords(group: Group, cell: Cell): { before: string; after: string } {
  const judged = { good: 'as it has to be', bad: 'wrong', broken: 'the check broke', flaky: 'flaky', open: 'right', early: '', none: 'nothing yet' }[cell.tone];
  return { before: `${cell.check}, ${group.name}: `, after: judged && `, ${judged}` };
}

/** One sentence about a whole proof. */
export function verdict(all: Group[]): string {
  const wrong = all.filter((group) => group.right < group.rounds.length);
  if (wrong.length > 0) return `Not proven: ${wrong.length} of ${count(all.length, 'case')} came out wrong`;
  const of = (kind: CaseKind) => all.filter((group) => group.kind === kind).length;
  const parts = ['untouched fails', of('solution') === 1 ? 'the solution passes' : `${of('solution')} solutions pass`];
  if (of('wrong-solution') > 0) parts.push(`${count(of('wrong-solution'), 'wrong solution')} ${of('wrong-solution') === 1 ? 'is' : 'are'} caught`);
  return `Proven: ${list(parts)}`;
}

const VERSIONS: Record<string, string> = { taskwright: 'Taskwright', kubernetes: 'Kubernetes of the host', task: 'Kubernetes of the task', vcluster: 'vCluster' };

/** `Taskwright 0.1.0, Kubernetes of the host v1.36.3, …` */
export function versions(proof: Proof): string {
  const known = Object.keys(VERSIONS);
  const names = Object.keys(proof.versions).sort((a, b) => known.indexOf(a) - known.indexOf(b));
  return names.map((name) => `${VERSIONS[name] ?? name} ${proof.versions[name]}`).join(', ');
}

/** The state of a bundle's proof in a word or two, for the strip. */
export function stateWords(view: ProofView | null): { tone: 'ok' | 'bad' | 'warning' | 'none'; text: string } {
  switch (view?.state) {
    case 'holds':
      return { tone: 'ok', text: 'proven' };
    case 'failed':
      return { tone: 'bad', text: 'proof failed' };
    case 'of-other-bytes':
      return { tone: 'warning', text: 'changed since its proof' };
    case 'broken':
      return { tone: 'warning', text: 'proof cannot be read' };
    case 'missing':
      return { tone: 'none', text: 'not proven' };
    case undefined:
      return { tone: 'none', text: 'proof' };
  }
}

/** What was used, as it is written in Kubernetes: nothing measured is a dash. */
export function use(used: ResourceUse): { cpu: string; memory: string; pods: string; storage: string } {
  return { cpu: used.cpuMilli > 0 ? `${used.cpuMilli} m` : '–', memory: used.memory > 0 ? size(used.memory) : '–', pods: String(used.pods), storage: used.storage > 0 ? size(used.storage) : '–' };
}
