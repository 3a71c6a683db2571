// Figures as language.
import { expect, it } from 'vitest';
import { age, ago, clock, duration, list, opening, size } from '../src/shared/words';

it.each([[0, '0.0 s'], [49, '0.0 s'], [13_149, '13.1 s'], [59_940, '59.9 s'], [59_960, '1 m 00 s'], [125_000, '2 m 05 s'], [3_599_400, '59 m 59 s'], [3_900_000, '1 h 05 m']])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));
it.each([[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [3_149_000, '3.1 MB'], [8_000_000_000, '8.0 GB']])('%d bytes are %s', (bytes, text) => expect(size(bytes)).toBe(text));
it.each([[2_652_000, '44:12'], [3_729_000, '1:02:09'], [-5, '00:00']])('%d ms on a clock is %s', (ms, text) => expect(clock(ms)).toBe(text));
it.each([[12_000, '12 s'], [240_000, '4 m'], [11_400_000, '3 h 10 m'], [450_000_000, '5 d']])('%d ms old is %s', (ms, text) => expect(age(ms)).toBe(text));

it('says how long ago something was', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  expect(ago('2026-11-24T11:59:50Z', now)).toBe('just now');
  expect(ago('2026-11-24T11:34:00Z', now)).toBe('26 m ago');
  expect(ago('2026-11-23T10:00:00Z', now)).toBe('yesterday');
  expect(ago('2026-11-20T10:00:00Z', now)).toBe('4 days ago');
});

it('joins lists', () => expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual(['', 'a', 'a and b', 'a, b and c']));
it.each([['the bundle was never locked', 'The bundle was never locked'], ['it ended', 'It ended'], ['helm is not here', 'helm is not here'], ['a/b.yaml is gone', 'a/b.yaml is gone']])('%s begins a line as %s', (text, line) => expect(opening(text)).toBe(line));
