//! What the shell needs of a Unix system: raw mode that is always given back, keys, signals, the window's size.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, Once, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::pipe::pipe;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::backlog::SWITCHED_ON;
use super::modes;
use crate::screen::Size;

/// The number of SIGHUP: the terminal is gone.
pub const HANG_UP: u8 = 1;

/// The settings of the terminal as it was found; here so that every way out can reach them.
static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

/// The terminal in raw mode for as long as this lives.
#[derive(Debug)]
pub struct RawMode(());

impl RawMode {
    /// Switches standard input to raw mode.
    pub fn enter() -> io::Result<Self> {
        restore_on_panic();
        let found = tcgetattr(io::stdin())?;
        let mut raw = found.clone();
        raw.make_raw();
        *FOUND.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(Self(()))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was found. Does nothing the second time.
pub fn restore() {
    let found = FOUND.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(found) = found {
        let reset = modes::reset(SWITCHED_ON.swap(0, Ordering::Relaxed));
        if !reset.is_empty() {
            let mut out = io::stdout();
            let _ = out.write_all(&reset).and_then(|()| out.flush());
        }
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &found);
    }
}

fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            report(panic);
        }));
    });
}

/// The size of the window, if there is one.
pub fn window() -> Option<Size> {
    let size = tcgetwinsize(io::stdout()).ok()?;
    (size.ws_row > 0 && size.ws_col > 0).then_some(Size {
        rows: size.ws_row,
        columns: size.ws_col,
    })
}

/// Typed bytes, read by a thread that can be stopped at any moment and takes nothing that was not asked for.
#[derive(Debug)]
pub struct Keyboard {
    typed: mpsc::Receiver<Bytes>,
    wake: Option<OwnedFd>,
    reader: Option<JoinHandle<()>>,
}

impl Keyboard {
    /// Starts to read standard input.
    pub fn start() -> io::Result<Self> {
        let (woken, wake) = pipe()?;
        let (sender, typed) = mpsc::channel(16);
        let read = move || read_keys(&woken, &sender);
        let reader = std::thread::Builder::new().name("keyboard".into()).spawn(read)?;
        Ok(Self {
            typed,
            wake: Some(wake),
            reader: Some(reader),
        })
    }

    /// What was typed next; nothing when the terminal is gone.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.typed.recv().await
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.typed.close();
        // The other end of the pipe sees this one go.
        self.wake.take();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

fn read_keys(woken: &OwnedFd, sender: &mpsc::Sender<Bytes>) {
    let stdin = io::stdin();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let mut waited = [
            PollFd::new(&stdin, PollFlags::IN),
            PollFd::new(woken, PollFlags::IN),
        ];
        match poll(&mut waited, None) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
            Ok(_) => {}
        }
        if !waited[1].revents().is_empty() {
            return;
        }
        match rustix::io::read(&stdin, &mut buffer[..]) {
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Ok(0) | Err(_) => return,
            Ok(read) => {
                if sender
                    .blocking_send(Bytes::copy_from_slice(&buffer[..read]))
                    .is_err()
                {
                    return;
                }
            }
        }
    }
}

/// Tells when the window has, or may have, another size.
#[derive(Debug)]
pub struct Resizes {
    resized: Signal,
    continued: Signal,
}

impl Resizes {
    /// Starts to listen.
    pub fn listen() -> io::Result<Self> {
        let continued = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
        Ok(Self {
            resized: signal(SignalKind::window_change())?,
            continued: signal(continued)?,
        })
    }

    /// Waits for the next time.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.resized.recv() => {}
            _ = self.continued.recv() => back_to_raw(),
        }
    }
}

/// Tells when this process is asked to end.
#[derive(Debug)]
pub struct Ends {
    signals: [(u8, Signal); 4],
}

impl Ends {
    /// Starts to listen; from then on these signals end nothing by themselves.
    pub fn listen() -> io::Result<Self> {
        let end = |number: u8, kind| Ok::<_, io::Error>((number, signal(kind)?));
        Ok(Self {
            signals: [
                end(HANG_UP, SignalKind::hangup())?,
                end(2, SignalKind::interrupt())?,
                end(3, SignalKind::quit())?,
                end(15, SignalKind::terminate())?,
            ],
        })
    }

    /// Waits for one and gives its number.
    pub async fn next(&mut self) -> u8 {
        let [first, second, third, fourth] = &mut self.signals;
        tokio::select! {
            _ = first.1.recv() => first.0,
            _ = second.1.recv() => second.0,
            _ = third.1.recv() => third.0,
            _ = fourth.1.recv() => fourth.0,
        }
    }
}

/// After a stop the shell that we were started from has put its own settings in place.
fn back_to_raw() {
    let found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if found.is_some()
        && let Ok(mut raw) = tcgetattr(io::stdin())
    {
        raw.make_raw();
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &raw);
    }
}
