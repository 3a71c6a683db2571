//! One line of output made of toned parts, cut to a width without counting colour codes.

use unicode_width::UnicodeWidthChar;

use crate::style::{Paint, Tone};

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    parts: Vec<(Option<Tone>, String)>,
}

impl Line {
    /// A line of plain text.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::default().text(text)
    }

    /// More plain text.
    #[must_use]
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push((None, text.into()));
        self
    }

    /// More text in a tone.
    #[must_use]
    pub(crate) fn tone(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.parts.push((Some(tone), text.into()));
        self
    }

    /// Another line right behind it.
    #[must_use]
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// How many columns it takes.
    pub(crate) fn width(&self) -> usize {
        self.parts.iter().map(|(_, text)| width(text)).sum()
    }

    /// Spaces up to a column.
    #[must_use]
    pub(crate) fn pad(self, column: usize) -> Self {
        let missing = column.saturating_sub(self.width());
        self.text(" ".repeat(missing))
    }

    /// The line in at most `columns`, with `…` where something was cut.
    #[must_use]
    pub(crate) fn fit(mut self, columns: usize) -> Self {
        if self.width() <= columns {
            return self;
        }
        let mut room = columns.saturating_sub(1);
        for (_, text) in &mut self.parts {
            let kept = head(text, room).len();
            // Whatever comes after a cut is gone, even if a narrow character of it would still fit.
            room = if kept < text.len() { 0 } else { room - width(text) };
            text.truncate(kept);
        }
        self.parts.retain(|(_, text)| !text.is_empty());
        if columns == 0 { self } else { self.text("…") }
    }

    /// The line as bytes for a stream.
    pub(crate) fn paint(&self, paint: Paint) -> String {
        self.parts
            .iter()
            .map(|(tone, text)| tone.map_or_else(|| text.clone(), |tone| paint.tone(tone, text)))
            .collect::<String>()
            .trim_end()
            .to_owned()
    }
}

/// How many columns `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The longest beginning of `text` that fits in `columns`.
fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// `text` from elsewhere without anything that moves the cursor or colours: escape sequences and control
/// characters go, a tab becomes a space.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => skip_sequence(&mut chars),
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

fn skip_sequence(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.next() {
        Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
        Some(']') => while chars.next().is_some_and(|c| c != '\x07' && c != '\\') {},
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_by_columns_and_not_by_bytes() {
        let line = Line::plain("日本語").tone(Tone::Good, " ready");
        assert_eq!(line.width(), 12);
        assert_eq!(line.clone().fit(12).paint(Paint::PLAIN), "日本語 ready");
        assert_eq!(line.clone().fit(6).paint(Paint::PLAIN), "日本…");
        assert_eq!(line.fit(0).paint(Paint::PLAIN), "");
    }

    #[test]
    fn text_from_elsewhere_cannot_move_the_cursor() {
        assert_eq!(clean("\x1b[31mred\x1b[0m\tx\r\x1b]0;title\x07y\x1bcz"), "red xyz");
    }
}
