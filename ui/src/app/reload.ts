// Where one was, kept while the window lives: a reload comes back to the same bundle and the same shells.
import type { Seat } from './bench.svelte';

/** A boot that was under way. */
export interface Booting {
  preview: string;
  bundle: string;
  context: string;
  began: number;
}

interface Place {
  folder: string | null;
  bundle: string | null;
  seat: Seat | null;
  booting: Booting | null;
  /** When proofs under way began, by bundle; what they are is asked for. */
  proofs?: [bundle: string, began: number][];
}

const KEY = 'taskwright.place';

export function remember(place: Place): void {
  sessionStorage.setItem(KEY, JSON.stringify(place));
}

export function recall(): Place | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Place | null;
  } catch {
    return null;
  }
}
