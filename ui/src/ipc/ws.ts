// The transport of the development server and of browser tests: one WebSocket, text for calls, binary for terminals.
import type { Backend, Job, OpenTerminal, TerminalHandle, TerminalListener } from './backend';
import { readFrame } from './frame';
import type { Problem } from './types/app';
import type { CommandName, Commands, StreamName, Streams } from './types/commands';

interface Waiting {
  resolve(result: unknown): void;
  reject(problem: unknown): void;
  item?(item: unknown): void;
}

type Reply = { id: number } & ({ item: unknown } | { done: unknown } | { error: Problem });

const LOST: Problem = { code: 'usage', message: 'the connection to the development server was lost', hints: ['start it again, then reload this page'] };

/** Connects to `url` and makes the backend that talks over this one socket. */
export async function wsBackend(url: string): Promise<Backend> {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(LOST);
  });
  return new Connection(socket);
}

class Connection implements Backend {
  readonly kind = 'ws';
  #ids = 0;
  #waiting = new Map<number, Waiting>();
  #terminals = new Map<number, TerminalListener>();

  constructor(private readonly socket: WebSocket) {
    socket.onmessage = (message) => this.#receive(message.data);
    socket.onclose = () => this.#lost();
  }

  call<C extends CommandName>(command: C, args: Commands[C]['args']): Promise<Commands[C]['result']> {
    return this.#ask({ call: command, args }) as Promise<Commands[C]['result']>;
  }

  stream<S extends StreamName>(
    name: S,
    args: Streams[S]['args'],
    onItem: (item: Streams[S]['item']) => void,
  ): Job<Streams[S]['result']> {
    const id = this.#ids + 1;
    const done = this.#ask({ stream: name, args }, onItem as (item: unknown) => void) as Promise<Streams[S]['result']>;
    return { done, cancel: () => this.#send({ id, cancel: true }) };
  }

  async openTerminal(args: OpenTerminal, on: TerminalListener): Promise<TerminalHandle> {
    const number = this.#ids + 1;
    this.#terminals.set(number, on);
    const { id } = (await this.#ask({ terminal: args })) as { id: string };
    const say = (what: object) => this.#send({ id: number, ...what });
    return {
      id,
      write: (data) => this.socket.send(binary(number, data)),
      resize: (columns, rows) => say({ resize: { columns, rows } }),
      ack: (bytes) => say({ ack: bytes }),
      close: async () => {
        say({ close: true });
        this.#terminals.delete(number);
      },
    };
  }

  #ask(message: object, item?: (item: unknown) => void): Promise<unknown> {
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, item });
      this.#send({ id, ...message });
    });
  }

  #send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data === 'string') this.#reply(JSON.parse(data));
    else this.#frame(data);
  }

  #reply(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if ('item' in reply) return waiting?.item?.(reply.item);
    this.#waiting.delete(reply.id);
    if ('done' in reply) waiting?.resolve(reply.done);
    else waiting?.reject(reply.error);
  }

  #frame(data: ArrayBuffer): void {
    const listener = this.#terminals.get(new DataView(data).getUint32(0, true));
    if (listener) readFrame(new Uint8Array(data, 4), listener);
  }

  #lost(): void {
    for (const waiting of this.#waiting.values()) waiting.reject(LOST);
    this.#waiting.clear();
    for (const listener of this.#terminals.values()) listener.state({ state: 'ended', exit: { reason: LOST.message } });
  }
}

function binary(number: number, data: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const frame = new Uint8Array(4 + bytes.length);
  new DataView(frame.buffer).setUint32(0, number, true);
  frame.set(bytes, 4);
  return frame;
}
