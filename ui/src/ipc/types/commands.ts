// The list of commands and streams with what they take and give: the whole surface between the window and Rust.
import type { AppInfo, Settings } from './app';
import type { BootEvent, BootResult, PreviewPlan } from './boot';
import type {
  BundleSummary, CheckResult, Completions, FileContent, FileNode, FormEdit, Hover, Overlay, Template, Workspace,
} from './bundle';
import type { DoctorReport, HostHealth, HostList, SandboxProgress, SandboxView } from './host';
import type { EventRow, HostPod, LogLine, ObjectChange, ObjectKind, PreviewView, TerminalView } from './preview';

type None = Record<string, never>;

export interface Commands {
  app_info: { args: None; result: AppInfo };
  get_settings: { args: None; result: Settings };
  set_settings: { args: { settings: Settings }; result: null };
  pick_folder: { args: { title: string }; result: string | null };
  open_external: { args: { url: string }; result: null };
  list_templates: { args: None; result: Template[] };
  new_bundle: { args: { parent: string; template: string; name: string }; result: BundleSummary };
  open_workspace: { args: { folder: string }; result: Workspace };
  list_files: { args: { bundle: string }; result: FileNode[] };
  read_file: { args: { bundle: string; path: string }; result: FileContent };
  write_file: { args: { bundle: string; path: string; text: string; expected: string | null }; result: { version: string } };
  rename_file: { args: { bundle: string; from: string; to: string }; result: null };
  delete_file: { args: { bundle: string; path: string }; result: null };
  check_bundle: { args: { bundle: string; overlays: Overlay[] }; result: CheckResult };
  complete: { args: { bundle: string; path: string; text: string; offset: number }; result: Completions | null };
  hover: { args: { bundle: string; path: string; text: string; offset: number }; result: Hover | null };
  task_value: { args: { text: string }; result: { value: unknown } };
  edit_task: { args: { text: string; edits: FormEdit[] }; result: { text: string } };
  render_markdown: { args: { text: string }; result: { html: string } };
  list_hosts: { args: None; result: HostList };
  probe_host: { args: { context: string }; result: HostHealth };
  doctor: { args: { context: string }; result: DoctorReport };
  sandbox_status: { args: None; result: SandboxView };
  list_previews: { args: { context: string }; result: PreviewView[] };
  plan_preview: { args: { bundle: string; context: string }; result: PreviewPlan };
  object_yaml: {
    args: { context: string; preview: string; kind: string; apiVersion: string; namespace: string | null; name: string };
    result: { yaml: string };
  };
  host_pod: { args: { context: string; preview: string; namespace: string; name: string }; result: HostPod };
  list_terminals: { args: None; result: TerminalView[] };
}

export interface Streams {
  watch_bundle: { args: { bundle: string }; item: { paths: string[] }; result: null };
  sandbox_up: { args: { nodes: string | null }; item: SandboxProgress; result: null };
  sandbox_down: { args: None; item: SandboxProgress; result: null };
  boot: { args: { bundle: string; context: string }; item: BootEvent; result: BootResult };
  attach_boot: { args: { preview: string }; item: BootEvent; result: BootResult };
  remove_preview: { args: { context: string; preview: string }; item: { text: string }; result: { objects: number } };
  watch_previews: { args: { context: string }; item: PreviewView[]; result: null };
  watch_objects: { args: { context: string; preview: string; kind: ObjectKind }; item: ObjectChange; result: null };
  watch_events: { args: { context: string; preview: string }; item: EventRow; result: null };
  follow_logs: {
    args: {
      context: string; preview: string; namespace: string; pod: string; container: string | null; previous: boolean; tail: number;
    };
    item: LogLine[];
    result: null;
  };
}

export type CommandName = keyof Commands;
export type StreamName = keyof Streams;
