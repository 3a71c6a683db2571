//! Bytes of a log, each line with its time before it, as lines that were not told yet.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::LogLine;

/// Lines of a batch.
const MOST_LINES: usize = 1_000;
/// Bytes of a batch.
const MOST_BYTES: usize = 256 * 1024;
/// Bytes of a line; the rest of a longer one is left out.
const LONGEST_LINE: usize = 16 * 1024;

/// The lines that are to be told.
#[derive(Debug, Default)]
pub(super) struct Lines {
    waiting: VecDeque<LogLine>,
    /// Bytes of those that wait.
    bytes: usize,
    /// A line that has not ended.
    begun: Vec<u8>,
    /// Whether that line was longer than is kept.
    is_cut: bool,
    /// When the last line was written.
    last: Option<Timestamp>,
    /// Up to when all was told before the present log was asked for.
    told: Option<Timestamp>,
}

impl Lines {
    /// When the last line was written.
    pub(super) fn last(&self) -> Option<Timestamp> {
        self.last
    }

    pub(super) fn has_some(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether there is enough for a batch.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MOST_LINES || self.bytes >= MOST_BYTES
    }

    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.extend(&bytes[..end]);
            self.end_line();
            bytes = &bytes[end + 1..];
        }
        self.extend(bytes);
    }

    /// The log has ended; what comes next was asked for anew, from the second of the last line on. A line that has not
    /// ended either comes again, or `is_whole`: the log ends with it.
    pub(super) fn end(&mut self, is_whole: bool) {
        if is_whole && !self.begun.is_empty() {
            self.end_line();
        }
        self.begun.clear();
        self.is_cut = false;
        self.told = self.last;
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE - self.begun.len();
        self.is_cut |= bytes.len() > room;
        self.begun.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.begun);
        let sign = if std::mem::take(&mut self.is_cut) {
            "…"
        } else {
            ""
        };
        let line = String::from_utf8_lossy(&line);
        let (at, text) = parted(&line);
        if let Some(at) = at {
            if self.told.is_some_and(|told| at <= told) {
                return;
            }
            self.last = Some(at);
        }
        let text = format!("{}{sign}", text.trim_end_matches('\r'));
        self.bytes += text.len();
        self.waiting.push_back(LogLine {
            at: at.map(|at| at.to_string()),
            text,
        });
    }

    /// The next lines to tell.
    pub(super) fn batch(&mut self) -> Vec<LogLine> {
        let mut bytes = 0;
        let fits = |line: &&LogLine| {
            bytes += line.text.len();
            bytes <= MOST_BYTES
        };
        // A line alone always fits.
        let count = self.waiting.iter().take(MOST_LINES).take_while(fits).count();
        let batch: Vec<LogLine> = self.waiting.drain(..count).collect();
        self.bytes -= batch.iter().map(|line| line.text.len()).sum::<usize>();
        batch
    }
}

/// The time at the start of a line, and its text. Some lines come from the kubelet and have no time.
fn parted(line: &str) -> (Option<Timestamp>, &str) {
    let (time, text) = line.split_once(' ').unwrap_or((line, ""));
    match time.parse() {
        Ok(at) => (Some(at), text),
        Err(_) => (None, line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &mut Lines) -> Vec<String> {
        let line = |line: LogLine| {
            format!(
                "{} {}",
                line.at.as_deref().map_or("-", |at| &at[17..at.len() - 1]),
                line.text
            )
        };
        lines.batch().into_iter().map(line).collect()
    }

    #[test]
    fn lines_are_told_whole_whatever_pieces_come() {
        let log = "2026-01-01T00:00:01.5Z one\n2026-01-01T00:00:02.000000003Z grü\u{df}e\r\n2026-01-01T00:00:03Z \nno time\n2026-01-01T00:00:04Z";
        let expected = ["01.5 one", "02.000000003 grü\u{df}e", "03 ", "- no time", "04 "];
        for size in [1, 2, 7, 1000] {
            let mut lines = Lines::default();
            log.as_bytes().chunks(size).for_each(|chunk| lines.push(chunk));
            lines.end(true);
            assert_eq!(told(&mut lines), expected, "in pieces of {size}");
            assert!(!lines.has_some() && lines.bytes == 0);
        }
    }

    #[test]
    fn a_log_that_is_asked_for_again_tells_no_line_twice() {
        let mut lines = Lines::default();
        lines.push(b"2026-01-01T00:00:01.1Z a\n2026-01-01T00:00:01.2Z b\n2026-01-01T00:00:01.2Z c\n2026-01-01T00:00:01.3Z cut o");
        lines.end(false);
        assert_eq!(told(&mut lines), ["01.1 a", "01.2 b", "01.2 c"]);
        assert_eq!(lines.last().unwrap().to_string(), "2026-01-01T00:00:01.2Z");
        lines.push(b"2026-01-01T00:00:01.1Z a\n2026-01-01T00:00:01.2Z b\n2026-01-01T00:00:01.2Z c\n2026-01-01T00:00:01.3Z cut off");
        assert!(!lines.has_some());
        lines.end(true);
        assert_eq!(told(&mut lines), ["01.3 cut off"]);
    }

    #[test]
    fn long_lines_are_cut_and_batches_are_bounded() {
        let mut lines = Lines::default();
        lines.push(b"2026-01-01T00:00:01Z ");
        lines.push(&vec![b'x'; 1_000_000]);
        lines.push(b"\n");
        let long = lines.batch();
        assert_eq!(long.len(), 1);
        assert!(long[0].text.len() <= LONGEST_LINE + 3 && long[0].text.ends_with("x…"));

        lines.push("2026-01-01T00:00:01Z x\n".repeat(MOST_LINES + 1).as_bytes());
        assert!(lines.is_full());
        assert_eq!((lines.batch().len(), lines.batch().len()), (MOST_LINES, 1));

        let heavy = format!("2026-01-01T00:00:01Z {}\n", "x".repeat(LONGEST_LINE - 100));
        lines.push(heavy.repeat(20).as_bytes());
        assert!(lines.is_full());
        assert_eq!((lines.batch().len(), lines.batch().len()), (16, 4));
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut lines = Lines::default();
        lines.push(b"2026-01-01T00:00:01Z \xff\xfe\n");
        assert_eq!(told(&mut lines), ["01 \u{fffd}\u{fffd}"]);
    }
}
