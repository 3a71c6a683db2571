// Sample locking and exporting: what is told while a bundle is pinned and shipped, what speaks against it, what has changed.
import type { PastExport } from '../types/app';
import type { Diagnostic, FileNode, Position } from '../types/bundle';
import type { ExportChanges, ExportEvent, ExportObstacle, ExportReason, ExportSurvey, ExportView, ExportWish, LockedBundle, LockEvent } from '../types/export';
import type { ProofView } from '../types/proof';
import type { Told } from './grading';
import type { SampleOptions } from './options';

const DAY = 86_400_000;
const DIGESTS = { now: 'sha256:6c1d0e5fb2a94873c5d01a7be94f23680f7bd2c91ae5460d83b7c2f15e90ad47', before: 'sha256:d3f08ab1972c64e05b8f1e7390ac24d61b5e93f7702cda184f6e05bb38c1a926', list: 'sha256:0b7e51c4fd2a83961ce07f5b4d98a3e2716fc0589bd34ea7120c6fd38e95b1a4' };

/** Where the sample's bundle went before, the last one first. */
export function pastExports(bundle: string, now: number): PastExport[] {
  const past = (to: string, days: number, digest: string, more: Partial<PastExport> = {}): PastExport => ({ bundle, to, sign: null, tokenFile: null, images: false, digest, exportedAt: new Date(now - days * DAY).toISOString(), ...more });
  return [
    past('oci://registry.example.org/tasks/postgres-recovery:1', 3, DIGESTS.before, { sign: '/home/you/keys/tasks.pem', images: true }),
    past('https://platform.example.org', 12, 'sha256:91c7a2e40b6f3d58c1e9f07a4d2b86f5301ce97b84a6d0f2c35e718b9a4d60fe', { tokenFile: '/home/you/.config/platform-token' }),
    past(`${bundle}.taskbundle`, 41, 'sha256:4be1f0c27d9a8c55e0a3a1f6b2d37c90e1584a6f7f1c2b9d8e6a05c4f39b7d12'),
  ];
}

/** What locking tells. */
export function lockEvents(): Told<LockEvent>[] {
  return [
    { at: 0, item: { event: 'fetching', chart: 'oci://registry.example.org/charts/postgres-exporter' } },
    { at: 1900, item: { event: 'rendering', dependency: 'orders-exporter' } },
    { at: 2600, item: { event: 'resolving', images: 4 } },
    { at: 5400, item: { event: 'resolving', images: 4 } },
  ];
}

/** What locking comes to; `text` is task.yaml, for the places of its problems. */
export function lockedBundle(how: SampleOptions['locking'], text: string): LockedBundle {
  const at = (part: string, code: string, severity: Diagnostic['severity'], message: string, help: string): Diagnostic => ({ code, severity, message, help, file: 'task.yaml', ...span(text, part), fixes: [], related: [] });
  if (how === 'fails') {
    const hook: Diagnostic = { code: 'needs-hook', severity: 'error', message: 'the chart installs `orders-migrate` by the hook `pre-install`, which nobody runs when what was rendered ahead is applied', help: 'turn it off by a value, or move what it does into `init`', file: 'dependencies/orders/postgres.yaml', start: { line: 38, column: 9, offset: 0 }, end: { line: 38, column: 27, offset: 0 }, fixes: [], related: [] };
    return { locked: false, written: [], removed: [], diagnostics: [hook, at('orders-db', 'not-rendered', 'error', 'the chart of `orders-db` was not rendered: template: templates/secret.yaml:4: function "randPassword" not defined', 'correct the chart, or take another version')] };
  }
  const unresolved = at('tty:', 'unresolved-image', 'warning', 'the digest of `docker.io/library/busybox:1.37` is not known: the registry answered 429 Too Many Requests', 'is its name right, and can this machine reach its registry? a `mirror` in the host’s settings is asked first');
  return { locked: true, written: ['lock/orders-exporter.yaml', 'task.lock'], removed: how === 'warns' ? ['lock/old-exporter.yaml'] : [], diagnostics: how === 'warns' ? [unresolved] : [] };
}

/** The text of the lock that the sample writes. */
export const LOCK_TEXT = 'version: 1\ndependencies:\n  orders-db:\n    source: manifests dependencies/orders/*.yaml\nimages:\n  docker.io/library/postgres:15: sha256:1f0c27d9a8c55e0a3a1f6b2d37c90e1584a6f7f1c2b9d8e6a05c4f39b7d124be\n';

export type LockState = SampleOptions['lock'];

const AGAIN = 'prove the bundle again with `taskwright prove`';
const LOCK = 'lock the bundle with `taskwright lock`, then prove it again';
const WORDS: Record<ExportReason, [message: string, remedy: string]> = {
  unlocked: ['what the bundle pulls in was never locked', LOCK],
  drifted: ['the bundle has changed since it was locked: the values of `orders-exporter` are others', LOCK],
  'unpinned-image': ['the digest of an image is not known: docker.io/library/busybox:1.37', 'lock the bundle again where the image’s registry can be reached'],
  unproven: ['the bundle was never proven', 'prove the bundle with `taskwright prove`'],
  'broken-proof': ['the proof cannot be read: expected `,` or `}` at line 41 column 3', AGAIN],
  'failed-proof': ['the proof says that not all went as it must', 'see what failed with `taskwright prove`, and mend the bundle'],
  'proof-of-other-files': ['the bundle was edited after it was proven', AGAIN],
  'proof-of-other-lock': ['the bundle was locked again after it was proven', AGAIN],
};
const PROOFS: Record<ProofView['state'], ExportReason | null> = { holds: null, missing: 'unproven', broken: 'broken-proof', failed: 'failed-proof', 'of-other-bytes': 'proof-of-other-files' };

/** What speaks against an export of a bundle that is locked and proven so. */
export function objections(lock: LockState, proof: ProofView['state']): ExportReason[] {
  const ofLock: ExportReason[] = lock === 'missing' ? ['unlocked'] : lock === 'drifted' ? ['drifted'] : lock === 'unpinned' ? ['unpinned-image'] : [];
  const ofProof = PROOFS[proof];
  return ofProof ? [...ofLock, ofProof] : ofLock;
}

/** What is known of an export beforehand. */
export function survey(task: string, files: FileNode[], against: ExportReason[], there: { changes: ExportChanges | null; incomparable: string | null }): ExportSurvey {
  const only = files.filter((file) => file.kind === 'file');
  const hidden = (path: string) => /^(checks|solutions)\/|^(task\.yaml|proof\.json)$/.test(path);
  const restricted = only.filter((file) => hidden(file.path)).length;
  return {
    task, problems: [], objections: against.map((reason): ExportObstacle => ({ reason, message: WORDS[reason][0], remedy: WORDS[reason][1] })),
    candidateFiles: only.length - restricted, restrictedFiles: restricted, size: only.reduce((sum, file) => sum + file.size, 0), ...there,
  };
}

/** A bundle that cannot be exported at all. */
export function impossible(task: string): ExportSurvey {
  const problem = (message: string, remedy: string): ExportObstacle => ({ reason: null, message, remedy });
  return {
    task, objections: [], candidateFiles: 0, restrictedFiles: 0, size: 0, changes: null, incomparable: null,
    problems: [problem('`hints/Aux.md` cannot be stored on every system', 'give it another name'), problem('`checks/lib.sh` links to `../shared/lib.sh`, out of the bundle', 'put the file into the bundle')],
  };
}

export const UNCHANGED: ExportChanges = { files: [], charts: [], images: [], versions: [], timings: [] };

/** What has changed since an export some days ago. */
export const CHANGES: ExportChanges = {
  files: [
    { path: 'checks/survives-restart.sh', kind: 'changed', layer: 'restricted' },
    { path: 'hints/3-look-at-the-owner.md', kind: 'added', layer: 'candidate' },
    { path: 'proof.json', kind: 'changed', layer: 'restricted' },
    { path: 'solutions/wrong/pod-by-hand.sh', kind: 'added', layer: 'restricted' },
    { path: 'statement.md', kind: 'changed', layer: 'candidate' },
    { path: 'task.lock', kind: 'changed', layer: 'candidate' },
    { path: 'task.yaml', kind: 'changed', layer: 'restricted' },
    { path: 'tty/home/notes.txt', kind: 'removed', layer: 'candidate' },
  ],
  charts: [{ name: 'orders-exporter', before: 'oci://registry.example.org/charts/postgres-exporter 6.9.0 (sha256:77aa0d5e1c2b98f3640a5be7d19cf08234be61d7a05c93f8e2146d70bb35ca91)', after: 'oci://registry.example.org/charts/postgres-exporter 7.0.2 (sha256:be4410c6a29d75f3081eb5c94a7fd20639d1b8c05e73a4f6128d90e57bc3fa64)' }],
  images: [
    { name: 'docker.io/library/busybox:1.37', before: 'sha256:9ae97d36d26566ff84e8893c64a6dc4fe8ca6d1144bf5b87b2b85a32def253c7', after: null },
    { name: 'docker.io/library/postgres:15', before: 'sha256:3a90c7fd0e51b2c486fd97ae01c35d82b64f07e9312c8d5afe60b41d9c7285e3', after: 'sha256:1f0c27d9a8c55e0a3a1f6b2d37c90e1584a6f7f1c2b9d8e6a05c4f39b7d124be' },
  ],
  versions: [{ name: 'kubernetes', before: '1.35', after: '1.36' }, { name: 'vcluster', before: '0.27.1', after: '0.28.0' }],
  timings: [{ step: 'boot', beforeMs: 61_200, afterMs: 43_900 }, { step: 'dependency/orders-db', beforeMs: 31_400, afterMs: 14_200 }, { step: 'init/last-nights-change', beforeMs: null, afterMs: 5_300 }],
};

/** What is told while a bundle is sent to a destination; nothing is to be told of a file. */
export function exportEvents(wish: ExportWish, how: SampleOptions['export']): Told<ExportEvent>[] {
  const retry: Told<ExportEvent>[] = how === 'retries' ? [
    { at: 1700, item: { event: 'retrying', what: part(wish), reason: 'the connection was reset by peer' } },
    { at: 3300, item: { event: 'retrying', what: part(wish), reason: 'the registry answered 503 Service Unavailable' } },
  ] : [];
  if (wish.to.startsWith('oci://')) return [...toRegistry(wish.images), ...retry].sort((a, b) => a.at - b.at);
  return /^https?:/.test(wish.to) ? [...toPlatform(), ...retry].sort((a, b) => a.at - b.at) : [];
}

const part = (wish: ExportWish) => (wish.to.startsWith('oci://') ? 'restricted.tar.zst' : 'the bundle');

function toRegistry(images: boolean): Told<ExportEvent>[] {
  const copied: Told<ExportEvent>[] = [
    { at: 5600, item: { event: 'copying', image: 'docker.io/library/postgres:15' } },
    { at: 5900, item: { event: 'present', what: 'layer sha256:7c3b88808835aa80f1ef7f03083c5ae781d0f44e644537cd72de4ce6c5e62e00' } },
    { at: 6200, item: { event: 'sending', what: 'layer sha256:5f0d2a41ce97b84a6d0f2c35e718b9a4d60fe91c7a2e40b6f3d58c1e9f07a4d2', bytes: 74_210_993 } },
  ];
  return [
    { at: 200, item: { event: 'fetching', what: 'candidate.tar.zst', bytes: 18_402 } },
    { at: 900, item: { event: 'sending', what: 'manifest.json', bytes: 4_120 } },
    { at: 1100, item: { event: 'present', what: 'candidate.tar.zst' } },
    { at: 1300, item: { event: 'sending', what: 'restricted.tar.zst', bytes: 9_871 } },
    { at: 4700, item: { event: 'sending', what: 'task.lock', bytes: 1_433 } },
    { at: 5000, item: { event: 'sending', what: 'proof.json', bytes: 31_207 } },
    { at: 5300, item: { event: 'present', what: 'configuration' } },
    ...(images ? copied : []),
  ];
}

function toPlatform(): Told<ExportEvent>[] {
  return [65_536, 196_608, 458_752, 983_040, 1_501_336].map((bytes, index) => ({ at: 500 + index * 900, item: { event: 'sending', what: 'the bundle', bytes } }));
}

/** What came of an export. */
export function exported(wish: ExportWish, seen: ExportSurvey): ExportView {
  const registry = wish.to.startsWith('oci://');
  const platform = /^https?:/.test(wish.to);
  return {
    task: seen.task, destination: platform ? `${new URL(wish.to).origin} as version ${wish.version ?? DIGESTS.now.slice(7, 19)}` : wish.to, digest: DIGESTS.now, subject: DIGESTS.list, size: platform ? 1_501_336 : 63_840,
    candidateFiles: seen.candidateFiles, restrictedFiles: seen.restrictedFiles, forced: seen.objections.flatMap(({ reason }) => (reason ? [{ reason, detail: null }] : [])),
    signature: wish.sign === null ? null : registry ? `${wish.to.slice(6).replace(/:[^:/]*$/, '')}@sha256:2ab94c07d1fe58306bc7a94ef2d0835c61b7fe40932da8c5f7e06b1d49c83a70` : `${wish.to}.sig`,
    images: wish.images && registry ? [`${wish.to.slice(6).split('/')[0]}/docker.io/library/postgres@sha256:1f0c27d9a8c55e0a3a1f6b2d37c90e1584a6f7f1c2b9d8e6a05c4f39b7d124be`] : [],
    changes: seen.changes,
  };
}

/** Where a word stands in a text. */
function span(text: string, word: string): { start: Position; end: Position } {
  const offset = Math.max(0, text.indexOf(word));
  const before = text.slice(0, offset).split('\n');
  const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1];
  return { start: { line, column, offset }, end: { line, column: column + word.length, offset: offset + word.length } };
}
