// The boot's log folded into what the init scripts printed, script by script.
import type { BootEvent, StepId } from '#ipc/types/boot';

export interface OutputLine {
  at: number;
  stream: 'stdout' | 'stderr';
  text: string;
}

export interface ScriptOutput {
  step: StepId;
  path: string | null;
  started: number | null;
  ended: number | null;
  failed: boolean;
  lines: OutputLine[];
}

/** Takes in one more event; scripts stand in the order in which they began. */
export function pushOutput(scripts: ScriptOutput[], event: BootEvent): void {
  if (!('step' in event) || !event.step.startsWith('init/')) return;
  const script = of(scripts, event.step);
  if (event.event === 'started') script.started = event.at;
  else if (event.event === 'doing' && event.detail.doing === 'script') script.path = event.detail.path;
  else if (event.event === 'output') script.lines.push({ at: event.at, stream: event.stream, text: event.line });
  else if (event.event === 'finished') script.ended = event.at;
  else if (event.event === 'failed') [script.ended, script.failed] = [event.at, true];
}

export function outputOf(events: Iterable<BootEvent>): ScriptOutput[] {
  const scripts: ScriptOutput[] = [];
  for (const event of events) pushOutput(scripts, event);
  return scripts;
}

function of(scripts: ScriptOutput[], step: StepId): ScriptOutput {
  const known = scripts.find((script) => script.step === step);
  if (known) return known;
  scripts.push({ step, path: null, started: null, ended: null, failed: false, lines: [] });
  return scripts.at(-1) as ScriptOutput;
}
