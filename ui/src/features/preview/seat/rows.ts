// The live table of objects: changes folded into rows, and the filter over them.
import type { ObjectChange, ObjectRow } from '#ipc/types/preview';

export interface Table {
  rows: ObjectRow[];
  /** Known at all: before, it is still loading. */
  known: boolean;
  stale: { reason: string; since: string } | null;
}

export const EMPTY: Table = { rows: [], known: false, stale: null };

/** The table after one change. Rows stand by namespace, then name. */
export function change(table: Table, what: ObjectChange): Table {
  if (what.change === 'stale') return { ...table, stale: { reason: what.reason, since: what.since } };
  if (what.change === 'restarted') return { rows: [], known: true, stale: null };
  const others = table.rows.filter((row) => row.uid !== (what.change === 'gone' ? what.uid : what.row.uid));
  if (what.change === 'gone') return { rows: others, known: true, stale: null };
  return { rows: insert(others, what.row), known: true, stale: null };
}

function insert(rows: ObjectRow[], row: ObjectRow): ObjectRow[] {
  const key = (one: ObjectRow) => `${one.namespace ?? ''}\u0000${one.name}`;
  const at = rows.findIndex((one) => key(one) > key(row));
  return at < 0 ? [...rows, row] : [...rows.slice(0, at), row, ...rows.slice(at)];
}

/** Rows in which every typed word occurs somewhere. */
export function filtered(rows: ObjectRow[], query: string): ObjectRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = [row.namespace, row.name, row.status.text, ...row.columns.map(([, value]) => value)].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The columns of a table, in the order in which they first occur. */
export function columns(rows: ObjectRow[]): string[] {
  return [...new Set(rows.flatMap((row) => row.columns.map(([name]) => name)))];
}

/** What a row has in a column. */
export function cell(row: ObjectRow, column: string): string {
  return row.columns.find(([name]) => name === column)?.[1] ?? '';
}
