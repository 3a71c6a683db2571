// Two ways to drive the real window, with the same hands: the desktop app through WebDriver, and Chromium over the
// development server. What they start, they end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Builder, Capabilities, Key } from 'selenium-webdriver';
import { browser, browserWindow, chromiumPid } from './window.mjs';

const SIZE = { width: 1440, height: 900 };
/** How long a page may take to answer, in milliseconds. */
const ANSWER = 30_000;
const KEYS = { Control: Key.CONTROL, Shift: Key.SHIFT, Alt: Key.ALT, Enter: Key.ENTER, Escape: Key.ESCAPE, End: Key.END, Home: Key.HOME, ArrowDown: Key.ARROW_DOWN, F5: Key.F5, F8: Key.F8 };

/** The desktop app `program` in a window of its own, on a screen of its own; whoever asks for more than a look says how long to wait. */
export async function appDriver(program, answer = ANSWER) {
  const home = await mkdtemp(join(tmpdir(), 'taskwright-window-'));
  const screen = await startScreen();
  const [port, native] = [await freePort(), await freePort()];
  const server = spawn('dbus-run-session', ['--', 'tauri-driver', '--port', `${port}`, '--native-port', `${native}`], {
    env: { ...personOf(home), DISPLAY: screen.display, NO_AT_BRIDGE: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const startedAt = Date.now();
  const page = await session(port, program);
  await page.manage().setTimeouts({ script: answer });
  const run = (test, ...values) => page.executeScript(`return (${test})(...arguments)`, ...values);
  return {
    kind: 'app',
    home,
    startedAt,
    pids: [server.pid],
    find: async (test, ...values) => {
      const element = await run(test, ...values);
      return element && { click: () => element.click() };
    },
    evaluate: run,
    async press(chord) {
      const keys = chord.split('+').map((key) => KEYS[key] ?? key.toLowerCase());
      let actions = page.actions();
      for (const key of keys) actions = actions.keyDown(key);
      for (const key of keys.toReversed()) actions = actions.keyUp(key);
      await actions.perform();
    },
    async type(text) {
      await page.actions().sendKeys(...[...text].map((letter) => (letter === '\n' ? Key.ENTER : letter))).perform();
    },
    resize: (width, height) => page.manage().window().setRect({ width, height }),
    reload: () => page.navigate().refresh(),
    screenshot: async (file) => writeFile(file, await page.takeScreenshot(), 'base64'),
    errors: async () => [],
    async close() {
      await page.quit().catch(() => undefined);
      await endGroup(server);
      await screen.end();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A page of headless Chromium over the development server `program`. */
export async function browserDriver(program) {
  const server = await startServer(program);
  const chrome = await browser();
  const context = await chrome.newContext({ viewport: SIZE, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(server.address);
  return pageDriver(page, server, async () => {
    await chrome.close();
    await server.end();
  });
}

/** A window of Chromium without its own bars, on a screen of its own, over the development server `program`. */
export async function chromiumWindow(program) {
  const server = await startServer(program);
  const screen = await startScreen();
  const startedAt = Date.now();
  const window = await browserWindow(join(server.home, 'chromium'), server.address, { ...process.env, DISPLAY: screen.display });
  const page = window.pages()[0] ?? (await window.waitForEvent('page'));
  const pid = await chromiumPid(join(server.home, 'chromium'));
  return {
    ...pageDriver(page, server, async () => {
      await window.close();
      await server.end();
      await screen.end();
    }),
    startedAt,
    pids: [pid, server.pid],
  };
}

async function startServer(program) {
  const home = await mkdtemp(join(tmpdir(), 'taskwright-window-'));
  const dist = process.env.TASKWRIGHT_UI ?? fileURLToPath(new URL('../dist', import.meta.url));
  const child = spawn(program, [dist], { env: personOf(home), stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const [address] = await once(createInterface({ input: child.stdout }), 'line');
  const end = async () => {
    await endGroup(child);
    await rm(home, { recursive: true, force: true });
  };
  return { home, address, pid: child.pid, end };
}

function pageDriver(page, server, close) {
  const said = [];
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  // Tests are texts in both drivers, so that they cannot reach for what only one of them has.
  const run = (test, ...values) => page.evaluate(`(${test})(...${JSON.stringify(values)})`);
  return {
    kind: 'browser',
    home: server.home,
    page,
    find: async (test, ...values) => {
      const handle = await page.evaluateHandle(`(${test})(...${JSON.stringify(values)})`);
      const element = handle.asElement();
      return element && { click: () => element.click() };
    },
    evaluate: run,
    press: (chord) => page.keyboard.press(chord),
    type: (text) => page.keyboard.type(text),
    resize: (width, height) => page.setViewportSize({ width, height }),
    reload: () => page.reload(),
    screenshot: (path) => page.screenshot({ path }),
    errors: async () => said,
    close,
  };
}

/** The environment of somebody who has just begun: a home of their own, everything else as it is. */
function personOf(home) {
  const { XDG_CONFIG_HOME, XDG_STATE_HOME, TASKWRIGHT_CONFIG, ...rest } = process.env;
  return { ...rest, HOME: home, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(process.env.HOME, '.cache') };
}

async function startScreen() {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', `${SIZE.width}x${SIZE.height}x24`, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = await once(createInterface({ input: server.stdio[3] }), 'line');
  return { display: `:${number}`, end: () => endProcess(server) };
}

async function session(port, application) {
  const capabilities = new Capabilities({ 'tauri:options': { application } });
  capabilities.setBrowserName('wry');
  const until = Date.now() + 30_000;
  for (;;) {
    try {
      return await new Builder().usingServer(`http://127.0.0.1:${port}/`).withCapabilities(capabilities).build();
    } catch (error) {
      // The driver has no way to say that it listens.
      if (Date.now() > until || error.code !== 'ECONNREFUSED') throw error;
      await new Promise((done) => setTimeout(done, 200));
    }
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function endProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Ends a process that we started as the first of its group, with those that it started. */
async function endGroup(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGTERM');
  await once(child, 'exit');
}
