// Journeys through the window over the sample, in a real browser, with the keyboard wherever a person could use it.
// `node scripts/journeys.mjs terminal` makes only those whose name has `terminal` in it.
import assert from 'node:assert/strict';
import { browser, serve } from './window.mjs';

const site = await serve();
const chrome = await browser();
const wanted = process.argv[2] ?? '';
let failed = 0;

/** Answers of a terminal about itself: numbers and fixed letters, never a word that a program could have chosen. */
const HARMLESS = /^\x1b(\[[?>=]?[\d;]*[A-Za-z]|\[\?[\d;]+\$y|P[01]\$r[\d;]*(?:m|r| q|"p|"q)?\x1b\\|P>\|xterm\.js\([\d.]+\)\x1b\\|\](?:4;\d+|1[0-2]);rgb:[\da-f]{4}\/[\da-f]{4}\/[\da-f]{4}\x1b\\)$/;

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

  async 'what others write in other lines is taken in beside what is typed'(page) {
    await open(page, '');
    await workspace(page);
    await page.evaluate(() => bench.editor.show('task.yaml', 9, 80));
    await page.waitForTimeout(200);
    await page.keyboard.type(' mine');
    await page.evaluate(() => dispatchEvent(new CustomEvent('sample-disk-change', { detail: { path: 'task.yaml', text: bench.editor.file.saved.replace('timeLimit: 30m', 'timeLimit: 40m') } })));
    await page.getByText('both changes are in it now').waitFor();
    assert.match(await page.evaluate(() => bench.editor.file.text), /gone mine[\s\S]*timeLimit: 40m/);
    await page.keyboard.press('Control+z');
    assert.match(await page.evaluate(() => bench.editor.file.text), /gone\n[\s\S]*timeLimit: 40m/);
    await page.keyboard.press('Control+s');
    await until(page, () => !bench.editor.dirty && !bench.editor.file.conflict);
  },

  async 'closing a file never drops what was typed unasked'(page) {
    await open(page, '');
    await workspace(page);
    await page.locator('.cm-content').focus();
    await page.keyboard.type('x');
    await page.getByRole('button', { name: 'Close task.yaml' }).click();
    await page.getByRole('button', { name: 'Close task.yaml' }).click();
    await page.getByText('has changes that are not saved').waitFor();
    assert.ok(await page.evaluate(() => bench.editor.dirty));
    await page.getByRole('button', { name: 'Keep it open' }).click();
  },

  async 'the form adds a gate'(page) {
    await open(page, '');
    await workspace(page);
    await page.getByRole('button', { name: 'Form', exact: true }).click();
    const field = page.getByLabel('One more gate of orders-db');
    await field.fill('deployment/web');
    await field.press('Enter');
    await page.getByText('rollout KIND/NAME').waitFor();
    await field.fill('rollout deployment/web in shop, 2m');
    await field.press('Enter');
    await until(page, () => /ready:.*deployment\/web/.test(bench.editor.file.text));
  },

  async 'a host that is lost leads to another, and the boot goes on there'(page) {
    await open(page, 'speed=0&previews=none');
    await workspace(page);
    await page.evaluate(() => bench.chooseHost('eks-training'));
    await page.keyboard.press('F5');
    await page.getByRole('heading', { name: 'eks-training is not reachable' }).waitFor();
    await page.keyboard.press('Enter');
    await until(page, () => bench.seat !== null && bench.run.context === bench.host && bench.host !== 'eks-training');
  },

  async 'the doctor shows what it has found, can be stopped, and begins anew'(page) {
    await open(page, 'speed=0&hosts=slow');
    await page.evaluate(() => bench.showHost('eks-training'));
    await page.getByText('context eks-training found').waitFor();
    await page.getByText('Examining the connection to eks-training').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Stopped before its end').waitFor();
    await page.getByRole('button', { name: 'Examine again' }).click();
    await page.getByText('Examining the connection to eks-training').waitFor();
    // Another host is examined at once, and nothing of the one before is shown for it.
    await page.evaluate(() => bench.showHost('taskwright-sandbox'));
    await page.getByText('Everything a boot needs is in order').waitFor();
    assert.equal(await page.getByText('context eks-training found').count(), 0);
  },

  async 'the palette reaches previews, hosts and the sandbox'(page) {
    await open(page, 'speed=0');
    for (const [words, there] of [['assessments-eu', () => bench.host === 'assessments-eu'], ['boot on sandbox', () => bench.host === 'taskwright-sandbox'], ['sandbox down', () => bench.view === 'hosts'], ['attach', () => bench.seat !== null]]) {
      await page.locator('header.bar').getByRole('button', { name: 'Do anything' }).focus();
      await page.keyboard.press('Control+k');
      await page.keyboard.type(words);
      await page.keyboard.press('Enter');
      await until(page, there);
      await page.waitForTimeout(100);
    }
  },

  async 'a preview without its bundle here is sat in all the same'(page) {
    await open(page, 'speed=0');
    await page.evaluate(() => bench.attach({ ...bench.previews.list[0], folder: null }));
    await page.getByText('The statement is not here').waitFor();
    await until(page, () => bench.deck.session.status.is === 'open');
  },

  async 'nothing is cut off in a small window'(page) {
    await page.setViewportSize({ width: 960, height: 600 });
    await seat(page);
    for (const tab of ['Checks', 'Objects', 'Events', 'Logs', 'Statement']) {
      await page.getByRole('tab', { name: tab, exact: true }).click();
      await page.waitForTimeout(100);
      assert.deepEqual(await page.evaluate(cutOff), [], tab);
    }
    await page.evaluate(() => (bench.view = 'proof'));
    await page.waitForTimeout(100);
    assert.deepEqual(await page.evaluate(cutOff), [], 'proof');
    await page.evaluate(() => (bench.view = 'hosts'));
    await page.waitForTimeout(100);
    assert.deepEqual(await page.evaluate(cutOff), [], 'hosts');
    await page.evaluate(() => (bench.view = 'home'));
    await page.waitForTimeout(100);
    assert.deepEqual(await page.evaluate(cutOff), [], 'home');
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
    const text = 'grün 日本語 👩‍👩‍👧 e\u0301 ✔️ 🏳️‍🌈 🇩🇪 한글 नमस्ते a\u0300\u0301\u0302';
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
      const hostile = [
        // Titles, set and asked for; icons, folders, notices, pictures, the clipboard, fonts, links that are none.
        ']0;owned\x07', ']1;owned\x07', ']2;owned\x07', '[20t', '[21t', '[22;0t', '[8;500;500t', ']7;file:///owned\x07', ']9;owned\x07', ']777;notify;owned;owned\x07', ']50;owned\x07',
        ']1337;File=name=eA==;inline=1:AAAA\x07', ']1337;CopyToClipboard=;owned\x07', ']1337;ReportVariable=owned\x07', ']52;c;?\x07', ']52;c;!owned\x07',
        ']8;;javascript:owned()\x07link]8;;\x07', ']8;id=owned;file:///etc/passwd\x07link]8;;\x07',
        // What a terminal is asked about itself.
        '[c', '[>c', '[=c', '[5n', '[6n', '[?6n', '[?2004$p', '[>q', '\x05', 'P$qm\x1b\\', 'P$qowned\x1b\\', 'P$q"p\x1b\\', 'P+q6f776e6564\x1b\\', ']4;1;?\x07', ']10;?\x07', ']11;?;owned\x07', ']12;?\x07', '[1;1;1;1;1;1*y',
      ];
      for (const one of hostile) await new Promise((done) => term.write(one.startsWith('\x05') ? one : `\x1b${one.replaceAll('link]', 'link\x1b]')}`, done));
      listener.dispose();
      return answers;
    });
    assert.equal(await page.title(), title);
    assert.ok(sent.length > 5, 'programs do get their answers');
    for (const answer of sent) assert.match(answer, HARMLESS);
    assert.equal(await page.evaluate(() => document.querySelector('.notice, dialog[open]')), null);
  },

  async 'noise of any kind leaves the terminal alive'(page) {
    await seat(page);
    const answers = await page.evaluate(async () => {
      const { term } = bench.deck.session;
      const answers = [];
      const listener = term.onData((data) => answers.push(data));
      let seed = 7;
      const next = (most) => (seed = (seed * 48271) % 2147483647) % most;
      const marks = [0x1b, 0x1b, 0x9b, 0x5b, 0x5d, 0x50, 0x3b, 0x3f, 0x07, 0x5c, 0xff, 0xc0, 0xe2, 0xf0, 0x9f, 0x24];
      const noise = Uint8Array.from({ length: 400_000 }, () => (next(3) === 0 ? marks[next(marks.length)] : next(256)));
      for (let at = 0; at < noise.length; at += 1013) await new Promise((done) => term.write(noise.subarray(at, at + 1013), done));
      listener.dispose();
      await new Promise((done) => term.write('\x18\x1b\\\x1bc', done));
      return answers;
    });
    for (const answer of answers) assert.match(answer, HARMLESS);
    await page.evaluate(() => bench.deck.session.focus());
    await page.keyboard.press('Control+c');
    await page.keyboard.type('echo alive\n');
    await until(page, () => screen().includes('\nalive'));
  },

  async '10 MB without a new line are bounded and leave the window alive'(page) {
    await seat(page);
    const took = await page.evaluate(async () => {
      const begun = performance.now();
      for (let piece = 0; piece < 160; piece += 1) await new Promise((done) => bench.deck.session.term.write(new Uint8Array(65_536).fill(0x78), done));
      return performance.now() - begun;
    });
    console.log(`    ${(10_485_760 / 1e6 / (took / 1000)).toFixed(0)} MB/s`);
    assert.ok(await page.evaluate(() => bench.deck.session.term.buffer.active.length <= bench.settings.terminal.scrollback + bench.deck.session.term.rows));
    await page.keyboard.type('\necho alive\n');
    await until(page, () => screen().includes('\nalive'));
  },

  async 'a storm of sizes in a flood ends with the right one'(page) {
    await seat(page);
    await page.keyboard.type('yes\n');
    for (let step = 0; step < 30; step += 1) await page.setViewportSize({ width: 960 + ((step * 137) % 900), height: 600 + ((step * 71) % 400) });
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.keyboard.press('Control+c');
    await until(page, () => screen().trimEnd().endsWith('$'));
    await page.waitForTimeout(200);
    const [told, shown] = await page.evaluate(async () => {
      const [view] = await bench.backend.call('list_terminals', {});
      const { term } = bench.deck.session;
      return [[view.columns, view.rows], [term.cols, term.rows]];
    });
    assert.deepEqual(told, shown);
  },

  async 'a lost connection says why, and that it is back'(page) {
    await seat(page);
    const state = (detail) => page.evaluate((one) => dispatchEvent(new CustomEvent('sample-terminal-state', { detail: one })), detail);
    await state({ state: 'reconnecting', reason: 'the pod is starting again', attempt: 2 });
    await page.getByText('Reconnecting: the pod is starting again').waitFor();
    await state({ state: 'reconnected' });
    await until(page, () => /── [\d:]+ reconnected after [\d.]+ s: the pod is starting again ──/.test(screen()));
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

  async 'grading from the terminal, and again after a check was changed'(page) {
    await seat(page);
    await page.keyboard.press('F7');
    assert.equal(await page.evaluate(() => bench.grading.graded), null);
    await page.keyboard.press('Shift+F7');
    await page.getByText('5 of 10 points', { exact: true }).waitFor();
    await page.getByText('The pod orders-0 does not keep its data on the original volume.').waitFor();
    await page.evaluate(() => bench.editor.show('task.yaml', bench.editor.open.find((file) => file.path === 'task.yaml').text.split('\n').findIndex((line) => line.includes('points: 4')) + 1, 80));
    await page.waitForTimeout(200);
    await page.keyboard.type('0');
    await page.keyboard.press('F7');
    await until(page, () => bench.grading.graded?.grade?.of > 10);
    assert.equal(await page.evaluate(() => bench.editor.dirty), false);
  },

  async 'the candidate’s seat shows no grade'(page) {
    await seat(page);
    await page.keyboard.press('F6');
    await page.keyboard.press('Shift+F7');
    await page.getByText('5 of 10 points', { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => bench.layout.preset), 'write');
    await page.keyboard.press('F6');
    await until(page, () => bench.layout.preset === 'seat');
    assert.equal(await page.getByText('points').count(), 0);
  },

  async 'a preview of an unknown bundle says how it can be graded, and is graded when it is open'(page) {
    await open(page, 'speed=0');
    await page.evaluate(() => bench.openWorkspace('/home/you/tasks', '/home/you/tasks/blank'));
    await page.evaluate(() => bench.attach({ ...bench.previews.list[0], folder: null }));
    await page.keyboard.press('Shift+F7');
    await page.getByText('The bundle of this preview is not known here').waitFor();
    await page.evaluate(() => bench.openBundle({ folder: '/home/you/tasks/postgres-recovery' }));
    await page.getByRole('button', { name: /^Grade F7/ }).click();
    await page.getByText('5 of 10 points', { exact: true }).waitFor();
  },

  async 'a proof by keys: made, walked through, left and come back to'(page) {
    await open(page, 'speed=0&prove=failed');
    await workspace(page);
    await page.keyboard.press('F9');
    await page.keyboard.press('Control+F9');
    await page.getByText('Not proven: 3 of 4 cases came out wrong').first().waitFor();
    await page.locator('[data-place="untouched/"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('It passes before anybody has done anything').waitFor();
    assert.match(await page.evaluate(() => document.activeElement.textContent.replace(/\s+/g, ' ')), /database-is-ready, untouched: ?pass ?must fail ?, wrong/);
    for (const key of ['End', 'PageDown']) await page.keyboard.press(key);
    await page.getByText('It did not end within its timeout of 120 s.').waitFor();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Details');
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.place), 'pod-by-hand/survives-restart');
    await page.getByRole('heading', { name: '3 things did not come out as they have to' }).waitFor();
    await page.keyboard.press('F9');
    await page.getByRole('button', { name: 'proof failed' }).waitFor();
    await until(page, () => bench.editor.files.some((file) => file.path === 'proof.json'));
  },

  async 'a proof is stopped, and one that was made holds until a file is saved'(page) {
    await open(page, 'speed=0&hold=84000');
    await workspace(page);
    await page.keyboard.press('F9');
    await page.keyboard.press('Control+F9');
    await page.getByRole('button', { name: 'Stop the proof' }).click();
    await page.getByText('Stopped after 0 of 4 cases').first().waitFor();
    await open(page, 'speed=0&proof=holds');
    await until(page, () => bench.delivery.proof === null || bench.delivery.proof.view !== null);
    if (await page.evaluate(() => bench.editor === null)) await workspace(page);
    await page.evaluate(() => (bench.view = 'bench'));
    await page.getByRole('button', { name: 'proven', exact: true }).waitFor();
    await page.locator('.cm-content').focus();
    await page.keyboard.type('#');
    await page.keyboard.press('Control+s');
    await page.getByRole('button', { name: 'changed since its proof' }).waitFor();
  },

  async 'a proof under way is shown when its bundle is opened, and stopped from there'(page) {
    await open(page, 'speed=0&proving&hold=84000');
    await workspace(page);
    await page.getByRole('button', { name: /^proving, 0 of 4 done/ }).click();
    await page.getByRole('button', { name: 'Stop the proof' }).click();
    await page.getByText('Stopped after 0 of 4 cases').first().waitFor();
  },

  async 'from nothing to an export by keys: locked, proven, shipped, and then nothing has changed'(page) {
    await open(page, 'speed=0&lock=missing&exports=none');
    await workspace(page);
    await page.keyboard.press('Control+Shift+X');
    await page.getByText('What the bundle pulls in was never locked.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Export', exact: true }).isDisabled(), true);
    assert.equal(await page.evaluate(() => document.activeElement.value), 'file');
    await page.getByRole('button', { name: 'Lock', exact: true }).press('Enter');
    await page.getByRole('button', { name: 'Back to the export' }).press('Enter');
    await page.getByRole('button', { name: 'Prove', exact: true }).press('Enter');
    await page.getByText('The bundle is proven').waitFor();
    await page.keyboard.press('Control+Shift+X');
    await page.getByText('This is the first export to this place.', { exact: true }).first().waitFor();
    await page.getByRole('textbox', { name: 'File', exact: true }).press('Enter');
    await page.getByText('taskwright verify /home/you/tasks/postgres-recovery.taskbundle').waitFor();
    await until(page, () => document.activeElement.textContent === 'Done');
    await page.getByRole('button', { name: 'Export again' }).press('Enter');
    await page.getByText('Nothing has changed since the export that is there.', { exact: true }).first().waitFor();
    await page.keyboard.press('Escape');
    await until(page, () => bench.dialog === null && bench.editor.files.some((file) => file.path === 'task.lock'));
  },

  async 'an export goes on when its dialog is closed, and says when it is there'(page) {
    await open(page, 'speed=4&proof=holds');
    await workspace(page);
    await page.keyboard.press('Control+Shift+X');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'exporting' }).waitFor();
    await page.getByText(/postgres-recovery is exported to oci:/).waitFor();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('For whoever takes it in').waitFor();
  },

  async 'a problem of a lock leads to its line'(page) {
    await open(page, 'speed=0&lock=missing&locking=fails');
    await workspace(page);
    await page.evaluate(() => bench.delivery.lockBundle());
    await page.getByRole('button', { name: /was not rendered/ }).press('Enter');
    await until(page, () => bench.dialog === null && bench.editor.active === 'task.yaml');
    assert.equal(await page.evaluate(() => bench.editor.file.state.doc.lineAt(bench.editor.file.state.selection.main.head).number), 19);
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
    await page.keyboard.press('Shift+F5');
    await page.getByText(/Removes .*postgres-recovery-l3rb3.* its namespace/).waitFor();
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

/** Controls that stick out of the window or of the bar they stand in. */
function cutOff() {
  const out = [];
  for (const one of document.querySelectorAll('button, input, select, [role="tab"]')) {
    const box = one.getBoundingClientRect();
    const bar = one.closest('.tools, .bar, .head, header')?.getBoundingClientRect();
    if (box.width > 0 && !one.closest('[inert]') && (box.right > innerWidth + 0.5 || (bar && box.right > bar.right + 0.5))) out.push(one.textContent || one.ariaLabel);
  }
  return out;
}

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
    console.log(`  × ${name}: ${String(error.message).split('\n').slice(0, 6).join(' | ')} ${said.slice(0, 5).join(' | ')}`);
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
