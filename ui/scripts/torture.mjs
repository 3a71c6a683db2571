// What a terminal must live through, in the real window on the real core: floods, storms, hostile output, and the loss of
// what it stands on. `node scripts/torture.mjs app PROGRAM` or `… browser PROGRAM`; the current context is the host, and
// TASKWRIGHT_BIN the command line that boots and removes what is tortured.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { appDriver, browserDriver } from './drivers.mjs';
import { hands } from './hands.mjs';
import { runSteps } from './steps.mjs';

const [kind, program, pictures] = process.argv.slice(2);
const LONG = 60_000;
const taskwright = async (...args) => (await promisify(execFile)(process.env.TASKWRIGHT_BIN, args, { maxBuffer: 1 << 26 })).stdout;

const before = await ids();
await taskwright('preview', fileURLToPath(new URL('../../task-templates/blank', import.meta.url)), '--exec', 'true');
const preview = (await ids()).find((id) => !before.includes(id));
const driver = kind === 'app' ? await appDriver(program) : await browserDriver(program);
const { attach, shown, until } = hands(driver);
const close = driver.close;
driver.close = async () => {
  await close();
  await taskwright('down', preview);
};
if (pictures) await mkdir(pictures, { recursive: true });
let marks = 0;

const steps = {
  async 'a preview of another program is attached to'() {
    await shown(preview, 'main', LONG);
    await attach(preview);
    await ready();
  },

  async 'a storm of sizes ends with the size that is seen'() {
    await driver.type('seq 1 200000\n');
    for (let round = 0; round < 40; round += 1) await driver.resize(980 + ((round * 97) % 300), 620 + ((round * 61) % 180));
    await driver.resize(1280, 800);
    await pause(500);
    await run('true');
    const rows = await driver.evaluate(() => document.activeElement.closest('.xterm').querySelector('.xterm-rows').childElementCount);
    await run('clear; echo rows-$(stty size | cut -d" " -f1)-');
    assert.ok(await on(`rows-${rows}-`), `the shell has another number of rows than the ${rows} on the screen`);
  },

  async 'ten megabytes without a line end'() {
    await run('clear; head -c 10M /dev/zero | tr "\\0" x; echo');
  },

  async 'bytes that are no text'() {
    await run("clear; printf 'a\\xff\\xfe\\xc3(b\\xf0\\x9f'; echo");
    assert.ok(await on('b'), 'what can be read is there');
  },

  async 'wide and joined letters that arrive byte by byte'() {
    const text = '日本語 e\u0301 👩‍👩‍👧 ünï';
    const bytes = [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`);
    await run(`clear; for b in ${bytes.map((byte) => `'${byte}'`).join(' ')}; do printf "$b"; sleep 0.01; done; echo`);
    assert.ok(await on('日本語'), 'wide letters');
    assert.ok(await on('ünï'), 'letters with marks');
  },

  async 'sequences that ask for more than they may'() {
    const title = await driver.evaluate(() => document.title);
    const asks = ['\\e]0;owned\\a', '\\e[21t', '\\e[20t', '\\e]52;c;?\\a', '\\e]1337;File=name=eA==:AAAA\\a', '\\e]8;;javascript:alert(1)\\alink\\e]8;;\\a', '\\eP+q544e\\e\\\\'];
    await run(`clear; printf '${asks.join('')}'; read -rst 1 -n 200 answer; echo "answered-\${#answer}-"`);
    assert.ok(await on('answered-0-'), 'nothing is typed into the shell for them');
    assert.equal(await driver.evaluate(() => document.title), title, 'the title is ours');
    assert.equal(await driver.evaluate(() => document.querySelectorAll('.xterm a[href^=javascript]').length), 0);
  },

  async 'answers to questions about the terminal run nothing'() {
    await run(`clear; printf '\\eP$q"p\\e\\\\\\eP$q\\nid\\n\\e\\\\\\e[c'; read -rst 1 -n 200 answer; true`);
    assert.ok(!(await on('uid=')), 'no answer is a command');
  },

  async 'four panes of a flood, and each comes back to its prompt'() {
    for (const split of ['Control+Shift+D', 'Control+Shift+B', 'Control+Shift+D']) {
      await driver.type('yes\n');
      await driver.press(split);
      await ready();
    }
    await driver.type('yes\n');
    await pause(2000);
    await picture('floods');
    for (let pane = 0; pane < 4; pane += 1) {
      await driver.press('Control+c');
      await ready();
      await run(`clear; echo pane-${pane}`);
      await driver.press('Control+Shift+ArrowDown');
    }
  },

  async 'the host’s API is lost and found again'() {
    const { processes } = JSON.parse(await taskwright('sandbox', 'status', '--output', 'json'));
    process.kill(processes.find((one) => one.name === 'plane/kube-apiserver').pid, 'SIGKILL');
    try {
      await shown('Reconnecting', 'main', LONG);
      await picture('reconnecting');
    } finally {
      await taskwright('sandbox', 'up', '--yes');
    }
    await until('the shell again', () => !document.body.innerText.includes('Reconnecting'), LONG);
    await run('clear');
  },

  async 'the pod is deleted under the terminal'() {
    await driver.type('kubectl delete pod tty --namespace taskwright-seat --now --wait=false\n');
    await until('the reason', () => /pod (is being|was) deleted/.test(document.querySelector('main').innerText), LONG);
    await until('another attempt', () => /attempt [2-9]/.test(document.querySelector('main').innerText), LONG);
    await picture('pod-deleted');
  },
};

await runSteps(driver, steps, picture);

async function ids() {
  return JSON.parse(await taskwright('previews', '--output', 'json')).map((one) => one.id);
}

/** The terminal that has the keys shows a prompt. */
async function ready() {
  await until('a prompt with the keys', () => document.activeElement?.classList.contains('xterm-helper-textarea') && /\$\s*$/.test(document.activeElement.closest('.xterm').querySelector('.xterm-rows').innerText), LONG);
}

/** Runs a command and waits until what follows it is on the screen. */
async function run(command) {
  marks += 1;
  await driver.type(`${command}; echo over-$((${marks}+0))-\n`);
  await until(`the end of ${command.slice(0, 40)}`, (mark) => document.activeElement.closest('.xterm').querySelector('.xterm-rows').innerText.includes(mark), LONG, `over-${marks}-`);
}

function on(text) {
  return driver.evaluate((wanted) => document.activeElement.closest('.xterm').querySelector('.xterm-rows').innerText.includes(wanted), text);
}

async function picture(name) {
  if (pictures) await driver.screenshot(`${pictures}/torture-${kind}-${name}.png`);
}

function pause(time) {
  return new Promise((done) => setTimeout(done, time));
}
