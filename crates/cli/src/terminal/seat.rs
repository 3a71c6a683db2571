//! The seat of a preview as a place where shells can be opened.

use api::hosts::Host;
use api::previews::PreviewInfo;
use api::terminals::{self, ExitStatus, TerminalInput, TerminalKeeper, TerminalOutput, TerminalSize};
use bytes::Bytes;

use super::session::{End, OpenProblem, Opened, Seat, SeatInput, SeatKeeper, SeatOutput};
use crate::screen::Size;

/// The seat of a preview.
pub struct RealSeat {
    /// Where it runs.
    pub host: Host,
    /// Which preview.
    pub preview: PreviewInfo,
}

impl Seat for RealSeat {
    type Input = TerminalInput;
    type Output = TerminalOutput;
    type Keeper = TerminalKeeper;

    async fn open(&mut self, size: Size) -> Result<Opened<Self>, OpenProblem> {
        let opened = terminals::open(&self.host, &self.preview, terminal_size(size)).await;
        let terminal = opened.map_err(|failure| OpenProblem {
            error: failure.error,
            passing: failure.passing,
        })?;
        let (input, output, keeper) = terminal.split();
        Ok(Opened {
            input,
            output,
            keeper,
        })
    }
}

impl SeatInput for TerminalInput {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        TerminalInput::write(self, bytes)
            .await
            .map_err(|error| error.to_string())
    }

    async fn resize(&mut self, size: Size) -> Result<(), String> {
        TerminalInput::resize(self, terminal_size(size))
            .await
            .map_err(|error| error.to_string())
    }
}

impl SeatOutput for TerminalOutput {
    async fn next(&mut self) -> Option<Bytes> {
        TerminalOutput::next(self).await
    }

    async fn end(self) -> End {
        match self.exit().await {
            ExitStatus::Exit { code } => End::Exit(code),
            ExitStatus::Failed { message: reason } | ExitStatus::Lost { reason } => End::Lost(reason),
        }
    }
}

impl SeatKeeper for TerminalKeeper {
    async fn close(self) {
        // How the keeper itself ended tells nothing that the shell's end has not told.
        TerminalKeeper::close(self).await;
    }
}

fn terminal_size(size: Size) -> TerminalSize {
    TerminalSize {
        rows: size.rows,
        columns: size.columns,
    }
}
