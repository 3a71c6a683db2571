//! What a front end is told when a use case fails: a code to act on, a message, and hints.

use std::fmt;

use serde::Serialize;
use ts_rs::TS;

/// A use case that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Problem")]
pub struct Error {
    /// What kind of failure it is.
    pub code: Code,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<String>,
}

/// Kinds of failure that front ends act on in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// What was asked for cannot be understood, or needs an answer nobody can give.
    Usage,
    /// The bundle has problems.
    Bundle,
    /// A boot failed.
    Boot,
    /// The host cannot be reached, or does not allow something.
    Host,
    /// The sandbox has a problem.
    Sandbox,
    /// Nothing has this name.
    NotFound,
    /// A file or folder cannot be read or written.
    Disk,
    /// A terminal cannot be opened or was lost.
    Terminal,
    /// Somebody stopped it.
    Cancelled,
    /// Something else has changed what was to be changed.
    Conflict,
}

impl Error {
    /// A failure with nothing to advise.
    pub fn new(code: Code, message: impl fmt::Display) -> Self {
        Self {
            code,
            message: message.to_string(),
            hints: Vec::new(),
        }
    }

    /// A failure with the message of an error and of all that is behind it.
    pub fn of(code: Code, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut message = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            // Some errors repeat their source in their own text.
            if !message.contains(&text) {
                message = format!("{message}: {text}");
            }
            next = cause.source();
        }
        Self::new(code, message)
    }

    /// The same failure with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<cluster::ConnectError> for Error {
    fn from(error: cluster::ConnectError) -> Self {
        Self::of(Code::Host, &error)
    }
}

impl From<cluster::ApiError> for Error {
    fn from(error: cluster::ApiError) -> Self {
        Self::of(Code::Host, &error)
    }
}

impl From<workspace::templates::ScaffoldError> for Error {
    fn from(error: workspace::templates::ScaffoldError) -> Self {
        use workspace::templates::ScaffoldError as S;
        let code = match &error {
            S::Write { .. } => Code::Disk,
            _ => Code::Usage,
        };
        Self::of(code, &error)
    }
}

impl From<preview::PreviewError> for Error {
    fn from(error: preview::PreviewError) -> Self {
        use preview::PreviewError as P;
        let code = match &error {
            P::Unknown { .. } | P::Ambiguous { .. } | P::NoKubeconfig { .. } => Code::NotFound,
            _ => Code::Host,
        };
        Self::of(code, &error)
    }
}

impl From<preview::terminal::TerminalError> for Error {
    fn from(error: preview::terminal::TerminalError) -> Self {
        use preview::terminal::TerminalError as T;
        let code = match &error {
            T::Api(_) => Code::Host,
            _ => Code::Terminal,
        };
        Self::of(code, &error)
    }
}

impl From<::sandbox::SandboxError> for Error {
    fn from(error: ::sandbox::SandboxError) -> Self {
        let mut told = Self::of(Code::Sandbox, &error);
        if let ::sandbox::SandboxError::Refused(problems) = &error {
            told.hints = problems.iter().map(ToString::to_string).collect();
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the plan")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_message_names_the_cause_behind_it_once() {
        let error = Outer(std::io::Error::other("disk on fire"));
        assert_eq!(
            Error::of(Code::Disk, &error).message,
            "cannot read the plan: disk on fire"
        );
    }
}
