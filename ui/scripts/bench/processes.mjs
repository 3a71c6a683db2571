// What processes there are, and what memory they use: proportional set size, so that shared pages count once.
import { readFile, readdir } from 'node:fs/promises';

// What drives the window, but is no part of it.
const DRIVERS = new Set(['dbus-run-sessio', 'dbus-daemon', 'tauri-driver', 'WebKitWebDriver']);

/** Megabytes that a process and all that descend from it use, with the names of the processes. */
export async function memory(...roots) {
  const all = await processes();
  const wanted = roots.flatMap((root) => [root, ...descendants(all, root)]);
  const found = all.filter((one) => wanted.includes(one.pid) && !DRIVERS.has(one.name));
  const sizes = await Promise.all(found.map((one) => proportional(one.pid)));
  return { megabytes: Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1024), processes: found.map((one, index) => `${one.name} ${Math.round(sizes[index] / 1024)}`) };
}

async function processes() {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)));
  return found.filter(Boolean).map((stat) => {
    const [pid] = stat.split(' ');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    return { pid: Number(pid), parent: Number(parent), name };
  });
}

function descendants(all, root) {
  const children = all.filter((one) => one.parent === root).map((one) => one.pid);
  return children.flatMap((child) => [child, ...descendants(all, child)]);
}

/** Kilobytes; nothing for one that has ended. */
async function proportional(pid) {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
}
