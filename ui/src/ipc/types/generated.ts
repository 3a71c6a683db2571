// Made from the Rust types by `cargo run -p xtask -- codegen`; not to be edited.

/**
 * What the app is, and where it keeps its things.
 */
export type AppInfo = { 
/**
 * Its version.
 */
version: string, 
/**
 * The commit it was built from, if the build said so.
 */
commit: string | null, 
/**
 * The system it runs on.
 */
platform: string, 
/**
 * Where choices are kept.
 */
settingsFile: string, 
/**
 * Where logs are.
 */
logsFolder: string, 
/**
 * The person's own folder.
 */
homeFolder: string, };

/**
 * One entry of a boot's log.
 */
export type BootEvent = { 
/**
 * Milliseconds since the boot began.
 */
at: number, } & ({ "event": "began", 
/**
 * Id of the preview.
 */
preview: string, 
/**
 * Name of the bundle.
 */
bundle: string, 
/**
 * Title of the task.
 */
title: string, 
/**
 * Context of the host.
 */
host: string, 
/**
 * The boot budget of the bundle, in milliseconds.
 */
budget: number, } | { "event": "planned", 
/**
 * Every step and what it needs, in the order of the timeline.
 */
steps: Array<Step>, 
/**
 * Things the creator should know.
 */
notes: Array<string>, } | { "event": "started", 
/**
 * Which.
 */
step: StepId, } | { "event": "doing", 
/**
 * Which.
 */
step: StepId, 
/**
 * What.
 */
detail: Detail, } | { "event": "output", 
/**
 * The init step.
 */
step: StepId, 
/**
 * Standard output or standard error.
 */
stream: Stream, 
/**
 * The line, without its end.
 */
line: string, } | { "event": "finished", 
/**
 * Which.
 */
step: StepId, } | { "event": "failed", 
/**
 * Which.
 */
step: StepId, 
/**
 * Why.
 */
failure: Failure, } | { "event": "ready" } | { "event": "stopped" } | { "event": "cancelled" });

/**
 * How a boot ended.
 */
export type BootResult = { 
/**
 * Id of the preview.
 */
preview: string, 
/**
 * How it ended.
 */
outcome: Outcome, };

/**
 * The causes a boot knows. `Display` says what happened in one line, `remedy` what to do.
 */
export type Cause = { "kind": "permission", 
/**
 * Verb and resource of each thing that is missing.
 */
missing: Array<string>, } | { "kind": "misfit", 
/**
 * Each reason.
 */
problems: Array<string>, } | { "kind": "unreachable", 
/**
 * Which API.
 */
api: string, 
/**
 * What was said.
 */
message: string, } | { "kind": "no-room", 
/**
 * Name of the pool.
 */
pool: string, } | { "kind": "image-pull", 
/**
 * The pod.
 */
pod: string, 
/**
 * The image.
 */
image: string, 
/**
 * What the kubelet said.
 */
message: string, } | { "kind": "unschedulable", 
/**
 * The pod.
 */
pod: string, 
/**
 * What the scheduler said.
 */
message: string, } | { "kind": "quota", 
/**
 * Kind and name of the object.
 */
object: string, 
/**
 * What the API server said.
 */
message: string, } | { "kind": "denied", 
/**
 * Kind and name of the object.
 */
object: string, 
/**
 * Who denied it and why.
 */
message: string, } | { "kind": "refused", 
/**
 * Kind and name of the object.
 */
object: string, 
/**
 * What the API server said.
 */
message: string, } | { "kind": "crash-loop", 
/**
 * The pod.
 */
pod: string, 
/**
 * The container.
 */
container: string, 
/**
 * Its last exit code.
 */
code: number | null, } | { "kind": "out-of-memory", 
/**
 * The pod.
 */
pod: string, 
/**
 * The container.
 */
container: string, } | { "kind": "pod", 
/**
 * The pod.
 */
pod: string, 
/**
 * What was said.
 */
message: string, } | { "kind": "volume", 
/**
 * Kind and name of the claim.
 */
object: string, 
/**
 * What the provisioner said.
 */
message: string, } | { "kind": "container", 
/**
 * The pod.
 */
pod: string, 
/**
 * The container.
 */
container: string, 
/**
 * What the kubelet said.
 */
message: string, } | { "kind": "job", 
/**
 * The job.
 */
job: string, 
/**
 * The reason it gives.
 */
message: string, } | { "kind": "script", 
/**
 * The script's path in the bundle.
 */
path: string, 
/**
 * Its exit code.
 */
code: number, } | { "kind": "chart", 
/**
 * The chart.
 */
chart: string, 
/**
 * What helm said.
 */
message: string, } | { "kind": "timed-out", 
/**
 * How long it was given.
 */
seconds: number, 
/**
 * What it was still waiting for.
 */
waiting_for: string, } | { "kind": "lost", 
/**
 * The pod.
 */
pod: string, 
/**
 * What was said.
 */
message: string, };

/**
 * Kinds of failure that front ends act on in different ways.
 */
export type Code = "usage" | "bundle" | "boot" | "host" | "sandbox" | "not-found" | "disk" | "terminal" | "cancelled" | "conflict";

/**
 * What a step is doing or waiting for.
 */
export type Detail = { "doing": "reading-host" } | { "doing": "rendering", 
/**
 * Name of the chart.
 */
chart: string, } | { "doing": "applying", 
/**
 * How many.
 */
objects: number, } | { "doing": "retrying", 
/**
 * Kind and name.
 */
object: string, 
/**
 * What the API server said.
 */
reason: string, } | { "doing": "pod", 
/**
 * Its name.
 */
pod: string, 
/**
 * What it is waiting for.
 */
state: string, } | { "doing": "gate", 
/**
 * The gate, as in `rollout statefulset/orders`.
 */
gate: string, 
/**
 * Why it is not open yet.
 */
reason: string, } | { "doing": "api", 
/**
 * What is missing.
 */
reason: string, } | { "doing": "room", 
/**
 * Name of the pool.
 */
pool: string, } | { "doing": "script", 
/**
 * Its path in the bundle.
 */
path: string, };

/**
 * What the doctor found.
 */
export type DoctorReport = { 
/**
 * The context that was looked at.
 */
context: string, 
/**
 * The steps in their order; `plugin` only where there is one.
 */
steps: Array<DoctorStep>, };

/**
 * One step.
 */
export type DoctorStep = { 
/**
 * Which.
 */
name: StepName, 
/**
 * The same for people.
 */
title: string, 
/**
 * How it went.
 */
state: StepState, 
/**
 * What was found.
 */
detail: string, 
/**
 * What to do about it.
 */
fix: string | null, 
/**
 * The words of whatever failed.
 */
raw: string | null, };

/**
 * Choices for the editor.
 */
export type EditorSettings = { 
/**
 * Size of the font in pixels.
 */
fontSize: number, 
/**
 * Whether the form is shown beside task.yaml.
 */
formView: boolean, };

/**
 * Why a step failed.
 */
export type Failure = { 
/**
 * The true cause.
 */
cause: Cause, 
/**
 * Raw text behind it: the last lines of a log, the events of a pod, what the API server said.
 */
evidence?: Array<string>, };

/**
 * A kubeconfig file that cannot be read.
 */
export type FileProblem = { 
/**
 * The file.
 */
file: string, 
/**
 * What is wrong with it.
 */
message: string, };

/**
 * How a host is.
 */
export type HostHealth = { 
/**
 * Its context.
 */
context: string, 
/**
 * In one word.
 */
state: HostState, 
/**
 * What the server says about itself.
 */
version: string | null, 
/**
 * How long it takes to answer, on a connection that stands.
 */
latencyMs: number | null, 
/**
 * What is wrong.
 */
problem: string | null, 
/**
 * What to do about it.
 */
hints: Array<string>, 
/**
 * Nodes that take pods.
 */
nodes: number | null, 
/**
 * Pools that are set apart.
 */
pools: Array<PoolView>, 
/**
 * Rights that a boot needs and that we do not have.
 */
missing: Array<MissingRight>, 
/**
 * When this was found, as RFC 3339.
 */
checkedAt: string, };

/**
 * All contexts, and what could not be read.
 */
export type HostList = { 
/**
 * The contexts, and the sandbox in any case.
 */
hosts: Array<HostView>, 
/**
 * Kubeconfig files, or parts of them, that cannot be read.
 */
problems: Array<FileProblem>, };

/**
 * Whether a host can be used.
 */
export type HostState = "reachable" | "limited" | "unreachable";

/**
 * One context.
 */
export type HostView = { 
/**
 * Its name.
 */
name: string, 
/**
 * The file that defines it.
 */
file: string, 
/**
 * The address of its API server; nothing while the sandbox is down.
 */
server: string | null, 
/**
 * Whether a boot takes it when no host is named.
 */
default: boolean, 
/**
 * Whether it is the host on this machine.
 */
sandbox: boolean, 
/**
 * The namespace that the context names.
 */
namespaceDefault: string | null, };

/**
 * A right that is missing.
 */
export type MissingRight = { 
/**
 * Such as `create`.
 */
verb: string, 
/**
 * Such as `networkpolicies.networking.k8s.io`.
 */
resource: string, 
/**
 * What it is for.
 */
why: string, };

/**
 * What starting takes.
 */
export type NeedsView = { 
/**
 * Whether we would have to be root, and are not.
 */
root: boolean, 
/**
 * Packages of the system that would be installed.
 */
packages: Array<string>, 
/**
 * About how many minutes it takes to build what is not there.
 */
buildMinutes: number | null, };

/**
 * One node.
 */
export type NodeView = { 
/**
 * Its name.
 */
name: string, 
/**
 * `control` or `task`.
 */
pool: string, 
/**
 * Whether it takes pods.
 */
ready: boolean, };

/**
 * How a boot ended.
 */
export type Outcome = "ready" | "failed" | "cancelled";

/**
 * One process.
 */
export type PartView = { 
/**
 * Such as `kubelet`.
 */
name: string, 
/**
 * The node it belongs to; nothing for the control plane.
 */
node: string | null, 
/**
 * Whether it runs.
 */
running: boolean, 
/**
 * Its version.
 */
version: string | null, 
/**
 * Its memory, while it runs.
 */
memoryBytes: number | null, };

/**
 * A step of a plan.
 */
export type PlannedStep = { step: string, needs: Array<string>, 
/**
 * What it does, in words.
 */
does: Array<string>, 
/**
 * Its objects.
 */
yaml: string, };

/**
 * A pool of nodes.
 */
export type PoolView = { 
/**
 * `control` or `task`.
 */
pool: string, 
/**
 * Nodes that take its pods.
 */
nodes: number, };

/**
 * A plan.
 */
export type PreviewPlan = { 
/**
 * The id that a preview would have.
 */
id: string, steps: Array<PlannedStep>, 
/**
 * Things the creator should know.
 */
notes: Array<string>, };

/**
 * How far a preview is.
 */
export type PreviewProgress = "booting" | "ready" | "failed" | "leaving" | "unknown";

/**
 * A preview as it is shown.
 */
export type PreviewView = { 
/**
 * Its id.
 */
id: string, 
/**
 * The bundle it was booted from.
 */
bundle: string, 
/**
 * The task's title.
 */
title: string, 
/**
 * Context of its host.
 */
host: string, 
/**
 * How far it is.
 */
state: PreviewProgress, 
/**
 * When it was made, as RFC 3339.
 */
createdAt: string, 
/**
 * For how long it has been there, now.
 */
ageMs: number, 
/**
 * Where its bundle lies, if that is known.
 */
folder: string | null, 
/**
 * How long a candidate has.
 */
timeLimitMs: number | null, };

/**
 * A use case that failed.
 */
export type Problem = { 
/**
 * What kind of failure it is.
 */
code: Code, 
/**
 * What happened.
 */
message: string, 
/**
 * What to do about it.
 */
hints: Array<string>, };

/**
 * What an item is.
 */
export type ProgressState = "began" | "ended" | "note";

/**
 * A folder that was opened.
 */
export type RecentWorkspace = { 
/**
 * The folder.
 */
folder: string, 
/**
 * Its name.
 */
name: string, 
/**
 * When it was opened last, as RFC 3339.
 */
openedAt: string, };

/**
 * What was removed.
 */
export type RemovedObjects = { 
/**
 * Pods and cluster-scoped objects.
 */
objects: number, };

/**
 * What a removal is doing.
 */
export type Removing = { 
/**
 * In words.
 */
text: string, };

/**
 * One thing that happened.
 */
export type SandboxProgress = { 
/**
 * Milliseconds since the start.
 */
at: number, 
/**
 * In words.
 */
text: string, 
/**
 * The step it belongs to.
 */
step: string | null, 
/**
 * What it is.
 */
state: ProgressState, 
/**
 * Steps that are done; notes do not count.
 */
done: number | null, 
/**
 * Steps there are, as far as is known.
 */
of: number | null, };

/**
 * Whether the sandbox is up.
 */
export type SandboxState = "down" | "up" | "partly" | "unsupported";

/**
 * The sandbox.
 */
export type SandboxView = { 
/**
 * In one word.
 */
state: SandboxState, 
/**
 * Why it is not up, when there is more to say than that.
 */
why: string | null, 
/**
 * What it would take to start it.
 */
needs: NeedsView, 
/**
 * Its processes.
 */
parts: Array<PartView>, 
/**
 * Its nodes.
 */
nodes: Array<NodeView>, 
/**
 * Memory of everything in it.
 */
memoryBytes: number, 
/**
 * Disk of everything in it.
 */
diskBytes: number, 
/**
 * Its kubeconfig, while it is up.
 */
kubeconfig: string | null, };

/**
 * What was chosen in the window.
 */
export type Settings = { 
/**
 * Its colours.
 */
theme: ThemeChoice, 
/**
 * Terminals.
 */
terminal: TerminalSettings, 
/**
 * The editor.
 */
editor: EditorSettings, 
/**
 * Keys of actions that were changed.
 */
keys: { [key in string]: Array<string> }, 
/**
 * Folders, the last one first.
 */
recent: Array<RecentWorkspace>, 
/**
 * Sizes of panes and the like.
 */
layout: Record<string, unknown>, };

/**
 * A step with what must be done before it may start.
 */
export type Step = { 
/**
 * Which step.
 */
id: StepId, 
/**
 * The steps it waits for.
 */
needs: Array<StepId>, };

/**
 * One bar of the timeline.
 */
export type StepId = string;

/**
 * The steps.
 */
export type StepName = "kubeconfig" | "plugin" | "credentials" | "dns" | "tcp" | "tls" | "api" | "permissions" | "storage" | "pools";

/**
 * How a step went.
 */
export type StepState = "ok" | "warning" | "failed" | "skipped";

/**
 * Where a line of output came from.
 */
export type Stream = "stdout" | "stderr";

/**
 * How a shell ended.
 */
export type TerminalExit = { 
/**
 * Its exit code.
 */
code: number, } | { 
/**
 * Why.
 */
reason: string, };

/**
 * Choices for terminals.
 */
export type TerminalSettings = { 
/**
 * The font, if it is not ours.
 */
fontFamily: string | null, 
/**
 * Its size in pixels.
 */
fontSize: number, 
/**
 * Height of a line, in heights of the font.
 */
lineHeight: number, 
/**
 * Lines that are kept above the screen.
 */
scrollback: number, 
/**
 * Whether what is selected is copied at once.
 */
copyOnSelect: boolean, 
/**
 * Whether the cursor blinks.
 */
cursorBlink: boolean, 
/**
 * Whether the screen is told to a screen reader.
 */
screenReader: boolean, };

/**
 * What a window is told about a shell between its bytes.
 */
export type TerminalState = { "state": "open" } | { "state": "reconnecting", 
/**
 * Why.
 */
reason: string, 
/**
 * How many attempts were made.
 */
attempt: number, } | { "state": "reconnected" } | { "state": "ended", 
/**
 * How.
 */
exit: TerminalExit, };

/**
 * A shell that is open.
 */
export type TerminalView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Context of the host.
 */
host: string, 
/**
 * Id of the preview.
 */
preview: string, 
/**
 * Width in characters.
 */
columns: number, 
/**
 * Height in lines.
 */
rows: number, };

/**
 * Colours of the window.
 */
export type ThemeChoice = "system" | "light" | "dark" | "high-contrast";

export interface Commands {
  app_info: { args: Record<string, never>; result: AppInfo };
  get_settings: { args: Record<string, never>; result: Settings };
  set_settings: { args: { settings: Settings }; result: null };
  pick_folder: { args: { title: string }; result: string | null };
  open_external: { args: { url: string }; result: null };
  plan_preview: { args: { bundle: string; context: string }; result: PreviewPlan };
  list_hosts: { args: Record<string, never>; result: HostList };
  probe_host: { args: { context: string }; result: HostHealth };
  doctor: { args: { context: string }; result: DoctorReport };
  sandbox_status: { args: Record<string, never>; result: SandboxView };
  list_previews: { args: { context: string }; result: Array<PreviewView> };
  list_terminals: { args: Record<string, never>; result: Array<TerminalView> };
}

export interface Streams {
  boot: { args: { bundle: string; context: string }; item: BootEvent; result: BootResult };
  attach_boot: { args: { preview: string }; item: BootEvent; result: BootResult };
  remove_preview: { args: { context: string; preview: string }; item: Removing; result: RemovedObjects };
  watch_previews: { args: { context: string }; item: Array<PreviewView>; result: null };
  sandbox_up: { args: { nodes: string | null }; item: SandboxProgress; result: null };
  sandbox_down: { args: Record<string, never>; item: SandboxProgress; result: null };
}
