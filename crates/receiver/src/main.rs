//! `taskwright-receiver`: receives bundles over HTTP. TLS is the business of what stands before it, so it listens on this
//! machine alone unless told otherwise.

mod arguments;

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;
use receiver::{Readable, Receiver, Tokens};

use crate::arguments::Arguments;

#[tokio::main]
async fn main() -> ExitCode {
    let is_terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(is_terminal)
        .init();
    let arguments = match arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            tracing::error!("{error}\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::from(4)
        }
    }
}

#[expect(clippy::print_stdout, reason = "whoever starts it reads the address there")]
async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let tokens = Tokens::load(&arguments.tokens)?;
    let stop = stopped().context("signals cannot be waited for")?;
    let listen = arguments.options.listen;
    let receiver = Receiver::start(arguments.options, tokens, Readable).await?;
    if !listen.ip().is_loopback() {
        tracing::warn!("tokens travel in the clear unless a proxy with TLS stands before {listen}");
    }
    println!("http://{}", receiver.address());
    receiver.serve(stop).await;
    Ok(())
}

/// Ends with the first signal to stop. Listens from now on, not from when it is first awaited.
#[cfg(unix)]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a signal handler the default ends us as well.
        let _ = tokio::signal::ctrl_c().await;
    })
}
