// The transport inside the desktop app: commands by invoke, streams and terminal bytes by channels.
import { Channel, invoke } from '@tauri-apps/api/core';
import type { Backend, Job, OpenTerminal, TerminalHandle, TerminalListener } from './backend';
import { readFrame } from './frame';
import { sendInOrder } from './order';
import type { StreamName, Streams } from './types/commands';

let jobs = 0;

/** Makes the backend that talks to the Rust side of this window. */
export function tauriBackend(): Backend {
  return {
    kind: 'tauri',
    call: (command, args) => invoke(command, args),
    stream,
    openTerminal,
  };
}

function stream<S extends StreamName>(
  name: S,
  args: Streams[S]['args'],
  onItem: (item: Streams[S]['item']) => void,
): Job<Streams[S]['result']> {
  const job = `job-${Date.now().toString(36)}-${(jobs += 1)}`;
  const items = new Channel<Streams[S]['item']>(onItem);
  const done = invoke<Streams[S]['result']>(name, { ...args, job, items });
  return { done, cancel: () => void invoke('cancel_job', { job }) };
}

async function openTerminal(args: OpenTerminal, on: TerminalListener): Promise<TerminalHandle> {
  const frames = new Channel<ArrayBuffer | number[]>((frame) => readFrame(new Uint8Array(frame), on));
  const { id } = await invoke<{ id: string }>('open_terminal', { ...args, frames });
  const write = sendInOrder((data) => invoke('terminal_write', { id, data }));
  return {
    id,
    write,
    resize: (columns, rows) => void invoke('terminal_resize', { id, columns, rows }),
    ack: (bytes) => void invoke('terminal_ack', { id, bytes }),
    close: () => invoke('terminal_close', { id }),
  };
}
