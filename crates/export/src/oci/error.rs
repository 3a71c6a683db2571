//! Why a registry did not do what it was asked for.

use thiserror::Error;

use super::credentials::CredentialsError;

/// Why a registry did not do what it was asked for.
#[derive(Debug, Error)]
pub enum OciError {
    /// No answer, or one that broke off.
    #[error("the registry `{registry}` cannot be reached; check its name and the network")]
    Unreachable {
        /// The registry.
        registry: String,
        /// What was said on the way.
        #[source]
        source: reqwest::Error,
    },
    /// It wants to know who we are, or who we are is not enough.
    #[error(
        "the registry `{registry}` does not allow it; log in with `docker login {registry}` as somebody who may"
    )]
    Forbidden {
        /// The registry.
        registry: String,
    },
    /// It gives no token.
    #[error(
        "the registry `{registry}` gives no token: {reason}; log in again with `docker login {registry}`"
    )]
    Token {
        /// The registry.
        registry: String,
        /// What it said.
        reason: String,
    },
    /// Who we are cannot be found out.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// There is nothing of this name.
    #[error("there is no `{name}`; check the name, or log in if it is private")]
    Missing {
        /// What was asked for.
        name: String,
    },
    /// It says no.
    #[error("the registry refuses {what} (HTTP {status}): {message}; ask whoever runs it")]
    Refused {
        /// What was asked for.
        what: String,
        /// The number of its answer.
        status: u16,
        /// Its words.
        message: String,
    },
    /// Its answer breaks the rules of registries.
    #[error("the registry's answer about {what} cannot be used: {reason}; ask whoever runs it")]
    Answer {
        /// What was asked for.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// A file on the way cannot be written or read.
    #[error("failed to keep {what} for a moment; check the room on the disk")]
    Disk {
        /// What was to be kept.
        what: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// An image cannot be copied.
    #[error("the image `{image}` cannot be copied: {reason}; lock the bundle again, or leave `--images` out")]
    Image {
        /// Its full name.
        image: String,
        /// Why.
        reason: String,
    },
}

impl OciError {
    /// Whether the same might work a moment later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => !source.is_builder() && !source.is_redirect(),
            Self::Refused { status, .. } => matches!(status, 408 | 416 | 429 | 500..=599),
            _ => false,
        }
    }
}
