// Makes a picture of every screen and state into docs/screenshots/, and examines each for accessibility on the way.
// `node scripts/screenshots.mjs home seat` makes only those; `--size=960x600 --scale=2 --theme=dark --out=/tmp/small` makes them so, elsewhere.
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SCREENS } from './screens.mjs';
import { barriers } from './steps.mjs';
import { browser, serve } from './window.mjs';

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { theme: { type: 'string' }, size: { type: 'string', default: '1440x900' }, scale: { type: 'string', default: '1.5' }, out: { type: 'string', default: fileURLToPath(new URL('../../docs/screenshots', import.meta.url)) } },
});
const [width, height] = values.size.split('x').map(Number);
const out = `${values.out}/`;

await mkdir(out, { recursive: true });
const site = await serve();
const chrome = await browser();
let bad = 0;
const made = [];
for (const screen of SCREENS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const themes = values.theme ? [values.theme] : ['light', ...(screen.both ? ['dark'] : []), ...(screen.high ? ['high-contrast'] : [])];
  for (const theme of themes) bad += await picture(screen, theme);
}
await chrome.close();
site.stop();
if (made.length > 0) shrink(made);
console.log(bad === 0 ? 'no serious finding' : `${bad} findings`);
process.exit(bad === 0 ? 0 : 1);

async function picture({ name, search = '', steps = [] }, theme) {
  const context = await chrome.newContext({ viewport: { width, height }, deviceScaleFactor: Number(values.scale), bypassCSP: true, reducedMotion: 'reduce', timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  made.push(`${out}${name}-${theme}.png`);
  const said = [];
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  let found = 0;
  try {
    await page.goto(`${site.address}?theme=${theme}&${search}`);
    await page.waitForFunction(() => document.fonts.status === 'loaded' && document.querySelector('main, .seat'));
    await page.waitForTimeout(400);
    for (const step of steps) await step(page);
    await page.waitForTimeout(250);
    await page.screenshot({ path: `${out}${name}-${theme}.png` });
    found = await examine(page, `${name} ${theme}`);
  } catch (error) {
    console.log(`${name} ${theme}: ${error.message.split('\n').slice(0, 4).join(' | ')}`);
    await page.screenshot({ path: `${out}${name}-${theme}.png` });
    found = 1;
  }
  for (const text of said) console.log(`${name} ${theme}: console: ${text}`);
  await context.close();
  return found + said.length;
}

/** A palette of 256 colours is enough for a window, and a third of the size; left as they are without ImageMagick. */
function shrink(files) {
  try {
    execFileSync('mogrify', ['-strip', '+dither', '-colors', '256', ...files]);
  } catch {
    console.log('ImageMagick is not here: the pictures stay large');
  }
}

async function examine(page, name) {
  const found = await barriers(page);
  for (const one of found) console.log(`${name}: ${one}`);
  return found.length;
}
