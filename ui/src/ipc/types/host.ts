// Types of hosts: contexts, health, the doctor, the sandbox. Written by hand until they are generated from Rust.

export interface HostView {
  name: string;
  file: string;
  server: string | null;
  default: boolean;
  sandbox: boolean;
  namespaceDefault: string | null;
}

export interface HostList {
  hosts: HostView[];
  problems: { file: string; message: string }[];
}

export interface HostHealth {
  context: string;
  state: 'reachable' | 'limited' | 'unreachable';
  version: string | null;
  latencyMs: number | null;
  problem: string | null;
  hints: string[];
  nodes: number | null;
  pools: { pool: string; nodes: number }[];
  missing: { verb: string; resource: string; why: string }[];
  checkedAt: string;
}

export interface DoctorStep {
  name: string;
  title: string;
  state: 'ok' | 'warning' | 'failed' | 'skipped';
  detail: string;
  fix: string | null;
  raw: string | null;
}

export interface DoctorReport {
  context: string;
  steps: DoctorStep[];
}

export interface SandboxView {
  state: 'down' | 'up' | 'partly' | 'unsupported';
  why: string | null;
  needs: { root: boolean; packages: string[]; buildMinutes: number | null };
  parts: { name: string; node: string | null; running: boolean; version: string | null; memoryBytes: number | null }[];
  nodes: { name: string; pool: string; ready: boolean }[];
  memoryBytes: number;
  diskBytes: number;
  kubeconfig: string | null;
}

export interface SandboxProgress {
  at: number;
  text: string;
  step: string | null;
  state: 'began' | 'ended' | 'note';
  done: number | null;
  of: number | null;
}
