// Types of the app itself: versions, settings, problems.
export type { AppInfo, Code, PastExport, Problem, RecentWorkspace, Settings, TerminalSettings, ThemeChoice } from './generated';
