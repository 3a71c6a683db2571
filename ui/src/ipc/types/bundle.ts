// Types of bundles on disk: files, diagnostics, outline, help in the editor.
import type { FormStep } from './generated';

export type {
  BundleSummary, CheckResult, Completion, Completions, Diagnostic, FileContent, FileLanguage, FileNode, Fix, FormEdit, Hover, Outline,
  OutlineCheck, OutlineStep, Overlay, Position, Template, TextEdit, Workspace,
} from './generated';

export type FormPath = FormStep[];
