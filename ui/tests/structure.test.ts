// The house rules: features do not know each other, shared knows nobody, every file says what it is for.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cli, COMMANDS } from '../src/shared/cli';

const src = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));

/** What a file imports, as paths under src. */
function imports(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, path = '']) => {
    if (path.startsWith('#')) return path.slice(1);
    return path.startsWith('.') ? relative(src, resolve(dirname(file), path)) : path;
  });
}

const area = (path: string) => path.split('/').slice(0, path.startsWith('features/') ? 2 : 1).join('/');
const ALLOWED: Record<string, (path: string) => boolean> = {
  ipc: (path) => path.startsWith('ipc/'),
  shared: (path) => path.startsWith('shared/') || path.startsWith('ipc/'),
};

describe('imports', () => {
  it.each(files.map((file) => relative(src, file)))('%s keeps to its area', (file) => {
    const mine = area(file);
    for (const path of imports(join(src, file)).filter((one) => /^(app|ipc|features|shared)\//.test(one))) {
      const allowed = mine.startsWith('features/') ? area(path) === mine || /^(shared|ipc)\//.test(path) : (ALLOWED[mine]?.(path) ?? true);
      expect([path, allowed]).toEqual([path, true]);
    }
  });
  it('reach Tauri in one file only', () => {
    expect(files.filter((file) => imports(file).some((path) => path.startsWith('@tauri-apps/'))).map((file) => relative(src, file))).toEqual(['ipc/tauri.ts']);
  });
});

it('every file opens with a sentence on what it is for', () => {
  const silent = files.filter((file) => !/^(\/\/ |<!-- )[A-Z`?].*[.!]?/.test(readFileSync(file, 'utf8').split('\n')[0] ?? ''));
  expect(silent.map((file) => relative(src, file))).toEqual([]);
});

it('raw HTML goes nowhere but into the sandboxed frame', () => {
  const found = files.filter((file) => /\{@html|innerHTML|insertAdjacentHTML/.test(readFileSync(file, 'utf8')));
  expect(found).toEqual([]);
});

it('shows only command lines that the command line has', () => {
  const reference = readFileSync(join(src, '../../docs/cli.md'), 'utf8');
  for (const command of COMMANDS) expect(reference).toContain(`\n### taskwright ${command}\n`);
  const written = files.filter((file) => !/src\/(ipc|shared\/cli)/.test(file) && /['"`{]taskwright [a-z]/.test(readFileSync(file, 'utf8')));
  expect(written).toEqual([]);
  expect(cli('check', "/home/you/it's here")).toBe(`taskwright check '/home/you/it'\\''s here'`);
});
