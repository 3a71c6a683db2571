// The rules of the terminal that need no terminal: copying, pasting, clipboard requests, credits, frames.
import { describe, expect, it, vi } from 'vitest';
import { Clusters } from '../src/features/terminal/clusters';
import { Acks } from '../src/features/terminal/acks';
import { Inbox } from '../src/features/terminal/inbox';
import { Intake } from '../src/features/terminal/intake';
import { meaning } from '../src/features/terminal/keys';
import { clipboardRequest, glimpse } from '../src/features/terminal/osc52';
import { pieces, prepare, wire } from '../src/features/terminal/paste';
import { readFrame } from '../src/ipc/frame';
import { sendInOrder } from '../src/ipc/order';
import { webAddress } from '../src/shared/links.svelte';

const key = (code: string, held: string) => ({ code, ctrlKey: held.includes('c'), shiftKey: held.includes('s'), altKey: held.includes('a'), metaKey: held.includes('m') });

describe('keys', () => {
  it.each([
    ['KeyC', 'c', true, 'copy'], ['KeyC', 'c', false, 'shell'], ['KeyC', 'cs', false, 'copy'], ['KeyV', 'cs', false, 'paste'], ['KeyV', 'c', false, 'shell'],
    ['Insert', 's', false, 'paste'], ['Insert', 'c', true, 'copy'], ['KeyW', 'c', false, 'shell'], ['KeyC', 'ca', true, 'shell'],
  ] as const)('%s with %s, selection %s: %s', (code, held, selected, what) => expect(meaning(key(code, held), selected, false)).toBe(what));
  it('uses Cmd on a Mac and leaves Ctrl+C to the shell', () => {
    expect(meaning(key('KeyC', 'm'), true, true)).toBe('copy');
    expect(meaning(key('KeyV', 'm'), false, true)).toBe('paste');
    expect(meaning(key('KeyC', 'c'), false, true)).toBe('shell');
  });
});

describe('paste', () => {
  it('asks only when lines would run at once', () => {
    expect(prepare('kubectl get pods\n', false)).toEqual({ text: 'kubectl get pods', runs: 0 });
    expect(prepare('a\r\nb\rc\n\n', false)).toEqual({ text: 'a\nb\nc', runs: 2 });
    expect(prepare('a\nb', true).runs).toBe(0);
  });
  it('cannot end the brackets from inside', () => {
    expect(wire(prepare('x\x1b[201~rm -rf /\n', true).text, true)).toBe('\x1b[200~x[201~rm -rf /\x1b[201~');
  });
  it('brings no keys, only text', () => {
    expect(prepare('a\x03\x15\x7f\x9b201~b\tc', true).text).toBe('a201~b\tc');
  });
  it('is cut between letters', () => {
    const text = 'ü🦊'.repeat(3000);
    const all = pieces(text);
    expect(all.join('')).toBe(text);
    for (const piece of all) expect(piece.isWellFormed()).toBe(true);
  });
});

it('lets programs write the clipboard, never read it, and not too much', () => {
  expect(clipboardRequest(`c;${Buffer.from('grün').toString('base64')}`)).toBe('grün');
  expect(clipboardRequest(`;${Buffer.from('x').toString('base64')}`)).toBe('x');
  for (const refused of ['c;?', 'c;', 'c', 'c;***', `c;${'A'.repeat(75_001)}`, `c;${Buffer.from([0xff, 0xfe]).toString('base64')}`]) expect(clipboardRequest(refused)).toBeNull();
});

it('shows what a program wants to copy without disguise', () => {
  expect(glimpse('kubectl get pods\n\x1b[2J\u202Edrowssap\u200b')).toBe('kubectl get pods [2J drowssap');
  expect(glimpse('x'.repeat(50))).toBe(`${'x'.repeat(40)}…`);
});

it.each([
  ['https://docs.example/a?b#c', 'https://docs.example/a?b#c'],
  ['HTTP://DOCS.example', 'http://docs.example/'],
  ['https://docs.example@evil.example/', 'https://docs.example@evil.example/'],
  ['https://аpple.example/', 'https://xn--pple-43d.example/'],
  ['https://a.example/\u202Egpj.exe', 'https://a.example/%E2%80%AEgpj.exe'],
  ['ht\ntps://a.example', 'https://a.example/'],
  ['javascript:alert(1)', null], ['data:text/html,x', null], ['file:///etc/passwd', null], ['vscode://x', null], ['//a.example', null], ['https://', null], ['', null],
])('of the link %j is opened %j', (text, address) => expect(webAddress(text)).toBe(address));

it('acknowledges in steps, and the rest when idle', () => {
  vi.useFakeTimers();
  const said: number[] = [];
  const acks = new Acks((bytes) => said.push(bytes));
  acks.add(100_000);
  expect(said).toEqual([]);
  acks.add(100_000);
  expect(said).toEqual([200_000]);
  acks.add(5);
  vi.advanceTimersByTime(50);
  expect(said).toEqual([200_000, 5]);
  vi.useRealTimers();
});

it('gives the parser one piece after the other, forgets the rest when told, and keeps our own lines', () => {
  const given: string[] = [];
  const parsed: (() => void)[] = [];
  let done = 0;
  const inbox = new Inbox((bytes, then) => (given.push(new TextDecoder().decode(bytes)), parsed.push(then)), (bytes) => (done += bytes));
  const piece = (letter: string) => new TextEncoder().encode(letter.repeat(100_000));
  for (const letter of 'abcd') inbox.add(piece(letter));
  inbox.say('-- reconnected --');
  expect(given.join('')).toBe('a'.repeat(100_000));
  inbox.skip();
  // All that the parser does not have: b, c and d.
  expect(done).toBe(300_000);
  inbox.add(new TextEncoder().encode('after'));
  for (let then = parsed.shift(); then; then = parsed.shift()) then();
  expect(given.at(-1)).toBe('-- reconnected --after');
  expect(done).toBe(400_005);
});

it.each([
  ['that takes long', 10, 32 * 1024],
  ['of middling speed', 5_000, 100_000],
  ['that is fast', 100_000, 1024 * 1024],
])('gives a parser %s what it gets through in a moment, whatever comes between', (_, bytesPerMs, atOnce) => {
  let now = 0;
  const given: number[] = [];
  const parsed: (() => void)[] = [];
  const parse = (bytes: Uint8Array, then: () => void) => {
    given.push(bytes.length);
    // The first byte is alone: its end tells when the parser began.
    parsed.push(() => ((now += bytes.length === 1 ? 0 : (bytes.length + 1) / bytesPerMs), then()));
  };
  const inbox = new Inbox(parse, () => (now += 30), () => now);
  for (let piece = 0; piece < 500; piece += 1) inbox.add(new Uint8Array(20_000));
  for (let then = parsed.shift(); then && given.length < 12; then = parsed.shift()) then();
  expect(given.slice(8, 10).reduce((sum, bytes) => sum + bytes, 0)).toBe(atOnce);
});

it('takes short lines for what they cost, so that the first of them after long ones do not hold the parser up', () => {
  const given: number[] = [];
  const inbox = new Inbox((bytes) => given.push(bytes.length), () => {});
  inbox.add(new TextEncoder().encode('y\r\n'.repeat(100_000)));
  expect(given.reduce((sum, bytes) => sum + bytes, 0)).toBe(3 * Math.ceil((128 * 1024) / (3 + 64)));
});

it('leads output through all of it: little at once, forgotten when told, each byte acknowledged', () => {
  vi.useFakeTimers();
  const given: string[] = [];
  const parsed: (() => void)[] = [];
  let drawn = 0;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const intake = new Intake((bytes, then) => (given.push(text(bytes)), parsed.push(then)), (bytes) => (drawn += bytes));
  const letter = new TextEncoder().encode('ü');
  intake.add(new TextEncoder().encode('y\n'.repeat(500_000)));
  const begun = given.join('').length;
  expect(begun).toBeLessThan(10_000);
  intake.skip();
  vi.advanceTimersByTime(50);
  expect(drawn).toBe(1_000_000 - begun);
  intake.add(letter.slice(0, 1));
  intake.add(letter.slice(1));
  intake.say('-- reconnected --');
  for (let then = parsed.shift(); then; then = parsed.shift()) then();
  vi.advanceTimersByTime(50);
  expect(given.at(-1)).toBe('ü-- reconnected --');
  expect(drawn).toBe(1_000_002);
  vi.useRealTimers();
});

it('joins what is split, loses nothing, and holds nothing for long', () => {
  vi.useFakeTimers();
  const bytes = new TextEncoder().encode('grün 👩‍👩‍👧 end');
  for (let size = 1; size <= bytes.length; size += 1) {
    const seen: Uint8Array[] = [];
    const clusters = new Clusters((piece) => seen.push(piece.slice()));
    for (let at = 0; at < bytes.length; at += size) clusters.add(bytes.slice(at, at + size));
    expect(new TextDecoder().decode(Uint8Array.from(seen.flatMap((piece) => [...piece])))).toBe('grün 👩‍👩‍👧 end');
    for (const piece of seen) expect(() => new TextDecoder('utf-8', { fatal: true }).decode(piece)).not.toThrow();
  }
  const seen: number[] = [];
  const clusters = new Clusters((piece) => seen.push(piece.length));
  clusters.add(Uint8Array.of(0x61, 0xe2));
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(10);
  expect(seen).toEqual([1, 1]);
  vi.useRealTimers();
});

it('reads frames: output as it is, states as JSON', () => {
  const seen: unknown[] = [];
  const on = { data: (bytes: Uint8Array) => void seen.push([...bytes]), state: (state: unknown) => void seen.push(state), skip: () => void seen.push('skip') };
  readFrame(Uint8Array.of(0, 0xe2, 0x82), on);
  readFrame(Uint8Array.of(2), on);
  readFrame(Uint8Array.from([1, ...new TextEncoder().encode('{"state":"open"}')]), on);
  readFrame(Uint8Array.of(9, 1), on);
  expect(seen).toEqual([[0xe2, 0x82], 'skip', { state: 'open' }]);
});

it('keeps keystrokes in order while one message is under way', async () => {
  const sent: string[] = [];
  const write = sendInOrder(async (data) => {
    await new Promise((resolve) => setTimeout(resolve, data === 'a' ? 10 : 1));
    sent.push(data);
  });
  for (const letter of 'abc') write(letter);
  await vi.waitFor(() => expect(sent).toEqual(['a', 'bc']));
});
