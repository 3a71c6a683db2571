// Types of the app itself: versions, settings, problems.
export type { AppInfo, Code, Problem, RecentWorkspace, Settings, TerminalSettings, ThemeChoice } from './generated';
