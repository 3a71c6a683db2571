//! Shells and commands in the candidate's seat.

pub use cluster::{Chunk, ExitStatus, TerminalSize};
use preview::terminal::TerminalError;
pub use preview::terminal::{SeatCommand, Terminal, TerminalInput, TerminalKeeper, TerminalOutput};

use crate::Error;
use crate::hosts::Host;
use crate::previews::PreviewInfo;

/// Why a shell could not be opened.
#[derive(Debug)]
pub struct OpenFailure {
    /// What to tell.
    pub error: Error,
    /// Whether it may work a moment later.
    pub passing: bool,
}

/// Opens a shell in a window of this size.
pub async fn open(host: &Host, preview: &PreviewInfo, size: TerminalSize) -> Result<Terminal, OpenFailure> {
    preview::terminal::open(host.cluster(), preview, size)
        .await
        .map_err(|error| {
            let passing = is_passing(&error);
            OpenFailure {
                error: error.into(),
                passing,
            }
        })
}

/// Runs a command without a terminal.
pub async fn exec(host: &Host, preview: &PreviewInfo, command: &[String]) -> Result<SeatCommand, Error> {
    Ok(preview::terminal::exec(host.cluster(), preview, command).await?)
}

/// A seat may come back after its pod was restarted, and a host after its network was gone.
fn is_passing(error: &TerminalError) -> bool {
    match error {
        TerminalError::Api(error) => error.is_passing(),
        TerminalError::NotStarted { .. } => false,
        _ => true,
    }
}
