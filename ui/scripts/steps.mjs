// Runs named steps one after the other in a real window, stops at the first that fails, and counts them.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Runs `steps` and ends the process; `picture(name)` keeps a screenshot. */
export async function runSteps(driver, steps, picture) {
  let [passed, failed] = [0, 0];
  for (const [name, step] of Object.entries(steps)) {
    const began = Date.now();
    try {
      await step();
      passed += 1;
      console.log(`  ✓ ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      console.log(`  × ${name}: ${error.message}`);
      await picture('failed').catch(() => undefined);
      failed += 1;
      break;
    }
  }
  const errors = await driver.errors();
  await driver.close();
  if (errors.length > 0) console.log(`  × the window said: ${errors.join(' | ')}`);
  failed += errors.length > 0 ? 1 : 0;
  // On a line of its own, whatever a program that just ended left behind.
  console.log(`\ntest result: ${passed} passed; ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

/** What axe finds in a page of Chromium that would keep somebody out. */
export async function barriers(page) {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run(document, { iframes: false, resultTypes: ['violations'] }));
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 140)} (${(node.any[0] ?? node.all[0] ?? node.none[0])?.message.slice(0, 160)})`).join('\n    ')}`);
}
