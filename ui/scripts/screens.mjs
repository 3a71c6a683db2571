// Every screen and state that is pictured and examined: where it starts, and the way there.

const press = (key) => (page) => page.keyboard.press(key);
const settle = (page, ms = 250) => page.waitForTimeout(ms);
/** The pointer where nothing is, so that nothing looks hovered. */
const away = (page) => page.mouse.move(0, 0);
const example = async (page) => {
  await page.getByRole('button', { name: /^postgres-recovery/ }).first().click();
  await away(page);
  await page.locator('.cm-content').waitFor();
  await settle(page, 400);
};
const attach = async (page) => {
  await page.getByRole('button', { name: 'Attach' }).click();
  await page.locator('.xterm-rows').waitFor();
  await settle(page, 700);
};
const boot = async (page) => {
  await example(page);
  await page.keyboard.press('F5');
  await page.locator('svg[aria-label="Boot timeline"] g.row').first().waitFor();
  await settle(page, 900);
};
/** A file is written after the boot. */
const changed = async (page) => {
  await page.evaluate(() => window.bench.editor.show('dependencies/orders/postgres.yaml', 1));
  await settle(page);
  await page.keyboard.type('# Reviewed.\n');
  await page.keyboard.press('Control+s');
  await settle(page, 500);
};
const update = (page) => page.getByRole('button', { name: 'Update', exact: true }).click();
const type = async (page, line) => {
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
  await settle(page, 120);
};
const working = async (page) => {
  await attach(page);
  await type(page, 'kubectl get pods -A');
  await type(page, 'psql -c "select count(*) from orders"');
  await type(page, 'kubectl get pvc -n shop');
};
const tab = (name) => async (page) => {
  await page.getByRole('tab', { name, exact: true }).click();
  await away(page);
  await settle(page, 300);
};
const grade = async (page) => {
  await attach(page);
  await page.keyboard.press('Shift+F7');
};
const graded = async (page) => {
  await grade(page);
  await page.waitForFunction(() => window.bench.grading.ended);
};
const proof = async (page) => {
  await example(page);
  await page.keyboard.press('F9');
  await page.getByRole('heading', { name: /^Proof of/ }).waitFor();
};
const prove = async (page) => {
  await proof(page);
  await page.keyboard.press('Control+F9');
};
const proved = async (page) => {
  await prove(page);
  await page.waitForFunction(() => window.bench.delivery.proof.ended);
};
const tries = async (page) => {
  await proof(page);
  await page.getByLabel('How often each case is tried').fill('3');
  await page.getByLabel('How often each case is tried').press('Enter');
  await page.waitForFunction(() => window.bench.delivery.proof.ended);
};
const place = (name) => (page) => page.locator(`[data-place="${name}"]`).click();
/** A bundle that is locked and proven, where the sample says so. */
const ship = async (page) => {
  await example(page);
  await page.keyboard.press('Control+Shift+X');
  await shown(page, 'export');
};
const shown = (page, dialog) => page.waitForFunction((name) => window.bench.dialog === name && (name === 'lock' ? window.bench.delivery.lock.ended : (window.bench.delivery.shipping.survey || window.bench.delivery.shipping.unsurveyed) && !window.bench.delivery.shipping.looking), dialog);
const to = (kind, place) => async (page) => {
  await page.getByRole('radio', { name: kind }).check();
  if (place) await page.locator('#export-to').fill(place);
  await page.waitForFunction(() => !window.bench.delivery.shipping.looking);
};
const send = (page) => page.getByRole('button', { name: /^Export( by force)?$/ }).click();
const sent = async (page) => {
  await send(page);
  await page.waitForFunction(() => window.bench.delivery.shipping.result || window.bench.delivery.shipping.problem);
};
const lock = async (page) => {
  await proof(page);
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await shown(page, 'lock');
};
/** name, address, steps; `both` in light and dark, the rest in one theme. */
export const SCREENS = [
  { name: 'home', both: true },
  { name: 'home-first-start', search: 'recent=none&hosts=none&sandbox=down&previews=none', both: true },
  { name: 'home-slow-hosts', search: 'hosts=slow', steps: [(page) => settle(page, 2600)] },
  { name: 'home-unreachable', search: 'previews=unreachable' },
  { name: 'hosts-doctor', steps: [(page) => page.getByRole('button', { name: /eks-training/ }).click()], both: true },
  { name: 'hosts-examining', search: 'hosts=slow', steps: [(page) => page.getByRole('button', { name: /eks-training/ }).click(), (page) => settle(page, 2600)] },
  { name: 'hosts-rights-missing', steps: [(page) => page.getByRole('button', { name: /staging-read-only/ }).click()] },
  { name: 'sandbox-up', steps: [(page) => page.getByRole('button', { name: /^Sandbox/ }).click()] },
  { name: 'sandbox-offer', search: 'recent=some&hosts=none&sandbox=down&previews=none', steps: [example, press('F5')], both: true },
  { name: 'sandbox-progress', search: 'hosts=none&sandbox=down&root&previews=none&speed=8&hold=8000', steps: [example, press('F5'), (page) => page.getByRole('button', { name: 'Bring the sandbox up' }).click(), (page) => settle(page, 1600)], both: true },
  { name: 'editor', steps: [example], both: true },
  { name: 'editor-problems', search: 'broken', steps: [example, (page) => page.getByRole('button', { name: /errors/ }).click(), (page) => settle(page, 300), press('F8'), (page) => settle(page, 400), hoverProblem], both: true },
  { name: 'editor-completion', steps: [example, completion], both: false },
  { name: 'editor-form', steps: [example, (page) => page.getByRole('button', { name: 'Form', exact: true }).click()], both: true },
  { name: 'editor-form-beside', steps: [example, (page) => page.evaluate(() => window.bench.lay({ seatShut: true, sidebarShut: true })), (page) => page.getByRole('button', { name: 'Form', exact: true }).click()] },
  { name: 'editor-hint', steps: [example, (page) => page.getByRole('treeitem', { name: '1-look-at-the-claims.md' }).click(), (page) => settle(page, 400)] },
  { name: 'editor-graph', steps: [example, (page) => page.getByRole('button', { name: 'Show the graph large' }).click()], both: true },
  { name: 'editor-statement', steps: [example, (page) => page.getByRole('treeitem', { name: 'statement.md' }).click(), (page) => settle(page, 400)], both: true },
  { name: 'editor-conflict', steps: [example, conflict] },
  { name: 'boot-running', search: 'speed=40&hold=38000', steps: [boot, (page) => settle(page, 900)], both: true },
  { name: 'boot-ready', search: 'speed=0', steps: [boot, (page) => settle(page, 600)], both: true },
  { name: 'boot-compare', search: 'speed=0', steps: [boot, again, (page) => page.getByRole('button', { name: /Compare with/ }).click()] },
  { name: 'boot-failed', search: 'speed=0&boot=failed&previews=none', steps: [boot, tall], both: true },
  { name: 'boot-waves', search: 'speed=0&boot=waves&previews=none', steps: [boot, tall] },
  { name: 'boot-cancelled', search: 'speed=1&previews=none', steps: [boot, (page) => page.getByRole('button', { name: 'Cancel the boot' }).click(), (page) => settle(page, 400)] },
  { name: 'boot-output', search: 'speed=0', steps: [boot, (page) => page.getByRole('tab', { name: 'Output' }).click()] },
  { name: 'update-offered', search: 'speed=0', steps: [boot, changed] },
  { name: 'update-running', search: 'speed=1&hold=3000', steps: [attach, changed, press('Control+F5'), (page) => settle(page, 3400)] },
  { name: 'update-done', search: 'speed=0', steps: [boot, changed, update, (page) => page.waitForFunction(() => window.bench.seat.updated), (page) => settle(page, 400)], both: true },
  { name: 'workbench', search: 'speed=0', steps: [boot, async (page) => { await page.evaluate(() => window.bench.deck.focus()); await type(page, 'kubectl get pods -A'); await type(page, 'psql -c "select count(*) from orders"'); }], both: true, high: true },
  { name: 'seat', steps: [working, press('F6'), (page) => settle(page, 5600)], both: true },
  { name: 'seat-split', steps: [working, press('Control+Shift+D'), (page) => settle(page, 500), async (page) => type(page, 'kubectl get nodes')] },
  { name: 'terminal-find', steps: [working, press('Control+Shift+F'), async (page) => page.keyboard.type('orders'), (page) => settle(page, 300)] },
  { name: 'terminal-ended', steps: [attach, async (page) => type(page, 'exit')] },
  { name: 'terminal-reconnecting', steps: [working, (page) => page.evaluate(() => dispatchEvent(new CustomEvent('sample-terminal-state', { detail: { state: 'reconnecting', reason: 'the pod tty is starting again', attempt: 3 } }))), (page) => settle(page, 1200)] },
  { name: 'terminal-clipboard', steps: [attach, (page) => page.evaluate(() => window.bench.deck.session.term.write(`\x1b]52;c;${btoa('kubectl get pods -A')}\x07`))] },
  { name: 'terminal-link', steps: [attach, (page) => page.evaluate(() => window.bench.deck.session.term.options.linkHandler.activate({ ctrlKey: true }, 'https://docs.example@evil.example/pods'))] },
  { name: 'terminal-paste', steps: [attach, paste] },
  { name: 'objects', steps: [attach, tab('Objects'), describe], both: true },
  { name: 'objects-yaml', steps: [attach, tab('Objects'), yaml] },
  { name: 'objects-empty', steps: [attach, tab('Objects'), (page) => page.getByLabel('Kind of object').selectOption('networkpolicies')] },
  { name: 'objects-stale', search: 'stale', steps: [attach, tab('Objects')] },
  { name: 'events', steps: [attach, tab('Events')] },
  { name: 'logs-filtered', steps: [attach, tab('Logs'), (page) => page.getByLabel('Filter log').fill('nothing like it')] },
  { name: 'logs', steps: [attach, tab('Logs')] },
  { name: 'checks', steps: [example, tab('Checks')] },
  { name: 'checks-ready', steps: [attach, tab('Checks')] },
  { name: 'grade-running', search: 'speed=0&hold=12000', steps: [grade, (page) => settle(page, 2500)], both: true },
  { name: 'grade-done', search: 'speed=0', steps: [graded], both: true, high: true },
  { name: 'grade-full', search: 'speed=0&grade=full', steps: [graded] },
  { name: 'grade-broken', search: 'speed=0&grade=broken', steps: [graded], both: true },
  { name: 'grade-refused', search: 'speed=0&grade=refused', steps: [graded] },
  { name: 'grade-stopped', search: 'speed=0&hold=12000', steps: [grade, (page) => settle(page, 500), (page) => page.getByRole('button', { name: 'Stop', exact: true }).click(), (page) => page.waitForFunction(() => window.bench.grading.ended)] },
  { name: 'grade-unknown', steps: [unknown] },
  { name: 'grade-elsewhere', search: 'speed=0', steps: [attach, elsewhere] },
  { name: 'proof-missing', steps: [proof], both: true },
  { name: 'proof-changed', search: 'proof=changed', steps: [proof] },
  { name: 'proof-unreadable', search: 'proof=broken', steps: [proof] },
  { name: 'proof-unlocked', search: 'speed=0&prove=unlocked', steps: [proved] },
  { name: 'proof-running', search: 'speed=0&hold=84000', steps: [prove, (page) => settle(page, 2500)], both: true },
  { name: 'proof-running-case', search: 'speed=0&hold=60000', steps: [prove, (page) => settle(page, 800), place('reference/')] },
  { name: 'proof-stopped', search: 'speed=0&hold=150000', steps: [prove, (page) => settle(page, 500), (page) => page.getByRole('button', { name: 'Stop the proof' }).click(), (page) => page.waitForFunction(() => window.bench.delivery.proof.ended)] },
  { name: 'proof-holds', search: 'proof=holds', steps: [proof], both: true },
  { name: 'proof-failed', search: 'proof=failed', steps: [proof], both: true, high: true },
  { name: 'proof-check', search: 'proof=failed', steps: [proof, place('pod-by-hand/survives-restart')], both: true },
  { name: 'proof-case', search: 'proof=holds', steps: [proof, place('reference/')], both: true },
  { name: 'proof-case-failed', search: 'proof=failed', steps: [proof, place('reference/')], both: true },
  { name: 'proof-case-notes', search: 'proof=failed', steps: [proof, place('untouched/')] },
  { name: 'proof-flaky', search: 'speed=0&prove=flaky', steps: [tries], both: true },
  { name: 'proof-flaky-check', search: 'speed=0&prove=flaky', steps: [tries, place('reference/survives-restart')] },
  { name: 'proof-attached', search: 'speed=0&proving&hold=84000', steps: [proof, (page) => settle(page, 800)] },
  { name: 'proof-to-lock', search: 'speed=0&lock=missing', steps: [proof], both: true },
  { name: 'lock-running', search: 'speed=0&lock=missing&hold=2000', steps: [proof, (page) => page.getByRole('button', { name: 'Lock', exact: true }).click(), (page) => settle(page, 2500)] },
  { name: 'lock-done', search: 'speed=1&lock=missing', steps: [lock], both: true },
  { name: 'lock-warnings', search: 'speed=1&lock=drifted&locking=warns', steps: [lock], both: true },
  { name: 'lock-failed', search: 'speed=1&lock=missing&locking=fails', steps: [lock], both: true },
  { name: 'lock-refused', search: 'speed=0&lock=missing&locking=refused', steps: [lock] },
  { name: 'export-changes', search: 'speed=0&proof=holds', steps: [ship], both: true, high: true },
  { name: 'export-objections', search: 'speed=0&lock=missing', steps: [ship], both: true },
  { name: 'export-force', search: 'speed=0&proof=changed', steps: [ship, (page) => page.getByRole('checkbox', { name: /all the same/ }).check()] },
  { name: 'export-impossible', search: 'speed=0&export=impossible', steps: [ship] },
  { name: 'export-broken', search: 'speed=0&broken', steps: [ship] },
  { name: 'export-first', search: 'speed=0&proof=holds&exports=none', steps: [ship] },
  { name: 'export-platform', search: 'speed=0&proof=holds', steps: [ship, to('Platform')] },
  { name: 'export-wrong-place', search: 'speed=0&proof=holds', steps: [ship, to('Registry', 'registry.example.org/Tasks/one:1')] },
  { name: 'export-unreadable', search: 'speed=0&proof=holds&export=unreadable', steps: [ship] },
  { name: 'export-running', search: 'speed=0&proof=holds&export=retries&hold=4000', steps: [ship, send, (page) => settle(page, 2500)], both: true },
  { name: 'export-done', search: 'speed=4&proof=holds', steps: [ship, sent], both: true },
  { name: 'export-failed', search: 'speed=0&proof=holds&export=refused', steps: [ship, sent] },
  { name: 'palette', steps: [attach, press('Control+Shift+P'), async (page) => page.keyboard.type('term')], both: true },
  { name: 'keys', steps: [example, press('Control+K'), async (page) => page.keyboard.type('all keys'), press('Enter')] },
  { name: 'settings', steps: [press('Control+,')], both: true },
  { name: 'about', steps: [(page) => page.getByRole('button', { name: 'About' }).click()] },
  { name: 'host-menu', steps: [example, (page) => page.getByRole('button', { name: /^host / }).click()] },
  { name: 'preview-menu', steps: [attach, (page) => page.getByRole('button', { name: /^preview / }).click(), (page) => page.getByRole('button', { name: 'Remove' }).click()] },
  { name: 'host-lost', search: 'previews=none', steps: [example, (page) => page.evaluate(() => window.bench.chooseHost('eks-training')), press('F5')] },
  { name: 'new-bundle', steps: [press('Control+Shift+N')] },
  { name: 'tear-down', steps: [attach, press('Shift+F5')] },
];

/** A preview of a bundle that nobody here knows, while another bundle is in focus. */
async function unknown(page) {
  await page.evaluate(() => window.bench.openWorkspace('/home/you/tasks', '/home/you/tasks/blank'));
  await page.evaluate(() => window.bench.attach({ ...window.bench.previews.list[0], folder: null }));
  await page.evaluate(() => window.bench.preset('write'));
  await page.keyboard.press('Shift+F7');
}

async function elsewhere(page) {
  await page.evaluate(() => window.bench.openWorkspace('/home/you/tasks', '/home/you/tasks/blank'));
  await page.keyboard.press('Shift+F7');
  await page.waitForFunction(() => window.bench.grading.ended);
}

async function completion(page) {
  await page.evaluate(() => window.bench.editor.show('task.yaml', 26, 80));
  await settle(page);
  await page.keyboard.press('Enter');
  await page.keyboard.type('ne');
  await page.locator('.cm-tooltip-autocomplete').waitFor();
  await settle(page, 300);
}

async function hoverProblem(page) {
  await page.locator('.cm-lintRange-error').first().hover();
  await page.locator('.cm-tooltip-lint').waitFor();
  await settle(page, 200);
}

async function conflict(page) {
  await page.evaluate(() => window.bench.editor.show('task.yaml', 8, 80));
  await settle(page);
  await page.keyboard.type(' again');
  await page.evaluate(() => {
    const text = window.bench.editor.file.saved.replace('area: storage', 'area: databases').replace('timeLimit: 30m', 'timeLimit: 40m');
    dispatchEvent(new CustomEvent('sample-disk-change', { detail: { path: 'task.yaml', text } }));
  });
  await page.getByRole('button', { name: 'Show the difference' }).click();
  await settle(page, 500);
}

async function again(page) {
  await page.evaluate(() => window.bench.boot());
  await settle(page, 900);
}

async function tall(page) {
  await page.evaluate(() => window.bench.lay({ strip: 340 }));
  await settle(page);
}

async function paste(page) {
  await page.evaluate(() => window.bench.deck.session.paste('kubectl delete statefulset orders -n shop\nkubectl apply -f /tmp/orders.yaml\n'));
  await settle(page);
}

async function describe(page) {
  await page.evaluate(() => window.bench.lay({ terminal: 200 }));
  await page.locator('[role="grid"]').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'd']) await page.keyboard.press(key);
  await settle(page, 400);
}

async function yaml(page) {
  await page.evaluate(() => window.bench.lay({ terminal: 200 }));
  await page.locator('[role="grid"]').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'y']) await page.keyboard.press(key);
  await settle(page, 400);
}
