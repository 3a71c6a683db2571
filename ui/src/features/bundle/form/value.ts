// What the form reads of task.yaml: loose, since it may be half written.

export interface Item {
  [key: string]: unknown;
}

export type Section = 'dependencies' | 'init' | 'checks' | 'solutions';

/** A section's items, whatever stands there. */
export function items(value: unknown, section: Section): Item[] {
  const list = at(value, ['spec', section]);
  return Array.isArray(list) ? list.filter((one): one is Item => typeof one === 'object' && one !== null) : [];
}

export function at(value: unknown, path: (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[key] : undefined), value);
}

export function text(value: unknown): string {
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What of a dependency is applied, in one line. */
export function source(item: Item): string {
  if (typeof item.helm === 'object') return `helm ${text(at(item, ['helm', 'chart']))}`;
  if (Array.isArray(item.manifests)) return `manifests ${item.manifests.join(', ')}`;
  return item.kustomize ? `kustomize ${text(item.kustomize)}` : 'nothing to apply yet';
}

/** A gate in one line: `rollout statefulset/orders in shop, 2m`. */
export function gate(value: unknown): string {
  const { namespace, timeout, ...kind } = value as Record<string, unknown>;
  const [first] = Object.entries(kind);
  return `${first ? `${first[0]} ${text(first[1])}` : 'gate'}${namespace ? ` in ${text(namespace)}` : ''}${timeout ? `, ${text(timeout)}` : ''}`;
}

/** A name for a new item that nobody has yet. */
export function freeName(base: string, known: Item[]): string {
  const taken = new Set(known.map((item) => item.name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
