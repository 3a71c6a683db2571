//! How progress is shown: what suits the console it is shown on.

use std::io;

use crate::args::Output;
use crate::console::Console;
use crate::screen::Screen;

/// The ways there are.
#[derive(Debug)]
pub(crate) enum Way {
    /// A picture that is redrawn in place.
    Live(Screen<io::Stderr>),
    /// One line for each thing that happens.
    Plain,
    /// The log itself, one event on each line.
    Json,
}

impl Way {
    /// The way that suits a console.
    pub(crate) fn of(console: Console) -> Self {
        if console.output == Output::Json {
            Self::Json
        } else if console.err_is_terminal {
            Self::Live(Screen::new(io::stderr()))
        } else {
            Self::Plain
        }
    }
}
