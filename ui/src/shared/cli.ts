// The command lines that do what the window does, quoted for a shell.

/** Commands of the command line; each stands in docs/cli.md. */
export const COMMANDS = ['check', 'doctor', 'down', 'export', 'grade', 'hosts', 'lock', 'new', 'preview', 'previews', 'prove', 'pull', 'sandbox down', 'sandbox up', 'shell', 'update', 'verify'] as const;

/** `cli('shell', 'shop-1', '--host', 'lab')` is `taskwright shell shop-1 --host lab`. */
export function cli(command: (typeof COMMANDS)[number], ...words: string[]): string {
  return ['taskwright', command, ...words.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
