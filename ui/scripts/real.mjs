// A creator's first quarter of an hour, in the real window on the real core: the example is opened, broken, mended,
// booted, sat in, reloaded and removed. `node scripts/real.mjs app PROGRAM`, or `… browser PROGRAM` with the
// development server. Needs a host: the sandbox, or the current context.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { appDriver, browserDriver } from './drivers.mjs';
import { hands } from './hands.mjs';
import { barriers, runSteps } from './steps.mjs';

const [kind, program, pictures] = process.argv.slice(2);
const BOOT = 240_000;

const driver = kind === 'app' ? await appDriver(program) : await browserDriver(program);
const { button, element, shown, until } = hands(driver);
if (pictures) await mkdir(pictures, { recursive: true });

const steps = {
  async 'the window opens on an empty home'() {
    await button('Open the example');
    await picture('home');
  },

  async 'the example opens in the editor'() {
    await (await button('Open the example')).click();
    await shown('apiVersion: taskwright.dev/v1alpha1', '.cm-content');
    await until('no problems', () => document.querySelector('.cm-content') !== null && document.querySelectorAll('.cm-lintRange-error').length === 0);
    await picture('editor');
  },

  async 'a mistake is shown while it is typed, and goes when it is mended'() {
    await (await element(() => document.querySelector('.cm-content'), 'the editor')).click();
    await driver.press('Control+End');
    await driver.type('nonsense: true\n');
    await shown('nonsense', '.cm-lintRange-error');
    await picture('mistake');
    for (let presses = 0; presses < 8 && (await driver.evaluate(() => document.querySelector('.cm-content').textContent.includes('nonsense'))); presses += 1) await driver.press('Control+z');
    await until('the mistake gone', () => document.querySelectorAll('.cm-lintRange-error').length === 0);
  },

  async 'one key boots, and the bars show what each step does'() {
    await driver.press('F5');
    await shown('control plane', 'body', 30_000);
    await picture('boot');
    await until('the prompt', () => (document.querySelector('.xterm-rows')?.textContent ?? '').includes('$'), BOOT);
    await picture('seat');
  },

  async 'the terminal is the candidate’s'() {
    await until('the terminal has the keys', () => document.activeElement?.classList.contains('xterm-helper-textarea'));
    await driver.type('echo $((6*7))-$(whoami)-$(kubectl get namespaces -o name | grep -c default)\n');
    await shown('42-candidate-1', '.xterm-rows');
  },

  async 'Ctrl+C ends a flood'() {
    await driver.type('yes\n');
    // Once it runs: what is pressed between a shell's reading and its starting of a program is lost, on any terminal.
    await until('the flood', () => [...document.querySelector('.xterm-rows').children].filter((row) => row.textContent.trim() === 'y').length > 3);
    await driver.press('Control+c');
    await driver.type('clear; echo calm-$?\n');
    await shown('calm-0', '.xterm-rows');
  },

  async 'a reload comes back to the same shell'() {
    await driver.type('here=still-$((40+2)); clear; echo $here\n');
    await shown('still-42', '.xterm-rows');
    await driver.reload();
    await shown('still-42', '.xterm-rows', 30_000);
    await until('the terminal has the keys', () => document.querySelector('.xterm-helper-textarea') !== null);
    await (await element(() => document.querySelector('.xterm-screen'), 'the terminal')).click();
    await driver.type('echo again-$here\n');
    await shown('again-still-42', '.xterm-rows');
    await shown('Ready after');
    await picture('after-reload');
  },

  async 'an update finds nothing that changed, and the shell stays'() {
    // The terminal has the keys, and Ctrl+F5 would be the shell’s.
    await driver.press('Control+Shift+F5');
    await shown('is up to date with its bundle', 'body', 60_000);
    await picture('updated');
    await (await element(() => document.querySelector('.xterm-screen'), 'the terminal')).click();
    await driver.type('clear; echo stays-$here\n');
    await shown('stays-still-42', '.xterm-rows');
  },

  async 'grading says what the work is worth, which is a point for a database that answers'() {
    await (await element(() => [...document.querySelectorAll('[role=tab]')].find((one) => one.textContent.trim().startsWith('Checks')), 'the checks')).click();
    await (await button('Grade')).click();
    await shown('1 of 10 points', 'body', 120_000);
    await picture('graded');
  },

  async 'tearing down removes everything'() {
    await driver.press('Shift+F5');
    await shown(': its namespace with the vCluster');
    await driver.press('Enter');
    await shown('is removed: namespace and', 'body', 120_000);
    await picture('removed');
  },

  async 'what was never locked is locked, and what was never proven is exported by force'() {
    await driver.press('Control+Shift+X');
    await shown('What the bundle pulls in was never locked');
    await picture('export');
    await (await button('Lock')).click();
    await shown('Back to the export', 'button', 60_000);
    await (await button('Back to the export')).click();
    await shown('The bundle was never proven');
    await (await element(() => [...document.querySelectorAll('label')].find((one) => one.textContent.includes('Export it all the same')), 'the way by force')).click();
    await (await button('Export by force')).click();
    await shown('For whoever takes it in');
    await picture('exported');
    await (await button('Export again')).click();
    await shown('Nothing has changed since the export that is there');
  },
};

await runSteps(driver, steps, picture);

async function picture(name) {
  if (pictures) await driver.screenshot(`${pictures}/${kind}-${name}.png`);
  const found = driver.page ? await barriers(driver.page) : [];
  assert.deepEqual(found, [], `axe has something against ${name}`);
}
