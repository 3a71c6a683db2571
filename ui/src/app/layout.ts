// What of the window's arrangement is remembered, and how it is read back when it is old or broken.

export const SEAT_TABS = ['statement', 'checks', 'objects', 'events', 'logs'] as const;
export type SeatTab = (typeof SEAT_TABS)[number];
export const STRIP_TABS = ['problems', 'boot', 'output', 'commands'] as const;
export type StripTab = (typeof STRIP_TABS)[number];

export interface Layout {
  preset: 'write' | 'seat';
  sidebar: number;
  sidebarShut: boolean;
  graph: number;
  graphShut: boolean;
  seat: number;
  seatShut: boolean;
  terminal: number;
  strip: number;
  stripOpen: boolean;
  /** In the seat preset: how wide the statement is. */
  statement: number;
  /** In the view of a proof: how high the details are. */
  details: number;
  seatTab: SeatTab;
  stripTab: StripTab;
  rendered: boolean;
  host: string | null;
}

export const FIRST: Layout = {
  preset: 'write', sidebar: 220, sidebarShut: false, graph: 190, graphShut: false, seat: 640, seatShut: false, terminal: 340, strip: 322, stripOpen: false,
  statement: 520, details: 330, seatTab: 'statement', stripTab: 'problems', rendered: true, host: null,
};

/** The first arrangement for a window of this size: the seat gets its share of a large screen, too. */
export function firstFor(width: number, height: number): Layout {
  const share = (of: number, part: number, least: number) => Math.max(least, Math.round(of * part));
  return { ...FIRST, strip: Math.min(FIRST.strip, Math.round(height * 0.4)), graph: height < 700 ? 120 : FIRST.graph, seat: share(width, 0.445, 480), terminal: share(height, 0.38, 240), statement: Math.min(share(width, 0.36, 360), 760), details: share(height, 0.39, 200) };
}

/** Whatever was stored, as a whole layout: what has the wrong type is as at first. */
export function readLayout(stored: Record<string, unknown>, begin: Layout = FIRST): Layout {
  const layout: Record<string, unknown> = { ...begin };
  for (const [key, first] of Object.entries(FIRST)) {
    const value = stored[key];
    if (value !== undefined && (typeof value === typeof first || (key === 'host' && typeof value === 'string'))) layout[key] = value;
  }
  if (!SEAT_TABS.includes(layout.seatTab as SeatTab)) layout.seatTab = FIRST.seatTab;
  if (!STRIP_TABS.includes(layout.stripTab as StripTab)) layout.stripTab = FIRST.stripTab;
  layout.preset = 'write';
  return layout as unknown as Layout;
}
