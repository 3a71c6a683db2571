// Types of bundles on disk: files, diagnostics, outline, help in the editor. Written by hand until they are generated from Rust.

export interface Workspace {
  folder: string;
  name: string;
  bundles: BundleSummary[];
}

export interface BundleSummary {
  folder: string;
  name: string;
  title: string | null;
  difficulty: string | null;
  errors: number;
  warnings: number;
}

export interface Template {
  name: string;
  title: string;
  summary: string;
  teaches: string[];
  files: string[];
}

export interface FileNode {
  path: string;
  kind: 'file' | 'folder';
  restricted: boolean;
  size: number;
}

export type FileLanguage = 'yaml' | 'markdown' | 'shell' | 'text' | 'binary';

export interface FileContent {
  path: string;
  text: string | null;
  version: string;
  size: number;
  restricted: boolean;
  language: FileLanguage;
}

export interface Position {
  line: number;
  column: number;
  offset: number;
}

export interface TextEdit {
  file: string;
  from: number;
  to: number;
  insert: string;
}

export interface Fix {
  title: string;
  edits: TextEdit[];
}

export interface Diagnostic {
  code: string;
  severity: 'error' | 'warning';
  message: string;
  file: string;
  start: Position;
  end: Position;
  help: string | null;
  fixes: Fix[];
  related: { file: string; start: Position; message: string }[];
}

export interface CheckResult {
  diagnostics: Diagnostic[];
  outline: Outline | null;
}

export interface Outline {
  name: string;
  title: string;
  difficulty: string | null;
  timeLimitMs: number;
  bootBudgetMs: number;
  steps: OutlineStep[];
  checks: OutlineCheck[];
  solutions: { name: string; mustFail: string[]; line: number }[];
}

export interface OutlineCheck {
  name: string;
  title: string;
  points: number;
  line: number;
}

export interface OutlineStep {
  id: string;
  kind: 'dependency' | 'init';
  role: 'controller' | 'service' | null;
  source: string;
  needs: string[];
  gates: string[];
  line: number;
}

export interface Overlay {
  path: string;
  text: string;
}

export interface Completion {
  label: string;
  insert: string;
  kind: 'key' | 'value' | 'reference' | 'file' | 'snippet';
  detail: string | null;
  documentation: string | null;
}

export interface Completions {
  from: number;
  to: number;
  items: Completion[];
}

export interface Hover {
  from: number;
  to: number;
  markdown: string;
}

export type FormPath = (string | number)[];

export type FormEdit =
  | { op: 'set'; path: FormPath; value: unknown }
  | { op: 'remove'; path: FormPath }
  | { op: 'append'; path: FormPath; value: unknown }
  | { op: 'move'; path: FormPath; to: number };
