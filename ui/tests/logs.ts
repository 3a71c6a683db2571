// The recorded boots that the tests fold.
import { readFileSync } from 'node:fs';
import type { BootEvent } from '../src/ipc/types/boot';

export type LogName = 'postgres-recovery-1' | 'postgres-recovery-2' | 'postgres-recovery-failed' | 'waves-failed';

export function log(name: LogName): BootEvent[] {
  const text = readFileSync(new URL(`../src/ipc/memory/logs/${name}.jsonl`, import.meta.url), 'utf8');
  return text.trim().split('\n').map((line) => JSON.parse(line) as BootEvent);
}
