// The one set of colours: drives the app's CSS, the editor and the terminal, in light, dark and high contrast.

export type ThemeName = 'light' | 'dark' | 'high-contrast';

/** Every colour the window knows, by what it is for. */
export interface Tokens {
  scheme: 'light' | 'dark';
  /** Surfaces, from the frame's ground to what lies on top. */
  ground: string; surface: string; raised: string; sunken: string; hover: string; selected: string;
  /** Hairlines: between panes, and around things one can use. */
  line: string; edge: string;
  /** Text: main, secondary, least. All pass 4.5 on every surface. */
  text: string; soft: string; faint: string;
  accent: string; onAccent: string; accentText: string; accentSoft: string; focus: string;
  red: string; redSoft: string; amber: string; amberSoft: string; green: string; greenSoft: string; blue: string;
  /** Timeline bars. */
  waiting: string; working: string; failed: string; chain: string;
  /** Syntax. */
  key: string; string: string; number: string; keyword: string; comment: string; heading: string; link: string; meta: string;
  terminal: TerminalColours;
}

export interface TerminalColours {
  background: string; foreground: string; cursor: string; cursorAccent: string; selection: string;
  /** black red green yellow blue magenta cyan white, then the same bright. */
  ansi: string[];
}

const light: Tokens = {
  scheme: 'light',
  ground: '#f4f5f6', surface: '#ffffff', raised: '#ffffff', sunken: '#f8f9fa', hover: '#eceef0', selected: '#e0f2ef',
  line: '#dfe2e5', edge: '#8b949e',
  text: '#1b1f24', soft: '#4d5660', faint: '#5e6873',
  accent: '#0d7a70', onAccent: '#ffffff', accentText: '#0b6e65', accentSoft: '#e0f2ef', focus: '#0d7a70',
  red: '#b42318', redSoft: '#fdecea', amber: '#8a5300', amberSoft: '#fdf3df', green: '#1a7038', greenSoft: '#e5f4e9', blue: '#1d5fa8',
  waiting: '#d3d8dd', working: '#17998c', failed: '#d13b2e', chain: '#0b3f3a',
  key: '#0b6e65', string: '#8a4b08', number: '#7a3e9d', keyword: '#a3246b', comment: '#5f6974', heading: '#1d5fa8', link: '#1d5fa8', meta: '#5e6873',
  terminal: {
    background: '#ffffff', foreground: '#1b1f24', cursor: '#0d7a70', cursorAccent: '#ffffff', selection: '#b9dfda',
    ansi: [
      '#1b1f24', '#b42318', '#1a7038', '#8a5300', '#1d5fa8', '#8a2f8f', '#0b6e75', '#5e6873',
      '#4d5660', '#c8321f', '#21803f', '#8f5a00', '#2a6cc0', '#9c3aa2', '#0d7780', '#3a424b',
    ],
  },
};

const dark: Tokens = {
  scheme: 'dark',
  ground: '#14171a', surface: '#1a1e22', raised: '#22272c', sunken: '#16191d', hover: '#272d33', selected: '#17332f',
  line: '#2c3238', edge: '#6d7782',
  text: '#e4e8eb', soft: '#aeb7bf', faint: '#98a2ac',
  accent: '#2dd4bf', onAccent: '#06231f', accentText: '#4adac8', accentSoft: '#17332f', focus: '#2dd4bf',
  red: '#ff8a7d', redSoft: '#3a1f1d', amber: '#f0b85a', amberSoft: '#362a14', green: '#6fcf8e', greenSoft: '#183022', blue: '#7ab8f5',
  waiting: '#3a4249', working: '#23a99a', failed: '#ef6355', chain: '#c9f7f0',
  key: '#4adac8', string: '#e9b872', number: '#c9a4f5', keyword: '#f493c4', comment: '#8f99a3', heading: '#7ab8f5', link: '#7ab8f5', meta: '#98a2ac',
  terminal: {
    background: '#14171a', foreground: '#e4e8eb', cursor: '#2dd4bf', cursorAccent: '#14171a', selection: '#2b4f4a',
    ansi: [
      '#7d8791', '#ff8a7d', '#6fcf8e', '#f0b85a', '#7ab8f5', '#dc9df0', '#5fd0e0', '#ccd2d8',
      '#98a2ac', '#ffa398', '#8ddfa6', '#f6cb82', '#9acbfa', '#e8b8f6', '#86dfec', '#ffffff',
    ],
  },
};

const highContrast: Tokens = {
  scheme: 'dark',
  ground: '#000000', surface: '#000000', raised: '#000000', sunken: '#000000', hover: '#262626', selected: '#003d36',
  line: '#8a8a8a', edge: '#ffffff',
  text: '#ffffff', soft: '#f0f0f0', faint: '#dcdcdc',
  accent: '#3fffe6', onAccent: '#000000', accentText: '#3fffe6', accentSoft: '#003d36', focus: '#ffe14d',
  red: '#ff9d92', redSoft: '#3d0a05', amber: '#ffd479', amberSoft: '#332200', green: '#7dffa6', greenSoft: '#00300f', blue: '#9fd0ff',
  waiting: '#6b6b6b', working: '#3fffe6', failed: '#ff7a6b', chain: '#ffffff',
  key: '#3fffe6', string: '#ffd479', number: '#e0c2ff', keyword: '#ffb0da', comment: '#d0d0d0', heading: '#9fd0ff', link: '#9fd0ff', meta: '#dcdcdc',
  terminal: {
    background: '#000000', foreground: '#ffffff', cursor: '#ffe14d', cursorAccent: '#000000', selection: '#005a50',
    ansi: [
      '#9a9a9a', '#ff9d92', '#7dffa6', '#ffd479', '#9fd0ff', '#f0b8ff', '#7df3ff', '#f0f0f0',
      '#c0c0c0', '#ffb8b0', '#a6ffc2', '#ffe3a3', '#c0e0ff', '#f7d4ff', '#b0f8ff', '#ffffff',
    ],
  },
};

export const THEMES: Record<ThemeName, Tokens> = { light, dark, 'high-contrast': highContrast };
