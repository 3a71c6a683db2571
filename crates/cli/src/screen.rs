//! Redraws a block of lines in place: one write per picture, and only for lines that changed.

use std::fmt::Write as _;
use std::io::{self, Write};

/// Rows and columns of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Lines.
    pub rows: u16,
    /// Columns.
    pub columns: u16,
}

impl Size {
    /// What to assume where nobody says.
    pub const USUAL: Self = Self {
        rows: 24,
        columns: 80,
    };
}

/// A block of lines at the bottom of a terminal's output.
#[derive(Debug)]
pub struct Screen<W: Write> {
    out: W,
    shown: Vec<String>,
}

const HIDE_CURSOR: &str = "\x1b[?25l";
const SHOW_CURSOR: &str = "\x1b[?25h";
/// Terminals that know these show a picture only when it is complete; others ignore them.
const BEGIN_PICTURE: &str = "\x1b[?2026h";
const END_PICTURE: &str = "\x1b[?2026l";

impl<W: Write> Screen<W> {
    /// An empty block.
    pub fn new(out: W) -> Self {
        Self {
            out,
            shown: Vec::new(),
        }
    }

    /// Shows these lines in place of those shown before.
    pub fn draw(&mut self, lines: Vec<String>) -> io::Result<()> {
        if lines == self.shown {
            return Ok(());
        }
        let mut picture = String::from(BEGIN_PICTURE);
        picture.push_str(HIDE_CURSOR);
        self.rewrite(&mut picture, &lines);
        picture.push_str(END_PICTURE);
        self.shown = lines;
        self.send(&picture)
    }

    /// Shows these lines in place of the block, for good; the next block starts below them.
    pub fn replace(&mut self, lines: &[String]) -> io::Result<()> {
        let mut picture = self.top();
        picture.push_str("\x1b[J");
        for line in lines {
            picture.push_str(line);
            picture.push_str("\r\n");
        }
        picture.push_str(SHOW_CURSOR);
        self.shown.clear();
        self.send(&picture)
    }

    fn rewrite(&self, picture: &mut String, lines: &[String]) {
        picture.push_str(&self.top());
        for (at, line) in lines.iter().enumerate() {
            if self.shown.get(at) != Some(line) {
                let _ = write!(picture, "{line}\x1b[K");
            }
            picture.push_str("\r\n");
        }
        if lines.len() < self.shown.len() {
            picture.push_str("\x1b[J");
        }
    }

    fn top(&self) -> String {
        match self.shown.len() {
            0 => String::new(),
            // A typed Ctrl-C is echoed and moves the cursor away from the margin.
            up => format!("\r\x1b[{up}A"),
        }
    }

    fn send(&mut self, picture: &str) -> io::Result<()> {
        self.out.write_all(picture.as_bytes())?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Screen<W> {
    fn drop(&mut self) {
        if !self.shown.is_empty() {
            let _ = self.send(SHOW_CURSOR);
        }
    }
}
