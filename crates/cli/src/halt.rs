//! Why a command cannot go on.

use std::io;

use crate::console::Console;
use crate::exit::Exit;

/// Why a command cannot go on.
#[derive(Debug)]
pub enum Halt {
    /// A use case failed.
    Error(api::Error),
    /// Output cannot be written.
    Output(io::Error),
    /// A signal asked this process to end.
    Signal(u8),
}

impl From<api::Error> for Halt {
    fn from(error: api::Error) -> Self {
        Self::Error(error)
    }
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl Halt {
    /// Tells why, and gives the exit code that goes with it.
    pub fn tell(self, console: Console) -> Exit {
        match self {
            Self::Signal(signal) => Exit::Signal(signal),
            // Whoever read our output has seen enough; nobody is left to tell.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Output(error) => {
                let error = api::Error::new(api::Code::Disk, format!("cannot write output: {error}"));
                Self::Error(error).tell(console)
            }
            Self::Error(error) => {
                // When this cannot be written either, the exit code still tells.
                let _ = console.error(&error);
                Exit::from(error.code)
            }
        }
    }
}
