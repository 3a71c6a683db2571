//! The door to Kubernetes: contexts, one client for all calls, apply, wait, exec, port-forward, and the helm process.
//!
//! It knows nothing of bundles. It alone uses the Kubernetes client library; what it gives others are types of
//! `k8s-openapi`, JSON values and its own. It has no opinion on how long a wait may take: deadlines are the caller's,
//! except those in [`timeouts`].

mod access;
pub mod apply;
pub mod causes;
mod certificate;
mod changes;
mod chart_files;
mod client;
mod credential;
mod dynamic;
mod environment;
mod error;
pub mod exec;
mod forward;
pub mod helm;
pub mod hosts;
mod kinds;
pub mod kustomize;
mod link;
mod listener;
mod logs;
mod objects;
mod refusal;
mod remove;
pub mod route;
mod secrets;
mod socket;
pub mod timeouts;
mod transport;
pub mod wait;

pub use access::{Access, AccessAnswer};
pub use apply::{ApplyError, ApplyEvent, ApplyOptions, RetryReason};
pub use causes::PodCause;
pub use chart_files::ChartFiles;
pub use client::{Cluster, ServerVersion};
pub use credential::PluginError;
pub use error::{ApiError, ConnectError};
pub use exec::{
    Chunk, ExecError, ExecInput, ExecOutput, ExecRequest, ExecSession, ExecStatus, ExitStatus, Output,
    TerminalSize,
};
pub use forward::{ForwardPod, ForwardStream, ForwardTarget};
pub use helm::{ChartRef, Helm, HelmError, Hook, InstallRequest, RenderRequest, Rendered};
pub use hosts::{HostContext, KubeconfigProblem, KubeconfigSources, contexts};
pub use kinds::Kind;
pub use kustomize::{Kubectl, KustomizeError};
pub use link::LinkProblem;
pub use listener::{ForwardListener, with_server};
pub use logs::LogRequest;
pub use objects::{Object, ObjectRef, Placed, Selector, Watched};
pub use refusal::{Refusal, RefusalCause};
pub use remove::Leaving;
pub use route::Route;
pub use wait::Readiness;
