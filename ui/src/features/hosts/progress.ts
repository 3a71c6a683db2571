// What the sandbox reports, folded into steps with how long each took.
import type { SandboxProgress } from '#ipc/types/host';

export interface ProgressStep {
  id: string;
  text: string;
  began: number;
  /** Milliseconds, once it is over. */
  took: number | null;
}

export interface Progress {
  steps: ProgressStep[];
  done: number;
  of: number;
  note: string | null;
}

export function foldProgress(items: SandboxProgress[]): Progress {
  const progress: Progress = { steps: [], done: 0, of: 0, note: null };
  for (const item of items) take(progress, item);
  return progress;
}

function take(progress: Progress, item: SandboxProgress): void {
  progress.done = item.done ?? progress.done;
  progress.of = item.of ?? progress.of;
  progress.note = item.state === 'note' ? item.text : null;
  const known = progress.steps.find((step) => step.id === item.step);
  if (item.state === 'began' && item.step && !known) progress.steps.push({ id: item.step, text: item.text, began: item.at, took: null });
  if (item.state === 'ended' && known) known.took = item.at - known.began;
}
