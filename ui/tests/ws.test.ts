// The WebSocket transport against the other end as the contract describes it.
import { afterEach, expect, it, vi } from 'vitest';
import { wsBackend } from '../src/ipc/ws';

class Socket {
  static last: Socket;
  binaryType = '';
  onopen?: () => void;
  onmessage?: (message: { data: string | ArrayBuffer }) => void;
  onclose?: () => void;
  sent: unknown[] = [];
  constructor(readonly url: string) {
    Socket.last = this;
    queueMicrotask(() => this.onopen?.());
  }
  send(data: string | Uint8Array) {
    this.sent.push(typeof data === 'string' ? JSON.parse(data) : [...data]);
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  bytes(...bytes: number[]) {
    this.onmessage?.({ data: Uint8Array.from(bytes).buffer });
  }
}

afterEach(() => void vi.unstubAllGlobals());

async function connect() {
  vi.stubGlobal('WebSocket', Socket);
  const backend = await wsBackend('ws://local/ws?token=t');
  return { backend, socket: Socket.last };
}

it('matches replies to calls, in whatever order they come', async () => {
  const { backend, socket } = await connect();
  const [info, hosts] = [backend.call('app_info', {}), backend.call('list_hosts', {})];
  expect(socket.sent).toEqual([{ id: 1, call: 'app_info', args: {} }, { id: 2, call: 'list_hosts', args: {} }]);
  socket.say({ id: 2, error: { code: 'host', message: 'no', hints: [] } });
  socket.say({ id: 1, done: { version: '1' } });
  await expect(hosts).rejects.toMatchObject({ code: 'host' });
  expect(await info).toEqual({ version: '1' });
});

it('streams items in order and can be cancelled', async () => {
  const { backend, socket } = await connect();
  const items: unknown[] = [];
  const job = backend.stream('watch_previews', { context: 'c' }, (item) => items.push(item));
  socket.say({ id: 1, item: [] });
  socket.say({ id: 1, item: [{}] });
  job.cancel();
  socket.say({ id: 1, done: null });
  expect([await job.done, items.length]).toEqual([null, 2]);
  expect(socket.sent.at(-1)).toEqual({ id: 1, cancel: true });
});

it('carries a terminal: output, states, input, size, credits', async () => {
  const { backend, socket } = await connect();
  const seen: unknown[] = [];
  const opening = backend.openTerminal({ host: 'h', preview: 'p', columns: 80, rows: 24 }, { data: (bytes) => seen.push([...bytes]), state: (state) => seen.push(state.state), skip: () => seen.push('skip') });
  socket.say({ id: 1, done: { id: 'term-1' } });
  const terminal = await opening;
  socket.bytes(1, 0, 0, 0, 0, 0x68, 0x69);
  socket.bytes(1, 0, 0, 0, 1, ...new TextEncoder().encode('{"state":"reconnected"}'));
  terminal.write('ü');
  terminal.resize(100, 30);
  terminal.ack(2);
  expect(seen).toEqual([[0x68, 0x69], 'reconnected']);
  expect(socket.sent.slice(1)).toEqual([[1, 0, 0, 0, 0xc3, 0xbc], { id: 1, resize: { columns: 100, rows: 30 } }, { id: 1, ack: 2 }]);
});

it('says so when the connection is lost', async () => {
  const { backend, socket } = await connect();
  const call = backend.call('app_info', {});
  socket.onclose?.();
  await expect(call).rejects.toMatchObject({ message: 'the connection to the development server was lost' });
});
