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

/** A list in one line, `a.yaml, b.yaml`, and back. */
export function line(value: unknown): string {
  return Array.isArray(value) ? value.map(text).join(', ') : text(value);
}

export function listed(line: string): string[] {
  return line.split(/[\s,]+/).filter(Boolean);
}

/** A gate in one line: `rollout statefulset/orders in shop, 2m`. */
export function gate(value: unknown): string {
  const { of, object, status, namespace, timeout, ...kind } = value as Record<string, unknown>;
  const [first] = Object.entries(kind);
  const rest = [(of || object) && ` of ${text(of ?? object)}`, status && ` status ${text(status)}`, namespace && ` in ${text(namespace)}`, timeout && `, ${text(timeout)}`];
  return [first ? `${first[0]} ${text(first[1])}` : 'gate', ...rest.filter(Boolean)].join('');
}

/** The gate that such a line says, or null. */
export function readGate(line: string): Record<string, string> | null {
  const parts = /^(rollout|condition|crd|job|dryRun|apiService|exists|tcp|http) ([^\s,]+)(?: of ([^\s,]+))?(?: in ([^\s,]+))?(?:, ?(\S+))?$/.exec(line.trim().replace(/\s+/g, ' '));
  if (!parts) return null;
  const [, kind = '', what = '', of, namespace, timeout] = parts;
  if ((kind === 'condition') !== (of !== undefined)) return null;
  return { [kind]: what, ...(of && { of }), ...(namespace && { namespace }), ...(timeout && { timeout }) };
}

/** A name for a new item that nobody has yet. */
export function freeName(base: string, known: Item[]): string {
  const taken = new Set(known.map((item) => item.name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
