//! Output between a shell and the window: a picture of the screen for windows that come back, and credits, so that the
//! window is never sent more than it draws.
//!
//! Megabytes are on their way when Ctrl-C is pressed under a flood. From then on they go into the picture only, until
//! the flood has come to rest; then the window is given the picture, and now and then before. What the window has and did
//! not draw yet, it is told to forget. A rest may be a pause: what floods the window again is skipped again, unless
//! something was typed meanwhile.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::terminals::TerminalSize;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::picture::Picture;
use super::{Sink, TerminalState};

/// What may be on its way to the window: enough that it never waits for more while it draws. After an interrupt it
/// forgets what it did not draw, so that is no matter of how fast it draws.
const AHEAD: u64 = 1024 * 1024;
/// With less still to draw a flood is shown even after an interrupt.
const PLENTY: u64 = 64 * 1024;
/// How long after an interrupt a flood is skipped. What had been sent before lies in the buffers of all that is between, and
/// takes seconds to come through on a bad day; a program that goes on all the same is shown whole again after this.
const SKIP_FOR: Duration = Duration::from_secs(10);
/// A flood that the window has just drawn all of may go on in a moment: for so long after it an interrupt counts as one
/// of a flood.
const AFTERMATH: Duration = Duration::from_secs(1);
/// How often the picture of a flood is shown while it is skipped.
const LOOK: Duration = Duration::from_millis(500);

/// Marks a frame of output.
const OUTPUT: u8 = 0;
/// Marks a frame that tells the state.
const STATE: u8 = 1;
/// Marks a frame, empty, after which the output before it need not be drawn: a picture follows.
const SKIP: u8 = 2;

/// The way of output to the window.
pub(super) struct Flow {
    state: Mutex<State>,
    /// Something changed for whoever waits to deliver.
    room: Notify,
}

struct State {
    picture: Picture,
    sink: Option<Sink>,
    unacknowledged: u64,
    /// When the window last said that it had drawn some of much.
    flooded: Option<Instant>,
    skipping: Option<Skipping>,
    told: TerminalState,
}

/// A flood after an interrupt.
#[derive(Clone, Copy)]
struct Skipping {
    until: Instant,
    /// When the picture was shown last, or the flood began to be skipped.
    seen: Instant,
    /// It has come to rest, for good or for a pause: output is shown until it is a flood again.
    rests: bool,
}

impl Flow {
    pub(super) fn new(size: TerminalSize, sink: Sink) -> Self {
        Self {
            state: Mutex::new(State {
                picture: Picture::new(size),
                sink: Some(sink),
                unacknowledged: 0,
                flooded: None,
                skipping: None,
                told: TerminalState::Open,
            }),
            room: Notify::new(),
        }
    }

    /// Hands output over; waits while the window has not drawn what it was sent before.
    pub(super) async fn deliver(&self, bytes: &[u8]) {
        loop {
            let room = self.room.notified();
            if self.lock().take_in(bytes) {
                return;
            }
            room.await;
        }
    }

    /// The window has drawn so many bytes.
    pub(super) fn acknowledge(&self, bytes: u64) {
        let mut state = self.lock();
        if state.unacknowledged >= PLENTY {
            state.flooded = Some(Instant::now());
        }
        state.unacknowledged = state.unacknowledged.saturating_sub(bytes);
        self.room.notify_waiters();
    }

    /// Somebody pressed a key that interrupts: what is on its way need not be drawn.
    pub(super) fn interrupt(&self) {
        let mut state = self.lock();
        if state.is_skipping() {
            return;
        }
        let now = Instant::now();
        if state.unacknowledged >= PLENTY {
            state.skip(now + SKIP_FOR);
            self.room.notify_waiters();
        } else if state.flooded.is_some_and(|flooded| now < flooded + AFTERMATH) {
            state.skipping = Some(Skipping {
                until: now + SKIP_FOR,
                seen: now,
                rests: true,
            });
        }
    }

    /// Somebody typed something else: what comes from now on may be wanted.
    pub(super) fn typed(&self) {
        let mut state = self.lock();
        if !state.is_skipping() {
            state.skipping = None;
        }
    }

    /// Whether output goes into the picture only.
    pub(super) fn is_skipping(&self) -> bool {
        self.lock().is_skipping()
    }

    /// Comes back when the window will soon have drawn what it was sent, or draws nothing for now; at once if it is so.
    pub(super) async fn wants_more(&self) {
        loop {
            let changed = self.room.notified();
            if !self.lock().is_busy() {
                return;
            }
            changed.await;
        }
    }

    /// The flood has come to rest: shows what is left of it.
    pub(super) fn settle(&self) {
        self.lock().settle();
    }

    /// Tells what has become of the shell.
    pub(super) fn tell(&self, told: TerminalState) {
        let mut state = self.lock();
        state.settle();
        state.skipping = None;
        state.told = told;
        state.send_state();
    }

    /// Whether the shell has ended.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.lock().told, TerminalState::Ended { .. })
    }

    /// A window takes the place of the one before: it gets the picture, then what comes.
    pub(super) fn attach(&self, size: TerminalSize, sink: Sink) {
        let mut state = self.lock();
        state.picture.resize(size);
        state.sink = Some(sink);
        state.unacknowledged = 0;
        (state.flooded, state.skipping) = (None, None);
        state.repaint();
        state.send_state();
        self.room.notify_waiters();
    }

    /// The window has another size.
    pub(super) fn resize(&self, size: TerminalSize) {
        self.lock().picture.resize(size);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A window's sink that panics leaves nothing half-done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether the window has enough to draw for now.
    fn is_busy(&self) -> bool {
        self.is_shown() && self.unacknowledged >= AHEAD / 2
    }

    fn is_shown(&self) -> bool {
        self.sink.is_some() && !self.is_skipping()
    }

    fn is_skipping(&self) -> bool {
        self.skipping.is_some_and(|skipping| !skipping.rests)
    }

    /// Takes output in if there is room for it.
    fn take_in(&mut self, bytes: &[u8]) -> bool {
        self.look();
        let is_shown = self.is_shown();
        if is_shown && self.unacknowledged >= AHEAD {
            return false;
        }
        self.picture.add(bytes);
        if is_shown {
            self.send(bytes);
        }
        true
    }

    /// Skips what comes, and what the window has and did not draw yet.
    fn skip(&mut self, until: Instant) {
        self.skipping = Some(Skipping {
            until,
            seen: Instant::now(),
            rests: false,
        });
        self.send_frame(SKIP, b"");
    }

    /// What is skipped is shown now and then, to a window that has drawn what it was shown before; what is a flood again
    /// after a pause is skipped again.
    fn look(&mut self) {
        let Some(skipping) = self.skipping else {
            return;
        };
        let now = Instant::now();
        let has_plenty = self.unacknowledged >= PLENTY;
        if now >= skipping.until {
            self.settle();
            self.skipping = None;
        } else if skipping.rests && has_plenty {
            self.skip(skipping.until);
        } else if !skipping.rests && !has_plenty && now >= skipping.seen + LOOK {
            self.skipping = Some(Skipping {
                seen: now,
                ..skipping
            });
            self.repaint();
        }
    }

    fn settle(&mut self) {
        if let Some(skipping) = &mut self.skipping
            && !skipping.rests
        {
            skipping.rests = true;
            self.repaint();
        }
    }

    fn repaint(&mut self) {
        let bytes = self.picture.repainting();
        self.send(&bytes);
    }

    fn send(&mut self, bytes: &[u8]) {
        if self.send_frame(OUTPUT, bytes) {
            self.unacknowledged += bytes.len() as u64;
        }
    }

    fn send_state(&mut self) {
        // It has no map with keys that are no text, so it can always be written.
        let told = serde_json::to_vec(&self.told).unwrap_or_default();
        self.send_frame(STATE, &told);
    }

    /// Sends a frame if there is a window, and notes when there is none any more.
    fn send_frame(&mut self, kind: u8, body: &[u8]) -> bool {
        let is_sent = self
            .sink
            .as_ref()
            .is_some_and(|sink| sink([&[kind], body].concat()));
        if !is_sent {
            self.sink = None;
        }
        is_sent
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::FutureExt;

    use super::*;

    const SIZE: TerminalSize = TerminalSize { rows: 3, columns: 20 };

    /// A window that keeps the frames it was sent.
    #[derive(Clone, Default)]
    struct Window(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Window {
        fn sink(&self) -> Sink {
            let frames = self.0.clone();
            Arc::new(move |frame| {
                frames.lock().unwrap().push(frame);
                true
            })
        }

        fn frames(&self) -> Vec<Vec<u8>> {
            self.0.lock().unwrap().clone()
        }

        fn text(&self) -> String {
            let frames = self.0.lock().unwrap();
            let output = frames
                .iter()
                .filter(|frame| frame[0] == OUTPUT)
                .flat_map(|frame| &frame[1..]);
            String::from_utf8_lossy(&output.copied().collect::<Vec<u8>>()).into_owned()
        }
    }

    /// Whether output is taken at once.
    fn taken(flow: &Flow, bytes: &[u8]) -> bool {
        flow.deliver(bytes).now_or_never().is_some()
    }

    #[test]
    fn the_window_is_sent_no_more_than_it_draws() {
        let window = Window::default();
        let flow = Flow::new(SIZE, window.sink());
        let full = usize::try_from(AHEAD).unwrap();
        assert!(taken(&flow, &vec![b'x'; full]));
        assert!(!taken(&flow, b"later"));
        flow.acknowledge(1);
        assert!(taken(&flow, b"later"));
        assert!(window.text().ends_with("later"));
    }

    #[test]
    fn who_gathers_output_hears_when_the_window_is_about_to_be_done() {
        let flow = Flow::new(SIZE, Window::default().sink());
        let wants_more = || flow.wants_more().now_or_never().is_some();
        assert!(wants_more(), "it has nothing to draw");
        let full = usize::try_from(AHEAD).unwrap();
        assert!(taken(&flow, &vec![b'x'; full]));
        assert!(!wants_more());
        let mut waiting = Box::pin(flow.wants_more());
        assert!(waiting.as_mut().now_or_never().is_none());
        flow.acknowledge(AHEAD / 2 + 1);
        assert!(
            waiting.as_mut().now_or_never().is_some(),
            "it hears of the change"
        );
        assert!(taken(&flow, &vec![b'x'; full / 2]));
        assert!(!wants_more());
        flow.interrupt();
        assert!(wants_more(), "what is skipped is not drawn");
    }

    #[test]
    fn after_an_interrupt_a_flood_is_skipped_and_the_screen_shown() {
        let window = Window::default();
        let flow = Flow::new(SIZE, window.sink());
        assert!(taken(&flow, &flood()));
        assert!(!taken(&flow, b"more"));
        flow.interrupt();
        assert!(taken(&flow, &b"z\r\n".repeat(1000)));
        assert!(taken(&flow, b"$ "));
        assert!(!window.text().contains('z'), "nothing of the flood is shown yet");
        assert!(
            window.frames().contains(&vec![SKIP]),
            "the window forgets what it has"
        );
        flow.settle();
        let text = window.text();
        let shown = &text[text.rfind('\u{18}').unwrap()..];
        assert!(
            shown.contains('z') && shown.contains('$') && shown.len() < 100,
            "{shown:?}"
        );
    }

    /// A flow whose flood has come to rest after an interrupt.
    fn rested(window: &Window) -> Flow {
        let flow = Flow::new(SIZE, window.sink());
        assert!(taken(&flow, &flood()));
        flow.interrupt();
        flow.settle();
        flow.acknowledge(AHEAD * 2);
        flow
    }

    fn flood() -> Vec<u8> {
        b"y\r\n".repeat(usize::try_from(AHEAD).unwrap() / 3 + 1)
    }

    #[test]
    fn a_flood_that_only_paused_is_skipped_again() {
        let window = Window::default();
        let flow = rested(&window);
        assert!(taken(&flow, b"shown "));
        assert!(window.text().ends_with("shown "));
        assert!(taken(&flow, &flood()));
        assert!(taken(&flow, b"\r\n$ "), "it is skipped, so there is room");
        assert!(flow.is_skipping());
        let skips = window.frames().iter().filter(|frame| **frame == [SKIP]).count();
        assert_eq!(skips, 2, "the window forgets what it has, again");
        flow.settle();
        let text = window.text();
        assert!(text[text.rfind('\u{18}').unwrap()..].contains('$'), "{text:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_interrupt_in_a_moment_in_which_all_is_drawn_is_one_of_the_flood() {
        for (pause, is_skipped) in [(AFTERMATH / 2, true), (AFTERMATH * 2, false)] {
            let flow = Flow::new(SIZE, Window::default().sink());
            assert!(taken(&flow, &flood()));
            flow.acknowledge(AHEAD * 2);
            tokio::time::advance(pause).await;
            flow.interrupt();
            assert!(!flow.is_skipping(), "there is nothing to skip yet");
            assert!(taken(&flow, &flood()));
            assert_eq!(taken(&flow, b"more"), is_skipped, "{pause:?} after the flood");
        }
    }

    #[test]
    fn what_floods_after_something_was_typed_is_shown() {
        let flow = rested(&Window::default());
        flow.typed();
        assert!(taken(&flow, &flood()));
        assert!(!taken(&flow, b"more"), "it waits for the window");
        assert!(!flow.is_skipping());
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_that_goes_on_after_an_interrupt_is_seen_now_and_then_and_then_whole_again() {
        let window = Window::default();
        let flow = Flow::new(SIZE, window.sink());
        assert!(taken(&flow, &flood()));
        flow.interrupt();
        assert!(taken(&flow, b"one\r\n"));
        assert!(!window.text().contains("one"));
        tokio::time::advance(LOOK).await;
        assert!(taken(&flow, b"two\r\n"));
        assert!(
            !window.text().contains("one"),
            "the window has not said that it forgot what it had"
        );
        flow.acknowledge(AHEAD * 2);
        assert!(taken(&flow, b"three\r\n"));
        assert!(window.text().contains("two"), "{:?}", window.text());
        assert!(
            !window.text().contains("three"),
            "that is skipped until the next look"
        );
        assert!(flow.is_skipping());
        tokio::time::advance(SKIP_FOR).await;
        assert!(taken(&flow, b"four\r\n"));
        assert!(!flow.is_skipping());
        assert!(window.text().ends_with("four\r\n"));
    }

    #[test]
    fn an_interrupt_without_a_flood_skips_nothing() {
        let window = Window::default();
        let flow = Flow::new(SIZE, window.sink());
        flow.interrupt();
        assert!(taken(&flow, b"^C\r\n$ "));
        assert_eq!(window.text(), "^C\r\n$ ");
    }

    #[test]
    fn a_window_that_comes_back_gets_the_screen() {
        let first = Window::default();
        let flow = Flow::new(SIZE, first.sink());
        assert!(taken(&flow, b"\x1b[?1049hediting"));
        let second = Window::default();
        flow.attach(TerminalSize { rows: 5, columns: 40 }, second.sink());
        let text = second.text();
        assert!(
            text.contains("\u{1b}[?1049h") && text.contains("editing"),
            "{text:?}"
        );
        assert!(taken(&flow, b"!"));
        assert!(second.text().ends_with('!') && !first.text().ends_with('!'));
    }

    #[test]
    fn a_window_that_is_gone_does_not_stop_the_shell() {
        let flow = Flow::new(SIZE, Arc::new(|_| false));
        let full = usize::try_from(AHEAD).unwrap();
        assert!(taken(&flow, &vec![b'x'; full]));
        assert!(taken(&flow, &vec![b'x'; full]));
    }
}
