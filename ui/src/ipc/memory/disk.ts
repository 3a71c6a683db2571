// A sample workspace in memory: the project's own task templates as two bundles that can be edited.
import type { BundleSummary, FileContent, FileLanguage, FileNode, Template, Workspace } from '../types/bundle';
import type { Problem } from '../types/app';

const sources = import.meta.glob<string>('../../../../task-templates/*/**/*', { query: '?raw', import: 'default', eager: true });

export const HOME = '/home/you/tasks';

interface Entry {
  text: string;
  version: number;
}

/** Files by bundle folder and path. */
export class SampleDisk {
  #bundles = new Map<string, Map<string, Entry>>();
  #versions = 1;

  constructor() {
    for (const name of templateNames()) this.#scaffold(`${HOME}/${name}`, name);
  }

  workspace(folder: string): Workspace {
    const bundles = [...this.#bundles.keys()].filter((one) => one === folder || one.startsWith(`${folder}/`));
    if (bundles.length === 0) throw problem('not-found', `${folder} has no bundle in it`, 'Choose a folder that holds a task.yaml, or make a new bundle here.');
    return { folder, name: last(folder), bundles: bundles.map((bundle) => this.summary(bundle)) };
  }

  summary(bundle: string): BundleSummary {
    const task = this.text(bundle, 'task.yaml');
    const line = (key: string) => new RegExp(`^\\s*${key}: (.*)$`, 'm').exec(task)?.[1]?.replace(/\s+#.*$/, '') ?? null;
    return { folder: bundle, name: last(bundle), title: line('title'), difficulty: line('difficulty'), errors: 0, warnings: 0 };
  }

  list(bundle: string): FileNode[] {
    const files = [...this.#of(bundle)].map(([path, entry]): FileNode => ({ path, kind: 'file', restricted: restricted(path), size: entry.text.length }));
    const folders = new Set(files.flatMap(({ path }) => parents(path)));
    const nodes = [...folders].map((path): FileNode => ({ path, kind: 'folder', restricted: restricted(`${path}/`), size: 0 }));
    return [...nodes, ...files].sort((a, b) => a.path.localeCompare(b.path));
  }

  read(bundle: string, path: string): FileContent {
    const entry = this.#entry(bundle, path);
    return { path, text: entry.text, version: String(entry.version), size: entry.text.length, restricted: restricted(path), language: language(path) };
  }

  text(bundle: string, path: string): string {
    return this.#entry(bundle, path).text;
  }

  write(bundle: string, path: string, text: string, expected: string | null): { version: string } {
    const known = this.#of(bundle).get(path);
    if ((known ? String(known.version) : null) !== expected) throw problem('conflict', `${path} changed on disk since it was read`, 'Compare the two, then keep one.');
    return { version: String(this.put(bundle, path, text).version) };
  }

  /** Writes without asking: what another program would do. */
  put(bundle: string, path: string, text: string): Entry {
    const entry = { text, version: (this.#versions += 1) };
    this.#of(bundle).set(path, entry);
    return entry;
  }

  rename(bundle: string, from: string, to: string): void {
    const entry = this.#entry(bundle, from);
    this.#of(bundle).delete(from);
    this.#of(bundle).set(to, entry);
  }

  delete(bundle: string, path: string): void {
    this.#entry(bundle, path);
    this.#of(bundle).delete(path);
  }

  exists(bundle: string, path: string): boolean {
    return this.#of(bundle).has(path);
  }

  create(parent: string, template: string, name: string): BundleSummary {
    const folder = `${parent}/${name}`;
    if (this.#bundles.has(folder)) throw problem('usage', `${folder} exists already`, 'Choose another name.');
    this.#scaffold(folder, template);
    const task = this.text(folder, 'task.yaml').replace(/^( {2}name: ).*$|(metadata: \{name: )[^,}]*/m, (_, block, flow) => `${block ?? flow}${name}`);
    this.put(folder, 'task.yaml', task);
    return this.summary(folder);
  }

  #scaffold(folder: string, template: string): void {
    const prefix = `/task-templates/${template}/`;
    this.#bundles.set(folder, new Map());
    for (const [source, text] of Object.entries(sources)) {
      const at = source.indexOf(prefix);
      if (at >= 0) this.put(folder, source.slice(at + prefix.length), text);
    }
  }

  #of(bundle: string): Map<string, Entry> {
    const files = this.#bundles.get(bundle);
    if (!files) throw problem('not-found', `there is no bundle at ${bundle}`, 'Open its folder again.');
    return files;
  }

  #entry(bundle: string, path: string): Entry {
    const entry = this.#of(bundle).get(path);
    if (!entry) throw problem('not-found', `${path} is not there any more`, 'It may have been renamed or deleted.');
    return entry;
  }
}

export function templates(): Template[] {
  return templateNames().map((name) => {
    const paths = Object.keys(sources).filter((path) => path.includes(`/task-templates/${name}/`));
    const task = sources[paths.find((path) => path.endsWith(`${name}/task.yaml`)) ?? ''] ?? '';
    const line = (key: string) => new RegExp(`^\\s*${key}: (.*)$`, 'm').exec(task)?.[1] ?? '';
    const teaches = [...line('x-teaches').matchAll(/"([^"]*)"|[^\s",[\]][^",[\]]*/g)].map(([word, quoted]) => quoted ?? word.trim());
    return { name, title: line('title'), summary: line('x-summary'), teaches, files: paths.map((path) => path.split(`/${name}/`)[1] ?? '') };
  });
}

export function problem(code: Problem['code'], message: string, ...hints: string[]): Problem {
  return { code, message, hints };
}

function templateNames(): string[] {
  return [...new Set(Object.keys(sources).map((path) => path.split('/task-templates/')[1]?.split('/')[0] ?? ''))].sort();
}

function language(path: string): FileLanguage {
  if (/\.ya?ml$/.test(path)) return 'yaml';
  if (path.endsWith('.md')) return 'markdown';
  return path.endsWith('.sh') ? 'shell' : 'text';
}

function restricted(path: string): boolean {
  return /^(checks|solutions)\//.test(path);
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function last(path: string): string {
  return path.split('/').at(-1) ?? path;
}
