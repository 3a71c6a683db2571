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
 * A step of a boot.
 */
export type BootStep = { 
/**
 * Which.
 */
step: string, 
/**
 * When it began, in milliseconds since the boot did.
 */
started: number, 
/**
 * When it ended.
 */
ended: number, 
/**
 * Whether it failed.
 */
failed?: boolean, };

/**
 * A bundle in short.
 */
export type BundleSummary = { 
/**
 * Its folder.
 */
folder: string, 
/**
 * The name of its task, or of its folder.
 */
name: string, 
/**
 * Its title, if it has one.
 */
title: string | null, 
/**
 * How hard it is, as written.
 */
difficulty: string | null, 
/**
 * How many errors it has.
 */
errors: number, 
/**
 * How many warnings.
 */
warnings: number, };

/**
 * What a check came to in a case.
 */
export type CaseCheck = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it came to.
 */
outcome: CheckOutcome, 
/**
 * What it had to come to; nothing when either is right.
 */
expected?: CheckOutcome, 
/**
 * Why it did not pass.
 */
reason?: string, 
/**
 * How long it took, in milliseconds.
 */
ms: number, 
/**
 * How often it was tried.
 */
attempts: number, 
/**
 * The last lines it printed.
 */
output?: Array<string>, };

/**
 * What is tried.
 */
export type CaseKind = "untouched" | "solution" | "wrong-solution";

/**
 * A case as it is called before it has come to anything.
 */
export type CaseTitle = { 
/**
 * `untouched`, or the name of a solution.
 */
name: string, 
/**
 * What is tried.
 */
kind: CaseKind, 
/**
 * Which repetition, from 1.
 */
round: number, };

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
code: number, } | { "kind": "not-idempotent", 
/**
 * The script's path in the bundle.
 */
path: string, 
/**
 * Its exit code the second time.
 */
code: number, } | { "kind": "not-served", 
/**
 * Its name.
 */
crd: string, 
/**
 * What it says.
 */
message: string, } | { "kind": "webhook", 
/**
 * Kind and name of the object.
 */
object: string, 
/**
 * The webhook.
 */
webhook: string, 
/**
 * What the API server said.
 */
message: string, } | { "kind": "namespace-stuck", 
/**
 * Kind and name of the object.
 */
object: string, 
/**
 * What the API server said.
 */
message: string, } | { "kind": "chart", 
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
 * How something differs.
 */
export type ChangeKind = "added" | "removed" | "changed";

/**
 * Files that others changed.
 */
export type Changes = { 
/**
 * Their paths.
 */
paths: Array<string>, };

/**
 * What a check came to.
 */
export type CheckOutcome = "pass" | "fail" | "error";

/**
 * What a check found.
 */
export type CheckResult = { 
/**
 * All problems.
 */
diagnostics: Array<Diagnostic>, 
/**
 * What the task is made of; nothing while its text is no YAML.
 */
outline: Outline | null, };

/**
 * Kinds of failure that front ends act on in different ways.
 */
export type Code = "usage" | "bundle" | "boot" | "host" | "sandbox" | "not-found" | "disk" | "terminal" | "cancelled" | "conflict";

/**
 * An offer.
 */
export type Completion = { 
/**
 * What it is called.
 */
label: string, 
/**
 * What is written.
 */
insert: string, 
/**
 * What it is.
 */
kind: CompletionKind, 
/**
 * What it is, in a word or two.
 */
detail: string | null, 
/**
 * What it is for (Markdown).
 */
documentation: string | null, };

/**
 * What kinds of offers there are.
 */
export type CompletionKind = "key" | "value" | "reference" | "file" | "snippet";

/**
 * What could be written in place of a stretch of a text, in units of UTF-16.
 */
export type Completions = { 
/**
 * Where it starts.
 */
from: number, 
/**
 * Where it ends.
 */
to: number, 
/**
 * The offers.
 */
items: Array<Completion>, };

/**
 * What a step is doing or waiting for.
 */
export type Detail = { "doing": "reading-host" } | { "doing": "rendering", 
/**
 * Name of the chart.
 */
chart: string, } | { "doing": "installing", 
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
 * One problem.
 */
export type Diagnostic = { 
/**
 * Its code.
 */
code: string, 
/**
 * How bad it is.
 */
severity: Severity, 
/**
 * What is wrong.
 */
message: string, 
/**
 * The file it is in.
 */
file: string, 
/**
 * Where it starts.
 */
start: Position, 
/**
 * Where it ends.
 */
end: Position, 
/**
 * What to do about it.
 */
help: string | null, 
/**
 * Changes that remove it.
 */
fixes: Array<Fix>, 
/**
 * Other places that belong to it.
 */
related: Array<Related>, };

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
 * A text that was edited.
 */
export type Edited = { 
/**
 * All of it.
 */
text: string, };

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
 * Something that happened.
 */
export type EventRow = { 
/**
 * The same for everything that is told of one event: what comes later takes the place of what came before.
 */
id: string, 
/**
 * When it was last seen, as RFC 3339.
 */
at: string, 
/**
 * Whether it warns.
 */
type: EventType, 
/**
 * In a word.
 */
reason: string, 
/**
 * Namespace and name of what it is about: inside the task, if it carries something of it.
 */
object: string, 
/**
 * In words.
 */
message: string, 
/**
 * How often it was seen.
 */
count: number, 
/**
 * Who says so.
 */
from: Origin, };

/**
 * Whether an event warns.
 */
export type EventType = "Normal" | "Warning";

/**
 * Everything in which an export differs from the one before.
 */
export type ExportChanges = { 
/**
 * Files, in the order of their paths.
 */
files: Array<ExportFileChange>, 
/**
 * Charts and other rendered dependencies, by their names.
 */
charts: Array<Replaced>, 
/**
 * Images, by their full names; what replaces what are digests.
 */
images: Array<Replaced>, 
/**
 * Versions of what the task runs on, and its title.
 */
versions: Array<Replaced>, 
/**
 * How long the boot and its steps took in the proofs, where that differs by more than chance: in the order of the
 * boot, which itself comes first.
 */
timings: Array<ExportTiming>, };

/**
 * What happens while something is sent.
 */
export type ExportEvent = { "event": "sending", 
/**
 * What.
 */
what: string, 
/**
 * How many bytes.
 */
bytes: number, } | { "event": "fetching", 
/**
 * What.
 */
what: string, 
/**
 * How many bytes.
 */
bytes: number, } | { "event": "present", 
/**
 * What.
 */
what: string, } | { "event": "retrying", 
/**
 * What.
 */
what: string, 
/**
 * Why it broke off.
 */
reason: string, } | { "event": "copying", 
/**
 * Its full name.
 */
image: string, };

/**
 * A file that differs.
 */
export type ExportFileChange = { 
/**
 * Its path.
 */
path: string, 
/**
 * How.
 */
kind: ChangeKind, 
/**
 * Who may see it now, or could.
 */
layer: Layer, };

/**
 * One reason, with what exactly is wrong.
 */
export type ExportObjection = { 
/**
 * Its kind.
 */
reason: ExportReason, 
/**
 * What is wrong, where the kind alone does not say it.
 */
detail: string | null, };

/**
 * What is in the way of an export.
 */
export type ExportObstacle = { 
/**
 * What kind it is, where it can be got past by force.
 */
reason: ExportReason | null, 
/**
 * What is wrong.
 */
message: string, 
/**
 * What to do about it.
 */
remedy: string, };

/**
 * A kind of reason. The list of a forced export holds these.
 */
export type ExportReason = "unlocked" | "drifted" | "unpinned-image" | "unproven" | "broken-proof" | "failed-proof" | "proof-of-other-files" | "proof-of-other-lock";

/**
 * What is known of an export beforehand.
 */
export type ExportSurvey = { 
/**
 * The task.
 */
task: string, 
/**
 * Why it cannot be exported at all.
 */
problems: Array<ExportObstacle>, 
/**
 * Why it is only exported by force.
 */
objections: Array<ExportObstacle>, 
/**
 * How many files the candidate may see.
 */
candidateFiles: number, 
/**
 * How many only graders may.
 */
restrictedFiles: number, 
/**
 * How many bytes they have before they are compressed.
 */
size: number, 
/**
 * What has changed since the export that is at the destination; nothing when there is none to compare with.
 */
changes: ExportChanges | null, 
/**
 * Why what is at the destination could not be compared.
 */
incomparable: string | null, };

/**
 * A time that differs.
 */
export type ExportTiming = { 
/**
 * `boot`, or the name of a step of it.
 */
step: string, 
/**
 * What it was in milliseconds, the median over all cases, if it was there.
 */
beforeMs: number | null, 
/**
 * What it is, if it is there.
 */
afterMs: number | null, };

/**
 * What came of an export.
 */
export type ExportView = { 
/**
 * The task.
 */
task: string, 
/**
 * Where it is now.
 */
destination: string, 
/**
 * The digest of what is there: the file's, or the artifact's.
 */
digest: string, 
/**
 * The digest of its list of files, which is what is signed.
 */
subject: string, 
/**
 * How many bytes it has.
 */
size: number, 
/**
 * How many files the candidate may see.
 */
candidateFiles: number, 
/**
 * How many only graders may.
 */
restrictedFiles: number, 
/**
 * What was exported against, as its list says, too.
 */
forced: Array<ExportObjection>, 
/**
 * Where its signature is.
 */
signature: string | null, 
/**
 * The images that were copied.
 */
images: Array<string>, 
/**
 * What has changed since the export that was there before.
 */
changes: ExportChanges | null, };

/**
 * What the window asks for. The token of a platform never passes through it: it is in a file or in the keyring.
 */
export type ExportWish = { 
/**
 * A file, `oci://REGISTRY/REPOSITORY:TAG`, or `https://PLATFORM`.
 */
to: string, 
/**
 * Whether also what was not locked or not proven is exported.
 */
force: boolean, 
/**
 * The file of the private key to sign with.
 */
sign: string | null, 
/**
 * Whether the images of the lock are copied to the same registry.
 */
images: boolean, 
/**
 * What a platform calls the version.
 */
version: string | null, 
/**
 * The file with the token for a platform.
 */
tokenFile: string | null, };

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
 * A file that was read.
 */
export type FileContent = { 
/**
 * Its path in the bundle.
 */
path: string, 
/**
 * Its text, if it is one.
 */
text: string | null, 
/**
 * What tells this content from any other.
 */
version: string, 
/**
 * Its size in bytes.
 */
size: number, 
/**
 * Whether a candidate never sees it.
 */
restricted: boolean, 
/**
 * What it is written in.
 */
language: FileLanguage, };

/**
 * What lies in a folder.
 */
export type FileKind = "file" | "folder";

/**
 * What a file is written in.
 */
export type FileLanguage = "yaml" | "markdown" | "shell" | "text" | "binary";

/**
 * Something in a bundle's folder.
 */
export type FileNode = { 
/**
 * Its path in the bundle.
 */
path: string, 
/**
 * What it is.
 */
kind: FileKind, 
/**
 * Whether a candidate never sees it.
 */
restricted: boolean, 
/**
 * Its size in bytes.
 */
size: number, };

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
 * A change that removes a problem.
 */
export type Fix = { 
/**
 * What it does, as an offer.
 */
title: string, 
/**
 * What it replaces.
 */
edits: Array<TextEdit>, };

/**
 * A change of task.yaml by its structure.
 */
export type FormEdit = { "op": "set", 
/**
 * The place.
 */
path: Array<FormStep>, 
/**
 * The value.
 */
value: unknown, } | { "op": "remove", 
/**
 * The place.
 */
path: Array<FormStep>, } | { "op": "append", 
/**
 * The list.
 */
path: Array<FormStep>, 
/**
 * What is added.
 */
value: unknown, } | { "op": "move", 
/**
 * What is moved.
 */
path: Array<FormStep>, 
/**
 * The index it has afterwards.
 */
to: number, };

/**
 * A step on the way to a value: a key, or an index.
 */
export type FormStep = number | string;

/**
 * What the work in a preview is worth.
 */
export type Grade = { 
/**
 * The preview.
 */
preview: string, 
/**
 * The task.
 */
bundle: string, 
/**
 * The points of all checks that passed.
 */
points: number, 
/**
 * The points of all checks.
 */
of: number, 
/**
 * Whether every check could be decided: none broke.
 */
decided: boolean, 
/**
 * Each check, in the order of the bundle.
 */
checks: Array<GradedCheck>, };

/**
 * What a grading does. It begins with `began` and ends with `finished`, unless it fails or is stopped.
 */
export type GradeEvent = { "event": "began", 
/**
 * The preview.
 */
preview: string, 
/**
 * The names of its checks, in their order.
 */
checks: Array<string>, } | { "event": "preparing", 
/**
 * What it is waiting for.
 */
doing: string, } | { "event": "check-started", 
/**
 * Its name.
 */
name: string, } | { "event": "retrying", 
/**
 * Its name.
 */
name: string, 
/**
 * Why it did not pass.
 */
reason: string, } | { "event": "output", 
/**
 * Its name.
 */
name: string, 
/**
 * Standard output or standard error.
 */
stream: Stream, 
/**
 * The line, without its end.
 */
line: string, } | { "event": "check-finished", 
/**
 * What it came to.
 */
result: GradedCheck, } | { "event": "finished", 
/**
 * What the work is worth.
 */
grade: Grade, };

/**
 * What one check came to.
 */
export type GradedCheck = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it looks at, in words.
 */
title: string, 
/**
 * What it is worth.
 */
points: number, 
/**
 * What it came to.
 */
outcome: CheckOutcome, 
/**
 * What a candidate may be told when it did not pass.
 */
message?: string, 
/**
 * Why it did not pass, for the creator.
 */
reason?: string, 
/**
 * How long it took, with all attempts, in milliseconds.
 */
ms: number, 
/**
 * How often it was tried.
 */
attempts: number, 
/**
 * The last lines it printed in its last attempt.
 */
output?: Array<string>, };

/**
 * A container of a pod.
 */
export type HostContainer = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its image, as the host takes it.
 */
image: string, 
/**
 * Whether it is ready.
 */
ready: boolean, 
/**
 * How often it was started again.
 */
restarts: number, 
/**
 * What it does, in words.
 */
state: string, };

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
 * A pod of the host.
 */
export type HostPod = { 
/**
 * Its name there.
 */
pod: string, 
/**
 * The node it is on.
 */
node: string | null, 
/**
 * How far it is.
 */
phase: string, 
/**
 * What is true of it.
 */
conditions: Array<PodCondition>, 
/**
 * What happened to it, oldest first.
 */
events: Array<EventRow>, 
/**
 * Its containers, those that prepare it first.
 */
containers: Array<HostContainer>, };

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
 * An explanation of a stretch of a text, in units of UTF-16.
 */
export type Hover = { 
/**
 * Where it starts.
 */
from: number, 
/**
 * Where it ends.
 */
to: number, 
/**
 * The explanation.
 */
markdown: string, };

/**
 * Who may see a file.
 */
export type Layer = "candidate" | "restricted";

/**
 * What is being done.
 */
export type LockEvent = { "event": "fetching", 
/**
 * Which.
 */
chart: string, } | { "event": "rendering", 
/**
 * Its name.
 */
dependency: string, } | { "event": "resolving", 
/**
 * Of how many images.
 */
images: number, };

/**
 * What came of locking a bundle, with problems as the editor shows them.
 */
export type LockedBundle = { 
/**
 * Whether it is locked now; if not, nothing was written.
 */
locked: boolean, 
/**
 * Files that were written because they differed.
 */
written: Array<string>, 
/**
 * Rendered manifests that nothing needs any more.
 */
removed: Array<string>, 
/**
 * Everything that is to be said.
 */
diagnostics: Array<Diagnostic>, };

/**
 * A line of a log.
 */
export type LogLine = { 
/**
 * When it was written, as RFC 3339.
 */
at: string | null, 
/**
 * The line, without its end.
 */
text: string, };

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
 * A change of a table of objects.
 */
export type ObjectChange = { "change": "applied", 
/**
 * How it looks.
 */
row: ObjectRow, } | { "change": "gone", 
/**
 * Its uid.
 */
uid: string, } | { "change": "restarted" } | { "change": "stale", 
/**
 * Why.
 */
reason: string, 
/**
 * Since when, as RFC 3339.
 */
since: string, };

/**
 * A kind of objects, by the name that paths have.
 */
export type ObjectKind = "pods" | "deployments" | "statefulsets" | "jobs" | "services" | "ingresses" | "networkpolicies" | "configmaps" | "secrets" | "persistentvolumeclaims" | "nodes" | "namespaces" | "customresourcedefinitions";

/**
 * One object, as a row of a table.
 */
export type ObjectRow = { 
/**
 * Its uid.
 */
uid: string, 
/**
 * Its kind, such as `Deployment`.
 */
kind: string, 
/**
 * Its group and version, such as `apps/v1`.
 */
apiVersion: string, 
/**
 * Its namespace, if its kind has them.
 */
namespace: string | null, 
/**
 * Its name.
 */
name: string, 
/**
 * How it is.
 */
status: ObjectStatus, 
/**
 * When it was made, as RFC 3339.
 */
age: string, 
/**
 * What else there is to see of its kind, in order.
 */
columns: Array<[string, string]>, 
/**
 * The pod of the host that carries it, if it is a pod and there is one.
 */
hostPod: string | null, };

/**
 * How an object is.
 */
export type ObjectStatus = { 
/**
 * In a word or two; empty for kinds that have no state.
 */
text: string, 
/**
 * How it is to be looked at.
 */
tone: Tone, };

/**
 * An object as YAML.
 */
export type ObjectText = { 
/**
 * The YAML.
 */
yaml: string, };

/**
 * Who says something.
 */
export type Origin = "task" | "host";

/**
 * How a boot ended.
 */
export type Outcome = "ready" | "failed" | "cancelled";

/**
 * A task in short.
 */
export type Outline = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its title.
 */
title: string, 
/**
 * How hard it is, as written.
 */
difficulty: string | null, 
/**
 * How long the candidate has.
 */
timeLimitMs: number, 
/**
 * How long a boot may take.
 */
bootBudgetMs: number, 
/**
 * Dependencies, then init steps.
 */
steps: Array<OutlineStep>, 
/**
 * What grades the work.
 */
checks: Array<OutlineCheck>, 
/**
 * What solves it, rightly and wrongly.
 */
solutions: Array<OutlineSolution>, };

/**
 * What grades one aspect of the work.
 */
export type OutlineCheck = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it looks at.
 */
title: string, 
/**
 * What it is worth.
 */
points: number, 
/**
 * The line of its name.
 */
line: number, };

/**
 * The two kinds of steps.
 */
export type OutlineKind = "dependency" | "init";

/**
 * What a dependency is to the task.
 */
export type OutlineRole = "controller" | "service";

/**
 * What solves the task, or fails to.
 */
export type OutlineSolution = { 
/**
 * Its name.
 */
name: string, 
/**
 * The checks it has to fail.
 */
mustFail: Array<string>, 
/**
 * The line of its name.
 */
line: number, };

/**
 * A dependency or an init step.
 */
export type OutlineStep = { 
/**
 * As a boot calls it: `dependency/orders-db`.
 */
id: string, 
/**
 * Which of the two it is.
 */
kind: OutlineKind, 
/**
 * What a dependency is to the task, if it says so.
 */
role: OutlineRole | null, 
/**
 * What it is made of, in words.
 */
source: string, 
/**
 * The ids of the steps that have to be ready before it.
 */
needs: Array<string>, 
/**
 * When it counts as ready, in words.
 */
gates: Array<string>, 
/**
 * The line of its name.
 */
line: number, };

/**
 * Text of an editor that counts instead of the file on disk.
 */
export type Overlay = { 
/**
 * The file.
 */
path: string, 
/**
 * What is in the editor.
 */
text: string, };

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
 * An export that was made.
 */
export type PastExport = { 
/**
 * The folder of the bundle.
 */
bundle: string, 
/**
 * Where it went, as it was written.
 */
to: string, 
/**
 * The file of the key it was signed with.
 */
sign: string | null, 
/**
 * The file with the token for the platform.
 */
tokenFile: string | null, 
/**
 * Whether the images were copied, too.
 */
images: boolean, 
/**
 * The digest of what is there.
 */
digest: string, 
/**
 * When, as RFC 3339.
 */
exportedAt: string, };

/**
 * The most of each resource that a case used at once.
 */
export type Peaks = { 
/**
 * Of all pods of the task together, without the control plane.
 */
task: ResourceUse, 
/**
 * Of the vCluster's control plane.
 */
controlPlane: ResourceUse, 
/**
 * Of the pods of each dependency that has any.
 */
dependencies?: { [key in string]: ResourceUse }, };

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
 * A solution that was played from the candidate's seat.
 */
export type Played = { 
/**
 * Whether it ended with 0.
 */
succeeded: boolean, 
/**
 * How it ended, in words.
 */
how: string, 
/**
 * How long it took, in milliseconds.
 */
ms: number, 
/**
 * The last lines it printed.
 */
output: Array<string>, };

/**
 * Something that is true of a pod, or is not.
 */
export type PodCondition = { 
/**
 * Such as `Ready`.
 */
type: string, 
/**
 * `True`, `False` or `Unknown`.
 */
status: string, 
/**
 * Why, in a word.
 */
reason: string | null, 
/**
 * Why, in words.
 */
message: string | null, };

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
 * A place in a file, in units of UTF-16 as editors count.
 */
export type Position = { 
/**
 * The line, counted from 1.
 */
line: number, 
/**
 * The column, counted from 1.
 */
column: number, 
/**
 * The offset, counted from 0.
 */
offset: number, };

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
 * What was shown, and of what.
 */
export type Proof = { 
/**
 * The version of the format.
 */
version: number, 
/**
 * The task's name.
 */
task: string, 
/**
 * The digest of the bundle that was booted.
 */
bundle: string, 
/**
 * The digest of its `task.lock`.
 */
lock: string | null, 
/**
 * Whether every case came out as it has to.
 */
passed: boolean, 
/**
 * When it was made, as RFC 3339.
 */
madeAt: string, 
/**
 * What it was made with: `taskwright`, `kubernetes` (of the host), `task` (of the vCluster's API server), `vcluster`.
 */
versions: { [key in string]: string }, 
/**
 * What was tried: untouched first, then the solutions in the order of the bundle, as often as was asked for.
 */
cases: Array<ProofCase>, };

/**
 * One thing that was tried, in an environment of its own.
 */
export type ProofCase = { 
/**
 * `untouched`, or the name of a solution.
 */
name: string, 
/**
 * What was tried.
 */
kind: CaseKind, 
/**
 * Which repetition, from 1.
 */
round: number, 
/**
 * Whether everything came out as it has to.
 */
passed: boolean, 
/**
 * Why it could not be tried, or what is wrong beside the checks.
 */
problem?: string, 
/**
 * What was seen of a boot that failed: the last lines of its logs, or what it was waiting for.
 */
evidence?: Array<string>, 
/**
 * What the creator should look at; none of it is wrong for sure.
 */
notes?: Array<string>, 
/**
 * How long the boot took, in milliseconds.
 */
bootMs: number, 
/**
 * The boot, step by step.
 */
timeline: Array<BootStep>, 
/**
 * The solution as it was played.
 */
played?: Played, 
/**
 * Each check, in the order of the bundle.
 */
checks: Array<CaseCheck>, 
/**
 * The most that was used at once.
 */
peaks: Peaks, };

/**
 * A proof under way, as it was asked for.
 */
export type ProofRun = { 
/**
 * The folder of the bundle.
 */
bundle: string, 
/**
 * Where it is made.
 */
context: string, 
/**
 * How often each case is tried.
 */
repeat: number, 
/**
 * How many cases run at the same time.
 */
jobs: number, };

/**
 * Whether a bundle was proven as it is now.
 */
export type ProofView = { "state": "missing" } | { "state": "broken", 
/**
 * Why.
 */
reason: string, } | { "state": "of-other-bytes" } | { "state": "failed", 
/**
 * What was seen.
 */
proof: Proof, } | { "state": "holds", 
/**
 * What was seen.
 */
proof: Proof, };

/**
 * What a proof does. `case` is a place in the list of `began`.
 */
export type ProveEvent = { "event": "began", 
/**
 * The task's name.
 */
task: string, 
/**
 * Every case.
 */
cases: Array<CaseTitle>, 
/**
 * The names of the checks.
 */
checks: Array<string>, } | { "event": "case-started", 
/**
 * Which.
 */
case: number, 
/**
 * Its preview.
 */
preview: string, } | { "event": "boot", 
/**
 * Which.
 */
case: number, 
/**
 * What.
 */
boot: BootEvent, } | { "event": "playing", 
/**
 * Which.
 */
case: number, } | { "event": "output", 
/**
 * Which.
 */
case: number, 
/**
 * The line.
 */
line: string, } | { "event": "grade", 
/**
 * Which.
 */
case: number, 
/**
 * What.
 */
grade: GradeEvent, } | { "event": "removing", 
/**
 * Which.
 */
case: number, } | { "event": "case-finished", 
/**
 * Which.
 */
case: number, 
/**
 * What it came to.
 */
result: ProofCase, };

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
 * Another place that belongs to a problem.
 */
export type Related = { 
/**
 * The file.
 */
file: string, 
/**
 * Where it starts.
 */
start: Position, 
/**
 * What is there.
 */
message: string, };

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
 * A text as HTML.
 */
export type Rendered = { 
/**
 * The HTML, fit to be put into a page.
 */
html: string, };

/**
 * Something with a name whose value differs.
 */
export type Replaced = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it was, if it was there.
 */
before: string | null, 
/**
 * What it is, if it is there.
 */
after: string | null, };

/**
 * What was used of each resource.
 */
export type ResourceUse = { 
/**
 * CPU in thousandths of a core; 0 when the host has no metrics.
 */
cpuMilli: number, 
/**
 * Memory in bytes; 0 when the host has no metrics.
 */
memory: number, 
/**
 * Pods.
 */
pods: number, 
/**
 * Storage that is claimed, in bytes.
 */
storage: number, };

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
 * Exports, the last one first; one for each bundle and destination.
 */
exports: Array<PastExport>, 
/**
 * Sizes of panes and the like.
 */
layout: Record<string, unknown>, };

/**
 * How bad a problem is.
 */
export type Severity = "error" | "warning";

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
 * The value of a text.
 */
export type TaskValue = { 
/**
 * The value; nothing while the text cannot be read.
 */
value: unknown, };

/**
 * A template for new bundles, with what it teaches.
 */
export type Template = { 
/**
 * Its name.
 */
name: string, 
/**
 * The title of its task.
 */
title: string, 
/**
 * What it is about, in a sentence.
 */
summary: string, 
/**
 * What an author learns from it.
 */
teaches: Array<string>, 
/**
 * The paths of its files.
 */
files: Array<string>, };

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
 * A replacement in a file, in units of UTF-16.
 */
export type TextEdit = { 
/**
 * The file.
 */
file: string, 
/**
 * Where it starts.
 */
from: number, 
/**
 * Where it ends.
 */
to: number, 
/**
 * What comes there.
 */
insert: string, };

/**
 * Colours of the window.
 */
export type ThemeChoice = "system" | "light" | "dark" | "high-contrast";

/**
 * How a status is to be looked at.
 */
export type Tone = "ok" | "busy" | "bad" | "none";

/**
 * A folder with bundles in it, or a bundle itself.
 */
export type Workspace = { 
/**
 * The folder.
 */
folder: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The bundles in it.
 */
bundles: Array<BundleSummary>, };

/**
 * A file that was written.
 */
export type Written = { 
/**
 * What tells its content from any other.
 */
version: string, };

export interface Commands {
  app_info: { args: Record<string, never>; result: AppInfo };
  get_settings: { args: Record<string, never>; result: Settings };
  set_settings: { args: { settings: Settings }; result: null };
  pick_folder: { args: { title: string }; result: string | null };
  pick_file: { args: { title: string }; result: string | null };
  open_external: { args: { url: string }; result: null };
  list_templates: { args: Record<string, never>; result: Array<Template> };
  new_bundle: { args: { parent: string; template: string; name: string }; result: BundleSummary };
  open_workspace: { args: { folder: string }; result: Workspace };
  list_files: { args: { bundle: string }; result: Array<FileNode> };
  read_file: { args: { bundle: string; path: string }; result: FileContent };
  write_file: { args: { bundle: string; path: string; text: string; expected: string | null }; result: Written };
  rename_file: { args: { bundle: string; from: string; to: string }; result: null };
  delete_file: { args: { bundle: string; path: string }; result: null };
  check_bundle: { args: { bundle: string; overlays: Array<Overlay> }; result: CheckResult };
  complete: { args: { bundle: string; path: string; text: string; offset: number }; result: Completions | null };
  hover: { args: { path: string; text: string; offset: number }; result: Hover | null };
  task_value: { args: { text: string }; result: TaskValue };
  edit_task: { args: { text: string; edits: Array<FormEdit> }; result: Edited };
  render_markdown: { args: { text: string }; result: Rendered };
  plan_preview: { args: { bundle: string; context: string }; result: PreviewPlan };
  proof_state: { args: { bundle: string }; result: ProofView };
  list_proofs: { args: Record<string, never>; result: Array<ProofRun> };
  survey_export: { args: { bundle: string; to: string | null }; result: ExportSurvey };
  list_hosts: { args: Record<string, never>; result: HostList };
  probe_host: { args: { context: string }; result: HostHealth };
  sandbox_status: { args: Record<string, never>; result: SandboxView };
  list_previews: { args: { context: string }; result: Array<PreviewView> };
  list_terminals: { args: Record<string, never>; result: Array<TerminalView> };
  object_yaml: { args: { context: string; preview: string; kind: string; apiVersion: string; namespace: string | null; name: string }; result: ObjectText };
  host_pod: { args: { context: string; preview: string; namespace: string; name: string }; result: HostPod };
}

export interface Streams {
  watch_bundle: { args: { bundle: string }; item: Changes; result: null };
  boot: { args: { bundle: string; context: string }; item: BootEvent; result: BootResult };
  update_preview: { args: { bundle: string; context: string; preview: string }; item: BootEvent; result: BootResult };
  attach_boot: { args: { preview: string }; item: BootEvent; result: BootResult };
  remove_preview: { args: { context: string; preview: string }; item: Removing; result: RemovedObjects };
  watch_objects: { args: { context: string; preview: string; kind: ObjectKind }; item: ObjectChange; result: null };
  watch_events: { args: { context: string; preview: string }; item: EventRow; result: null };
  follow_logs: { args: { context: string; preview: string; namespace: string; pod: string; container: string | null; previous: boolean; tail: number }; item: Array<LogLine>; result: null };
  grade: { args: { bundle: string; context: string; preview: string }; item: GradeEvent; result: Grade };
  prove: { args: { bundle: string; context: string; repeat: number; jobs: number }; item: ProveEvent; result: Proof };
  attach_proof: { args: { bundle: string }; item: ProveEvent; result: Proof };
  lock_bundle: { args: { bundle: string; context: string | null }; item: LockEvent; result: LockedBundle };
  export_bundle: { args: { bundle: string; wish: ExportWish }; item: ExportEvent; result: ExportView };
  doctor: { args: { context: string }; item: DoctorStep; result: null };
  watch_previews: { args: { context: string }; item: Array<PreviewView>; result: null };
  sandbox_up: { args: { nodes: string | null }; item: SandboxProgress; result: null };
  sandbox_down: { args: Record<string, never>; item: SandboxProgress; result: null };
}
