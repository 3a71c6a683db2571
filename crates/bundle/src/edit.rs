//! Edits of a YAML text by its structure, in which everything that is not edited stays as it is, byte for byte:
//! comments, layout, quotes.
//!
//! Each edit is made in the text, read again, and compared with the same edit of the value. What cannot be done
//! exactly is refused.

mod flow;
mod layout;
mod model;
mod parse;
mod render;
mod splice;
mod tree;
mod write;

use serde_json::Value;
use thiserror::Error;

use crate::path::BundlePath;
use crate::report::Report;
use crate::text::TextFile;
use crate::yaml;

/// One step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list, counted from 0.
    Index(usize),
}

/// A change of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Puts a value at a place; what is missing on the way is made.
    Set {
        /// The place.
        path: Vec<Step>,
        /// The value.
        value: Value,
    },
    /// Takes away what is at a place; nothing happens if nothing is there.
    Remove {
        /// The place.
        path: Vec<Step>,
    },
    /// Adds to the end of a list; one that is not there is made.
    Append {
        /// The list.
        path: Vec<Step>,
        /// What is added.
        value: Value,
    },
    /// Moves something within its list.
    Move {
        /// What is moved.
        path: Vec<Step>,
        /// The index it has afterwards.
        to: usize,
    },
}

/// Why an edit was not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// There is nothing to edit.
    #[error("the text cannot be read as YAML right now; correct it first")]
    NotYaml,
    /// The place is not there, or something else is there.
    #[error("there is no {expected} at `{place}`; look at the text, it may have changed")]
    NoSuchPlace {
        /// What was looked for.
        expected: &'static str,
        /// Where.
        place: String,
    },
    /// The result would not be what was asked for.
    #[error("`{place}` cannot be changed without touching other parts of the text; change it in the text")]
    Unsafe {
        /// Where.
        place: String,
    },
}

/// The value of a text; nothing while it cannot be read.
pub fn value(text: &str) -> Option<Value> {
    let path = BundlePath::lossy("task.yaml");
    let mut unheard = Report::default();
    let file = TextFile::decode(&path, text.as_bytes(), yaml::HAND_WRITTEN.bytes, &mut unheard)?;
    let parsed = yaml::parse(&file, yaml::HAND_WRITTEN, &mut unheard);
    if !parsed.complete {
        return None;
    }
    let first = parsed.documents.into_iter().find_map(|document| document.root)?;
    Some(first.to_json())
}

/// Makes the edits one after the other; all of them or none.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut text = text.to_owned();
    let mut now = value(&text).ok_or(EditError::NotYaml)?;
    for edit in edits {
        let wanted = model::apply(&now, edit)?;
        let edited = write::apply(&text, edit, &now, &wanted)?;
        if value(&edited).as_ref() != Some(&wanted) {
            return Err(EditError::Unsafe {
                place: place(edit.path()),
            });
        }
        (text, now) = (edited, wanted);
    }
    Ok(text)
}

impl Edit {
    /// The place it is about.
    pub fn path(&self) -> &[Step] {
        match self {
            Self::Set { path, .. }
            | Self::Remove { path }
            | Self::Append { path, .. }
            | Self::Move { path, .. } => path,
        }
    }
}

/// A path as people write it: `spec.checks[2].title`.
fn place(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text = format!("{text}.{key}"),
            Step::Index(index) => text = format!("{text}[{index}]"),
        }
    }
    text
}
