//! What can go wrong while a sandbox is started, looked at, changed or removed.

use std::path::PathBuf;
use std::time::Duration;

use crate::preflight::Problem;

/// Why an act on the sandbox failed. Every message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// This machine is not ready; nothing was touched. All reasons are listed.
    #[error("this machine cannot run a sandbox yet: {} to solve first", count(.0.len()))]
    Refused(Vec<Problem>),
    /// Another `up`, `down` or `node` command is at work on the same state.
    #[error("another sandbox command is running (it holds {0}); wait for it or end it, then try again")]
    Busy(PathBuf),
    /// There is no sandbox to look at or to change.
    #[error("there is no sandbox on this machine; start one with `taskwright sandbox up`")]
    NotUp,
    /// No node has this name.
    #[error("the sandbox has no node `{name}`; it has {}", .nodes.join(", "))]
    NoSuchNode {
        /// What was asked for.
        name: String,
        /// What there is.
        nodes: Vec<String>,
    },
    /// The last node of a pool is needed.
    #[error("`{0}` is the only node of its pool; add another one first")]
    LastOfItsPool(String),
    /// No number is left for another node.
    #[error("a sandbox holds at most {0} nodes; remove one first")]
    Full(u8),
    /// The state on disk cannot be understood.
    #[error(
        "{path} is not a state file of this version; end the sandbox with the version that started it, or remove the file"
    )]
    ReadState {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// A file or folder could not be read, written or removed.
    #[error("failed to {act} {path}; check the disk and its permissions")]
    Disk {
        /// `write`, `read`, `create`, `remove`.
        act: &'static str,
        /// Which one.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A program that sets something up ended with an error.
    #[error("`{command}` failed: {output}")]
    RunTool {
        /// The command line.
        command: String,
        /// What it printed.
        output: String,
    },
    /// A program could not be started at all.
    #[error("failed to start {name}; is it installed?")]
    Start {
        /// Which one.
        name: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A part ended although it should keep running, however often it was started again.
    #[error(
        "{name} ended {times} times right after its start; `taskwright sandbox up` tries again; its last lines in {log}:\n{tail}"
    )]
    Exited {
        /// `task-1/kubelet`.
        name: String,
        /// How often.
        times: u32,
        /// Its log file.
        log: PathBuf,
        /// The end of it.
        tail: String,
    },
    /// Something did not become ready in time.
    #[error("{what} was not ready after {} s: {detail}; see the logs in {logs}", .after.as_secs())]
    NotReady {
        /// What was waited for.
        what: String,
        /// How long.
        after: Duration,
        /// The last thing seen.
        detail: String,
        /// The folder of the logs.
        logs: PathBuf,
    },
    /// A certificate could not be made.
    #[error("failed to make the certificate of {name}")]
    Certificate {
        /// Whose.
        name: String,
        /// What the library said.
        #[source]
        source: rcgen::Error,
    },
    /// The API server refused an object.
    #[error("failed to apply {object}: {reason}")]
    Apply {
        /// `Deployment/kube-system/coredns`.
        object: String,
        /// What it said.
        reason: String,
    },
    /// The cluster did not answer as it should.
    #[error("failed to ask the sandbox's cluster: {0}; `taskwright sandbox up` repairs it")]
    Ask(String),
    /// The registry does not listen.
    #[error("the registry does not listen at {0}; see its log, and try `taskwright sandbox up` again")]
    NoRegistry(String),
    /// An image could not be sent to the registry.
    #[error(transparent)]
    Push(#[from] crate::images::PushError),
    /// System packages could not be installed.
    #[error(transparent)]
    Packages(#[from] crate::debian::PackagesError),
    /// The tools could not be built or found.
    #[error(transparent)]
    Tools(#[from] crate::tools::ToolsError),
    /// The images could not be made or pushed.
    #[error(transparent)]
    Images(#[from] crate::images::ImagesError),
}

fn count(problems: usize) -> String {
    if problems == 1 {
        "1 problem".to_owned()
    } else {
        format!("{problems} problems")
    }
}

/// Names the file in an input or output error.
pub(crate) trait OnPath<T> {
    /// Turns the error into one that names what was done to which file.
    fn on(self, act: &'static str, path: impl Into<PathBuf>) -> Result<T, SandboxError>;
}

impl<T> OnPath<T> for std::io::Result<T> {
    fn on(self, act: &'static str, path: impl Into<PathBuf>) -> Result<T, SandboxError> {
        self.map_err(|source| SandboxError::Disk {
            act,
            path: path.into(),
            source,
        })
    }
}
