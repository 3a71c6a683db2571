//! How the program ends, as a number.

use std::process::ExitCode;

use api::Code;

/// What an exit code says; `docs/cli.md` has the same list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Done,
    /// The bundle has problems, or a boot failed.
    Problem,
    /// The command line cannot be understood, or needs an answer nobody can give.
    Usage,
    /// The host cannot be reached, or does not allow something.
    Host,
    /// The sandbox has a problem.
    Sandbox,
    /// Somebody stopped it: 128 and the number of the signal.
    Signal(u8),
    /// What a shell or command in the seat ended with.
    Remote(u8),
}

impl Exit {
    /// Stopped with Ctrl-C.
    pub const CANCELLED: Self = Self::Signal(2);

    /// The number.
    pub fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Problem => 1,
            Self::Usage => 2,
            Self::Host => 3,
            Self::Sandbox => 4,
            Self::Signal(signal) => 128u8.saturating_add(signal),
            Self::Remote(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

impl From<Code> for Exit {
    fn from(code: Code) -> Self {
        match code {
            Code::Usage => Self::Usage,
            Code::Host => Self::Host,
            Code::Sandbox => Self::Sandbox,
            Code::Cancelled => Self::CANCELLED,
            Code::Bundle | Code::Boot | Code::NotFound | Code::Disk | Code::Terminal | Code::Conflict => {
                Self::Problem
            }
        }
    }
}
