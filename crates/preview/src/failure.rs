//! Why a step failed: the true cause, what shows it, and what to do about it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Failure {
    /// The true cause.
    pub cause: Cause,
    /// Raw text behind it: the last lines of a log, the events of a pod, what the API server said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub evidence: Vec<String>,
}

/// The causes a boot knows. `Display` says what happened in one line, `remedy` what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Cause {
    /// The host does not let us do something a boot needs.
    #[error("not allowed on the host: {}", .missing.join(", "))]
    Permission {
        /// Verb and resource of each thing that is missing.
        missing: Vec<String>,
    },
    /// The bundle cannot run on this host.
    #[error("the bundle does not fit this host: {}", .problems.join("; "))]
    Misfit {
        /// Each reason.
        problems: Vec<String>,
    },
    /// An API cannot be reached.
    #[error("{api} cannot be reached: {message}")]
    Unreachable {
        /// Which API.
        api: String,
        /// What was said.
        message: String,
    },
    /// No node of a pool can be used.
    #[error("no usable node in the {pool} pool")]
    NoRoom {
        /// Name of the pool.
        pool: String,
    },
    /// An image cannot be pulled.
    #[error("image `{image}` of pod `{pod}` cannot be pulled: {message}")]
    ImagePull {
        /// The pod.
        pod: String,
        /// The image.
        image: String,
        /// What the kubelet said.
        message: String,
    },
    /// The scheduler finds no node for a pod.
    #[error("pod `{pod}` cannot be scheduled: {message}")]
    Unschedulable {
        /// The pod.
        pod: String,
        /// What the scheduler said.
        message: String,
    },
    /// A quota is used up.
    #[error("quota exceeded for {object}: {message}")]
    Quota {
        /// Kind and name of the object.
        object: String,
        /// What the API server said.
        message: String,
    },
    /// An admission plugin, policy or webhook refused an object.
    #[error("{object} was denied: {message}")]
    Denied {
        /// Kind and name of the object.
        object: String,
        /// Who denied it and why.
        message: String,
    },
    /// The API server refused an object.
    #[error("{object} was refused: {message}")]
    Refused {
        /// Kind and name of the object.
        object: String,
        /// What the API server said.
        message: String,
    },
    /// A container starts and ends again and again.
    #[error("container `{container}` of pod `{pod}` keeps crashing{}", exit(*.code))]
    CrashLoop {
        /// The pod.
        pod: String,
        /// The container.
        container: String,
        /// Its last exit code.
        code: Option<i32>,
    },
    /// A container needs more memory than its limit.
    #[error("container `{container}` of pod `{pod}` needs more memory than its limit")]
    OutOfMemory {
        /// The pod.
        pod: String,
        /// The container.
        container: String,
    },
    /// A pod cannot start: its volumes, its network, or its node.
    #[error("pod `{pod}` cannot run: {message}")]
    Pod {
        /// The pod.
        pod: String,
        /// What was said.
        message: String,
    },
    /// The storage class does not make a volume for a claim.
    #[error("no volume for {object}: {message}")]
    Volume {
        /// Kind and name of the claim.
        object: String,
        /// What the provisioner said.
        message: String,
    },
    /// A container cannot be created from its specification.
    #[error("container `{container}` of pod `{pod}` cannot be created: {message}")]
    Container {
        /// The pod.
        pod: String,
        /// The container.
        container: String,
        /// What the kubelet said.
        message: String,
    },
    /// A job failed.
    #[error("job `{job}` failed: {message}")]
    Job {
        /// The job.
        job: String,
        /// The reason it gives.
        message: String,
    },
    /// A script ended with an error.
    #[error("`{path}` ended with exit code {code}")]
    Script {
        /// The script's path in the bundle.
        path: String,
        /// Its exit code.
        code: i32,
    },
    /// A script succeeded, but not when it was run a second time.
    #[error("`{path}` succeeded, but ended with exit code {code} when it was run again")]
    NotIdempotent {
        /// The script's path in the bundle.
        path: String,
        /// Its exit code the second time.
        code: i32,
    },
    /// A custom resource definition is not served.
    #[error("the API server does not serve {crd}: {message}")]
    NotServed {
        /// Its name.
        crd: String,
        /// What it says.
        message: String,
    },
    /// A webhook that has to be asked does not answer.
    #[error("{object} waits for webhook `{webhook}`, which does not answer: {message}")]
    Webhook {
        /// Kind and name of the object.
        object: String,
        /// The webhook.
        webhook: String,
        /// What the API server said.
        message: String,
    },
    /// A namespace is being deleted and does not go away.
    #[error("{object} cannot be made, as its namespace is being deleted and does not go away: {message}")]
    NamespaceStuck {
        /// Kind and name of the object.
        object: String,
        /// What the API server said.
        message: String,
    },
    /// A chart cannot be rendered.
    #[error("chart `{chart}` cannot be rendered: {message}")]
    Chart {
        /// The chart.
        chart: String,
        /// What helm said.
        message: String,
    },
    /// Something took longer than it may.
    #[error("not done after {seconds} s: {waiting_for}")]
    TimedOut {
        /// How long it was given.
        seconds: u64,
        /// What it was still waiting for.
        waiting_for: String,
    },
    /// A terminal or script lost its connection.
    #[error("the connection to pod `{pod}` was lost: {message}")]
    Lost {
        /// The pod.
        pod: String,
        /// What was said.
        message: String,
    },
}

fn exit(code: Option<i32>) -> String {
    code.map(|code| format!(" (exit code {code})"))
        .unwrap_or_default()
}

impl Cause {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Permission { .. } => {
                "ask the host's administrator for these rights, or choose another host with --host"
            }
            Self::Misfit { .. } => "change the bundle, or choose a host that fits with --host",
            Self::Unreachable { .. } => "look at the connection with `taskwright hosts`, then boot again",
            Self::NoRoom { .. } => {
                "add a Ready node with the pool's labels, or change the pool in the host's settings"
            }
            Self::ImagePull { .. } => {
                "check the image's name and tag, and that the host's nodes can reach its registry"
            }
            Self::Unschedulable { .. } => {
                "lower the requests, or give the host's task pool a node with enough room"
            }
            Self::Quota { .. } => {
                "raise `environment.resources` in task.yaml, or lower what the task asks for"
            }
            Self::Denied { .. } => {
                "change the object, or `environment.podSecurity` in task.yaml if pod security is the reason"
            }
            Self::Refused { .. } => "correct the object in the bundle",
            Self::CrashLoop { .. } => {
                "read the container's last lines below and correct its command or settings"
            }
            Self::OutOfMemory { .. } => "raise the container's memory limit, or make it use less",
            Self::Volume { .. } => {
                "look at the host's storage class and its provisioner, or choose another class"
            }
            Self::Pod { .. } => "look at the pod's volumes, and at its node on the host",
            Self::Container { .. } => "correct the pod's volumes, environment or command",
            Self::Job { .. } => "read the job's last lines below and correct it",
            Self::Script { .. } => "read the script's last lines below and correct it",
            Self::NotIdempotent { .. } => {
                "let the script look for what it has made before it makes it, so that it may be run again"
            }
            Self::NotServed { .. } => "correct the definition's names and versions as the API server says",
            Self::Webhook { .. } => {
                "look at the webhook's pod and Service; let what needs it wait with a `dryRun` gate"
            }
            Self::NamespaceStuck { .. } => {
                "remove the finalizers of what is left in the namespace, or use another namespace"
            }
            Self::Chart { .. } => "correct the chart or its values",
            Self::TimedOut { .. } => {
                "look at what it waits for; raise the step's timeout if it only needs longer"
            }
            Self::Lost { .. } => {
                "boot again; if it happens again, look at the pod with the preview's kubeconfig"
            }
        }
    }
}

impl Failure {
    /// A failure with nothing to show beside its cause.
    #[must_use]
    pub fn of(cause: Cause) -> Self {
        Self {
            cause,
            evidence: Vec::new(),
        }
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self::of(cause)
    }
}

/// Gives `work` that long, then fails and names what was waited for.
pub(crate) async fn within<T>(
    limit: Duration,
    waiting_for: &str,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        Err(Cause::TimedOut {
            seconds: limit.as_secs(),
            waiting_for: waiting_for.to_owned(),
        }
        .into())
    })
}
