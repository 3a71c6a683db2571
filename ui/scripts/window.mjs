// A browser over the built window, for the scripts that look at it: serves dist/ from memory, on loopback only.
import { readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
// The policy of the desktop app, so that what breaks it breaks here, too.
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'";

/** Serves the build; resolves with its address and a way to stop. */
export async function serve() {
  const root = fileURLToPath(new URL('../dist/', import.meta.url));
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://local').pathname).replace(/^\/+/, '') || 'index.html';
    try {
      const body = await readFile(join(root, path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'content-security-policy': POLICY });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--font-render-hinting=none', '--disable-lcd-text'];

/** Starts the system's Chromium. */
export function browser() {
  return chromium.launch({ executablePath: PROGRAM, args: FLAGS });
}

/** A window of the system's Chromium that shows one address and no bars, with a profile of its own. */
export function browserWindow(profile, address, env) {
  const args = [...FLAGS, '--no-first-run', '--disable-background-networking', `--app=${address}`];
  return chromium.launchPersistentContext(profile, { executablePath: PROGRAM, headless: false, viewport: null, args, env });
}

/** The process that a profile belongs to: Chromium names it in a link beside it. */
export async function chromiumPid(profile) {
  const link = await readlink(join(profile, 'SingletonLock'));
  return Number(link.slice(link.lastIndexOf('-') + 1));
}
