//! A value of a YAML document with its place.

use std::sync::Arc;

use super::scalar::{Resolved, Scalar};
use crate::text::Marks;

/// A key and its value.
pub(crate) type Entry = (Arc<Node>, Arc<Node>);

/// A value and where it stands. Aliases share their target.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// Where it stands; of a block, only its first line.
    pub(crate) marks: Marks,
}

/// What kinds of values there are.
#[derive(Debug)]
pub(crate) enum Value {
    Scalar(Scalar),
    Sequence(Vec<Arc<Node>>),
    Mapping(Vec<Entry>),
}

impl Node {
    /// The scalar, if it is one.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// The entries, if it is a mapping.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            Value::Scalar(_) | Value::Sequence(_) => None,
        }
    }

    /// The items, if it is a sequence.
    pub(crate) fn items(&self) -> Option<&[Arc<Node>]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            Value::Scalar(_) | Value::Mapping(_) => None,
        }
    }

    /// The entry with this key, if it is a mapping.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|(name, _)| name.text() == Some(key))
    }

    /// The value behind this key, if it is a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value.as_ref())
    }

    /// The text of a scalar as written.
    pub(crate) fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_ref())
    }

    /// The text of a scalar that is a string to every reader.
    pub(crate) fn string(&self) -> Option<&str> {
        let scalar = self.scalar()?;
        matches!(scalar.resolve(), Resolved::Text).then_some(scalar.text.as_ref())
    }

    /// Whether it is nothing.
    pub(crate) fn is_null(&self) -> bool {
        self.scalar()
            .is_some_and(|scalar| matches!(scalar.resolve(), Resolved::Null))
    }

    /// What it is, in words.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Sequence(_) => "a list".into(),
            Value::Mapping(_) => "a mapping".into(),
            Value::Scalar(scalar) => scalar.describe(),
        }
    }

    /// As JSON, plain scalars taken for what kubectl takes them for.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Scalar(scalar) => scalar.to_json(),
            Value::Sequence(items) => items.iter().map(|item| item.to_json()).collect(),
            Value::Mapping(entries) => {
                let pairs = entries
                    .iter()
                    .filter_map(|(key, value)| Some((key.text()?.to_owned(), value.to_json())));
                serde_json::Value::Object(pairs.collect())
            }
        }
    }

    /// The node that a JSON pointer leads to, as far as the tree goes, with the last key on the way.
    pub(crate) fn locate<'a>(&'a self, pointer: &str) -> (&'a Node, Option<&'a Node>) {
        let (mut node, mut last_key) = (self, None);
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            match &node.value {
                Value::Mapping(_) => match node.entry(&part) {
                    Some((key, value)) => (node, last_key) = (value, Some(key.as_ref())),
                    None => break,
                },
                Value::Sequence(items) => match part.parse().ok().and_then(|index: usize| items.get(index)) {
                    Some(item) => (node, last_key) = (item, None),
                    None => break,
                },
                Value::Scalar(_) => break,
            }
        }
        (node, last_key)
    }
}
