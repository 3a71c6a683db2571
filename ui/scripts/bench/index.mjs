// The benchmark of the window: `node scripts/bench APP DEV_SERVER PREVIEW [--smoke] [PART…]`, with programs built from
// `vite build --mode bench` and a preview that runs on the current context. The desktop app and a Chromium app window take
// turns. Parts are `starts`, `memory` and `terminal`, all of them unless some are named.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appDriver, chromiumWindow } from '../drivers.mjs';
import { hands } from '../hands.mjs';
import { memory } from './processes.mjs';
import { measureTerminal, terminal } from './terminal.mjs';

const PARTS = ['starts', 'memory', 'terminal'];
const [app, server, preview, ...rest] = process.argv.slice(2);
const isSmoke = rest.includes('--smoke');
const named = rest.filter((word) => word !== '--smoke');
const unknown = named.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}: take some of ${PARTS.join(', ')}`);
const parts = named.length > 0 ? named : PARTS;
const amount = isSmoke ? { megabytes: 2, rounds: 1, interrupts: 1, keys: 20, starts: 1 } : { megabytes: 64, rounds: 5, interrupts: 10, keys: 300, starts: 5 };
// A flood is measured by asking the page for its end.
const FLOOD = 300_000;
const windows = { 'desktop app': () => appDriver(app, FLOOD), 'Chromium app window': () => chromiumWindow(server) };
const REST = 10_000;

if (parts.includes('starts')) await measureStarts();
for (const [name, open] of Object.entries(windows)) {
  // Memory is weighed in a window of its own: what else is measured would leave its garbage in it.
  if (parts.includes('memory')) await inWindow(open, (window) => measureMemory(name, window));
  if (parts.includes('terminal')) {
    await inWindow(open, async (window) => {
      await sit(window);
      await measureTerminal(window, amount, (figures) => report(name, figures));
    });
  }
}

async function measureStarts() {
  const starts = Object.fromEntries(Object.keys(windows).map((name) => [name, []]));
  for (let round = 0; round < amount.starts; round += 1) {
    for (const [name, open] of Object.entries(windows)) {
      const window = await open();
      starts[name].push((await usableAt(window)) - window.startedAt);
      await window.close();
    }
  }
  for (const [name, took] of Object.entries(starts)) figure(`${name}: start to a usable window`, took, 'ms');
}

async function measureMemory(name, window) {
  await weigh(name, 'idle on the first page', window);
  await sit(window);
  await flood(window, isSmoke ? 2 : 100);
  await weigh(name, 'with three terminals after their floods', window);
}

async function inWindow(open, work) {
  const window = await open();
  await usableAt(window);
  await work(window);
  await window.close();
}

/** When the first page could be used, as the page itself wrote it down. */
async function usableAt(window) {
  const file = join(window.home, '.config/taskwright/window.json');
  for (;;) {
    const settings = await readFile(file, 'utf8').then(JSON.parse).catch(() => null);
    if (settings?.layout?.usableAt) return settings.layout.usableAt;
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function sit(window) {
  const { attach, shown } = hands(window);
  await shown(preview, 'main', 30_000);
  await attach(preview);
  await shown('$', '.xterm-rows', 30_000);
}

/** Two more terminals, and a flood in each of the three. */
async function flood(window, megabytes) {
  for (let number = 1; number <= 3; number += 1) {
    if (number > 1) await window.press('Control+Shift+T');
    const seat = terminal(window);
    await seat.focus();
    await seat.run(`yes 'a line of a log that is about as long as lines of logs are, or a little longer' | head -c ${megabytes}M`);
  }
}

/** After a rest, as both engines give memory back a while later. */
async function weigh(name, when, window) {
  await new Promise((done) => setTimeout(done, REST));
  const used = await memory(...window.pids);
  console.log(`${name}: memory ${when}: ${used.megabytes} MB (PSS of ${used.processes.length}: ${used.processes.join(', ')})`);
}

function report(name, { pod, alone, key, interrupt, counted, last }) {
  if (pod) {
    figure(`${name}: pod to the screen`, pod, 'MB/s');
    figure(`${name}: xterm.js alone, same page`, alone, 'MB/s');
    const ratios = pod.map((one, round) => one / alone[round]);
    console.log(`${name}: ratio of the medians ${(median(pod) / median(alone)).toFixed(2)}, median of the pairs' ratios ${median(ratios).toFixed(2)}`);
  }
  if (key) console.log(`${name}: key to cell: p50 ${at(key, 0.5).toFixed(1)} ms, p95 ${at(key, 0.95).toFixed(1)} ms, n=${key.length}`);
  if (interrupt) figure(`${name}: Ctrl+C under yes to the prompt`, interrupt, 'ms');
  if (counted !== undefined) console.log(`${name}: seq 1 1000000: ${counted} lines, last line ${last ? 'shown' : 'MISSING'}`);
}

function figure(what, values, unit) {
  console.log(`${what}: median ${median(values).toFixed(1)} ${unit} (${values.map((value) => value.toFixed(1)).join(', ')})`);
}

function median(values) {
  return at(values, 0.5);
}

function at(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
