//! `shell`, and the end of `preview`: the candidate's seat on this terminal, or one command in it.

use std::io::{self, Write};

use api::hosts::Host;
use api::previews::{self, PreviewInfo};
use api::terminals::{self, Chunk, ExitStatus};
use api::{Code, Error};

use super::{Outcome, host};
use crate::args::{SeatKeys, Shell};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;
use crate::screen::Size;
use crate::terminal::unix::{Ends, RawMode, window};
use crate::terminal::{Ending, RealSeat, Seat, Settings, run};

/// How a stay in a seat ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// The code to exit with.
    pub exit: Exit,
    /// Whether somebody meant to come back.
    pub detached: bool,
}

/// Attaches to a preview.
pub(super) async fn attach(console: Console, args: Shell) -> Outcome {
    let host = host::require(&args.host).await?;
    let preview = previews::find(&host, &args.id).await?;
    if let Some(command) = &args.exec {
        return exec(&host, &preview, command, &mut Ends::listen()?).await;
    }
    if !console.is_interactive {
        let error = Error::new(
            Code::Usage,
            "a shell needs a terminal, and standard input or output is none",
        );
        return Err(error.hint("run one command with --exec").into());
    }
    let left = shell(console, &host, &preview, &args.keys).await?;
    if left.detached {
        console.error_line(&still_running(&preview))?;
    }
    Ok(left.exit)
}

/// One line for those who leave a preview running.
pub(super) fn still_running(preview: &PreviewInfo) -> String {
    let id = &preview.id;
    format!("{id} is still running: attach with `taskwright shell {id}`, remove with `taskwright down {id}`")
}

/// Opens a shell on this terminal and stays until it ends.
pub(super) async fn shell(
    console: Console,
    host: &Host,
    preview: &PreviewInfo,
    keys: &SeatKeys,
) -> Result<Left, Halt> {
    let mut seat = RealSeat {
        host: host.clone(),
        preview: preview.clone(),
    };
    let first = seat
        .open(window().unwrap_or(Size::USUAL))
        .await
        .map_err(|problem| problem.error)?;
    let raw = RawMode::enter()?;
    let settings = Settings {
        keys: keys.detach_keys.clone(),
    };
    let ending = run(&mut seat, first, &settings, io::stdout()).await;
    drop(raw);
    let ending = ending?;
    if !matches!(ending, Ending::Exit(_)) {
        // The prompt of the shell we came from belongs on a line of its own.
        console.error_line("")?;
    }
    match ending {
        Ending::Exit(code) => Ok(Left {
            exit: remote(code),
            detached: false,
        }),
        Ending::Detached => Ok(Left {
            exit: Exit::Done,
            detached: true,
        }),
        Ending::Signal(signal) => Err(Halt::Signal(signal)),
        Ending::Lost(reason) => {
            let error = Error::new(
                Code::Terminal,
                format!("the connection to {} was lost: {reason}", preview.id),
            );
            Err(error
                .hint(format!("attach again with `taskwright shell {}`", preview.id))
                .into())
        }
    }
}

/// Runs one command in the seat, its output passed through, and exits with its code.
pub(super) async fn exec(host: &Host, preview: &PreviewInfo, command: &[String], ends: &mut Ends) -> Outcome {
    let command = as_typed(preview, command);
    tokio::select! {
        outcome = pass_through(host, preview, &command) => outcome,
        signal = ends.next() => Err(Halt::Signal(signal)),
    }
}

async fn pass_through(host: &Host, preview: &PreviewInfo, command: &[String]) -> Outcome {
    let mut running = terminals::exec(host, preview, command).await?;
    while let Some(chunk) = running.next().await {
        match chunk {
            Chunk::Stdout(bytes) => io::stdout()
                .write_all(&bytes)
                .and_then(|()| io::stdout().flush())?,
            Chunk::Stderr(bytes) => io::stderr().write_all(&bytes)?,
        }
    }
    match running.exit().await {
        ExitStatus::Exit { code } => Ok(remote(code)),
        ExitStatus::Failed { message: reason } | ExitStatus::Lost { reason } => Err(Error::new(
            Code::Terminal,
            format!("the command in the seat was lost: {reason}"),
        )
        .into()),
    }
}

/// A single word is a line for the shell, as with `ssh`; several are a program and its arguments.
fn as_typed(preview: &PreviewInfo, command: &[String]) -> Vec<String> {
    match command {
        [line] => vec![preview.shell.program.clone(), "-c".to_owned(), line.clone()],
        words => words.to_vec(),
    }
}

fn remote(code: i32) -> Exit {
    Exit::Remote(u8::try_from(code).unwrap_or(255))
}
