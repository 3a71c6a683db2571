// A sample shell for screenshots and tests: answers a handful of commands with recorded output. It is not a real terminal.
import { OUTPUTS } from './shell-outputs';

const PROMPT = '\x1b[32mcandidate@task\x1b[0m:\x1b[34m~\x1b[0m$ ';
const MOTD = '\r\n  The orders are gone. The database is the StatefulSet orders in the namespace shop.\r\n  See the statement for what to do. `kubectl` and `psql` are ready.\r\n\r\n';

export interface SampleShell {
  input(text: string): void;
  stop(): void;
}

/** Starts the sample shell; `say` gets its output, `end` its exit code. */
export function sampleShell(say: (text: string) => void, end: (code: number) => void, banner = true): SampleShell {
  let line = '';
  let flood: ReturnType<typeof setInterval> | null = null;
  const prompt = () => say(PROMPT);
  const stop = () => {
    if (flood) clearInterval(flood);
    flood = null;
  };
  const run = (command: string) => {
    if (command === 'exit') return end(0);
    if (command === 'yes') {
      flood = setInterval(() => say('y\r\n'.repeat(2000)), 4);
      return;
    }
    say(answer(command));
    prompt();
  };
  const key = (letter: string) => {
    if (letter === '\x03') {
      stop();
      line = '';
      say('^C\r\n');
      prompt();
    } else if (letter === '\x7f') {
      if (line !== '') say('\b \b');
      line = line.slice(0, -1);
    } else if (letter === '\r') {
      const command = line.trim();
      line = '';
      say('\r\n');
      run(command);
    } else if (letter >= ' ') {
      line += letter;
      say(letter);
    }
  };
  if (banner) say(MOTD);
  prompt();
  return { input: (text) => [...text.replace(/\x1b\[[^A-Za-z~]*[A-Za-z~]|\x1bO./g, '')].forEach(key), stop };
}

function answer(command: string): string {
  if (command === '') return '';
  const echo = /^echo (.*)$/.exec(command)?.[1];
  if (echo !== undefined) return `${echo}\r\n`;
  const count = /^seq 1 (\d+)$/.exec(command)?.[1];
  if (count) return Array.from({ length: Number(count) }, (_, index) => `${index + 1}\r\n`).join('');
  const known = OUTPUTS[command];
  return known === undefined ? `bash: ${command.split(' ')[0]}: command not found\r\n` : known.trimEnd().replaceAll('\n', '\r\n') + '\r\n';
}
