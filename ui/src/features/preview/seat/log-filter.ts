// The filter over log lines: plain words, or a regular expression between slashes; `!` in front inverts.

export interface LogFilter {
  test: (text: string) => boolean;
  /** Why it is not used, when it cannot be read. */
  wrong: string | null;
}

export function logFilter(query: string): LogFilter {
  const inverted = query.startsWith('!');
  const wanted = inverted ? query.slice(1) : query;
  const expression = /^\/(.*)\/$/.exec(wanted)?.[1];
  if (expression === undefined) {
    const small = wanted.toLowerCase();
    return { test: (text) => small === '' || text.toLowerCase().includes(small) !== inverted, wrong: null };
  }
  try {
    const pattern = new RegExp(expression, 'i');
    return { test: (text) => pattern.test(text) !== inverted, wrong: null };
  } catch {
    return { test: () => true, wrong: 'This is no regular expression yet.' };
  }
}
