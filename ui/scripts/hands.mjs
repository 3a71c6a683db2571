// What a person does at a window, over any driver: look for something, wait until it is shown, read the screen.
import assert from 'node:assert/strict';

const SOON = 10_000;

/** Eyes and hands for a window that `driver` drives. */
export function hands(driver) {
  const words = async (test) => (await driver.evaluate(test).catch(() => '')).replace(/\s+/g, ' ');
  const text = async () => {
    const page = await words(() => document.body.innerText);
    const terminal = await words(() => document.querySelector('.xterm-rows')?.innerText ?? '');
    return `${page.slice(0, 1500)}; its terminal ends with: ${terminal.slice(-500)}`;
  };

  const until = async (what, test, limit = SOON, ...values) => {
    const end = Date.now() + limit;
    while (!(await driver.evaluate(test, ...values).catch(() => false))) {
      assert.ok(Date.now() < end, `no ${what} after ${limit / 1000} s; the window shows: ${await text()}`);
      await pause();
    }
  };

  const element = async (test, what, ...values) => {
    const end = Date.now() + SOON;
    for (;;) {
      const found = await driver.find(test, ...values).catch(() => null);
      if (found) return { click: () => click(found, test, end, ...values) };
      assert.ok(Date.now() < end, `${what} is not there; the window shows: ${await text()}`);
      await pause();
    }
  };

  // What is drawn anew between the look and the click is looked for once more.
  const click = async (found, test, end, ...values) => {
    for (let target = found; ; target = (await driver.find(test, ...values).catch(() => null)) ?? target) {
      try {
        return await target.click();
      } catch (error) {
        if (Date.now() > end) throw error;
        await pause();
      }
    }
  };

  return {
    until,
    element,
    /** Goes to the seat of a preview that is in the list. */
    attach: async (preview) => (await element((id) => [...document.querySelectorAll('main li')].find((one) => one.textContent.includes(id))?.querySelector('button'), `a way to ${preview}`, preview)).click(),
    button: (name) => element((wanted) => [...document.querySelectorAll('button')].find((one) => (one.getAttribute('aria-label') ?? one.textContent).trim().includes(wanted)), `the button ${name}`, name),
    shown: (wanted, where = 'body', limit = SOON) => until(`“${wanted}”`, (words, selector) => [...document.querySelectorAll(selector)].some((one) => one.textContent.includes(words)), limit, wanted, where),
  };
}

// Neither driver tells when a page has changed, so the page is asked again.
function pause() {
  return new Promise((done) => setTimeout(done, 100));
}
