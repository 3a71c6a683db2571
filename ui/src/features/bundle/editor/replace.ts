// The smallest single change from one text to another, so that cursors, undo and folding survive.

export interface Change {
  from: number;
  to: number;
  insert: string;
}

export function smallestChange(before: string, after: string): Change | null {
  if (before === after) return null;
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

/** Both changes of one text, when they are in different lines; null when they are not. */
export function merged(base: string, mine: string, theirs: string): string | null {
  const [one, other] = [smallestChange(base, mine), smallestChange(base, theirs)];
  if (!one || !other) return one ? mine : theirs;
  const [first, second] = one.from <= other.from ? [one, other] : [other, one];
  if (first.to > second.from || !base.slice(first.to, second.from).includes('\n')) return null;
  return base.slice(0, first.from) + first.insert + base.slice(first.to, second.from) + second.insert + base.slice(second.to);
}
