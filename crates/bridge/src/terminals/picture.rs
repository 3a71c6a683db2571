//! What is on a terminal's screen, for a window that comes back and for the end of a flood.
//!
//! Output is kept as it came and drawn only when somebody looks, or when there is much of it. Of much plain text only
//! the last lines have to be drawn: what has scrolled off leaves nothing on the screen but the colours in use.

use std::num::NonZeroU16;
use std::panic::{AssertUnwindSafe, catch_unwind};

use api::terminals::TerminalSize;

/// Output that may wait to be drawn.
const WAITING: usize = 256 * 1024;

/// A terminal without a window.
pub(super) struct Picture {
    drawn: vt100::Parser,
    waiting: Vec<u8>,
}

impl Picture {
    pub(super) fn new(size: TerminalSize) -> Self {
        Self {
            drawn: parser(size),
            waiting: Vec::new(),
        }
    }

    /// Takes output in.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= WAITING {
            self.draw();
        }
    }

    pub(super) fn resize(&mut self, size: TerminalSize) {
        self.draw();
        if catch_unwind(AssertUnwindSafe(|| {
            self.drawn
                .screen_mut()
                .set_size(lines(size.rows), lines(size.columns));
        }))
        .is_err()
        {
            self.drawn = parser(size);
        }
    }

    /// What makes any terminal show this screen, whatever it showed before.
    pub(super) fn repainting(&mut self) -> Vec<u8> {
        self.draw();
        let screen = self.drawn.screen();
        let which: &[u8] = if screen.alternate_screen() {
            b"\x18\x1b[?1049h"
        } else {
            b"\x18\x1b[?1049l"
        };
        [which, b"\x1b[0m", screen.state_formatted().as_bytes()].concat()
    }

    fn draw(&mut self) {
        let (rows, columns) = self.drawn.screen().size();
        let waiting = std::mem::take(&mut self.waiting);
        // Programs in the seat may print anything; a fault in the picture must cost the picture, not the shell.
        if catch_unwind(AssertUnwindSafe(|| {
            for piece in worth_drawing(&waiting, rows.get().into()) {
                self.drawn.process(piece);
            }
        }))
        .is_err()
        {
            self.drawn = parser(TerminalSize {
                rows: rows.into(),
                columns: columns.into(),
            });
        }
    }
}

/// What of `bytes` has to be drawn for a screen of so many rows to look as if all had been: all of it, unless it is
/// lines of plain text, more than scroll through the screen.
///
/// The first line stays, as it may end a sequence that began before; then the colours set on the way; then twice the
/// rows, so that the cursor is at the bottom and nothing older is left above it, wherever it stood.
fn worth_drawing(bytes: &[u8], rows: usize) -> [&[u8]; 3] {
    let whole: [&[u8]; 3] = [bytes, b"", b""];
    let Some(first) = memchr::memchr(b'\n', bytes) else {
        return whole;
    };
    let Some(last) = last_lines(bytes, 2 * rows) else {
        return whole;
    };
    if last <= first {
        return whole;
    }
    match colours(&bytes[..last]) {
        Some(colours) if is_plain(finished(&bytes[last..])) => [&bytes[..=first], colours, &bytes[last..]],
        _ => whole,
    }
}

/// Where the line break before the last `count` lines stands, if it also goes back to the first column.
fn last_lines(bytes: &[u8], count: usize) -> Option<usize> {
    let end = memchr::memrchr_iter(b'\n', bytes).nth(count)?;
    let start = end.checked_sub(1)?;
    (bytes[start] == b'\r').then_some(start)
}

fn is_plain(bytes: &[u8]) -> bool {
    colours(bytes).is_some()
}

/// Without a sequence of colours at the end that is not whole yet.
fn finished(bytes: &[u8]) -> &[u8] {
    let Some(escape) = memchr::memrchr(b'\x1b', bytes) else {
        return bytes;
    };
    match &bytes[escape + 1..] {
        [] => &bytes[..escape],
        [b'[', parameters @ ..] if parameters.iter().all(|byte| is_parameter(*byte)) => &bytes[..escape],
        _ => bytes,
    }
}

/// The end of plain text from where its colours were last reset, or first set; nothing if it is not plain.
fn colours(bytes: &[u8]) -> Option<&[u8]> {
    let mut start = bytes.len();
    let mut at = 0;
    while at < bytes.len() {
        at += match bytes[at] {
            b'\x1b' => {
                let length = colour_sequence(&bytes[at..])?;
                if start == bytes.len() || is_reset(&bytes[at..at + length]) {
                    start = at;
                }
                length
            }
            b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80.. => 1,
            _ => return None,
        };
    }
    Some(&bytes[start..])
}

/// How long the colour sequence is that stands at the start, such as `ESC [ 1 ; 31 m`.
fn colour_sequence(bytes: &[u8]) -> Option<usize> {
    let parameters = bytes.strip_prefix(b"\x1b[")?;
    let length = parameters.iter().position(|byte| !is_parameter(*byte))?;
    (parameters[length] == b'm').then_some(length + 3)
}

fn is_parameter(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b';' | b':')
}

fn is_reset(sequence: &[u8]) -> bool {
    matches!(sequence, b"\x1b[m" | b"\x1b[0m")
}

fn parser(size: TerminalSize) -> vt100::Parser {
    vt100::Parser::new(lines(size.rows), lines(size.columns), 0)
}

fn lines(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: TerminalSize = TerminalSize { rows: 3, columns: 10 };

    /// The screen after all of `bytes`, with nothing left out.
    fn in_full(bytes: &[u8]) -> String {
        let mut parser = parser(SIZE);
        parser.process(bytes);
        parser.screen().state_formatted()
    }

    fn in_part(bytes: &[u8]) -> String {
        let mut parser = parser(SIZE);
        for piece in worth_drawing(bytes, SIZE.rows.into()) {
            parser.process(piece);
        }
        parser.screen().state_formatted()
    }

    /// What a screen may show before, a flood of plain lines, and how it may end.
    fn output() -> impl Strategy<Value = String> {
        let before = prop_oneof![
            Just(""),
            Just("old\r\nolder\r\n"),
            Just("\x1b[?1049h\x1b[2;2Hx"),
            Just("\x1b[7"),
            Just("\x1b]0;title"),
            Just("\x1b[?2004h\x1b[1;31m"),
        ];
        let word = prop_oneof![
            Just("y"),
            Just("long enough to wrap"),
            Just("\x1b[32mgreen\x1b[0m"),
            Just("\x1b[1;44m"),
            Just("\x1b[m"),
            Just("\t\u{4e2d}e\u{301}"),
            Just("12"),
            Just("\r\n"),
            Just("\r\n"),
            Just("\n"),
            Just("\r"),
        ];
        let end = prop_oneof![
            Just(""),
            Just("$ "),
            Just("\x1b"),
            Just("\x1b[3"),
            Just("\x1b[2A!"),
            Just("\x1b[H")
        ];
        (before, prop::collection::vec(word, 0..60), end)
            .prop_map(|(before, words, end)| format!("{before}{}{end}", words.concat()))
    }

    proptest! {
        #[test]
        fn what_is_left_out_is_not_missed(output in output()) {
            prop_assert_eq!(in_part(output.as_bytes()), in_full(output.as_bytes()));
        }

        #[test]
        fn any_bytes_can_be_drawn(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let mut picture = Picture::new(SIZE);
            picture.add(&bytes);
            prop_assert!(!picture.repainting().is_empty());
        }
    }

    #[test]
    fn of_a_flood_little_is_drawn() {
        let flood = "\x1b[32mINFO\x1b[0m served\r\n".repeat(10_000);
        let drawn: usize = worth_drawing(flood.as_bytes(), 36)
            .iter()
            .map(|piece| piece.len())
            .sum();
        assert!(drawn < 3_000, "{drawn}");
    }
}
