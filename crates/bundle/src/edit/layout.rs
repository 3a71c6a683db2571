//! Lines: where they start and end, which comments belong to what stands below them, and how a text is indented.

use std::ops::Range;

use super::tree::{Collection, Node};

/// A text by its lines.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    pub(super) text: &'a str,
    /// How lines end.
    pub(super) end: &'static str,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { text, end }
    }

    /// Where the line of a place starts.
    pub(super) fn start(self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the line of a place ends, its line end left out.
    pub(super) fn stop(self, at: usize) -> usize {
        let stop = self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |length| at + length);
        if self.text[at..stop].ends_with('\r') {
            stop - 1
        } else {
            stop
        }
    }

    /// Where the line after that of a place starts.
    pub(super) fn next(self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |length| at + length + 1)
    }

    pub(super) fn column(self, at: usize) -> usize {
        at - self.start(at)
    }

    /// Whether only blanks are before it on its line.
    pub(super) fn begins_line(self, at: usize) -> bool {
        self.text[self.start(at)..at].bytes().all(|byte| byte == b' ')
    }

    /// Whether a comment or nothing follows on its line.
    pub(super) fn ends_line(self, at: usize) -> bool {
        let rest = self.text[at..self.stop(at)].trim_start_matches([' ', '\t']);
        rest.is_empty() || rest.starts_with('#')
    }

    /// A line end and as many blanks.
    pub(super) fn indent(self, column: usize) -> String {
        format!("{}{}", self.end, " ".repeat(column))
    }

    /// A child of a block with the comments right above it and the one behind it, without the blanks before and the
    /// line end behind. None of it lies before `limit`.
    pub(super) fn chunk(self, start: usize, end: usize, limit: usize) -> Range<usize> {
        let stop = self.stop(end);
        if !self.begins_line(start) {
            return start..stop;
        }
        let column = self.column(start);
        let mut first = self.start(start);
        while first > limit {
            let above = self.start(first - 1);
            let line = &self.text[above..first];
            let is_comment =
                line.len() - line.trim_start_matches(' ').len() == column && line[column..].starts_with('#');
            if above < limit || !is_comment {
                break;
            }
            first = above;
        }
        first + column..stop
    }

    /// The end of the last of the comment lines right below that are indented more than a column: they belong to
    /// what ends here.
    pub(super) fn behind_inner_comments(self, end: usize, column: usize) -> usize {
        let mut end = end;
        loop {
            let below = self.next(end);
            let line = &self.text[below..self.stop(below)];
            let content = line.trim_start_matches(' ');
            if !content.starts_with('#') || line.len() - content.len() <= column {
                return end;
            }
            end = self.stop(below);
        }
    }

    /// The chunks of a block's children.
    pub(super) fn chunks(self, node: &Node, collection: &Collection) -> Vec<Range<usize>> {
        let mut limit = node.slot;
        let mut chunks = Vec::with_capacity(collection.children.len());
        for child in &collection.children {
            let chunk = self.chunk(child.start, child.end(), limit);
            limit = chunk.end;
            chunks.push(chunk);
        }
        chunks
    }
}

/// How a text indents what is nested.
#[derive(Debug, Clone, Copy)]
pub(super) struct Indents {
    /// Mappings in mappings.
    pub(super) mapping: usize,
    /// The dashes of lists in mappings.
    pub(super) list: usize,
}

impl Indents {
    /// As the text has it where it first nests.
    pub(super) fn of(lines: Lines<'_>, root: &Node) -> Self {
        Self {
            mapping: step(lines, root, true).filter(|step| *step > 0).unwrap_or(2),
            list: step(lines, root, false).unwrap_or(0),
        }
    }
}

/// How far the first block of a kind that is the value of a key is indented against that key.
fn step(lines: Lines<'_>, node: &Node, is_mapping: bool) -> Option<usize> {
    let collection = node.collection().filter(|collection| !collection.is_flow)?;
    collection.children.iter().find_map(|child| {
        let inner = child.value.collection().filter(|inner| !inner.is_flow)?;
        let found = || {
            let column = lines.column(inner.children.first()?.start);
            column.checked_sub(lines.column(child.start))
        };
        if collection.is_mapping && inner.is_mapping == is_mapping {
            found()
        } else {
            step(lines, &child.value, is_mapping)
        }
    })
}
