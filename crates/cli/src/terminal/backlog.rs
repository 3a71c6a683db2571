//! Output between the connection and the terminal: written in large pieces by a thread of its own, bounded so that a
//! slow terminal slows the program down, and skipped when somebody interrupts a flood.
//!
//! Megabytes are still on their way when Ctrl-C is pressed under a flood. A terminal that takes five megabytes a
//! second would show the prompt seconds later. So from Ctrl-C on a backlog is not shown but dropped, all but its
//! last lines, until the flood has come to rest.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Notify;

use super::modes::Modes;
use crate::words;

/// Above this the connection is not read any further.
const FULL: usize = 1024 * 1024;
/// One write; what is being written cannot be taken back, so it is not larger.
const PIECE: usize = 32 * 1024;
/// A backlog below this is shown even after an interrupt.
const WORTH_SKIPPING: usize = 64 * 1024;
/// What is kept of a skipped backlog.
const KEPT: usize = 16 * 1024;
/// How long after an interrupt a backlog is skipped.
const SKIP_FOR: Duration = Duration::from_secs(2);

/// The bytes that programs in the seat have left switched on in this terminal; read when it has to be restored.
pub(super) static SWITCHED_ON: AtomicU32 = AtomicU32::new(0);

/// The way of output to a terminal.
#[derive(Debug)]
pub(super) struct Backlog {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Something for the writer to do.
    work: Condvar,
    /// Something changed for those who wait for room or for the end.
    room: Notify,
}

#[derive(Debug, Default)]
struct State {
    chunks: VecDeque<Bytes>,
    bytes: usize,
    /// The modes of the terminal after all that was taken out.
    modes: Modes,
    skip_until: Option<Instant>,
    skipping: bool,
    skipped: u64,
    writing: bool,
    life: Life,
}

/// Whether output goes anywhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Open,
    /// Nobody sends any more.
    Closed,
    /// Nobody reads any more.
    Broken,
}

/// The terminal does not take output any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TerminalGone;

impl Backlog {
    /// Starts to write to `terminal`.
    pub(super) fn new(terminal: impl Write + Send + 'static) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let writer = std::thread::Builder::new()
            .name("terminal output".into())
            .spawn(move || write_all(&theirs, terminal))?;
        Ok(Self {
            shared,
            writer: Some(writer),
        })
    }

    /// Takes output in; waits while there is too much of it.
    pub(super) async fn push(&self, chunk: Bytes) -> Result<(), TerminalGone> {
        loop {
            let waiting = self.shared.room.notified();
            {
                let mut state = self.shared.lock();
                if state.life == Life::Broken {
                    return Err(TerminalGone);
                }
                state.skip_as_wanted(Instant::now());
                if state.skipping || state.bytes < FULL {
                    state.take_in(chunk);
                    self.shared.work.notify_one();
                    return Ok(());
                }
            }
            waiting.await;
        }
    }

    /// Somebody pressed a key that interrupts: what is on its way may be skipped.
    pub(super) fn interrupt(&self) {
        let now = Instant::now();
        let mut state = self.shared.lock();
        state.skip_until = Some(now + SKIP_FOR);
        state.skip_as_wanted(now);
        self.shared.room.notify_waiters();
    }

    /// Whether output is being skipped.
    pub(super) fn is_skipping(&self) -> bool {
        self.shared.lock().skipping
    }

    /// The flood has come to rest: shows what is left of it.
    pub(super) fn settle(&self) {
        self.shared.lock().end_skipping();
        self.shared.work.notify_one();
    }

    /// Waits until everything is written.
    pub(super) async fn written(&self) -> Result<(), TerminalGone> {
        self.settle();
        loop {
            let waiting = self.shared.room.notified();
            {
                let state = self.shared.lock();
                if state.life == Life::Broken {
                    return Err(TerminalGone);
                }
                if state.chunks.is_empty() && !state.writing {
                    return Ok(());
                }
            }
            waiting.await;
        }
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.life = Life::Closed;
            state.chunks.clear();
        }
        self.shared.work.notify_one();
        // A write to a terminal that nobody reads never returns; the process must be able to end all the same.
        if let Some(writer) = self.writer.take()
            && !self.shared.lock().writing
        {
            let _ = writer.join();
        }
    }
}

impl Shared {
    /// A thread that panicked has left nothing half done in here.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_in(&mut self, chunk: Bytes) {
        self.bytes += chunk.len();
        self.chunks.push_back(chunk);
        if self.skipping {
            self.drop_oldest();
        }
    }

    /// Begins to skip a backlog after an interrupt, and ends it when a program goes on regardless.
    fn skip_as_wanted(&mut self, now: Instant) {
        let wanted = self.skip_until.is_some_and(|until| now < until);
        if self.skipping && !wanted {
            self.end_skipping();
        } else if wanted && self.bytes > WORTH_SKIPPING && !self.modes.is_full_screen() {
            self.skipping = true;
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        while let Some(oldest) = self.chunks.front_mut() {
            let surplus = self.bytes.saturating_sub(KEPT).min(oldest.len());
            if surplus == 0 {
                return;
            }
            let dropped = oldest.split_to(surplus);
            if oldest.is_empty() {
                self.chunks.pop_front();
            }
            self.forget(&dropped);
        }
    }

    fn forget(&mut self, dropped: &[u8]) {
        self.bytes -= dropped.len();
        self.skipped += dropped.len() as u64;
        self.modes.follow(dropped);
    }

    fn end_skipping(&mut self) {
        if !std::mem::take(&mut self.skipping) {
            return;
        }
        self.drop_broken_line();
        let shown = Modes::from_bits(SWITCHED_ON.load(Ordering::Relaxed));
        // CAN ends an escape sequence that was cut; then colours are reset and modes brought up to date.
        let mut notice = b"\x18\x1b[0m".to_vec();
        notice.extend(shown.difference(&self.modes));
        let skipped = words::size(std::mem::take(&mut self.skipped));
        notice.extend_from_slice(format!("\r\n[… {skipped} skipped]\r\n").as_bytes());
        self.bytes += notice.len();
        self.chunks.push_front(notice.into());
    }

    /// What is left begins in the middle of a line, or of a character.
    fn drop_broken_line(&mut self) {
        if !self
            .chunks
            .iter()
            .any(|chunk| memchr::memchr(b'\n', chunk).is_some())
        {
            return;
        }
        while let Some(oldest) = self.chunks.front_mut() {
            let end = memchr::memchr(b'\n', oldest).map(|at| at + 1);
            let dropped = oldest.split_to(end.unwrap_or(oldest.len()));
            if oldest.is_empty() {
                self.chunks.pop_front();
            }
            self.forget(&dropped);
            if end.is_some() {
                return;
            }
        }
    }

    fn next_piece(&mut self, piece: &mut Vec<u8>) {
        while piece.len() < PIECE
            && let Some(oldest) = self.chunks.front_mut()
        {
            let taken = oldest.split_to(oldest.len().min(PIECE - piece.len()));
            piece.extend_from_slice(&taken);
            if oldest.is_empty() {
                self.chunks.pop_front();
            }
        }
        self.bytes -= piece.len();
        self.modes.follow(piece);
        SWITCHED_ON.store(self.modes.bits(), Ordering::Relaxed);
    }
}

fn write_all(shared: &Shared, mut terminal: impl Write) {
    let mut piece = Vec::with_capacity(PIECE);
    let mut state = shared.lock();
    loop {
        while state.life == Life::Open && (state.skipping || state.chunks.is_empty()) {
            state = shared.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.life == Life::Closed {
            return;
        }
        piece.clear();
        state.next_piece(&mut piece);
        state.writing = true;
        drop(state);
        let written = terminal.write_all(&piece).and_then(|()| terminal.flush());
        state = shared.lock();
        state.writing = false;
        if written.is_err() {
            state.life = Life::Broken;
        }
        shared.room.notify_waiters();
        if state.life == Life::Broken {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal that keeps what it was given and can be told to stop reading.
    #[derive(Clone, Default)]
    struct SlowTerminal {
        seen: Arc<Mutex<Vec<u8>>>,
        gate: Arc<(Mutex<bool>, Condvar)>,
    }

    impl SlowTerminal {
        fn stopped() -> Self {
            let terminal = Self::default();
            *terminal.gate.0.lock().unwrap() = true;
            terminal
        }

        fn go_on(&self) {
            *self.gate.0.lock().unwrap() = false;
            self.gate.1.notify_all();
        }

        fn text(&self) -> String {
            String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
        }
    }

    impl Write for SlowTerminal {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let stopped = self.gate.0.lock().unwrap();
            drop(self.gate.1.wait_while(stopped, |stopped| *stopped).unwrap());
            self.seen.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn flood(megabytes: usize) -> Vec<Bytes> {
        let line = b"the quick brown fox jumps over the lazy dog 0123456789 abcdefgh\r\n".repeat(1000);
        std::iter::repeat_n(Bytes::from(line), megabytes * 1024 * 1024 / 65_000).collect()
    }

    #[tokio::test]
    async fn all_bytes_arrive_in_order() {
        let terminal = SlowTerminal::default();
        let backlog = Backlog::new(terminal.clone()).unwrap();
        for number in 0..5000 {
            backlog.push(Bytes::from(format!("{number},"))).await.unwrap();
        }
        backlog.written().await.unwrap();
        let expected = (0..5000)
            .map(|number| format!("{number},"))
            .collect::<Vec<_>>()
            .concat();
        assert!(
            terminal.text() == expected,
            "{} bytes arrived",
            terminal.text().len()
        );
    }

    #[tokio::test]
    async fn a_terminal_that_does_not_read_stops_the_connection() {
        let terminal = SlowTerminal::stopped();
        let backlog = Backlog::new(terminal.clone()).unwrap();
        let pushed = async {
            for chunk in flood(4) {
                backlog.push(chunk).await.unwrap();
            }
        };
        let stuck = tokio::time::timeout(Duration::from_millis(200), pushed).await;
        assert!(stuck.is_err(), "more than the limit was taken in");
        assert!(backlog.shared.lock().bytes < FULL + 65_001);
        terminal.go_on();
    }

    #[tokio::test]
    async fn after_an_interrupt_the_flood_is_skipped_and_the_prompt_is_shown() {
        let terminal = SlowTerminal::stopped();
        let backlog = Backlog::new(terminal.clone()).unwrap();
        for chunk in flood(1).into_iter().take(12) {
            backlog.push(chunk).await.unwrap();
        }
        backlog.interrupt();
        for chunk in flood(9) {
            backlog.push(chunk).await.unwrap();
        }
        backlog
            .push(Bytes::from_static(b"^C\r\ncandidate@task:~$ "))
            .await
            .unwrap();
        terminal.go_on();
        backlog.written().await.unwrap();
        let text = terminal.text();
        assert!(
            text.ends_with("^C\r\ncandidate@task:~$ "),
            "{:?}",
            &text[text.len() - 80..]
        );
        assert_eq!(text.matches("MB skipped]").count(), 1, "the gap is told once");
        assert!(text.len() < 100_000, "{} bytes were shown", text.len());
        let after = text.split("skipped]\r\n").nth(1).unwrap();
        assert!(
            after.starts_with("the quick"),
            "what is left begins with a whole line: {:?}",
            &after[..40]
        );
    }

    #[tokio::test]
    async fn modes_that_were_skipped_are_set_all_the_same() {
        let terminal = SlowTerminal::stopped();
        let backlog = Backlog::new(terminal.clone()).unwrap();
        for chunk in flood(1).into_iter().take(4) {
            backlog.push(chunk).await.unwrap();
        }
        backlog.interrupt();
        backlog.push(Bytes::from_static(b"\x1b[?1000h")).await.unwrap();
        for chunk in flood(1) {
            backlog.push(chunk).await.unwrap();
        }
        terminal.go_on();
        backlog.written().await.unwrap();
        assert_eq!(terminal.text().matches("\x1b[?1000h").count(), 1);
    }

    #[tokio::test]
    async fn a_full_screen_program_is_never_cut() {
        let terminal = SlowTerminal::stopped();
        let backlog = Backlog::new(terminal.clone()).unwrap();
        backlog.push(Bytes::from_static(b"\x1b[?1049h")).await.unwrap();
        // The writer has to have taken the switch before the terminal stops.
        terminal.go_on();
        backlog.written().await.unwrap();
        for chunk in flood(1).into_iter().take(8) {
            backlog.push(chunk).await.unwrap();
        }
        backlog.interrupt();
        assert!(!backlog.is_skipping());
    }
}
