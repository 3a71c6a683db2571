//! `preview`: boots a bundle, then opens a shell in the candidate's seat.

use std::time::{Duration, Instant};

use api::boot::{Boot, What};
use api::hosts::Host;
use api::previews::{self, BootOptions, PreviewId, PreviewInfo};
use futures::StreamExt;

use super::host::Consent;
use super::{Outcome, bundle, down, host, seat};
use crate::args::{Output, Preview};
use crate::boot::{Show, Shown};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;
use crate::kubeconfig::KubeconfigFile;
use crate::terminal::unix::Ends;

/// How often the picture is drawn anew for the times in it.
const TICK: Duration = Duration::from_millis(100);

/// Boots a bundle and stays in its seat.
pub(super) async fn run(console: Console, args: Preview) -> Outcome {
    let console = Console {
        log_to_error: args.exec.is_some(),
        ..console
    };
    let Some(bundle) = bundle::open(console, &args.bundle)? else {
        return Ok(Exit::Problem);
    };
    if let Some(file) = &args.kubeconfig {
        KubeconfigFile::check(file)?;
    }
    let consent = if args.yes { Consent::Given } else { Consent::Ask };
    let host = host::choose(console, &args.host, consent).await?;
    let mut ends = Ends::listen()?;
    let boot = previews::boot(&host, bundle, BootOptions { twice: args.twice });
    let mut show = Show::new(console);
    match follow(boot, &mut show, &mut ends).await? {
        Booted::Ready => stay(console, &host, &args, show.story().id(), &mut ends).await,
        Booted::Failed if args.rm => {
            remove(console, &host, show.story().id(), &mut ends).await?;
            Ok(Exit::Problem)
        }
        Booted::Failed => Ok(Exit::Problem),
        Booted::Stopped(signal) => {
            remove(console, &host, show.story().id(), &mut ends).await?;
            Ok(Exit::Signal(signal))
        }
        Booted::Left(signal) => leave(console, show.story().id(), signal),
    }
}

/// How a boot ended.
enum Booted {
    Ready,
    Failed,
    /// A signal stopped it cleanly.
    Stopped(u8),
    /// A second signal did not want to wait for that.
    Left(u8),
}

/// Shows a boot until it is over.
async fn follow(mut boot: Boot, show: &mut Show, ends: &mut Ends) -> Result<Booted, Halt> {
    let began = Instant::now();
    let mut tick = tokio::time::interval(TICK);
    let mut stopped_by = None;
    loop {
        tokio::select! {
            event = boot.next() => {
                let Some(event) = event else { return Ok(Booted::Failed) };
                show.event(&event)?;
                match (&event.what, stopped_by) {
                    (What::Ready, None) => return ended(show, Shown::Timeline, Booted::Ready),
                    (What::Stopped, None) => return ended(show, Shown::Failure, Booted::Failed),
                    (What::Ready | What::Stopped | What::Cancelled, stopped) => {
                        return ended(show, Shown::Timeline, Booted::Stopped(stopped.unwrap_or(2)));
                    }
                    _ => {}
                }
            }
            _ = tick.tick(), if show.is_live() => {
                show.draw(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX))?;
            }
            signal = ends.next() => {
                if stopped_by.is_some() {
                    return Ok(Booted::Left(signal));
                }
                stopped_by = Some(signal);
                show.say("stopping, then removing what was made; Ctrl-C again leaves at once")?;
                boot.cancel();
            }
        }
    }
}

fn ended(show: &mut Show, shown: Shown, how: Booted) -> Result<Booted, Halt> {
    show.end(shown)?;
    Ok(how)
}

/// Removes the preview, unless somebody does not want to wait for it.
async fn remove(console: Console, host: &Host, id: &str, ends: &mut Ends) -> Result<(), Halt> {
    let Some(id) = PreviewId::parse(id) else {
        return Ok(());
    };
    tokio::select! {
        removed = down::remove(console, host, &id) => {
            let removed = removed?;
            if console.output == Output::Text {
                console.error_line(&down::sentence(&removed))?;
            }
            Ok(())
        }
        signal = ends.next() => leave(console, id.as_str(), signal).map(drop),
    }
}

fn leave(console: Console, id: &str, signal: u8) -> Outcome {
    if !id.is_empty() {
        console.error_line(&format!("left as it is; `taskwright down {id}` removes the rest"))?;
    }
    Err(Halt::Signal(signal))
}

/// Stays in the seat of a preview that is ready: a command, a shell, or nobody.
async fn stay(console: Console, host: &Host, args: &Preview, id: &str, ends: &mut Ends) -> Outcome {
    let preview = previews::find(host, id).await?;
    let kubeconfig = match &args.kubeconfig {
        Some(file) => Some(KubeconfigFile::write(
            file,
            previews::access(host, &preview.id).await?,
        )?),
        None => None,
    };
    let outcome = sit(console, host, args, &preview, kubeconfig.is_some(), ends).await;
    drop(kubeconfig);
    if args.rm {
        // The signal that ended the shell must not end the removal, too; a later one may.
        remove(console, host, id, &mut Ends::listen()?).await?;
    } else if args.exec.is_none() {
        console.error_line(&seat::still_running(&preview))?;
    }
    outcome
}

async fn sit(
    console: Console,
    host: &Host,
    args: &Preview,
    preview: &PreviewInfo,
    serves_kubeconfig: bool,
    ends: &mut Ends,
) -> Outcome {
    if let Some(command) = &args.exec {
        return seat::exec(host, preview, command, ends).await;
    }
    if console.is_interactive && console.output == Output::Text {
        return Ok(seat::shell(console, host, preview, &args.keys).await?.exit);
    }
    if serves_kubeconfig {
        console.error_line("the kubeconfig works until this command ends; Ctrl-C ends it")?;
        ends.next().await;
    }
    Ok(Exit::Done)
}
