// Exporting: destinations, what is known beforehand, what is sent, what was made, over the sample.
import { describe, expect, it, vi } from 'vitest';
import { fault, firstFile, inFolder, kindOf, placeholder, written, type Kind } from '../src/features/export/destination';
import { BundleExport } from '../src/features/export/export.svelte';
import { take, type Part } from '../src/features/export/progress';
import { apart, comparison, mends, partName, remedies, shipped, short, tally } from '../src/features/export/words';
import type { Backend, Job } from '../src/ipc/backend';
import { memoryBackend } from '../src/ipc/memory/index';
import { CHANGES, UNCHANGED } from '../src/ipc/memory/shipping';
import type { ExportEvent, ExportSurvey } from '../src/ipc/types/export';

const bundle = '/home/you/tasks/postgres-recovery';
const registry = 'oci://registry.example.org/tasks/postgres-recovery:1';

async function opened(search: string, backend = memoryBackend(`speed=0&${search}`)): Promise<{ ship: BundleExport; backend: Backend }> {
  const ship = new BundleExport(backend, bundle);
  await ship.open('postgres-recovery', (await backend.call('get_settings', {})).exports);
  return { ship, backend };
}

describe('a destination', () => {
  it.each<[string, Kind]>([['/tmp/a.taskbundle', 'file'], ['oci://r/a:1', 'registry'], ['https://p', 'platform'], ['http://127.0.0.1:8087', 'platform']])('%s is a %s', (to, kind) => expect(kindOf(to)).toBe(kind));
  it.each<[Kind, string, string]>([['registry', ' registry.example.org/a:1 ', 'oci://registry.example.org/a:1'], ['platform', 'p.example.org', 'https://p.example.org'], ['platform', 'http://localhost:1', 'http://localhost:1'], ['file', '/a b', '/a b'], ['registry', '', '']])('as a %s, `%s` is %s', (kind, typed, to) => expect(written(kind, typed)).toBe(to));
  it.each<[Kind, string, string | null]>([
    ['file', '', 'Say where to: the path of a file.'], ['file', 'a.taskbundle', 'Write the whole path, from the root on.'], ['file', '/tmp/', 'Name the file, too: this is a folder.'],
    ['file', '/tmp/a', null], ['file', 'C:\\tasks\\a', null], ['registry', 'registry.example.org', 'Write it as oci://REGISTRY/REPOSITORY:TAG.'], ['registry', 'r.example.org/a', null], ['platform', 'https://', 'Write it as https://PLATFORM.'], ['platform', 'p', null],
  ])('as a %s, `%s` is wrong by: %s', (kind, typed, wrong) => expect(fault(kind, typed)).toBe(wrong));
  it('begins beside the bundle', () => {
    expect(firstFile(bundle, 'shop')).toBe('/home/you/tasks/shop.taskbundle');
    expect(firstFile('/home/you/tasks/shop/', 'shop')).toBe('/home/you/tasks/shop.taskbundle');
    expect(firstFile('C:\\tasks\\shop', 'shop')).toBe('C:\\tasks\\shop.taskbundle');
    expect(inFolder('/mnt/stick/', '/home/you/v2.taskbundle', 'shop')).toBe('/mnt/stick/v2.taskbundle');
    expect(inFolder('/mnt/stick', '', 'shop')).toBe('/mnt/stick/shop.taskbundle');
    expect(placeholder('registry', bundle, 'shop')).toBe('oci://registry.example.org/tasks/shop:1');
  });
});

describe('words', () => {
  it('sort objections by what solves them', () => {
    const one = (reason: 'unlocked' | 'unproven' | 'drifted', remedy: string) => ({ reason, message: reason, remedy });
    const groups = mends([one('unproven', 'prove'), one('unlocked', 'lock'), one('drifted', 'lock')]);
    expect(groups.map(({ mend, against }) => [mend, against.map(({ message }) => message)])).toEqual([['lock', ['unlocked', 'drifted']], ['prove', ['unproven']]]);
    expect(remedies(groups[0]!.against)).toEqual(['lock']);
    expect(mends([])).toEqual([]);
  });
  it('say why nothing is listed', () => {
    const survey = (changes: ExportSurvey['changes'], incomparable: string | null = null) => ({ changes, incomparable });
    expect(comparison(survey(CHANGES), 'file', undefined)).toBeNull();
    expect(comparison(survey(UNCHANGED), 'registry', undefined)).toBe('Nothing has changed since the export that is there.');
    expect(comparison(survey(null), 'file', undefined)).toBe('This is the first export to this place.');
    expect(comparison(survey(null), 'platform', undefined)).toBe('A platform is only sent to, so what it has is not compared.');
    expect(comparison(survey(null, 'it is no archive'), 'file', undefined)).toBe('What is there could not be compared: it is no archive. The export replaces it.');
    expect(comparison(survey(null, 'there is none'), 'registry', undefined)).toMatch(/^What is there could not be compared: there is none\. Before a first export/);
  });
  it('are short', () => {
    expect(short('charts/x 1 (sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef)')).toBe('charts/x 1 (0123456789ab)');
    expect([short('not known'), tally(['added', 'changed', 'added']), apart(61_200, 43_900), apart(1000, 2500)]).toEqual(['not known', '2 added and 1 changed', '17.3 s less', '1.5 s more']);
    expect([partName('restricted.tar.zst'), partName('layer sha256:7c3b88808835aa80f1')]).toEqual(['what only graders may see', 'layer 7c3b88808835']);
    expect(shipped({ candidateFiles: 1, restrictedFiles: 2 })).toBe('3 files: 1 that the candidate may see, 2 restricted');
  });
});

describe('what is sent', () => {
  const fold = (...events: ExportEvent[]) => events.reduce<Part[]>((parts, event, index) => (take(parts, event, index), parts), []);
  it('is one part as often as it is told of, with why it broke off', () => {
    const parts = fold({ event: 'sending', what: 'a', bytes: 10 }, { event: 'retrying', what: 'a', reason: 'reset' }, { event: 'sending', what: 'a', bytes: 20 }, { event: 'retrying', what: 'a', reason: '503' });
    expect(parts).toEqual([{ what: 'a', doing: 'sending', bytes: 20, retries: ['reset', '503'], since: 0 }]);
  });
  it('tells what was fetched to compare from what is sent', () => {
    const parts = fold({ event: 'fetching', what: 'a', bytes: 10 }, { event: 'present', what: 'a' }, { event: 'sending', what: 'b', bytes: 5 });
    expect(parts.map(({ what, doing }) => `${what} ${doing}`)).toEqual(['a fetching', 'a there', 'b sending']);
  });
  it('has last what was told of last', () => {
    expect(fold({ event: 'sending', what: 'a', bytes: 1 }, { event: 'sending', what: 'b', bytes: 1 }, { event: 'retrying', what: 'a', reason: 'x' }).map(({ what }) => what)).toEqual(['b', 'a']);
    expect(fold({ event: 'copying', image: 'i' }, { event: 'present', what: 'layer' }).map(({ doing }) => doing)).toEqual(['copying', 'there']);
  });
});

describe('the form', () => {
  it('begins where the bundle went last, as it went there', async () => {
    const { ship } = await opened('proof=holds');
    expect([ship.kind, ship.to, ship.sign, ship.images, ship.before?.digest.slice(0, 15)]).toEqual(['registry', registry, '/home/you/keys/tasks.pem', true, 'sha256:d3f08ab1']);
    expect(ship.line).toBe(`taskwright export ${bundle} --to ${registry} --sign /home/you/keys/tasks.pem --images`);
    expect([ship.blocked, ship.survey?.changes?.files.length]).toEqual([null, 8]);
  });
  it('begins beside the bundle when it went nowhere', async () => {
    const { ship } = await opened('exports=none&proof=holds');
    expect([ship.kind, ship.to, ship.survey?.changes, ship.survey?.incomparable]).toEqual(['file', `${bundle}.taskbundle`, null, null]);
  });
  it('asks only for what fits the place', async () => {
    const { ship } = await opened('proof=holds');
    ship.refill(ship.past[1]!);
    ship.version = '7';
    expect(ship.wish).toEqual({ to: 'https://platform.example.org', force: false, sign: null, images: false, version: '7', tokenFile: '/home/you/.config/platform-token' });
    expect(ship.line).toBe(`taskwright export ${bundle} --to https://platform.example.org --version 7 --token-file /home/you/.config/platform-token`);
    ship.sign = '/k.pem';
    ship.choose('file');
    expect(ship.wish).toMatchObject({ to: `${bundle}.taskbundle`, sign: '/k.pem', images: false, version: null, tokenFile: null });
  });
  it('goes where it went last of the kind that is chosen', async () => {
    const { ship } = await opened('');
    ship.choose('platform');
    expect([ship.to, ship.tokenFile]).toEqual(['https://platform.example.org', '/home/you/.config/platform-token']);
    const { ship: fresh } = await opened('exports=none');
    fresh.choose('platform');
    expect([fresh.kind, fresh.to, fresh.blocked]).toEqual(['platform', '', 'Say where to: the address of a platform.']);
  });
  it('takes a destination of another kind as one', async () => {
    const { ship } = await opened('exports=none');
    ship.type('oci://r.example.org/a:1');
    expect([ship.kind, ship.to, ship.typed.file]).toEqual(['registry', 'oci://r.example.org/a:1', `${bundle}.taskbundle`]);
  });
  it('is blocked by objections until they are forced, and forced for those alone', async () => {
    const { ship, backend } = await opened('lock=missing');
    expect(ship.survey?.objections.map(({ reason }) => reason)).toEqual(['unlocked', 'unproven']);
    expect(ship.blocked).toBe('Lock and prove it, or export it by force.');
    ship.force = true;
    expect([ship.blocked, ship.wish.force, ship.line.includes(' --force ')]).toEqual([null, true, true]);
    await backend.stream('lock_bundle', { bundle, context: null }, () => undefined).done;
    await ship.look();
    expect([ship.survey?.objections.map(({ reason }) => reason), ship.force]).toEqual([['unproven'], false]);
  });
  it.each([['export=impossible', 'It cannot be exported before that is corrected.'], ['broken', 'Correct the bundle first.']])('with %s is blocked: %s', async (search, why) => {
    expect((await opened(search)).ship.blocked).toBe(why);
  });
  it('knows the bundle where the place is wrong', async () => {
    const { ship } = await opened('proof=holds');
    ship.type('oci://registry.example.org/Not/one:1');
    await ship.look();
    expect([ship.unsurveyed?.code, ship.blocked, ship.survey?.restrictedFiles]).toEqual(['usage', 'Correct the destination first.', 8]);
  });
  it('falls back to typing where the system has no dialog', async () => {
    const { ship } = await opened('');
    expect([await ship.pickFolder(), ship.picks]).toEqual([false, false]);
  });
});

it('looks again when typing rests, and shows what was asked last', async () => {
  vi.useFakeTimers();
  try {
    const asked: { to: string | null; answer: (survey: Partial<ExportSurvey>) => void }[] = [];
    const backend = { call: (_: string, { to }: { to: string | null }) => new Promise((answer) => asked.push({ to, answer: answer as never })) } as unknown as Backend;
    const ship = new BundleExport(backend, bundle);
    ship.kind = 'file';
    for (const typed of ['/a', '/ab', '/abc']) ship.type(typed);
    expect([asked.length, ship.looking]).toEqual([0, true]);
    await vi.advanceTimersByTimeAsync(400);
    ship.type('/abcd');
    await vi.advanceTimersByTimeAsync(400);
    expect(asked.map(({ to }) => to)).toEqual(['/abc', '/abcd']);
    asked[1]!.answer({ task: 'second', objections: [], problems: [] });
    await vi.advanceTimersByTimeAsync(0);
    asked[0]!.answer({ task: 'first', objections: [], problems: [] });
    await vi.advanceTimersByTimeAsync(0);
    expect([ship.survey?.task, ship.surveyed, ship.looking]).toEqual(['second', '/abcd', false]);
  } finally {
    vi.useRealTimers();
  }
});

describe('an export', () => {
  it('is made, remembered, and then nothing has changed', async () => {
    const { ship, backend } = await opened('proof=holds');
    await ship.start();
    expect([ship.working, ship.problem, ship.result?.destination, ship.result?.images.length]).toEqual([false, null, registry, 1]);
    expect(ship.parts.map(({ doing }) => doing)).toContain('there');
    const { exports } = await backend.call('get_settings', {});
    expect([exports[0]?.to, exports[0]?.digest, exports.length]).toEqual([registry, ship.result?.digest, 3]);
    await backend.call('set_settings', { settings: { ...(await backend.call('get_settings', {})), exports: [] } });
    expect((await backend.call('get_settings', {})).exports.length).toBe(3);
    ship.again();
    await vi.waitFor(() => expect(ship.survey && comparison(ship.survey, ship.kind, ship.before)).toBe('Nothing has changed since the export that is there.'));
    expect(ship.result).toBeNull();
  });
  it('says by what it was forced', async () => {
    const { ship } = await opened('proof=failed');
    ship.force = true;
    await ship.start();
    expect(ship.result?.forced.map(({ reason }) => reason)).toEqual(['failed-proof']);
  });
  it('that is refused says why, and leaves the form as it was', async () => {
    const { ship } = await opened('proof=holds&export=refused');
    await ship.start();
    expect([ship.problem?.code, ship.result, ship.to]).toEqual(['host', null, registry]);
  });
  it('is not begun while something is in its way', async () => {
    const { ship } = await opened('lock=missing');
    await ship.start();
    expect([ship.working, ship.made, ship.result]).toEqual([false, null, null]);
  });
  it('can be stopped', async () => {
    const { ship } = await opened('', memoryBackend('speed=0&proof=holds&hold=1500'));
    const end = ship.start();
    await vi.waitFor(() => expect(ship.parts.length).toBe(4));
    ship.stop();
    expect(ship.stopping).toBe(true);
    await end;
    expect([ship.stopped, ship.problem, ship.result]).toEqual([true, null, null]);
  });
  it('that was seen is put away with the dialog; one under way is not', async () => {
    const { ship } = await opened('proof=holds');
    let finish: (view: never) => void = () => undefined;
    const job: Job<never> = { done: new Promise((resolve) => (finish = resolve)), cancel: () => undefined };
    const slow = new BundleExport({ call: async () => ({ objections: [], problems: [] }), stream: () => job } as unknown as Backend, bundle);
    await slow.open('x', []);
    const end = slow.start();
    slow.close();
    expect(slow.working).toBe(true);
    finish({ destination: 'there' } as never);
    await end;
    await slow.open('x', []);
    expect(slow.result).not.toBeNull();
    await ship.start();
    ship.close();
    expect(ship.result).toBeNull();
  });
});
