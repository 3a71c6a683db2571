// Keys: which chord is whose in which zone, and how chords are read and shown.
import { describe, expect, it } from 'vitest';
import { matches, parse, shown, written, type Press } from '../src/shared/actions/chord';
import { fits, ranked } from '../src/shared/actions/fuzzy';
import { heard } from '../src/shared/actions/registry.svelte';
import { benchActions } from '../src/app/actions';
import type { Bench } from '../src/app/bench.svelte';

const press = (key: string, code: string, held = ''): Press => ({ key, code, ctrlKey: held.includes('c'), shiftKey: held.includes('s'), altKey: held.includes('a'), metaKey: held.includes('m') });

describe('zones', () => {
  const plain = {};
  it('leave the terminal everything without Shift', () => {
    for (const one of [press('k', 'KeyK', 'c'), press('p', 'KeyP', 'c'), press('w', 'KeyW', 'c'), press('F5', 'F5'), press('?', 'Slash', 's'), press('F8', 'F8')]) expect(heard(plain, one, 'terminal')).toBe(false);
    expect(heard(plain, press('P', 'KeyP', 'cs'), 'terminal')).toBe(true);
    expect(heard(plain, press('F5', 'F5', 's'), 'terminal')).toBe(true);
    expect(heard(plain, press('k', 'KeyK', 'm'), 'terminal')).toBe(true);
    expect(heard({ everywhere: true }, press('F6', 'F6'), 'terminal')).toBe(true);
  });
  it('leave text its single keys', () => {
    expect(heard(plain, press('?', 'Slash', 's'), 'text')).toBe(false);
    expect(heard(plain, press('?', 'Slash', 's'), 'editor')).toBe(false);
    expect(heard(plain, press('F5', 'F5'), 'editor')).toBe(true);
    expect(heard(plain, press('k', 'KeyK', 'c'), 'editor')).toBe(true);
    expect(heard(plain, press('?', 'Slash', 's'), 'page')).toBe(true);
  });
});

describe('chords', () => {
  it('match by place on the keyboard when Shift changes the letter', () => {
    expect(matches(parse('mod+shift+1', false), press('!', 'Digit1', 'cs'))).toBe(true);
    expect(matches(parse('ctrl+`', false), press('Dead', 'Backquote', 'c'))).toBe(true);
    expect(matches(parse('?', false), press('?', 'Slash', 's'))).toBe(true);
    expect(matches(parse('f5', false), press('F5', 'F5', 's'))).toBe(false);
    expect(matches(parse('shift+f5', false), press('F5', 'F5', 's'))).toBe(true);
    expect(matches(parse('mod+k', false), press('K', 'KeyK', 'cs'))).toBe(false);
    expect(matches(parse('mod+k', true), press('k', 'KeyK', 'm'))).toBe(true);
  });
  it('are written as they are bound', () => {
    for (const [one, text] of [[press('K', 'KeyK', 'cs'), 'mod+shift+k'], [press('F5', 'F5', 's'), 'shift+f5'], [press('?', 'Slash', 's'), '?'], [press('Control', 'ControlLeft', 'c'), '']] as const) {
      expect(written(one, false)).toBe(text);
      if (text) expect(matches(parse(text, false), one)).toBe(true);
    }
  });
  it('are shown as people know them', () => {
    expect([shown('mod+shift+k', false), shown('mod+shift+k', true), shown('f5', false), shown('mod+shift+arrowright', false)]).toEqual(['Ctrl Shift K', '⇧⌘K', 'F5', 'Ctrl Shift →']);
  });
});

it('finds by letters in order, best at word starts', () => {
  expect(fits('bt', 'Boot the bundle')).not.toBeNull();
  expect(fits('xyz', 'Boot the bundle')).toBeNull();
  expect(ranked(['Split the terminal below', 'New terminal', 'Theme: light'], 'nt', (text) => text)[0]).toBe('New terminal');
});

it('gives each key to one action', () => {
  const all = benchActions({ layout: {} } as Bench);
  const keys = all.flatMap((action) => action.keys ?? []);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  expect(new Set(all.map((action) => action.id)).size).toBe(all.length);
});
