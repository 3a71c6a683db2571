// The words for an export: what speaks against it and who mends that, what has changed, and the parts that are sent.
import type { PastExport } from '#ipc/types/app';
import type { ExportChanges, ExportObstacle, ExportReason, ExportSurvey, Replaced } from '#ipc/types/export';
import { count, duration, list } from '#shared/words';
import type { Kind } from './destination';

/** What solves an objection. */
export type Mend = 'lock' | 'prove';

const MENDS: Record<ExportReason, Mend> = {
  unlocked: 'lock', drifted: 'lock', 'unpinned-image': 'lock',
  unproven: 'prove', 'broken-proof': 'prove', 'failed-proof': 'prove', 'proof-of-other-files': 'prove', 'proof-of-other-lock': 'prove',
};

/** Objections by what solves them, in the order in which that has to be done. */
export function mends(objections: ExportObstacle[]): { mend: Mend; against: ExportObstacle[] }[] {
  return (['lock', 'prove'] as const).map((mend) => ({ mend, against: objections.filter((one) => one.reason !== null && MENDS[one.reason] === mend) })).filter(({ against }) => against.length > 0);
}

/** Each remedy once. */
export function remedies(obstacles: ExportObstacle[]): string[] {
  return [...new Set(obstacles.map((one) => one.remedy))];
}

/** How many things of a kind changed: `2 added, 1 removed`. */
export function tally(kinds: string[]): string {
  return list(['added', 'changed', 'removed'].map((kind) => ({ kind, number: kinds.filter((one) => one === kind).length })).filter(({ number }) => number > 0).map(({ kind, number }) => `${number} ${kind}`));
}

export function kindOfChange({ before, after }: { before: unknown; after: unknown }): 'added' | 'removed' | 'changed' {
  if (before === null) return 'added';
  return after === null ? 'removed' : 'changed';
}

export const SIGNS = { added: '+', removed: '−', changed: '~' } as const;

export function isUnchanged(changes: ExportChanges): boolean {
  return Object.values(changes).every((one) => one.length === 0);
}

/** Where there is nothing to list, the sentence that says why; null when there are changes. */
export function comparison(survey: Pick<ExportSurvey, 'changes' | 'incomparable'>, kind: Kind, past: PastExport | undefined): string | null {
  if (survey.changes) return isUnchanged(survey.changes) ? 'Nothing has changed since the export that is there.' : null;
  if (survey.incomparable) return `What is there could not be compared: ${survey.incomparable}.${kind === 'registry' && !past ? ' Before a first export that is as it should be.' : ''}${kind === 'file' ? ' The export replaces it.' : ''}`;
  if (kind === 'platform') return 'A platform is only sent to, so what it has is not compared.';
  return 'This is the first export to this place.';
}

/** A digest as far as people read it; what is no digest stays. */
export function short(text: string): string {
  return text.replace(/sha256:([0-9a-f]{12})[0-9a-f]+/g, '$1');
}

/** What a time became: `17.3 s less`. */
export function apart(before: number, after: number): string {
  return `${duration(Math.abs(after - before))} ${after < before ? 'less' : 'more'}`;
}

const VERSIONS: Record<string, string> = { title: 'Title', kubernetes: 'Kubernetes', vcluster: 'vCluster', taskwright: 'Taskwright' };

export function versionName({ name }: Replaced): string {
  return VERSIONS[name] ?? name;
}

const PARTS: Record<string, string> = {
  'manifest.json': 'the list of files', 'candidate.tar.zst': 'what the candidate may see', 'restricted.tar.zst': 'what only graders may see', 'task.lock': 'the lock',
  'proof.json': 'the proof', 'signature.json': 'the signature',
};

/** A part that is sent, in words: `the lock`, `layer 7c3b88808835`. */
export function partName(what: string): string {
  return PARTS[what] ?? short(what);
}

/** What is shipped: `14 files, 5 of them restricted`. */
export function shipped({ candidateFiles, restrictedFiles }: Pick<ExportSurvey, 'candidateFiles' | 'restrictedFiles'>): string {
  return `${count(candidateFiles + restrictedFiles, 'file')}: ${candidateFiles} that the candidate may see, ${restrictedFiles} restricted`;
}
