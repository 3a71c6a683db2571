// Types of the app itself: versions, settings, problems. Written by hand until they are generated from Rust.

export type Code =
  | 'usage' | 'bundle' | 'boot' | 'host' | 'sandbox' | 'not-found' | 'disk' | 'terminal' | 'cancelled' | 'conflict';

export interface Problem {
  code: Code;
  message: string;
  hints: string[];
}

export interface AppInfo {
  version: string;
  commit: string | null;
  platform: string;
  settingsFile: string;
  logsFolder: string;
  homeFolder: string;
}

export type ThemeChoice = 'system' | 'light' | 'dark' | 'high-contrast';

export interface TerminalSettings {
  fontFamily: string | null;
  fontSize: number;
  lineHeight: number;
  scrollback: number;
  copyOnSelect: boolean;
  cursorBlink: boolean;
  screenReader: boolean;
}

export interface Settings {
  theme: ThemeChoice;
  terminal: TerminalSettings;
  editor: { fontSize: number; formView: boolean };
  keys: Record<string, string[]>;
  recent: RecentWorkspace[];
  layout: Record<string, unknown>;
}

export interface RecentWorkspace {
  folder: string;
  name: string;
  openedAt: string;
}
