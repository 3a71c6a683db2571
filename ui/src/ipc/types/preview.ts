// Types of running previews: the inventory, objects, events, logs, terminals. Written by hand until they are generated from Rust.

export interface PreviewView {
  id: string;
  bundle: string;
  title: string;
  host: string;
  state: 'booting' | 'ready' | 'failed' | 'leaving' | 'unknown';
  createdAt: string;
  ageMs: number;
  folder: string | null;
  timeLimitMs: number | null;
}

export const OBJECT_KINDS = [
  'pods', 'deployments', 'statefulsets', 'jobs', 'services', 'ingresses', 'networkpolicies', 'configmaps', 'secrets',
  'persistentvolumeclaims', 'nodes', 'namespaces', 'customresourcedefinitions',
] as const;

export type ObjectKind = (typeof OBJECT_KINDS)[number];

export interface ObjectRow {
  uid: string;
  kind: string;
  apiVersion: string;
  namespace: string | null;
  name: string;
  status: { text: string; tone: 'ok' | 'busy' | 'bad' | 'none' };
  age: string;
  columns: Record<string, string>;
  hostPod: string | null;
}

export type ObjectChange =
  | { change: 'applied'; row: ObjectRow }
  | { change: 'gone'; uid: string }
  | { change: 'restarted' }
  | { change: 'stale'; reason: string; since: string };

export interface EventRow {
  at: string;
  type: 'Normal' | 'Warning';
  reason: string;
  object: string;
  message: string;
  count: number;
  from: 'task' | 'host';
}

export interface LogLine {
  at: string | null;
  text: string;
}

export interface HostPod {
  pod: string;
  node: string | null;
  phase: string;
  conditions: { type: string; status: string; reason: string | null; message: string | null }[];
  events: EventRow[];
  containers: { name: string; image: string; ready: boolean; restarts: number; state: string }[];
}

export interface TerminalView {
  id: string;
  host: string;
  preview: string;
  columns: number;
  rows: number;
}

export type TerminalState =
  | { state: 'open' }
  | { state: 'reconnecting'; reason: string; attempt: number }
  | { state: 'reconnected' }
  | { state: 'ended'; exit: { code: number } | { reason: string } };
