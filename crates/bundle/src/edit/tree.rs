//! A text's values with the bytes they stand on.

use std::ops::Range;

use super::Step;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    /// Right behind the `:` or `-` that it belongs to, or where it starts.
    pub(super) slot: usize,
    /// Its own text: of a block collection from its first child to its last, of nothing an empty one.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

/// What kinds of values there are.
#[derive(Debug)]
pub(super) enum Kind {
    /// Nothing is written.
    Nothing,
    Scalar(Quotes),
    /// Stands for a value that is somewhere else.
    Alias,
    Collection(Collection),
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    None,
    Single,
    Double,
    /// `|` or `>`
    Block,
}

/// A list or a mapping.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) is_flow: bool,
    pub(super) is_mapping: bool,
    pub(super) children: Vec<Child>,
}

/// An item, or a key with its value.
#[derive(Debug)]
pub(super) struct Child {
    /// Where it starts: its dash, its key, or in brackets itself.
    pub(super) start: usize,
    /// The text of its key; nothing for items.
    pub(super) key: Option<String>,
    pub(super) value: Node,
}

impl Child {
    /// Where its text ends.
    pub(super) fn end(&self) -> usize {
        self.value.range.end.max(self.start)
    }
}

impl Node {
    pub(super) fn collection(&self) -> Option<&Collection> {
        match &self.kind {
            Kind::Collection(collection) => Some(collection),
            Kind::Nothing | Kind::Scalar(_) | Kind::Alias => None,
        }
    }

    /// What is at a place.
    pub(super) fn at(&self, path: &[Step]) -> Option<&Node> {
        path.iter().try_fold(self, |node, step| {
            let collection = node.collection()?;
            let index = collection.index(step)?;
            Some(&collection.children.get(index)?.value)
        })
    }
}

impl Collection {
    /// Where among the children a step leads.
    pub(super) fn index(&self, step: &Step) -> Option<usize> {
        match step {
            Step::Key(key) if self.is_mapping => self
                .children
                .iter()
                .position(|child| child.key.as_ref() == Some(key)),
            Step::Index(index) if !self.is_mapping => (*index < self.children.len()).then_some(*index),
            Step::Key(_) | Step::Index(_) => None,
        }
    }
}
