//! Why a bundle did not get to the platform.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::problem::Problem;
use super::token::TokenError;

/// Why a bundle did not get to the platform.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bundle cannot be read.
    #[error("{0} cannot be read: {1}")]
    Read(PathBuf, #[source] io::Error),
    /// The bundle is another one than when the upload began.
    #[error("{0} changed while it was sent; export it again, and do not touch it before it is published")]
    Changed(PathBuf),
    /// The token cannot be sent.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// No connection can be made at all.
    #[error("connections cannot be made: {0}; look at the proxy and certificate settings of this system")]
    Client(String),
    /// The platform's certificate is not trusted, or its TLS is not ours.
    #[error(
        "{platform} cannot be trusted: {reason}; check the address, and that its authority is known to this system"
    )]
    Untrusted {
        /// Its address.
        platform: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The platform refused.
    #[error("the platform refuses: {0}")]
    Refused(Box<Problem>),
    /// The platform sends elsewhere.
    #[error(
        "the platform sends elsewhere, where its token does not go: {0}; use that address if you trust it"
    )]
    Redirected(String),
    /// What answers does not speak the API.
    #[error("{0} answers, but not as docs/platform-api.yaml says; check the address")]
    NotAPlatform(String),
    /// Nothing got through any more.
    #[error(
        "{platform} could not be reached: {reason}; the upload goes on from {offset} bytes when you run it again"
    )]
    Unreachable {
        /// Its address.
        platform: String,
        /// What went wrong the last time.
        reason: String,
        /// What the platform has.
        offset: u64,
    },
    /// The platform wants more time than anybody has.
    #[error("the platform asks to wait for {} s; run it again then", .0.as_secs())]
    AskedToWait(Duration),
}
