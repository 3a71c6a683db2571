//! Colour and weight of text; nothing is said by colour alone.

use std::io::IsTerminal;

use crate::args::Color;

/// What a piece of text is, not how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Went well.
    Good,
    /// Went wrong.
    Bad,
    /// Needs attention.
    Warning,
    /// Works right now.
    Active,
    /// Matters most.
    Strong,
    /// Matters least.
    Faint,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Bad => "31",
            Self::Warning => "33",
            Self::Active => "36",
            Self::Strong => "1",
            Self::Faint => "2",
        }
    }
}

/// Paints text, or leaves it plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// No colour.
    pub const PLAIN: Self = Self { on: false };
    /// Colour.
    pub const COLOURED: Self = Self { on: true };

    /// What suits a stream: colour where a person looks at it and has not said no.
    pub fn for_stream(
        choice: Color,
        stream: &impl IsTerminal,
        environment: &impl Fn(&str) -> Option<String>,
    ) -> Self {
        let on = match choice {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = environment("NO_COLOR").is_some_and(|value| !value.is_empty());
                let dumb = environment("TERM").is_some_and(|term| term == "dumb");
                stream.is_terminal() && !refused && !dumb
            }
        };
        Self { on }
    }

    /// `text` in a tone.
    pub fn tone(self, tone: Tone, text: &str) -> String {
        if self.on && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", tone.code())
        } else {
            text.to_owned()
        }
    }
}
