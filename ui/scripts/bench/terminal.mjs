// Measures the terminal of a window that sits in a seat: throughput, keys, Ctrl+C under a flood, and whether all arrives.
import { hands } from '../hands.mjs';

const LINE = '2026-01-01T00:00:00Z \x1b[32mINFO\x1b[0m request 000000000000 of cart was served by orders in 12 ms';
/** Nobody asks the page anything so soon after a key: the asking itself would be in the way of what is measured. */
const REST = 100;

/** Everything that is measured in one terminal; `told` hears of each figure as soon as it is known. */
export async function measureTerminal(driver, { megabytes, rounds, interrupts, keys }, told) {
  const seat = terminal(driver);
  await seat.focus();
  const lines = Math.ceil((megabytes * 1024 * 1024) / (LINE.length + 2));
  await seat.run(`seq -f '${LINE.replace('000000000000', '%012.0f').replaceAll('\x1b', '\\033')}' 1 ${lines} | sed 's/\\\\033/\\x1b/g' > /tmp/flood`);
  const pod = [];
  const alone = [];
  for (let round = 0; round < rounds; round += 1) {
    pod.push(megabytes / ((await seat.run('cat /tmp/flood')) / 1000));
    alone.push(megabytes / ((await seat.alone(lines)) / 1000));
  }
  told({ pod, alone });
  told({ key: await seat.keys(keys) });
  const interrupt = [];
  for (let round = 0; round < interrupts; round += 1) interrupt.push(await seat.interrupt());
  told({ interrupt });
  const before = await driver.evaluate(() => window.measure.lines());
  await seat.run('clear; seq 1 1000000');
  const after = await driver.evaluate(() => window.measure.lines());
  told({ counted: after - before, last: await seat.has('1000000') });
}

/** Hands at the terminal that has the keys. */
export function terminal(driver) {
  const { until } = hands(driver);
  let marks = 0;
  const shows = (text) => driver.evaluate((wanted) => (document.activeElement.closest('.xterm')?.querySelector('.xterm-rows')?.innerText ?? '').includes(wanted), text);
  return {
    focus: () => until('a terminal with the keys', () => document.activeElement?.classList.contains('xterm-helper-textarea') && document.activeElement.closest('.xterm').innerText.includes('$'), 30_000),
    has: shows,

    /** Runs a command; milliseconds from Enter until what comes after its output is on the screen. */
    async run(command) {
      marks += 1;
      await driver.type(`${command}; echo over-$((${marks}+0))-`);
      await driver.evaluate(watchFor, `over-${marks}-`, 'Enter');
      await driver.press('Enter');
      return result(driver);
    },

    /** The same text from memory into a terminal alone, in the same page. */
    async alone(lines) {
      await driver.evaluate((line, count) => void (window.took = window.measure.alone(`${line}\r\n`.repeat(count / 32), 32)), LINE, lines);
      const took = await result(driver);
      await driver.evaluate(() => document.querySelector('.xterm-helper-textarea').focus());
      return took;
    },

    /** Milliseconds from each key to its letter on the screen. */
    async keys(count) {
      const took = [];
      for (let typed = 0; typed < count; typed += 1) {
        const letter = 'abcdefghij'[typed % 10];
        await driver.evaluate(watchForLetter);
        await driver.press(letter);
        took.push(await result(driver));
        if (typed % 40 === 39) await driver.press('Control+u');
      }
      await driver.press('Control+u');
      return took;
    },

    /** Milliseconds from Ctrl+C under `yes` to the prompt. */
    async interrupt() {
      await driver.type('clear; yes\n');
      await until('the flood', () => document.activeElement.closest('.xterm').querySelector('.xterm-rows').innerText.startsWith('y'));
      await new Promise((done) => setTimeout(done, 2000));
      await driver.evaluate(watchFor, '$', 'c');
      await driver.press('Control+c');
      return result(driver);
    },
  };
}

async function result(driver) {
  await new Promise((done) => setTimeout(done, REST));
  return driver.evaluate(() => window.took);
}

/** In the page: from the key `key` until `text` is on the screen and painted. */
function watchFor(text, key) {
  const screen = document.activeElement.closest('.xterm').querySelector('.xterm-rows');
  window.took = new Promise((done) => {
    const begin = (event) => {
      if (event.key !== key) return;
      removeEventListener('keydown', begin, true);
      const began = performance.now();
      const look = () => (screen.textContent.includes(text) ? done(performance.now() - began) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    };
    addEventListener('keydown', begin, true);
  });
}

/** In the page: from the next key until the screen changes. */
function watchForLetter() {
  const screen = document.activeElement.closest('.xterm').querySelector('.xterm-rows');
  const text = screen.textContent;
  window.took = new Promise((done) => {
    const begin = () => {
      const began = performance.now();
      const observer = new MutationObserver(() => {
        if (screen.textContent === text) return;
        observer.disconnect();
        done(performance.now() - began);
      });
      observer.observe(screen, { subtree: true, childList: true, characterData: true });
    };
    addEventListener('keydown', begin, { capture: true, once: true });
  });
}
