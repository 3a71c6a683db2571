// Types of a boot's log, as crates/preview serialises them. Written by hand until they are generated from Rust.

/** `preflight`, `nodes`, `control-plane`, `dns`, `tty`, `dependency/NAME` or `init/NAME`. */
export type StepId = string;

export interface Step {
  id: StepId;
  needs: StepId[];
}

export type Detail =
  | { doing: 'reading-host' }
  | { doing: 'rendering'; chart: string }
  | { doing: 'applying'; objects: number }
  | { doing: 'retrying'; object: string; reason: string }
  | { doing: 'pod'; pod: string; state: string }
  | { doing: 'gate'; gate: string; reason: string }
  | { doing: 'api'; reason: string }
  | { doing: 'room'; pool: string }
  | { doing: 'script'; path: string };

export type Cause =
  | { kind: 'permission'; missing: string[] }
  | { kind: 'misfit'; problems: string[] }
  | { kind: 'unreachable'; api: string; message: string }
  | { kind: 'no-room'; pool: string }
  | { kind: 'image-pull'; pod: string; image: string; message: string }
  | { kind: 'unschedulable'; pod: string; message: string }
  | { kind: 'quota'; object: string; message: string }
  | { kind: 'denied'; object: string; message: string }
  | { kind: 'refused'; object: string; message: string }
  | { kind: 'crash-loop'; pod: string; container: string; code: number | null }
  | { kind: 'out-of-memory'; pod: string; container: string }
  | { kind: 'pod'; pod: string; message: string }
  | { kind: 'volume'; object: string; message: string }
  | { kind: 'container'; pod: string; container: string; message: string }
  | { kind: 'job'; job: string; message: string }
  | { kind: 'script'; path: string; code: number }
  | { kind: 'chart'; chart: string; message: string }
  | { kind: 'timed-out'; seconds: number; waiting_for: string }
  | { kind: 'lost'; pod: string; message: string };

export interface Failure {
  cause: Cause;
  evidence?: string[];
}

export type What =
  | { event: 'began'; preview: string; bundle: string; title: string; host: string; budget: number }
  | { event: 'planned'; steps: Step[]; notes: string[] }
  | { event: 'started'; step: StepId }
  | { event: 'doing'; step: StepId; detail: Detail }
  | { event: 'output'; step: StepId; stream: 'stdout' | 'stderr'; line: string }
  | { event: 'finished'; step: StepId }
  | { event: 'failed'; step: StepId; failure: Failure }
  | { event: 'ready' }
  | { event: 'stopped' }
  | { event: 'cancelled' };

export type BootEvent = { at: number } & What;

export interface BootResult {
  preview: string;
  outcome: 'ready' | 'failed' | 'cancelled';
}

export interface PreviewPlan {
  id: string;
  steps: { step: string; needs: string[]; does: string[]; yaml: string }[];
  notes: string[];
}
