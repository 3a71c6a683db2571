//! The errors of talking to a cluster: what was tried, what came back, and what to do next.

use std::path::PathBuf;

use crate::credential::PluginError;
use crate::link::LinkProblem;
use crate::refusal::{Refusal, RefusalCause};

/// A call to the API server that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The server answered and said no.
    #[error("cannot {action}: {refusal}; {}", refusal.hint())]
    Refused {
        /// What was tried, such as `get pods/web in demo`.
        action: String,
        /// The server's answer.
        refusal: Box<Refusal>,
    },
    /// The server could not be talked to.
    #[error("cannot {action}: {server} {problem}; {}", problem.hint())]
    Unreachable {
        /// What was tried.
        action: String,
        /// The server's address.
        server: String,
        /// Why it could not be reached.
        problem: LinkProblem,
    },
    /// The credentials ran out and could not be renewed.
    #[error("cannot {action}: {source}")]
    Credentials {
        /// What was tried.
        action: String,
        /// Why the plugin gave no credential.
        #[source]
        source: Box<PluginError>,
    },
    /// The cluster does not serve this kind.
    #[error("cannot {action}: the cluster does not serve {kind} in {api_version}; is its CRD installed?")]
    UnknownKind {
        /// What was tried.
        action: String,
        /// The group and version asked for.
        api_version: String,
        /// The kind asked for.
        kind: String,
    },
    /// The request could not be made, or the answer not be read.
    #[error("cannot {action}: {detail}")]
    Unusable {
        /// What was tried.
        action: String,
        /// What is wrong with it.
        detail: String,
    },
}

impl ApiError {
    pub(crate) fn new(action: impl Into<String>, server: &str, error: kube::Error) -> Self {
        let action = action.into();
        match error {
            kube::Error::Api(status) => Self::Refused {
                action,
                refusal: Box::new(Refusal::of(&status)),
            },
            kube::Error::Service(error) => match error.downcast::<PluginError>() {
                Ok(source) => Self::Credentials { action, source },
                Err(error) => Self::unreachable(action, server, error.as_ref()),
            },
            kube::Error::HyperError(error) => Self::unreachable(action, server, &error),
            kube::Error::ReadEvents(error) => Self::unreachable(action, server, &error),
            other => Self::Unusable {
                action,
                detail: other.to_string(),
            },
        }
    }

    pub(crate) fn unreachable(
        action: impl Into<String>,
        server: &str,
        error: &(dyn std::error::Error + 'static),
    ) -> Self {
        Self::Unreachable {
            action: action.into(),
            server: server.into(),
            problem: LinkProblem::of(error),
        }
    }

    pub(crate) fn unusable(action: impl Into<String>, detail: impl std::fmt::Display) -> Self {
        Self::Unusable {
            action: action.into(),
            detail: detail.to_string(),
        }
    }

    /// The server's answer, when it gave one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// What the server's refusal comes down to, when it gave one.
    pub fn cause(&self) -> Option<&RefusalCause> {
        self.refusal().map(|refusal| &refusal.cause)
    }

    /// Whether the object asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.code == 404)
    }

    /// Whether the object to create exists already.
    pub fn is_already_exists(&self) -> bool {
        matches!(self.cause(), Some(RefusalCause::AlreadyExists))
    }

    /// Whether the same call may succeed a moment later without anything changing on our side.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { problem, .. } if !matches!(problem, LinkProblem::CertificateRejected(_)))
            || matches!(self.cause(), Some(RefusalCause::Busy))
    }
}

/// A context that could not be connected to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// A kubeconfig cannot be used.
    #[error("cannot use {}: {detail}", file.as_ref().map_or_else(|| "the kubeconfig".into(), |file| file.display().to_string()))]
    Kubeconfig {
        /// The file, when it came from one.
        file: Option<PathBuf>,
        /// What is wrong with it, and what to do.
        detail: String,
    },
    /// The context names something that is missing, or asks for something refused here.
    #[error("cannot use context `{context}`: {problem}")]
    Context {
        /// The context's name.
        context: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// The credential plugin failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// Other credentials of the kubeconfig are unusable.
    #[error("cannot use the credentials for {server}: {detail}; renew them in the kubeconfig")]
    Credentials {
        /// The server's address.
        server: String,
        /// What is wrong with them.
        detail: String,
    },
    /// The server could not be reached.
    #[error("cannot connect: {server} {problem}; {}", problem.hint())]
    Unreachable {
        /// The server's address.
        server: String,
        /// Why.
        problem: LinkProblem,
    },
    /// The server does not accept the credentials.
    #[error(
        "cannot connect: {server} does not accept the credentials ({message}); sign in again, or renew them in the kubeconfig"
    )]
    Unauthorized {
        /// The server's address.
        server: String,
        /// The server's words.
        message: String,
    },
    /// The server answered, but not as an API server does.
    #[error(
        "cannot connect: {server} does not answer like a Kubernetes API server: {detail}; is this its address?"
    )]
    NotAnApiServer {
        /// The server's address.
        server: String,
        /// What came back.
        detail: String,
    },
}

impl ConnectError {
    pub(crate) fn of_first_call(server: &str, error: ApiError) -> Self {
        let server = server.to_owned();
        match error {
            ApiError::Unreachable { problem, .. } => Self::Unreachable { server, problem },
            ApiError::Credentials { source, .. } => Self::Plugin(*source),
            ApiError::Refused { refusal, .. } if refusal.code == 401 => Self::Unauthorized {
                server,
                message: refusal.message,
            },
            ApiError::Refused { refusal, .. } => Self::NotAnApiServer {
                server,
                detail: refusal.to_string(),
            },
            other => Self::NotAnApiServer {
                server,
                detail: other.to_string(),
            },
        }
    }
}
