// What was done in this window, as the command lines that do the same; the newest first.

const MOST = 50;

class Done {
  lines = $state<{ at: number; text: string }[]>([]);

  /** Takes in the command line of what is done now. */
  say(text: string): void {
    this.lines = [{ at: Date.now(), text }, ...this.lines.filter((line) => line.text !== text)].slice(0, MOST);
  }
}

export const done = new Done();
