// How a terminal looks: xterm's options from the settings, its colours from the tokens.
import type { ILinkHandler, ITerminalOptions, ITheme } from '@xterm/xterm';
import type { TerminalSettings } from '#ipc/types/app';
import { theme } from '#shared/theme/theme.svelte';

const FONTS = "'JetBrains Mono Variable', 'DejaVu Sans Mono', 'Noto Sans Mono CJK JP', monospace, 'Noto Color Emoji'";
const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

export function options(settings: TerminalSettings, links: ILinkHandler): ITerminalOptions {
  return {
    fontFamily: settings.fontFamily ? `'${settings.fontFamily.replaceAll("'", '')}', ${FONTS}` : FONTS,
    fontSize: settings.fontSize,
    lineHeight: settings.lineHeight,
    scrollback: settings.scrollback,
    cursorBlink: settings.cursorBlink,
    screenReaderMode: settings.screenReader,
    theme: xtermTheme(),
    minimumContrastRatio: 4.5,
    allowProposedApi: true,
    // What a program writes wrongly is no error of ours, and noise would fill the console.
    logLevel: 'off',
    rightClickSelectsWord: false,
    macOptionIsMeta: true,
    scrollOnUserInput: true,
    overviewRuler: { width: 10 },
    linkHandler: links,
  };
}

/** How matches are marked: seen at once, and the text on them still readable. */
export function searchColours() {
  const dark = theme.tokens.scheme === 'dark';
  const [all, one] = dark ? ['#4d3f14', '#7a5c00'] : ['#fbeab8', '#f2c14a'];
  return { matchBackground: all, activeMatchBackground: one, matchOverviewRuler: one, activeMatchColorOverviewRuler: one };
}

export function xtermTheme(): ITheme {
  const { terminal } = theme.tokens;
  const ansi = Object.fromEntries(
    NAMES.flatMap((name, index) => [[name, terminal.ansi[index]], [`bright${name.replace(/^./, (first) => first.toUpperCase())}`, terminal.ansi[index + 8]]]),
  );
  return {
    background: terminal.background, foreground: terminal.foreground, cursor: terminal.cursor, cursorAccent: terminal.cursorAccent,
    selectionBackground: terminal.selection, selectionInactiveBackground: terminal.selection, overviewRulerBorder: terminal.background, ...ansi,
  };
}
