//! `update`: brings a preview up to date with its bundle, once or whenever the bundle changes.

use api::boot::{Boot, What};
use api::files::{self, Changes};
use api::hosts::Host;
use api::previews;
use futures::StreamExt;
use tokio::sync::mpsc;

use super::{Outcome, bundle, host};
use crate::args::{Output, Update};
use crate::boot::{Story, card, line};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;
use crate::style::Tone;
use crate::terminal::unix::Ends;
use crate::words;

/// Changes that may wait while an update is on its way; what comes with them is looked at anew anyway.
const WAITING: usize = 8;

/// Brings a preview up to date.
pub(super) async fn run(console: Console, args: Update) -> Outcome {
    let host = host::require(&args.host).await?;
    let mut ends = Ends::listen()?;
    if args.watch {
        return watch(console, &args, &host, &mut ends).await;
    }
    once(console, &args, &host, &mut ends).await
}

/// Brings it up to date now, and again after each change.
async fn watch(console: Console, args: &Update, host: &Host, ends: &mut Ends) -> Outcome {
    let (items, mut changes) = mpsc::channel(WAITING);
    let watching = files::watch_bundle(args.bundle.clone(), items);
    tokio::pin!(watching);
    loop {
        let outcome = tokio::select! {
            // Only its end is of interest here: the changes wait in the channel meanwhile.
            ended = &mut watching => return Err(ended.err().map_or(Halt::Signal(1), Halt::from)),
            outcome = once(console, args, host, ends) => outcome?,
        };
        if let Exit::Signal(_) = outcome {
            return Ok(outcome);
        }
        tell(
            console,
            "waiting for changes; Ctrl-C ends this and leaves the preview as it is",
        )?;
        let first = tokio::select! {
            ended = &mut watching => return Err(ended.err().map_or(Halt::Signal(1), Halt::from)),
            first = changes.recv() => first,
            signal = ends.next() => return Ok(Exit::Signal(signal)),
        };
        let mut paths = first.map(|Changes { paths }| paths).unwrap_or_default();
        while let Ok(Changes { paths: more }) = changes.try_recv() {
            paths.extend(more);
        }
        paths.sort();
        paths.dedup();
        tell(console, &format!("changed: {}", paths.join(", ")))?;
    }
}

/// Brings it up to date with the bundle as it is now. A bundle with problems changes nothing.
async fn once(console: Console, args: &Update, host: &Host, ends: &mut Ends) -> Outcome {
    let Some(bundle) = bundle::open(console, &args.bundle)? else {
        return Ok(Exit::Problem);
    };
    let preview = previews::find(host, &args.id).await?;
    follow(console, previews::update(host, bundle, &preview)?, ends).await
}

async fn follow(console: Console, mut update: Boot, ends: &mut Ends) -> Outcome {
    let mut story = Story::default();
    let mut stopped_by = None;
    loop {
        tokio::select! {
            event = update.next() => {
                let Some(event) = event else { return Ok(Exit::Problem) };
                match console.output {
                    Output::Json => console.log_line(&event)?,
                    Output::Text => {
                        if let Some(line) = worth_telling(&event.what).then(|| line(&story, &event)).flatten() {
                            console.error_line(&line)?;
                        }
                    }
                }
                story.push(&event);
                match event.what {
                    What::Ready => {
                        let done = format!("{} is up to date after {}", story.id(), words::duration(event.at));
                        tell(console, &console.paint_err.tone(Tone::Good, &done))?;
                        return Ok(Exit::Done);
                    }
                    What::Stopped => {
                        if console.output == Output::Text {
                            for line in card(&story, console.paint_err) {
                                console.error_line(&line)?;
                            }
                        }
                        return Ok(Exit::Problem);
                    }
                    What::Cancelled => return Ok(Exit::Signal(stopped_by.unwrap_or(2))),
                    _ => {}
                }
            }
            signal = ends.next() => {
                stopped_by = Some(signal);
                tell(console, "stopping; what was applied stays, and another update goes on from there")?;
                update.cancel();
            }
        }
    }
}

/// That it begins, and that it is done, is told in other words.
fn worth_telling(what: &What) -> bool {
    !matches!(
        what,
        What::Started { .. } | What::Ready | What::Stopped | What::Cancelled
    )
}

fn tell(console: Console, text: &str) -> Result<(), Halt> {
    if console.output == Output::Text {
        console.error_line(text)?;
    }
    Ok(())
}
