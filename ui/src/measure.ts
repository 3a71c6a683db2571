// What the benchmarks need inside the window and nobody else does: built in only by `vite build --mode bench`.
import { Terminal, type ITerminalInitOnlyOptions, type ITerminalOptions } from '@xterm/xterm';
import type { Backend } from '#ipc/backend';
import { options } from './features/terminal/look';

const PIECE = 64 * 1024;
const IN_FLIGHT = 4;

declare global {
  interface Window {
    measure: { alone(text: string, times: number): Promise<number>; lines(): number };
  }
}

/** Notes in the settings file when the first page was painted and could be used, and offers what is measured by hand. */
export async function measure(backend: Backend): Promise<void> {
  const settings = await backend.call('get_settings', {});
  const { lines, size } = watchTerminals();
  window.measure = { alone: (text, times) => alone({ ...options(settings.terminal, { activate: () => undefined }), ...size() }, text, times), lines };
  await usable();
  const layout = { ...settings.layout, usableAt: performance.timeOrigin + performance.now() };
  await backend.call('set_settings', { settings: { ...settings, layout } });
}

/** Counts the ends of lines that all terminals are given from now on, and knows the size of the one that was given some last. */
function watchTerminals(): { lines: () => number; size: () => { cols: number; rows: number } } {
  let lines = 0;
  let size = { cols: 80, rows: 24 };
  const write = Terminal.prototype.write;
  Terminal.prototype.write = function (data, parsed) {
    size = { cols: this.cols, rows: this.rows };
    if (typeof data !== 'string') for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) lines += 1;
    write.call(this, data, parsed);
  };
  return { lines: () => lines, size: () => size };
}

async function usable(): Promise<void> {
  const page = () => [...document.querySelectorAll('button')].some((button) => button.textContent?.includes('Open the example'));
  while (!page()) await frame();
  await frame();
  await frame();
}

function frame(): Promise<unknown> {
  return new Promise((done) => requestAnimationFrame(done));
}

/** Milliseconds that a terminal like the last one takes to parse and show `text`, `times` over, fed from memory. */
async function alone(look: ITerminalOptions & ITerminalInitOnlyOptions, text: string, times: number): Promise<number> {
  const place = document.createElement('div');
  place.style.cssText = 'position:fixed;inset:0;z-index:99';
  document.body.append(place);
  const term = new Terminal(look);
  term.open(place);
  await frame();
  const bytes = new TextEncoder().encode(text);
  const began = performance.now();
  for (let time = 0; time < times; time += 1) await feed(term, bytes);
  await frame();
  const took = performance.now() - began;
  term.dispose();
  place.remove();
  return took;
}

async function feed(term: Terminal, bytes: Uint8Array): Promise<void> {
  const pieces: Promise<void>[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    pieces.push(new Promise((parsed) => term.write(bytes.subarray(at, at + PIECE), parsed)));
    if (pieces.length >= IN_FLIGHT) await pieces.shift();
  }
  await Promise.all(pieces);
}
