// Journeys through the window over the sample, in a real browser, with the keyboard wherever a person could use it.
// `node scripts/journeys.mjs terminal` makes only those whose name has `terminal` in it.
import assert from 'node:assert/strict';
import { browser, serve } from './window.mjs';

const site = await serve();
const chrome = await browser();
const wanted = process.argv[2] ?? '';
let failed = 0;

const journeys = {
  async 'example to prompt in one click and one key'(page) {
    await open(page, 'speed=0&recent=none&previews=none');
    await page.getByRole('button', { name: 'Open the example' }).click();
    await page.locator('.cm-content').waitFor();
    await page.keyboard.press('F5');
    await page.locator('.xterm-helper-textarea').waitFor({ state: 'attached' });
    await until(page, () => document.activeElement?.classList.contains('xterm-helper-textarea'));
    await page.keyboard.type('echo here\n');
    await until(page, () => screen().includes('\nhere'));
  },

  async 'break it, see it, fix it, all by keys'(page) {
    await open(page, 'broken');
    await workspace(page);
    await until(page, () => bench.errors === 2);
    for (const left of [1, 0]) {
      await page.keyboard.press('F8');
      await page.evaluate(() => bench.editor.fix(bench.editor.diagnostics[0].fixes[0]));
      await until(page, (wantedErrors) => bench.errors === wantedErrors, left);
    }
    await page.keyboard.press('Control+s');
    await until(page, () => !bench.editor.dirty);
  },

  async 'a broken bundle does not boot'(page) {
    await open(page, 'broken');
    await workspace(page);
    await page.keyboard.press('F5');
    await page.getByText('must be corrected before a boot').waitFor();
    assert.equal(await page.evaluate(() => bench.run), null);
  },

  async 'typing is never lost to another program'(page) {
    await open(page, '');
    await workspace(page);
    await page.evaluate(() => bench.editor.show('task.yaml', 8, 80));
    await page.waitForTimeout(200);
    await page.keyboard.type(' mine');
    await page.evaluate(() => dispatchEvent(new CustomEvent('sample-disk-change', { detail: { path: 'task.yaml', text: 'theirs\n' } })));
    await page.getByRole('alert').getByText('changed on disk').waitFor();
    assert.match(await page.evaluate(() => bench.editor.file.text), /mine/);
    await page.getByRole('button', { name: 'Take the disk’s' }).click();
    assert.equal(await page.evaluate(() => bench.editor.file.text), 'theirs\n');
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+z');
    assert.match(await page.evaluate(() => bench.editor.file.text), /mine/);
  },

  async 'the form edits the same text and keeps its comments'(page) {
    await open(page, '');
    await workspace(page);
    await page.evaluate(() => bench.editor.file.replace(bench.editor.file.text.replace('  title: The', '  # what people read\n  title: The')));
    await page.getByRole('button', { name: 'Form', exact: true }).click();
    const title = page.getByLabel('Title', { exact: true }).first();
    await title.fill('Where are the orders');
    await title.press('Enter');
    await until(page, () => bench.editor.file.text.includes('# what people read\n  title: Where are the orders'));
  },

  async 'the terminal keeps its keys'(page) {
    await seat(page);
    for (const chord of ['Control+k', 'Control+p', 'Control+w', 'Control+b', 'F8']) await page.keyboard.press(chord);
    assert.equal(await page.evaluate(() => bench.dialog), null);
    await page.keyboard.press('Control+Shift+P');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.press('Escape');
    await until(page, () => document.activeElement?.classList.contains('xterm-helper-textarea'));
    await page.keyboard.press('F6');
    await page.locator('.seat').waitFor();
    await page.keyboard.press('F6');
    await page.locator('header.bar').waitFor();
  },

  async 'a terminal keeps its screen through tabs, seat and splits'(page) {
    await seat(page);
    await page.keyboard.type('echo kept\n');
    await until(page, () => screen().includes('\nkept'));
    await page.keyboard.press('Control+Shift+T');
    await until(page, () => bench.deck.tabs.length === 2 && bench.deck.session.status.is === 'open');
    await page.keyboard.press('Control+Shift+ArrowRight');
    await until(page, () => screen().includes('\nkept'));
    await page.keyboard.press('Control+Shift+D');
    await until(page, () => bench.deck.tab.panes.length === 2);
    await page.keyboard.press('F6');
    await page.locator('.seat').waitFor();
    await page.keyboard.press('F6');
    assert.ok(await page.evaluate(() => bench.deck.tab.panes.some((pane) => Array.from({ length: 20 }, (_, line) => pane.term.buffer.active.getLine(line)?.translateToString(true)).includes('kept'))));
  },

  async 'letters split at every byte stay whole'(page) {
    await seat(page);
    const text = 'grün 日本語 👩‍👩‍👧 é ✔️';
    await page.evaluate((line) => bench.deck.session.paste(`echo ${line}`), text);
    await page.keyboard.press('Enter');
    await until(page, (line) => screen().includes(`\n${line}\n`), text);
  },

  async 'hostile sequences do nothing'(page) {
    await seat(page);
    const title = await page.title();
    const sent = await page.evaluate(async () => {
      const { term } = bench.deck.session;
      const answers = [];
      const listener = term.onData((data) => answers.push(data));
      const hostile = '\x1b]0;owned\x07\x1b]2;owned\x07\x1b]52;c;?\x07\x1b[21t\x1b]1337;File=name=eA==;inline=1:AAAA\x07\x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07\x1bP$qm\x1b\\';
      await new Promise((done) => term.write(hostile, done));
      listener.dispose();
      return answers;
    });
    assert.equal(await page.title(), title);
    for (const answer of sent) assert.match(answer, /^\x1bP[01]\$r/, 'only the harmless answer about attributes');
  },

  async 'a program asks before it writes the clipboard'(page) {
    await seat(page);
    await page.evaluate(() => bench.deck.session.term.write(`\x1b]52;c;${btoa('secret')}\x07`));
    await page.getByText('wants to copy 6 characters: secret').waitFor();
  },

  async 'a paste of lines is asked about'(page) {
    await seat(page);
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text/plain', 'echo one\necho two\n');
      document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await page.getByText('runs 1 line at once').waitFor();
    await page.keyboard.press('Enter');
    await until(page, () => screen().includes('\none'));
  },

  async 'Ctrl+C ends a flood at once and the window stays alive'(page) {
    await seat(page);
    await page.keyboard.type('yes\n');
    await page.waitForTimeout(1500);
    const gaps = await page.evaluate(() => new Promise((done) => {
      const seen = [];
      let last = performance.now();
      const frame = (now) => {
        seen.push(now - last);
        last = now;
        if (seen.length < 90) requestAnimationFrame(frame);
        else done(seen.sort((a, b) => a - b));
      };
      requestAnimationFrame(frame);
    }));
    const begun = Date.now();
    await page.keyboard.press('Control+c');
    await until(page, () => screen().trimEnd().endsWith('$'));
    console.log(`    frame gap p95 ${gaps[Math.floor(gaps.length * 0.95)].toFixed(0)} ms, prompt after ${Date.now() - begun} ms`);
    assert.ok(gaps[Math.floor(gaps.length * 0.95)] < 250);
  },

  async '30 000 lines arrive whole'(page) {
    await seat(page);
    await page.keyboard.type('seq 1 30000\n');
    await until(page, () => screen().includes('\n30000\n'));
  },

  async 'an ended shell says how and opens anew'(page) {
    await seat(page);
    await page.keyboard.type('exit\n');
    await page.getByText('ended with exit code 0').waitFor();
    await page.keyboard.press('Enter');
    await until(page, () => bench.deck.session.status.is === 'open');
  },

  async 'a reload comes back to the seat'(page) {
    await seat(page);
    const id = await page.evaluate(() => bench.seat.id);
    await page.reload();
    await until(page, () => globalThis.bench?.seat);
    assert.equal(await page.evaluate(() => bench.seat.id), id);
    await page.locator('.xterm-helper-textarea').waitFor({ state: 'attached' });
  },

  async 'objects by keys: filter, YAML, logs'(page) {
    await seat(page);
    await page.getByRole('tab', { name: 'Objects' }).click();
    await page.getByRole('grid').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('orders');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('y');
    await page.getByText('claimName: pgdata-orders-0').waitFor();
    await page.keyboard.press('l');
    await page.getByText('relation "orders" does not exist').waitFor();
  },

  async 'a key can be changed and clashes are shown'(page) {
    await open(page, '');
    await workspace(page);
    await page.evaluate(() => (bench.dialog = 'keys'));
    await page.getByRole('button', { name: /Check the bundle, change the key/ }).click();
    await page.keyboard.press('Control+Shift+K');
    await until(page, () => bench.settings.keys.check?.[0] === 'mod+shift+k');
  },

  async 'tear down says what it removes'(page) {
    await seat(page);
    await page.locator('header.bar').getByRole('button', { name: 'Do anything' }).focus();
    await page.keyboard.press('Shift+F5');
    await page.getByText(/Removes namespace .*postgres-recovery-l3rb3/).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('is removed: namespace and 14 objects').waitFor();
  },

  async 'cancelling a boot ends it'(page) {
    await open(page, 'speed=1&previews=none');
    await workspace(page);
    await page.keyboard.press('F5');
    await page.getByRole('button', { name: 'Cancel the boot' }).click();
    await until(page, () => bench.run.timeline.outcome === 'cancelled');
  },
};

for (const [name, journey] of Object.entries(journeys).filter(([one]) => one.includes(wanted))) failed += await travel(name, journey);
await chrome.close();
site.stop();
console.log(failed === 0 ? 'all journeys arrived' : `${failed} journeys did not arrive`);
process.exit(failed === 0 ? 0 : 1);

async function travel(name, journey) {
  const context = await chrome.newContext({ viewport: { width: 1280, height: 720 }, reducedMotion: 'reduce', bypassCSP: true });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const said = [];
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('request', (request) => request.url().startsWith(site.address) || /^(data|blob|about):/.test(request.url()) || said.push(`asked for ${request.url()}`));
  try {
    await journey(page);
    assert.deepEqual(said, []);
    console.log(`  ✓ ${name}`);
    return 0;
  } catch (error) {
    console.log(`  × ${name}: ${String(error.message).split('\n').slice(0, 6).join(' | ')} ${said.join(' | ')}`);
    return 1;
  } finally {
    await context.close();
  }
}

async function open(page, search) {
  await page.addInitScript(() => {
    globalThis.screen = () => {
      const { active } = bench.deck.session.term.buffer;
      return Array.from({ length: active.length }, (_, line) => `\n${active.getLine(line)?.translateToString(true) ?? ''}`).join('').trimEnd() + '\n';
    };
  });
  await page.goto(`${site.address}?${search}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForTimeout(300);
}

async function workspace(page) {
  await page.getByRole('button', { name: /^postgres-recovery/ }).first().click();
  await page.locator('.cm-content').waitFor();
  await until(page, () => bench.editor.checked);
}

async function seat(page) {
  await open(page, 'speed=0');
  await page.getByRole('button', { name: 'Attach' }).click();
  await until(page, () => bench.deck?.session?.status.is === 'open' && document.activeElement?.classList.contains('xterm-helper-textarea'));
  await page.waitForTimeout(150);
}

async function until(page, test, value) {
  await page.waitForFunction(test, value, { timeout: 8000 });
}
