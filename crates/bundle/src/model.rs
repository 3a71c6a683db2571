//! A checked task: holding a [`Bundle`] is the proof that the files behind it have no errors.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::diagnostic::Span;
use crate::expression::Expression;
use crate::files::{BundleFiles, Content};
use crate::lock::Lock;
use crate::name::{
    AbsolutePath, ApiServiceName, ChartVersion, ClusterRoleName, ConditionType, CrdName, EnvName, HostPort,
    HttpUrl, ImageRef, LabelKey, LabelValue, Name, NamespaceName, ObjectName, ReleaseName, ResourceName,
    TaskName, UserName, VariableName,
};
use crate::path::BundlePath;
use crate::preset::Preset;
use crate::quantity::Quantity;

/// A task, checked. Only [`check`](crate::check) makes one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Bundle {
    /// What the task is called.
    pub name: TaskName,
    /// What it is filed under.
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// Its title.
    pub title: String,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// How long the candidate has.
    pub time_limit: Duration,
    /// Where it runs.
    pub environment: Environment,
    /// What the author wants of the vCluster's chart, verbatim.
    pub vcluster_values: Option<serde_json::Value>,
    /// What has to run before the candidate starts.
    pub dependencies: Vec<Dependency>,
    /// The scripts that prepare the cluster.
    pub init: Vec<InitStep>,
    /// The candidate's terminal.
    pub tty: Tty,
    /// What grades the work.
    pub checks: Vec<Check>,
    /// What solves it, rightly and wrongly.
    pub solutions: Vec<Solution>,
    /// What the candidate reads (Markdown).
    pub statement: String,
    /// Hints, in the order of their file names.
    pub hints: Vec<Hint>,
    /// What was pinned, if the bundle was locked.
    pub lock: Option<Lock>,
    /// All files, for what is read later (charts, kustomizations).
    pub files: BundleFiles,
}

/// How hard a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Difficulty {
    /// A first contact.
    Beginner,
    /// Daily work.
    Intermediate,
    /// What a senior does.
    Advanced,
    /// What few have seen.
    Expert,
}

/// Where a task runs and within which bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// What separates it from others on the host.
    pub isolation: Isolation,
    /// The version its API server has.
    pub kubernetes_version: KubernetesVersion,
    /// What it may use.
    pub resources: Resources,
    /// What its pods may do.
    pub pod_security: PodSecurity,
    /// Where it may connect to.
    pub egress: Vec<EgressRule>,
    /// How long a boot may take.
    pub boot_budget: Duration,
}

/// What separates a task from others on the same host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// A cluster of its own.
    Vcluster,
    /// A namespace of its own.
    Namespace,
}

/// A minor version of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    /// Always 1 so far.
    pub major: u16,
    /// The minor version.
    pub minor: u16,
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What a task may use, on top of what its control plane needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Resources {
    /// CPU.
    pub cpu: Quantity,
    /// Memory.
    pub memory: Quantity,
    /// Pods.
    pub pods: u32,
    /// Storage claimed by volumes.
    pub storage: Quantity,
}

/// The pod security standard of a task's namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PodSecurity {
    /// Anything goes.
    Privileged,
    /// No known escalations.
    Baseline,
    /// Hardened.
    Restricted,
}

/// Somewhere outside that a task may connect to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EgressRule {
    /// A range of addresses, canonical: no bit set behind the prefix.
    Cidr {
        /// The network's address.
        address: std::net::IpAddr,
        /// How many bits of it count.
        prefix: u8,
    },
    /// A DNS name; a leading `*.` stands for one more label.
    Host(Box<str>),
}

impl fmt::Display for EgressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr { address, prefix } => write!(f, "{address}/{prefix}"),
            Self::Host(host) => f.write_str(host),
        }
    }
}

/// A place in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: BundlePath,
    /// The stretch of it.
    pub span: Span,
}

/// Something that has to run before the candidate starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependency {
    /// What others call it.
    pub name: Name,
    /// What it is to the task.
    pub role: Role,
    /// What it is made of.
    pub source: Source,
    /// What has to be ready before it (dependencies and init steps).
    pub needs: Vec<Name>,
    /// When it counts as ready.
    pub ready: Vec<Gate>,
    /// Where it is declared: its name.
    pub at: Location,
}

/// What a dependency is to the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Works on the whole cluster.
    Controller,
    /// Serves the task.
    Service,
}

/// What brings the objects of a chart into the cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Engine {
    /// They are rendered, ahead if the bundle is locked, and applied like any others. Hooks are not run.
    #[default]
    Render,
    /// Helm installs the chart as a release when the task boots, and runs its hooks.
    Helm,
}

/// What a dependency is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Kubernetes objects, as they are.
    Manifests {
        /// The files in the order of the list; a glob's files in the order of their paths.
        files: Vec<ManifestFile>,
    },
    /// A Helm chart.
    Helm {
        /// Where it comes from.
        chart: ChartSource,
        /// Where it is installed.
        namespace: NamespaceName,
        /// Under which name.
        release: ReleaseName,
        /// Values files, later ones winning.
        values: Vec<BundlePath>,
        /// The recipe it is installed by; its values are below those of the files.
        preset: Option<Preset>,
        /// What brings its objects into the cluster.
        engine: Engine,
    },
    /// A kustomization.
    Kustomize {
        /// Its folder.
        path: BundlePath,
    },
}

/// Where a chart comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChartSource {
    /// A folder or a `.tgz` of the bundle.
    Bundle(BundlePath),
    /// A repository or a registry.
    Remote(RemoteChart),
}

/// A chart that is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteChart {
    /// `oci://` and all but the last part of its address, or the URL of its repository.
    pub repository: Box<str>,
    /// Its name there.
    pub name: Box<str>,
    /// Its version.
    pub version: ChartVersion,
}

impl fmt::Display for RemoteChart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{} {}",
            self.repository.trim_end_matches('/'),
            self.name,
            self.version
        )
    }
}

impl fmt::Display for ChartSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundle(path) => path.fmt(f),
            Self::Remote(remote) => remote.fmt(f),
        }
    }
}

/// A file of Kubernetes objects.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestFile {
    /// Its path.
    pub path: BundlePath,
    /// Its objects; a `List` is one document.
    pub documents: Vec<ManifestDocument>,
}

/// One document of a manifest file.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestDocument {
    /// The object: has `apiVersion`, `kind` and, unless it is a list, `metadata.name`.
    pub value: serde_json::Value,
    /// The line it starts at.
    pub line: u32,
}

/// When a dependency counts as ready.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// What has to be true.
    pub until: Readiness,
    /// How long that may take; the boot budget ends it otherwise.
    pub timeout: Option<Duration>,
}

/// Something that has to become true.
#[derive(Debug, Clone, PartialEq)]
pub enum Readiness {
    /// A workload has rolled out.
    Rollout {
        /// Its kind.
        kind: WorkloadKind,
        /// Its name.
        name: ObjectName,
        /// Its namespace.
        namespace: NamespaceName,
    },
    /// An object has a status condition that is `True`.
    Condition {
        /// The resource as kubectl takes it: `certificate`, `certificates.cert-manager.io`.
        resource: Box<str>,
        /// The object's name.
        name: ObjectName,
        /// Its namespace; of no meaning for cluster-wide objects.
        namespace: NamespaceName,
        /// The condition.
        condition: ConditionType,
    },
    /// A custom resource definition is served.
    Crd {
        /// Its full name.
        name: CrdName,
    },
    /// A job has completed.
    Job {
        /// Its name.
        name: ObjectName,
        /// Its namespace.
        namespace: NamespaceName,
    },
    /// The API server accepts these objects without storing them: webhooks answer.
    DryRun {
        /// The objects.
        manifest: ManifestFile,
    },
    /// An API service is available.
    ApiService {
        /// Its name.
        name: ApiServiceName,
    },
    /// An object is there.
    Exists {
        /// Which.
        object: NamedObject,
    },
    /// An expression over an object is true.
    Cel {
        /// The object, called `object` in the expression.
        object: NamedObject,
        /// The expression.
        expression: Expression,
    },
    /// A port takes connections from the candidate's seat.
    Tcp {
        /// Where it listens.
        address: HostPort,
    },
    /// An address answers the candidate's seat over HTTP.
    Http {
        /// What is asked.
        url: HttpUrl,
        /// The status expected.
        status: u16,
    },
}

/// An object as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedObject {
    /// The resource as kubectl takes it: `secret`, `certificates.cert-manager.io`.
    pub resource: Box<str>,
    /// The object's name.
    pub name: ObjectName,
    /// Its namespace; of no meaning for cluster-wide objects.
    pub namespace: NamespaceName,
}

impl fmt::Display for NamedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.resource, self.name)
    }
}

/// A kind of workload that rolls out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkloadKind {
    /// `apps/v1 Deployment`
    Deployment,
    /// `apps/v1 StatefulSet`
    StatefulSet,
    /// `apps/v1 DaemonSet`
    DaemonSet,
}

/// A script that prepares the cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct InitStep {
    /// What others call it.
    pub name: Name,
    /// The script's path.
    pub run: BundlePath,
    /// The script.
    pub script: Content,
    /// What has to be ready before it (dependencies and init steps). A step that declares no
    /// `needs` has the init step before it here, as scripts run in their order.
    pub needs: Vec<Name>,
    /// How long it may take.
    pub timeout: Duration,
    /// Its environment variables.
    pub env: BTreeMap<EnvName, String>,
    /// How often it is run again when it fails.
    pub retries: u32,
    /// Where it runs.
    pub target: Target,
    /// Where it is declared: its name.
    pub at: Location,
}

/// Where an init script runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// In the candidate's pod, as the candidate.
    Tty,
    /// In a job of its own.
    Job {
        /// The image; the TTY's if none is named.
        image: Option<ImageRef>,
    },
}

/// The candidate's terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct Tty {
    /// The image; the host profile's if none is named.
    pub image: Option<ImageRef>,
    /// The shell.
    pub shell: AbsolutePath,
    /// The user.
    pub user: UserName,
    /// Where the shell starts.
    pub working_dir: AbsolutePath,
    /// Environment variables.
    pub env: BTreeMap<EnvName, String>,
    /// What the candidate may do in the cluster.
    pub cluster_role: ClusterRoleName,
    /// Files put into the home folder.
    pub home: Vec<HomeFile>,
    /// The message of the day.
    pub motd: Option<String>,
}

/// A file put into the candidate's home folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeFile {
    /// Its path in the home folder.
    pub path: BundlePath,
    /// Its bytes.
    pub content: Content,
    /// Its permissions: `0o755` for what may be run, otherwise `0o644`.
    pub mode: u32,
}

/// What grades one aspect of the work.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What solutions call it.
    pub name: Name,
    /// What it looks at, in words.
    pub title: String,
    /// What it is worth.
    pub points: u32,
    /// How it looks.
    pub kind: CheckKind,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How often it is tried again when it does not pass.
    pub retries: u32,
    /// Checks before it without which it makes no sense.
    pub needs: Vec<Name>,
    /// What it comes to before anybody has done anything.
    pub initially: Initially,
    /// What to say when it fails.
    pub failure_message: Option<String>,
    /// Where it is declared: its name.
    pub at: Location,
}

/// What a check comes to before anybody has done anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Initially {
    /// It fails: there is something to be done.
    Fail,
    /// It passes: the candidate must not break it.
    Pass,
}

/// Something that a CEL expression is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What the expression calls it.
    pub variable: VariableName,
    /// What is fetched.
    pub fetch: Fetch,
}

/// What is fetched for a CEL expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetch {
    /// One object; null when it is not there.
    One(NamedObject),
    /// All objects of a resource in a namespace, as a list.
    Many {
        /// The resource as kubectl takes it.
        resource: ResourceName,
        /// The namespace; of no meaning for cluster-wide objects.
        namespace: NamespaceName,
        /// Labels that they have, as kubectl takes them.
        selector: Option<String>,
    },
}

/// How a check looks at the work.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckKind {
    /// A script that exits with 0.
    Script {
        /// Its path.
        path: BundlePath,
        /// The script.
        script: Content,
    },
    /// Objects that hold at least these fields.
    Assert {
        /// The partial objects.
        manifest: ManifestFile,
    },
    /// A CEL expression.
    Cel {
        /// What it is about.
        objects: Vec<Fetched>,
        /// The expression.
        expression: Expression,
    },
    /// A port takes connections.
    Tcp {
        /// Where it listens.
        address: HostPort,
    },
    /// An address answers over HTTP.
    Http {
        /// What is asked.
        url: HttpUrl,
        /// The status expected.
        status: u16,
        /// What the answer holds.
        contains: Option<String>,
    },
}

/// What solves a task, or fails to.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Its name.
    pub name: Name,
    /// The script's path.
    pub run: BundlePath,
    /// The script.
    pub script: Content,
    /// The checks it has to fail; none for a right solution.
    pub must_fail: Vec<Name>,
    /// Where it is declared: its name.
    pub at: Location,
}

/// A hint the candidate may open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Its path.
    pub path: BundlePath,
    /// Its text (Markdown).
    pub text: String,
}

/// Something in the graph: a dependency or an init step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'a> {
    /// A dependency.
    Dependency(&'a Dependency),
    /// An init step.
    Init(&'a InitStep),
}

impl<'a> Step<'a> {
    /// Its name.
    pub fn name(self) -> &'a Name {
        match self {
            Self::Dependency(dependency) => &dependency.name,
            Self::Init(step) => &step.name,
        }
    }

    /// What has to be ready before it.
    pub fn needs(self) -> &'a [Name] {
        match self {
            Self::Dependency(dependency) => &dependency.needs,
            Self::Init(step) => &step.needs,
        }
    }
}

impl Bundle {
    /// Dependencies, then init steps, in the order of the file.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let dependencies = self.dependencies.iter().map(Step::Dependency);
        dependencies.chain(self.init.iter().map(Step::Init))
    }

    /// The waves of the graph: all that a step needs lies in an earlier wave than the step.
    pub fn order(&self) -> Vec<Vec<Step<'_>>> {
        crate::graph::waves(&self.steps().collect::<Vec<_>>(), Step::name, Step::needs)
    }
}
