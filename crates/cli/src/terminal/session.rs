//! One stay in a seat: opens a shell, carries bytes both ways, reconnects when the connection drops, and says how it
//! ended.

use std::future::Future;
use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{sleep, timeout};

use super::backlog::{Backlog, TerminalGone};
use super::detach::{DetachKeys, Typed, Watch};
use super::unix::{Ends, Keyboard, Resizes, window};
use crate::screen::Size;

/// Silence after which a flood has come to rest.
const QUIET: Duration = Duration::from_millis(15);
/// First and longest pause before another attempt to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(8));
/// How long the far end may take to end its processes before we leave all the same.
const CLOSING: Duration = Duration::from_secs(5);
/// How long a connection that cannot be written to may take to tell why.
const LAST_NEWS: Duration = Duration::from_secs(1);
/// Keys that interrupt, quit and suspend.
const INTERRUPTING: [u8; 3] = [0x03, 0x1c, 0x1a];

/// A place where shells can be opened.
pub trait Seat {
    /// The way to a shell.
    type Input: SeatInput;
    /// The way back.
    type Output: SeatOutput;
    /// What ends the shell.
    type Keeper: SeatKeeper;
    /// Opens a shell in a window of this size.
    fn open(&mut self, size: Size) -> impl Future<Output = Result<Opened<Self>, OpenProblem>>;
}

/// A shell that was opened in a seat.
#[derive(Debug)]
pub struct Opened<S: Seat + ?Sized> {
    /// The way to it.
    pub input: S::Input,
    /// The way back.
    pub output: S::Output,
    /// What ends it.
    pub keeper: S::Keeper,
}

/// Why a shell cannot be opened.
#[derive(Debug)]
pub struct OpenProblem {
    /// What to tell.
    pub error: api::Error,
    /// Whether it may work a moment later.
    pub passing: bool,
}

/// The way to a shell. An error says why the connection is lost.
pub trait SeatInput {
    /// Sends typed bytes.
    fn write(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), String>>;
    /// Tells the new size of the window.
    fn resize(&mut self, size: Size) -> impl Future<Output = Result<(), String>>;
}

/// The way back from a shell.
pub trait SeatOutput {
    /// The next bytes; nothing after the end.
    fn next(&mut self) -> impl Future<Output = Option<Bytes>>;
    /// How the shell ended, once there are no more bytes.
    fn end(self) -> impl Future<Output = End>;
}

/// Ends what a shell has started.
pub trait SeatKeeper {
    /// Ends every process of the shell and waits until they are gone.
    fn close(self) -> impl Future<Output = ()>;
}

/// How a shell ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exit(i32),
    /// The connection was lost, for this reason.
    Lost(String),
}

/// How a stay in a seat ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The shell ended with this code.
    Exit(i32),
    /// The detach keys were typed.
    Detached,
    /// The connection was lost and nobody wanted to wait for it.
    Lost(String),
    /// This process was asked to end by this signal.
    Signal(u8),
}

/// What a person may choose about a stay.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The keys that leave the shell.
    pub keys: DetachKeys,
}

/// What ends one connection.
enum Parting {
    Shell(End),
    Detached,
    Signal(u8),
}

/// Stays in a shell until it ends. The terminal must be in raw mode; `terminal` takes the output.
pub async fn run<S: Seat>(
    seat: &mut S,
    first: Opened<S>,
    settings: &Settings,
    terminal: impl Write + Send + 'static,
) -> std::io::Result<Ending> {
    let backlog = Backlog::new(terminal)?;
    let mut local = Local::new(settings)?;
    let mut shell = first;
    loop {
        let parting = stay::<S>(shell.input, shell.output, &mut local, &backlog).await;
        if let Parting::Shell(End::Lost(reason)) = parting {
            notice(
                &backlog,
                &format!("connection lost: {reason}; connecting again, Ctrl-C gives up"),
            )
            .await;
            let _ = timeout(CLOSING, shell.keeper.close()).await;
            match reconnect(seat, &mut local, &backlog, reason).await {
                Ok(opened) => shell = opened,
                Err(ending) => return Ok(ending),
            }
            continue;
        }
        let ending = last_words(parting, &backlog, &mut local).await;
        // The terminal first: whoever waits for it should not wait for the network.
        super::unix::restore();
        let _ = timeout(CLOSING, shell.keeper.close()).await;
        return Ok(ending);
    }
}

/// This side of the connection.
struct Local {
    keyboard: Keyboard,
    resizes: Resizes,
    ends: Ends,
    watch: Watch,
}

impl Local {
    fn new(settings: &Settings) -> std::io::Result<Self> {
        Ok(Self {
            keyboard: Keyboard::start()?,
            resizes: Resizes::listen()?,
            ends: Ends::listen()?,
            watch: Watch::new(&settings.keys),
        })
    }
}

/// Shows what is left before the terminal is given back: all of it after an exit, what can be shown at once
/// otherwise.
async fn last_words(parting: Parting, backlog: &Backlog, local: &mut Local) -> Ending {
    let rest = match parting {
        Parting::Shell(End::Exit(code)) => {
            return tokio::select! {
                _ = backlog.written() => Ending::Exit(code),
                signal = local.ends.next() => Ending::Signal(signal),
            };
        }
        Parting::Shell(End::Lost(reason)) => Ending::Lost(reason),
        Parting::Detached => Ending::Detached,
        Parting::Signal(signal) => Ending::Signal(signal),
    };
    let _ = timeout(QUIET, backlog.written()).await;
    rest
}

/// Carries bytes both ways; neither way waits for the other.
async fn stay<S: Seat>(
    mut input: S::Input,
    output: S::Output,
    local: &mut Local,
    backlog: &Backlog,
) -> Parting {
    let incoming = show(output, backlog);
    let outgoing = send(&mut input, local, backlog);
    tokio::pin!(incoming, outgoing);
    tokio::select! {
        end = &mut incoming => end,
        parting = &mut outgoing => match parting {
            // What the far end says about the loss is more than what the write said.
            Parting::Shell(End::Lost(reason)) => {
                timeout(LAST_NEWS, incoming).await.unwrap_or(Parting::Shell(End::Lost(reason)))
            }
            other => other,
        },
    }
}

async fn show<O: SeatOutput>(mut output: O, backlog: &Backlog) -> Parting {
    loop {
        let next = if backlog.is_skipping() {
            let Ok(next) = timeout(QUIET, output.next()).await else {
                backlog.settle();
                continue;
            };
            next
        } else {
            output.next().await
        };
        let Some(chunk) = next else {
            return Parting::Shell(output.end().await);
        };
        if backlog.push(chunk).await == Err(TerminalGone) {
            return Parting::Signal(super::unix::HANG_UP);
        }
    }
}

async fn send<I: SeatInput>(input: &mut I, local: &mut Local, backlog: &Backlog) -> Parting {
    loop {
        let sent = tokio::select! {
            typed = local.keyboard.next() => {
                let Some(typed) = typed else { return Parting::Signal(super::unix::HANG_UP) };
                let Typed { forward, detach } = local.watch.typed(&typed);
                if forward.iter().any(|byte| INTERRUPTING.contains(byte)) {
                    backlog.interrupt();
                }
                let sent = if forward.is_empty() { Ok(()) } else { input.write(&forward).await };
                if detach {
                    return Parting::Detached;
                }
                sent
            }
            () = local.resizes.next() => match window() {
                Some(size) => input.resize(size).await,
                None => Ok(()),
            },
            signal = local.ends.next() => return Parting::Signal(signal),
        };
        if let Err(reason) = sent {
            return Parting::Shell(End::Lost(reason));
        }
    }
}

/// Tries to open a new shell until it works, or until somebody gives up.
async fn reconnect<S: Seat>(
    seat: &mut S,
    local: &mut Local,
    backlog: &Backlog,
    reason: String,
) -> Result<Opened<S>, Ending> {
    let mut reason = reason;
    let mut pause = PAUSES.0;
    loop {
        gave_up(local, sleep(pause), &reason).await?;
        let size = window().unwrap_or(Size::USUAL);
        match gave_up(local, seat.open(size), &reason).await? {
            Ok(opened) => {
                notice(backlog, "connected again; this is a new shell").await;
                return Ok(opened);
            }
            Err(problem) if problem.passing => {
                if problem.error.message != reason {
                    reason = problem.error.message;
                    notice(backlog, &format!("not yet: {reason}")).await;
                }
                pause = (pause * 2).min(PAUSES.1);
            }
            Err(problem) => return Err(Ending::Lost(problem.error.message)),
        }
    }
}

/// Waits for `work`, unless somebody gives up first.
async fn gave_up<T>(local: &mut Local, work: impl Future<Output = T>, reason: &str) -> Result<T, Ending> {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Ok(done),
            signal = local.ends.next() => return Err(Ending::Signal(signal)),
            typed = local.keyboard.next() => {
                let typed = typed.ok_or(Ending::Signal(super::unix::HANG_UP))?;
                let detach = local.watch.typed(&typed).detach;
                if detach || typed.contains(&0x03) {
                    return Err(Ending::Lost(reason.to_owned()));
                }
            }
        }
    }
}

async fn notice(backlog: &Backlog, text: &str) {
    let modes = super::modes::reset(super::backlog::SWITCHED_ON.load(std::sync::atomic::Ordering::Relaxed));
    let mut bytes = b"\x18".to_vec();
    bytes.extend(modes);
    bytes.extend_from_slice(format!("\x1b[0m\r\n[{}]\r\n", crate::line::clean(text)).as_bytes());
    // A terminal that is gone is noticed by whatever comes next.
    let _ = backlog.push(bytes.into()).await;
}
