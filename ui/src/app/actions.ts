// Every action of the window, in one list: what it is called, its keys, when it can be done, what it does.
import type { Action } from '#shared/actions/registry.svelte';
import type { ThemeChoice } from '#ipc/types/app';
import { cli } from '#shared/cli';
import type { Bench } from './bench.svelte';
import { SEAT_TABS, STRIP_TABS, type SeatTab, type StripTab } from './layout';

export function benchActions(bench: Bench): Action[] {
  return [...general(bench), ...files(bench), ...preview(bench), ...grading(bench), ...terminal(bench), ...panes(bench), ...themes(bench)];
}

function general(bench: Bench): Action[] {
  const open = (dialog: Bench['dialog']) => () => (bench.dialog = dialog);
  return [
    { id: 'palette', title: 'Do anything', group: 'General', keys: ['mod+k', 'mod+shift+p'], run: open('palette') },
    { id: 'keys', title: 'Show all keys', group: 'General', keys: ['?'], run: open('keys') },
    { id: 'settings', title: 'Settings', group: 'General', keys: ['mod+,'], run: open('settings') },
    { id: 'about', title: 'About Taskwright', group: 'General', run: open('about') },
    { id: 'home', title: 'Go to the first page', group: 'General', keys: ['mod+shift+h'], when: () => bench.view !== 'home', run: () => (bench.view = 'home') },
    { id: 'bench', title: 'Go to the bundle', group: 'General', when: () => bench.editor !== null && bench.view !== 'bench', run: () => (bench.view = 'bench') },
    { id: 'hosts', title: 'Hosts and doctor', group: 'Hosts', keys: ['mod+shift+l'], cli: () => cli('hosts'), run: () => (bench.view = 'hosts') },
    { id: 'hosts.ask', title: 'Ask every host again', group: 'Hosts', cli: () => cli('hosts'), run: () => void bench.hosts.load() },
    { id: 'sandbox.up', title: 'Bring the sandbox up', group: 'Hosts', when: () => sandboxIs(bench, 'down', 'partly'), cli: () => cli('sandbox up'), run: () => showSandbox(bench) },
    { id: 'sandbox.down', title: 'Take the sandbox down', group: 'Hosts', when: () => sandboxIs(bench, 'up', 'partly'), cli: () => cli('sandbox down'), run: () => showSandbox(bench) },
    { id: 'folder', title: 'Open a folder', group: 'General', keys: ['mod+o'], run: () => void bench.pickFolder() },
    { id: 'new', title: 'New bundle from a template', group: 'General', keys: ['mod+shift+n'], run: open('new') },
    { id: 'example', title: 'Open the example', group: 'General', run: () => void bench.openExample() },
  ];
}

function sandboxIs(bench: Bench, ...states: string[]): boolean {
  return bench.hosts.working === null && states.includes(bench.hosts.sandbox?.state ?? '');
}

/** Both ways are asked about where the sandbox is shown, with what they do. */
function showSandbox(bench: Bench): void {
  const sandbox = bench.hosts.list?.find((host) => host.sandbox);
  if (sandbox) bench.showHost(sandbox.name);
}

/** What can be done with the hosts, previews and bundles that are there right now; only the palette lists these. */
export function momentary(bench: Bench): Action[] {
  const hosts = bench.hosts.list?.filter((host) => host.name !== bench.host && bench.hosts.health[host.name]?.state === 'reachable') ?? [];
  const previews = bench.previews?.list?.filter((one) => one.state === 'ready' && one.id !== bench.seat?.id) ?? [];
  const bundles = bench.workspace?.bundles.filter((one) => one.folder !== bench.editor?.folder) ?? [];
  return [
    ...hosts.map((host): Action => ({ id: `host.${host.name}`, title: `Boot on ${host.sandbox ? 'the sandbox' : host.name} from now on`, group: 'Hosts', run: () => bench.chooseHost(host.name) })),
    ...previews.map((one): Action => ({ id: `attach.${one.id}`, title: `Attach to ${one.id}`, group: 'Preview', cli: () => cli('shell', one.id, '--host', one.host), run: () => void bench.attach(one) })),
    ...bundles.map((one): Action => ({ id: `bundle.${one.folder}`, title: `Go to bundle ${one.name}`, group: 'General', cli: () => cli('check', one.folder), run: () => void bench.openBundle(one).then(() => (bench.view = 'bench')) })),
    ...(bench.settings?.recent ?? []).filter((one) => one.folder !== bench.workspace?.folder).map((one): Action => ({ id: `recent.${one.folder}`, title: `Open ${one.folder}`, group: 'General', run: () => void bench.openWorkspace(one.folder) })),
  ];
}

function files(bench: Bench): Action[] {
  const editing = () => bench.editor !== null && bench.view === 'bench';
  return [
    { id: 'file.go', title: 'Go to a file', group: 'Editor', keys: ['mod+p'], when: () => bench.editor !== null, run: () => (bench.dialog = 'files') },
    { id: 'file.save', title: 'Save', group: 'Editor', keys: ['mod+s'], when: editing, run: () => bench.editor?.file && void bench.editor.save(bench.editor.file) },
    { id: 'file.save-all', title: 'Save all', group: 'Editor', keys: ['mod+shift+s'], when: editing, run: () => void bench.editor?.saveAll() },
    { id: 'editor.form', title: 'Text or form', group: 'Editor', keys: ['mod+shift+e'], when: editing, run: () => bench.settings && bench.save({ ...bench.settings, editor: { ...bench.settings.editor, formView: !bench.settings.editor.formView } }) },
    { id: 'editor.graph', title: 'Show the graph', group: 'Editor', keys: ['mod+shift+g'], when: editing, run: () => void bench.editor?.show('#graph') },
    { id: 'problem.next', title: 'Next problem', group: 'Editor', keys: ['f8'], when: () => editing() && (bench.editor?.diagnostics.length ?? 0) > 0, run: () => nextProblem(bench) },
    { id: 'check', title: 'Check the bundle', group: 'Editor', when: editing, cli: () => cli('check', bench.editor?.folder ?? '.'), run: () => void bench.editor?.check() },
  ];
}

let problem = -1;
function nextProblem(bench: Bench): void {
  const all = bench.editor?.diagnostics ?? [];
  problem = (problem + 1) % all.length;
  const one = all[problem];
  if (one) void bench.editor?.show(one.file, one.start.line, one.start.column);
}

function preview(bench: Bench): Action[] {
  return [
    { id: 'preview.boot', title: 'Boot the bundle', group: 'Preview', keys: ['f5'], when: () => bench.editor !== null && !bench.booting, cli: () => bench.bootLine(), run: () => void bench.boot() },
    { id: 'preview.update', title: 'Bring the preview up to date with the bundle', group: 'Preview', keys: ['mod+f5', 'mod+shift+f5'], when: () => bench.canUpdate, cli: () => bench.updateLine(), run: () => void bench.update() },
    { id: 'preview.cancel', title: 'Cancel the boot or the update', group: 'Preview', when: () => bench.booting, run: () => bench.run?.cancel() },
    { id: 'preview.down', title: 'Tear the preview down', group: 'Preview', keys: ['shift+f5'], when: () => bench.seat !== null || bench.run?.timeline.outcome === 'failed', cli: () => bench.downLine(), run: () => (bench.dialog = 'tear-down') },
    { id: 'view.seat', title: 'Sit in the candidate’s seat, or leave it', group: 'Preview', keys: ['f6'], everywhere: true, run: () => bench.preset() },
  ];
}

function grading(bench: Bench): Action[] {
  const there = () => bench.editor !== null;
  return [
    { id: 'grade', title: 'Grade the preview', group: 'Preview', keys: ['f7', 'shift+f7'], when: () => there() || bench.seat !== null, cli: () => bench.gradeLine(), run: () => void bench.grade() },
    { id: 'grade.stop', title: 'Stop grading', group: 'Preview', when: () => bench.grading?.working === true, run: () => bench.grading?.stop() },
    { id: 'proof.show', title: 'Show the proof, or go back to the bundle', group: 'Proof', keys: ['f9', 'shift+f9'], when: there, run: () => bench.showProof() },
    { id: 'proof.start', title: 'Prove the bundle', group: 'Proof', keys: ['mod+f9'], when: () => there() && bench.delivery.proof?.working === false, cli: () => bench.delivery.proveLine(), run: () => void bench.delivery.prove() },
    { id: 'lock', title: 'Lock the bundle', group: 'Proof', when: () => there() && bench.delivery.lock?.working === false, cli: () => bench.delivery.lockLine(), run: () => void bench.delivery.lockBundle() },
    { id: 'export', title: 'Export…', group: 'Proof', keys: ['mod+shift+x'], when: there, cli: () => bench.delivery.shipping && bench.delivery.shipping.line, run: () => void bench.delivery.openExport() },
    { id: 'proof.stop', title: 'Stop the proof', group: 'Proof', when: () => bench.delivery.proof?.working === true, run: () => bench.delivery.proof?.stop() },
  ];
}

function terminal(bench: Bench): Action[] {
  const there = () => bench.deck !== null;
  return [
    { id: 'terminal.focus', title: 'Go to the terminal, or back', group: 'Terminal', keys: ['ctrl+`'], everywhere: true, when: there, run: () => toggleFocus(bench) },
    { id: 'terminal.new', title: 'New terminal', group: 'Terminal', keys: ['mod+shift+t'], when: there, cli: () => bench.seat && cli('shell', bench.seat.id, '--host', bench.seat.host), run: () => bench.deck?.open() },
    { id: 'terminal.split-right', title: 'Split the terminal to the right', group: 'Terminal', keys: ['mod+shift+d'], when: there, run: () => bench.deck?.split('row') },
    { id: 'terminal.split-below', title: 'Split the terminal below', group: 'Terminal', keys: ['mod+shift+b'], when: there, run: () => bench.deck?.split('column') },
    { id: 'terminal.next', title: 'Next terminal', group: 'Terminal', keys: ['mod+shift+arrowright'], when: there, run: () => bench.deck?.step(1) },
    { id: 'terminal.before', title: 'Terminal before', group: 'Terminal', keys: ['mod+shift+arrowleft'], when: there, run: () => bench.deck?.step(-1) },
    { id: 'terminal.pane', title: 'Next pane of the terminal', group: 'Terminal', keys: ['mod+shift+arrowdown'], when: there, run: () => bench.deck?.stepPane(1) },
    { id: 'terminal.find', title: 'Find in the terminal', group: 'Terminal', keys: ['mod+shift+f'], when: there, run: () => bench.deck?.session && (bench.deck.session.finding = true) },
    { id: 'terminal.save', title: 'Save the terminal’s screen and scrollback', group: 'Terminal', when: there, run: () => saveScreen(bench) },
    { id: 'terminal.close', title: 'Close the terminal and end its shell', group: 'Terminal', keys: ['mod+shift+w'], when: there, run: () => bench.deck?.session && void bench.deck.close(bench.deck.session) },
  ];
}

function toggleFocus(bench: Bench): void {
  const inside = document.activeElement?.closest('[data-zone="terminal"]');
  if (!inside) {
    bench.lay({ seatShut: false });
    requestAnimationFrame(() => bench.deck?.focus());
  } else document.querySelector<HTMLElement>('.cm-content, [role="treeitem"][tabindex="0"], button')?.focus();
}

function saveScreen(bench: Bench): void {
  const session = bench.deck?.session;
  if (!session) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([session.recording()], { type: 'text/plain' }));
  link.download = `${session.preview}-terminal-${session.number}.ans`;
  link.click();
  URL.revokeObjectURL(link.href);
}

function panes(bench: Bench): Action[] {
  const here = () => bench.view === 'bench' && bench.editor !== null;
  const { layout } = bench;
  const strips: Record<StripTab, string> = { problems: 'the problems', boot: 'the boot timeline', output: 'the output of init', commands: 'the command lines' };
  const seats: Record<SeatTab, string> = { statement: 'the statement', checks: 'the checks', objects: 'the objects', events: 'the events', logs: 'the logs' };
  return [
    { id: 'view.sidebar', title: 'Show or hide the files', group: 'View', keys: ['mod+b'], when: here, run: () => bench.lay({ sidebarShut: !layout.sidebarShut }) },
    { id: 'view.panels', title: 'Show or hide the seat', group: 'View', keys: ['mod+alt+b'], when: here, run: () => bench.lay({ seatShut: !layout.seatShut }) },
    { id: 'zoom.in', title: 'Larger text in editor and terminals', group: 'View', keys: ['mod+=', 'mod+shift++'], run: () => bench.zoom(1) },
    { id: 'zoom.out', title: 'Smaller text in editor and terminals', group: 'View', keys: ['mod+-', 'mod+shift+_'], run: () => bench.zoom(-1) },
    { id: 'zoom.first', title: 'Text as large as at first', group: 'View', keys: ['mod+0'], run: () => bench.zoom(0) },
    { id: 'view.strip', title: 'Show or hide the bottom panel', group: 'View', keys: ['mod+j'], when: here, run: () => bench.lay({ stripOpen: !layout.stripOpen }) },
    ...STRIP_TABS.map((tab): Action => ({ id: `strip.${tab}`, title: `Show ${strips[tab]}`, group: 'View', when: here, run: () => bench.openStrip(tab) })),
    ...SEAT_TABS.map((tab, index): Action => ({ id: `seat.${tab}`, title: `Show ${seats[tab]}`, group: 'View', keys: [`mod+alt+${index + 1}`], when: here, run: () => bench.showSeat(tab) })),
  ];
}

function themes(bench: Bench): Action[] {
  const names: Record<ThemeChoice, string> = { system: 'as the system', light: 'light', dark: 'dark', 'high-contrast': 'high contrast' };
  return (Object.keys(names) as ThemeChoice[]).map((choice) => ({ id: `theme.${choice}`, title: `Theme: ${names[choice]}`, group: 'View', run: () => bench.settings && bench.save({ ...bench.settings, theme: choice }) }));
}
