// Where the steps of a bundle stand in its graph: layers by what needs what, crossings few, all pure geometry.
import type { OutlineStep } from '#ipc/types/bundle';

export interface GraphNode {
  step: OutlineStep;
  layer: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface GraphEdge {
  from: string;
  to: string;
  path: string;
}

export interface GraphLayout {
  nodes: GraphNode[];
  edges: GraphEdge[];
  width: number;
  height: number;
}

export interface Sizes {
  /** `row`: layers stand side by side; `column`: one below the other. */
  direction: 'row' | 'column';
  nodeWidth: number;
  nodeHeight: number;
  between: number;
  beside: number;
}

export function layers(steps: OutlineStep[], sizes: Sizes): GraphLayout {
  const depth = depths(steps);
  const columns: OutlineStep[][] = [];
  for (const step of steps) (columns[depth.get(step.id) ?? 0] ??= []).push(step);
  columns.forEach((column, layer) => layer > 0 && sortByNeeds(column, columns[layer - 1] ?? []));
  const most = Math.max(1, ...columns.map((column) => column.length));
  const nodes = columns.flatMap((column, layer) => column.map((step, index) => place(step, layer, index, column.length, most, sizes)));
  const at = new Map(nodes.map((node) => [node.step.id, node]));
  const edges = steps.flatMap((step) => step.needs.flatMap((need) => edge(at.get(need), at.get(step.id), sizes)));
  return { nodes, edges, width: Math.max(0, ...nodes.map((node) => node.x + node.width)), height: Math.max(0, ...nodes.map((node) => node.y + node.height)) };
}

/** The longest way from a step that needs nothing; a circle counts once. */
function depths(steps: OutlineStep[]): Map<string, number> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const known = new Map<string, number>();
  const of = (id: string, seen: string[]): number => {
    const done = known.get(id);
    if (done !== undefined || seen.includes(id)) return done ?? 0;
    const needs = (byId.get(id)?.needs ?? []).filter((need) => byId.has(need));
    const depth = needs.length === 0 ? 0 : 1 + Math.max(...needs.map((need) => of(need, [...seen, id])));
    known.set(id, depth);
    return depth;
  };
  for (const step of steps) of(step.id, []);
  return known;
}

function sortByNeeds(column: OutlineStep[], before: OutlineStep[]): void {
  const middle = (step: OutlineStep) => {
    const places = step.needs.map((need) => before.findIndex((one) => one.id === need)).filter((place) => place >= 0);
    return places.length === 0 ? before.length : places.reduce((sum, place) => sum + place, 0) / places.length;
  };
  column.sort((a, b) => middle(a) - middle(b));
}

function place(step: OutlineStep, layer: number, index: number, count: number, most: number, sizes: Sizes): GraphNode {
  const { direction, nodeWidth: width, nodeHeight: height, between, beside } = sizes;
  const offset = (most - count) / 2 + index;
  const [x, y] = direction === 'row' ? [layer * (width + between), offset * (height + beside)] : [offset * (width + beside), layer * (height + between)];
  return { step, layer, x, y, width, height };
}

function edge(from: GraphNode | undefined, to: GraphNode | undefined, { direction }: Sizes): GraphEdge[] {
  if (!from || !to) return [];
  const ends = { from: from.step.id, to: to.step.id };
  if (direction === 'row') {
    const [x1, y1, x2, y2] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2];
    const middle = (x1 + x2) / 2;
    return [{ ...ends, path: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` }];
  }
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + from.height, to.x + to.width / 2, to.y];
  const middle = (y1 + y2) / 2;
  return [{ ...ends, path: `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}` }];
}
