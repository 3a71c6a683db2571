// The one interface between the window and everything behind it; each transport implements it in one file.
import type { Problem } from './types/app';
import type { CommandName, Commands, StreamName, Streams } from './types/commands';
import type { TerminalState } from './types/preview';

/** A long piece of work: items come in order, `done` settles once, `cancel` asks it to stop. */
export interface Job<R> {
  readonly done: Promise<R>;
  cancel(): void;
}

export interface TerminalHandle {
  readonly id: string;
  write(data: string | Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Says that so many bytes were parsed; the other side stops sending when too many are not. */
  ack(bytes: number): void;
  close(): Promise<void>;
}

export interface TerminalListener {
  data(bytes: Uint8Array): void;
  state(state: TerminalState): void;
  /** What came and is not drawn yet need not be: a picture of the screen follows. */
  skip(): void;
}

export type OpenTerminal =
  | { host: string; preview: string; columns: number; rows: number }
  | { attach: string; columns: number; rows: number };

export interface Backend {
  readonly kind: 'tauri' | 'ws' | 'memory';
  call<C extends CommandName>(command: C, args: Commands[C]['args']): Promise<Commands[C]['result']>;
  stream<S extends StreamName>(
    name: S,
    args: Streams[S]['args'],
    onItem: (item: Streams[S]['item']) => void,
  ): Job<Streams[S]['result']>;
  openTerminal(args: OpenTerminal, on: TerminalListener): Promise<TerminalHandle>;
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem(thrown: unknown): Problem {
  if (isProblem(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'usage', message, hints: [] };
}

/** How a job ended: with its result, stopped because somebody asked, or with a problem. */
export interface Ending<R> {
  result: R | null;
  problem: Problem | null;
  stopped: boolean;
}

/** Waits until a job has ended, however it does. */
export async function ending<R>(job: Job<R>): Promise<Ending<R>> {
  try {
    return { result: await job.done, problem: null, stopped: false };
  } catch (thrown) {
    const problem = asProblem(thrown);
    const stopped = problem.code === 'cancelled';
    return { result: null, problem: stopped ? null : problem, stopped };
  }
}

function isProblem(thrown: unknown): thrown is Problem {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown && 'hints' in thrown;
}
