// How well a typed query fits a title: letters in order, better at word starts and in one run.

/** A score, higher is better, or null when it does not fit at all. */
export function fits(query: string, title: string): number | null {
  const [wanted, text] = [query.toLowerCase().replaceAll(' ', ''), title.toLowerCase()];
  let [score, at, run] = [0, -1, 0];
  for (const letter of wanted) {
    const found = text.indexOf(letter, at + 1);
    if (found < 0) return null;
    run = found === at + 1 ? run + 1 : 0;
    const start = found === 0 || /[\s/:.\-_]/.test(text[found - 1] ?? '');
    score += 1 + run * 2 + (start ? 4 : 0) - Math.min(3, (found - at - 1) * 0.1);
    at = found;
  }
  return score - text.length * 0.01;
}

/** The items that fit, best first; all of them, in their order, for an empty query. */
export function ranked<T>(items: T[], query: string, text: (item: T) => string): T[] {
  if (query.trim() === '') return items;
  const found = items
    .map((item) => ({ item, score: fits(query, text(item)) }))
    .filter((entry): entry is { item: T; score: number } => entry.score !== null)
    .sort((a, b) => b.score - a.score);
  // Letters that only happen to occur somewhere are noise beside a real match.
  const least = (found[0]?.score ?? 0) * 0.4;
  return found.filter((entry) => entry.score >= least).map((entry) => entry.item);
}
