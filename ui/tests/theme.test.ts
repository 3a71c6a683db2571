// Every text stands out enough on every ground it stands on, in all themes.
import { describe, expect, it } from 'vitest';
import { resolve } from '../src/shared/theme/theme.svelte';
import { THEMES, type Tokens } from '../src/shared/theme/tokens';

const TEXTS = ['text', 'soft', 'faint', 'accentText', 'red', 'amber', 'green', 'blue', 'key', 'string', 'number', 'keyword', 'comment', 'heading', 'link', 'meta'] as const;
const GROUNDS = ['ground', 'surface', 'raised', 'sunken', 'hover', 'selected'] as const;

describe.each(Object.entries(THEMES))('%s', (_, tokens: Tokens) => {
  it.each(TEXTS)('%s is readable on every surface', (text) => {
    for (const ground of GROUNDS) expect([ground, contrast(tokens[text], tokens[ground])]).toEqual([ground, expect.toSatisfy((ratio: number) => ratio >= 4.5)]);
  });
  it('shows states on their own grounds', () => {
    for (const [text, ground] of [['text', 'redSoft'], ['text', 'amberSoft'], ['text', 'greenSoft'], ['text', 'accentSoft'], ['red', 'redSoft'], ['amber', 'amberSoft'], ['onAccent', 'accent']] as const) {
      expect([ground, contrast(tokens[text], tokens[ground])]).toEqual([ground, expect.toSatisfy((ratio: number) => ratio >= 4.5)]);
    }
  });
  it('has bars and edges that can be seen', () => {
    for (const part of ['working', 'failed', 'edge', 'focus'] as const) expect(contrast(tokens[part], tokens.surface)).toBeGreaterThanOrEqual(3);
  });
  it('has a readable terminal', () => {
    expect(tokens.terminal.ansi).toHaveLength(16);
    for (const colour of [tokens.terminal.foreground, ...tokens.terminal.ansi]) expect([colour, contrast(colour, tokens.terminal.background)]).toEqual([colour, expect.toSatisfy((ratio: number) => ratio >= 4.5)]);
  });
});

it('follows the system unless told otherwise', () => {
  expect(resolve('system', false, false)).toBe('light');
  expect(resolve('system', true, false)).toBe('dark');
  expect(resolve('system', false, true)).toBe('high-contrast');
  expect(resolve('light', true, true)).toBe('light');
});

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * parts[0]! + 0.7152 * parts[1]! + 0.0722 * parts[2]!;
}
