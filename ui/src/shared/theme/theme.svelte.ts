// Which theme is on: follows the system unless told otherwise, and writes the tokens to the page.
import type { ThemeChoice } from '#ipc/types/app';
import { THEMES, type ThemeName, type Tokens } from './tokens';

/** The theme for a choice, given what the system wants. */
export function resolve(choice: ThemeChoice, systemDark: boolean, systemContrast: boolean): ThemeName {
  if (choice !== 'system') return choice;
  if (systemContrast) return 'high-contrast';
  return systemDark ? 'dark' : 'light';
}

class Theme {
  choice = $state<ThemeChoice>('system');
  #dark = $state(false);
  #contrast = $state(false);
  name = $derived(resolve(this.choice, this.#dark, this.#contrast));
  tokens = $derived<Tokens>(THEMES[this.name]);

  /** Begins to follow the system and to paint the page. */
  follow(): void {
    this.#media('(prefers-color-scheme: dark)', (on) => (this.#dark = on));
    this.#media('(prefers-contrast: more)', (on) => (this.#contrast = on));
    $effect.root(() => {
      $effect(() => paint(this.name, this.tokens));
    });
    paint(this.name, this.tokens);
  }

  #media(query: string, set: (on: boolean) => void): void {
    const list = matchMedia(query);
    set(list.matches);
    list.addEventListener('change', () => set(list.matches));
  }
}

export const theme = new Theme();

/** Every colour as a custom property: `soft` becomes `--soft`, `redSoft` becomes `--red-soft`. */
export function properties(tokens: Tokens): [string, string][] {
  return Object.entries(tokens)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== 'scheme')
    .map(([name, value]) => [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value])
    .concat([['--terminal-background', tokens.terminal.background]]) as [string, string][];
}

function paint(name: ThemeName, tokens: Tokens): void {
  const root = document.documentElement;
  root.dataset.theme = name;
  root.style.colorScheme = tokens.scheme;
  for (const [property, value] of properties(tokens)) root.style.setProperty(property, value);
}
