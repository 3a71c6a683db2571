//! One shell of the window, from its opening to its end, over as many connections as that takes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::Error;
use api::hosts::Host;
use api::previews::PreviewInfo;
use api::terminals::{self, ExitStatus, Terminal, TerminalInput, TerminalOutput, TerminalSize};
use bytes::{Bytes, BytesMut};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::flow::Flow;
use super::{Sink, TerminalExit, TerminalState, TerminalView};

/// Silence after which a flood has come to rest.
const QUIET: Duration = Duration::from_millis(15);
/// First and longest pause before another attempt to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(8));
/// How long the far end may take to end its processes before we leave all the same.
const CLOSING: Duration = Duration::from_secs(5);
/// Output is gathered up to here while the window has enough to draw: each message costs it the same, however long it is.
const PIECE: usize = 128 * 1024;
/// Keys that interrupt, quit and suspend.
const INTERRUPTING: [u8; 3] = [0x03, 0x1c, 0x1a];
/// What was typed and not yet sent.
const TYPED_AHEAD: usize = 64;

/// A shell; everything that it started ends when it is dropped.
pub(super) struct Session {
    view: Mutex<TerminalView>,
    flow: Arc<Flow>,
    typed: mpsc::Sender<Bytes>,
    size: watch::Sender<TerminalSize>,
    closing: CancellationToken,
    life: Mutex<Option<AbortOnDropHandle<()>>>,
}

/// Where shells are opened.
struct Seat {
    host: Host,
    preview: PreviewInfo,
}

/// What goes from the window to the shell.
struct Wishes {
    typed: mpsc::Receiver<Bytes>,
    size: watch::Receiver<TerminalSize>,
}

/// How one connection ended.
enum End {
    Exit(i32),
    Lost(String),
}

impl Session {
    /// Opens a shell and keeps it.
    pub(super) async fn start(
        host: Host,
        preview: PreviewInfo,
        view: TerminalView,
        size: TerminalSize,
        sink: Sink,
    ) -> Result<Self, Error> {
        let first = terminals::open(&host, &preview, size)
            .await
            .map_err(|failure| failure.error)?;
        let (typed, receiver) = mpsc::channel(TYPED_AHEAD);
        let (resize, resized) = watch::channel(size);
        let flow = Arc::new(Flow::new(size, sink));
        let closing = CancellationToken::new();
        let wishes = Wishes {
            typed: receiver,
            size: resized,
        };
        let life = tokio::spawn(live(
            Seat { host, preview },
            first,
            flow.clone(),
            wishes,
            closing.clone(),
        ));
        Ok(Self {
            view: Mutex::new(view),
            flow,
            typed,
            size: resize,
            closing,
            life: Mutex::new(Some(AbortOnDropHandle::new(life))),
        })
    }

    pub(super) async fn write(&self, bytes: Bytes) {
        if bytes.iter().any(|byte| INTERRUPTING.contains(byte)) {
            self.flow.interrupt();
        } else {
            self.flow.typed();
        }
        // A shell that has ended takes nothing; the window was told.
        let _ = self.typed.send(bytes).await;
    }

    pub(super) fn resize(&self, size: TerminalSize) {
        let mut view = lock(&self.view);
        (view.rows, view.columns) = (size.rows, size.columns);
        self.flow.resize(size);
        self.size.send_replace(size);
    }

    pub(super) fn attach(&self, size: TerminalSize, sink: Sink) {
        self.flow.attach(size, sink);
        self.resize(size);
    }

    pub(super) fn acknowledge(&self, bytes: u64) {
        self.flow.acknowledge(bytes);
    }

    pub(super) fn view(&self) -> TerminalView {
        lock(&self.view).clone()
    }

    pub(super) fn is_over(&self) -> bool {
        self.flow.is_over()
    }

    /// Ends the shell and everything that it started.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        let life = lock(&self.life).take();
        if let Some(life) = life {
            // After that long it is dropped, and the far end notices by itself.
            let _ = timeout(CLOSING, life).await;
        }
    }
}

async fn live(seat: Seat, first: Terminal, flow: Arc<Flow>, mut wishes: Wishes, closing: CancellationToken) {
    flow.tell(TerminalState::Open);
    let mut terminal = first;
    loop {
        let (input, output, keeper) = terminal.split();
        let end = tokio::select! {
            end = stay(input, output, &flow, &mut wishes) => Some(end),
            () = closing.cancelled() => None,
        };
        let _ = timeout(CLOSING, keeper.close()).await;
        let reason = match end {
            None => return,
            Some(End::Exit(code)) => return flow.tell(ended(TerminalExit::Code { code })),
            Some(End::Lost(reason)) => reason,
        };
        let reopened = tokio::select! {
            reopened = reopen(&seat, &flow, &mut wishes, reason) => reopened,
            () = closing.cancelled() => return,
        };
        match reopened {
            Ok(opened) => terminal = opened,
            Err(reason) => return flow.tell(ended(TerminalExit::Reason { reason })),
        }
        flow.tell(TerminalState::Reconnected);
    }
}

fn ended(exit: TerminalExit) -> TerminalState {
    TerminalState::Ended { exit }
}

/// Carries bytes both ways; neither way waits for the other.
async fn stay(input: TerminalInput, output: TerminalOutput, flow: &Flow, wishes: &mut Wishes) -> End {
    let incoming = show(output, flow);
    tokio::pin!(incoming);
    tokio::select! {
        end = &mut incoming => end,
        // The way back tells why a connection was lost.
        () = send(input, wishes) => incoming.await,
    }
}

async fn show(mut output: TerminalOutput, flow: &Flow) -> End {
    loop {
        let next = if flow.is_skipping() {
            let Ok(next) = timeout(QUIET, output.next()).await else {
                flow.settle();
                continue;
            };
            next
        } else {
            output.next().await
        };
        match next {
            Some(first) => flow.deliver(&together(first, &mut output, flow).await).await,
            None => break,
        }
    }
    match output.exit().await {
        ExitStatus::Exit { code } => End::Exit(code),
        ExitStatus::Failed { message: reason } | ExitStatus::Lost { reason } => End::Lost(reason),
    }
}

/// What came with the first piece, and what comes until the window is about to wait for it.
async fn together(first: Bytes, output: &mut TerminalOutput, flow: &Flow) -> Bytes {
    let mut all = BytesMut::new();
    while first.len().max(all.len()) < PIECE {
        let more = if let Some(more) = output.try_next() {
            Some(more)
        } else {
            tokio::select! {
                more = output.next() => more,
                () = flow.wants_more() => None,
            }
        };
        let Some(more) = more else { break };
        if all.is_empty() {
            all.reserve(PIECE);
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&more);
    }
    if all.is_empty() { first } else { all.freeze() }
}

/// Sends what is typed, and sizes, until the connection takes no more.
async fn send(input: TerminalInput, wishes: &mut Wishes) {
    loop {
        let sent = tokio::select! {
            biased;
            changed = wishes.size.changed() => {
                if changed.is_err() {
                    return;
                }
                let size = *wishes.size.borrow_and_update();
                input.resize(size).await
            }
            typed = wishes.typed.recv() => {
                let Some(typed) = typed else { return };
                input.write(&typed).await
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Tries to open a new shell until it works, or until it cannot work any more; then the reason is given.
async fn reopen(seat: &Seat, flow: &Flow, wishes: &mut Wishes, lost: String) -> Result<Terminal, String> {
    let mut reason = lost;
    let mut pause = PAUSES.0;
    let mut attempt = 0;
    loop {
        attempt += 1;
        flow.tell(TerminalState::Reconnecting {
            reason: reason.clone(),
            attempt,
        });
        sleep(pause).await;
        // What was typed meanwhile was meant for the shell that is gone.
        while wishes.typed.try_recv().is_ok() {}
        let size = *wishes.size.borrow_and_update();
        match terminals::open(&seat.host, &seat.preview, size).await {
            Ok(terminal) => return Ok(terminal),
            Err(failure) if failure.passing => {
                reason = failure.error.message;
                pause = (pause * 2).min(PAUSES.1);
            }
            Err(failure) => return Err(failure.error.message),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds one of these locks can panic half-way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
