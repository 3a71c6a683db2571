//! Replacements in a text, collected first and made at once.

use std::ops::Range;

/// Replacements, none overlapping.
#[derive(Debug, Default)]
pub(super) struct Splices(Vec<(Range<usize>, String)>);

impl Splices {
    /// One replacement.
    pub(super) fn one(range: Range<usize>, text: impl Into<String>) -> Self {
        Self::default().and(range, text)
    }

    /// One more replacement.
    #[must_use]
    pub(super) fn and(mut self, range: Range<usize>, text: impl Into<String>) -> Self {
        self.0.push((range, text.into()));
        self
    }

    /// The text with all of them made.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut result = String::with_capacity(text.len());
        let mut at = 0;
        for (range, insert) in self.0 {
            result.push_str(text.get(at..range.start).unwrap_or_default());
            result.push_str(&insert);
            at = at.max(range.end);
        }
        result.push_str(text.get(at..).unwrap_or_default());
        result
    }
}
