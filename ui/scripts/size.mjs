// Weighs what is loaded at start and fails when it is more than the budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 600_000;
const dist = new URL('../dist/', import.meta.url);
const page = readFileSync(new URL('index.html', dist), 'utf8');
const seen = new Set();
const queue = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]);
let bytes = 0;
while (queue.length > 0) {
  const path = queue.pop();
  if (seen.has(path)) continue;
  seen.add(path);
  const code = readFileSync(new URL(path, dist), 'utf8');
  bytes += gzipSync(code).length;
  for (const [, file] of code.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) queue.push(`assets/${file}`);
  // The first dynamic import is the app itself, so it counts as loaded at start.
  if (/index-|main-/.test(path)) for (const [, file] of code.matchAll(/import\("?`?\.\/(start-[\w-]+\.js)/g)) queue.push(`assets/${file}`);
  for (const [, file] of code.matchAll(/import\(`\.\/(start-[\w.-]+\.js)`\)/g)) queue.push(`assets/${file}`);
}
console.log(`initial JS: ${(bytes / 1000).toFixed(1)} kB gzip in ${seen.size} files (budget ${BUDGET / 1000} kB)`);
if (bytes > BUDGET) process.exit(1);
