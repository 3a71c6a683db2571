// What the sample shows, chosen in the page's address: `?boot=failed&hosts=none&speed=8`.

export interface SampleOptions {
  /** Which recorded boot is replayed. */
  boot: 'ready' | 'failed' | 'waves';
  /** How much faster than it happened; 0 shows it at once. */
  speed: number;
  /** Stop the replay at this many milliseconds of the boot. */
  hold: number | null;
  hosts: 'all' | 'none' | 'slow' | 'limited';
  sandbox: 'up' | 'down' | 'unsupported';
  /** The app runs as root, and brings the sandbox up itself. */
  root: boolean;
  previews: 'some' | 'none' | 'unreachable';
  recent: 'some' | 'none';
  /** Break task.yaml, so that there is something to correct. */
  broken: boolean;
  /** The watch of the objects has lost its connection. */
  stale: boolean;
  theme: string | null;
  /** What grading a preview comes to. */
  grade: 'halfway' | 'full' | 'broken' | 'refused';
  /** The proof that the bundles of the sample come with. */
  proof: 'missing' | 'holds' | 'failed' | 'changed' | 'broken';
  /** What proving comes to. */
  prove: 'holds' | 'failed' | 'flaky' | 'unlocked';
  /** A proof of postgres-recovery is under way already, as after a reload. */
  proving: boolean;
  /** The lock that the bundles of the sample come with. */
  lock: 'holds' | 'missing' | 'drifted' | 'unpinned';
  /** What locking comes to. */
  locking: 'well' | 'warns' | 'fails' | 'refused';
  /** Whether the bundles were exported before. */
  exports: 'some' | 'none';
  /** What is known of an export beforehand, and what becomes of it. */
  export: 'done' | 'retries' | 'refused' | 'impossible' | 'unreadable';
}

export function readOptions(search: string): SampleOptions {
  const query = new URLSearchParams(search);
  const pick = <T extends string>(name: string, first: T, ...others: T[]): T => {
    const value = query.get(name) as T | null;
    return value && [first, ...others].includes(value) ? value : first;
  };
  const hold = query.get('hold');
  return {
    boot: pick('boot', 'ready', 'failed', 'waves'),
    speed: Number(query.get('speed') ?? 4),
    hold: hold === null ? null : Number(hold),
    hosts: pick('hosts', 'all', 'none', 'slow', 'limited'),
    sandbox: pick('sandbox', 'up', 'down', 'unsupported'),
    root: query.has('root'),
    previews: pick('previews', 'some', 'none', 'unreachable'),
    recent: pick('recent', 'some', 'none'),
    broken: query.has('broken'),
    stale: query.has('stale'),
    theme: query.get('theme'),
    grade: pick('grade', 'halfway', 'full', 'broken', 'refused'),
    proof: pick('proof', 'missing', 'holds', 'failed', 'changed', 'broken'),
    prove: pick('prove', 'holds', 'failed', 'flaky', 'unlocked'),
    proving: query.has('proving'),
    lock: pick('lock', 'holds', 'missing', 'drifted', 'unpinned'),
    locking: pick('locking', 'well', 'warns', 'fails', 'refused'),
    exports: pick('exports', 'some', 'none'),
    export: pick('export', 'done', 'retries', 'refused', 'impossible', 'unreadable'),
  };
}
