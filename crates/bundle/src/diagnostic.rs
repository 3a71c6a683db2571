//! What is wrong with a bundle: each problem with a stable code, its place, and a way out where one is known.

mod code;
pub mod render;

use serde::Serialize;

pub use code::Code;

use crate::path::BundlePath;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The bundle cannot be used.
    Error,
    /// The bundle can be used, but likely does not do what was meant.
    Warning,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// The offset in bytes, counted from 0.
    pub byte: u32,
}

/// A stretch of a file, its end not included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// Where it starts.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
}

impl Span {
    /// The stretch from a column of a line, counted in bytes from 0, to the line's end; nowhere else than in the text, and
    /// never within a character.
    pub fn in_line(text: &str, line: u32, column: u32) -> Self {
        let start: usize = text
            .split_inclusive('\n')
            .take(line.saturating_sub(1) as usize)
            .map(str::len)
            .sum();
        let own = text
            .get(start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let within = own.floor_char_boundary(column as usize);
        let position = |bytes: usize| Position {
            line,
            column: u32::try_from(own[..bytes].chars().count()).unwrap_or(0) + 1,
            byte: u32::try_from(start + bytes).unwrap_or(u32::MAX),
        };
        Self {
            start: position(within),
            end: position(own.len()),
        }
    }
}

/// A replacement of one stretch of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edit {
    /// What to replace.
    pub span: Span,
    /// What to put there.
    pub text: String,
}

/// A change to the diagnostic's file that removes the problem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fix {
    /// What the change does, as an offer: "rename to `timeLimit`".
    pub title: String,
    /// The replacements, none overlapping.
    pub edits: Vec<Edit>,
}

/// Another place that belongs to a problem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Related {
    /// The file.
    pub file: BundlePath,
    /// The stretch of it, if there is one.
    pub span: Option<Span>,
    /// What is there.
    pub message: String,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// The file it is in.
    pub file: BundlePath,
    /// The stretch of the file, if it is about one.
    pub span: Option<Span>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// A change that removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Other places that belong to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// A problem with a file as a whole.
    pub fn new(code: Code, file: BundlePath, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            file,
            span: None,
            message: message.into(),
            hint: None,
            fix: None,
            related: Vec::new(),
        }
    }

    /// The same problem at a place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same problem with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same problem with a change that replaces its own stretch.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, text: impl Into<String>) -> Self {
        self.fix = self.span.map(|span| Fix {
            title: title.into(),
            edits: vec![Edit {
                span,
                text: text.into(),
            }],
        });
        self
    }

    /// The same problem with another place that belongs to it.
    #[must_use]
    pub fn related(mut self, file: BundlePath, span: Option<Span>, message: impl Into<String>) -> Self {
        self.related.push(Related {
            file,
            span,
            message: message.into(),
        });
        self
    }

    /// Whether the bundle cannot be used because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The order in which problems are shown: by file, by place, by code.
    fn order(&self) -> (&BundlePath, Option<Span>, Code, &str) {
        (&self.file, self.span, self.code, &self.message)
    }
}

/// Puts problems into the order in which they are shown; the same problem is shown once.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
    diagnostics.dedup();
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn lines_are_found_whatever_they_hold() {
        let text = "a: 1\nüb: {{ x }}\n";
        let span = Span::in_line(text, 2, 4);
        assert_eq!((span.start.line, span.start.column, span.start.byte), (2, 4, 9));
        assert_eq!(span.end.byte as usize, text.len() - 1);
        let within = Span::in_line(text, 2, 1);
        assert_eq!(within.start.column, 1, "never within a character");
        assert_eq!(Span::in_line("", 9, 9).start.column, 1);
    }
}
