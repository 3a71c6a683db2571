//! What something in a file is, for who points at it.

use std::fmt::Write as _;
use std::ops::Range;

use super::grammar::{Grammar, Spot};
use super::sketch::{Kind, Sketch};

/// An explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// What it explains, in bytes.
    pub range: Range<usize>,
    /// The explanation (Markdown).
    pub markdown: String,
}

/// Explains what stands at a byte of a file; nothing where nothing is known.
pub fn hover(path: &str, text: &str, at: usize) -> Option<Hover> {
    let grammar = Grammar::of(path)?;
    let sketch = Sketch::read(text);
    let holds = |range: &Range<usize>| range.start <= at && at < range.end;
    let mut entries = sketch.entries.iter().enumerate();
    let (index, range) = entries.find_map(|(index, entry)| {
        let own = match &entry.kind {
            Kind::Key(range) if holds(range) => Some(range.clone()),
            _ => None,
        };
        Some((index, own.or_else(|| entry.value.clone().filter(holds))?))
    })?;
    let way = sketch.way(index);
    // A value in a list is explained by the key of the list.
    let key = way
        .iter()
        .rev()
        .find(|index| sketch.key(&sketch.entries[**index]).is_some())?;
    let entry = &sketch.entries[*key];
    let name = sketch.key(entry)?;
    let holder = grammar.behind(&sketch, entry.parent)?;
    let spot = holder.below(name)?;
    Some(Hover {
        range,
        markdown: explain(name, spot, holder.requires(name)),
    })
}

fn explain(name: &str, spot: Spot, is_required: bool) -> String {
    let required = if is_required { ", required" } else { "" };
    let mut text = format!("**{name}** · {}{required}", spot.in_words());
    let about = spot.about().unwrap_or_default();
    // Writing to a string cannot fail.
    if !about.is_empty() {
        let _ = write!(text, "\n\n{about}");
    }
    if let Some(default) = spot.default().filter(|_| !about.contains("Default: ")) {
        let _ = write!(text, "\n\nDefault: `{default}`");
    }
    text
}
