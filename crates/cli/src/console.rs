//! Where output goes: data to standard output, everything else to standard error, JSON when asked for.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::args::{Color, Output};
use crate::screen::Size;
use crate::style::{Paint, Tone};

/// The two streams, what they are, and how to write on them.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    /// How results are printed.
    pub output: Output,
    /// Whether logs go to standard error, because standard output belongs to a command in the seat.
    pub log_to_error: bool,
    /// Whether a person reads standard error.
    pub err_is_terminal: bool,
    /// Whether a person types and reads: both ends of a shell are here.
    pub is_interactive: bool,
    /// Colours of standard output.
    pub paint_out: Paint,
    /// Colours of standard error.
    pub paint_err: Paint,
}

impl Console {
    /// The console of this process.
    pub fn of_process(color: Color) -> Self {
        let environment = |name: &str| std::env::var(name).ok();
        let (out, err) = (io::stdout(), io::stderr());
        Self {
            output: Output::Text,
            log_to_error: false,
            err_is_terminal: err.is_terminal() && environment("TERM").as_deref() != Some("dumb"),
            is_interactive: io::stdin().is_terminal() && out.is_terminal(),
            paint_out: Paint::for_stream(color, &out, &environment),
            paint_err: Paint::for_stream(color, &err, &environment),
        }
    }

    /// The same console for a command that was asked to print so.
    #[must_use]
    pub fn with(mut self, output: Output) -> Self {
        self.output = output;
        self
    }

    /// The window that standard error is shown in.
    pub fn size(self) -> Size {
        rustix::termios::tcgetwinsize(io::stderr())
            .ok()
            .filter(|size| size.ws_col > 0 && size.ws_row > 0)
            .map_or(
                Size {
                    columns: 100,
                    ..Size::USUAL
                },
                |size| Size {
                    rows: size.ws_row,
                    columns: size.ws_col,
                },
            )
    }

    /// Lines of data.
    pub fn print(self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.is_empty() && !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()
    }

    /// A result as JSON, when that was asked for, else as lines.
    pub fn result<T: Serialize>(self, value: &T, lines: impl FnOnce(Paint) -> Vec<String>) -> io::Result<()> {
        if self.output == Output::Json {
            self.json(value)
        } else {
            self.print(&lines(self.paint_out).join("\n"))
        }
    }

    /// A value as JSON.
    pub fn json<T: Serialize>(self, value: &T) -> io::Result<()> {
        self.print(&serde_json::to_string_pretty(value)?)
    }

    /// One entry of a log as a line of JSON.
    pub fn log_line<T: Serialize>(self, entry: &T) -> io::Result<()> {
        let line = serde_json::to_string(entry)?;
        if self.log_to_error {
            self.error_line(&line)
        } else {
            self.print(&line)
        }
    }

    /// A line for the person in front.
    pub fn error_line(self, line: &str) -> io::Result<()> {
        let mut err = io::stderr().lock();
        err.write_all(format!("{line}\n").as_bytes())
    }

    /// What happened and what to do, as lines or as JSON.
    pub fn error(self, error: &api::Error) -> io::Result<()> {
        if self.output == Output::Json {
            return self.error_line(&serde_json::to_string(&serde_json::json!({ "error": error }))?);
        }
        self.error_line(&format!(
            "{} {}",
            self.paint_err.tone(Tone::Bad, "error:"),
            error.message
        ))?;
        error.hints.iter().try_for_each(|hint| {
            self.error_line(&format!("{} {hint}", self.paint_err.tone(Tone::Active, "hint:")))
        })
    }
}
