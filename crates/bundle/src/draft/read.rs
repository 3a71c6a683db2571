//! How a part of a task is read from YAML: with every problem reported, and the rest kept.

use crate::diagnostic::{Code, Diagnostic};
use crate::draft::leaf::{Leaf, Refusal};
use crate::draft::schema::Definitions;
use crate::report::Report;
use crate::text::{Marks, TextFile};
use crate::yaml::Node;

/// A value with its place.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) marks: Marks,
}

/// A mapping with free keys.
pub(crate) type Entries<K, V> = Vec<(At<K>, At<V>)>;

/// The file being read and where its problems go.
pub(crate) struct Reader<'r, 'f> {
    pub(crate) file: &'r TextFile<'f>,
    pub(crate) report: &'r mut Report,
}

/// A part of a task as it was written.
pub(crate) trait Written {
    /// Whether a key is there whose value was refused: what depends on it has been said already.
    fn is_refused(&self, key: &str) -> bool;
}

/// Something that can be read from YAML.
pub(crate) trait Read: Sized {
    /// Reads a value; `owner` is the place to point at when something is missing in it.
    fn read(node: &Node, owner: Marks, reader: &mut Reader<'_, '_>) -> Option<Self>;

    /// Its JSON Schema.
    fn schema(definitions: &mut Definitions) -> serde_json::Value;
}

impl Reader<'_, '_> {
    /// Reports a problem of this file.
    pub(crate) fn report(&mut self, code: Code, marks: Marks, message: impl Into<String>) {
        self.report.push(self.file.diagnostic(code, marks, message));
    }

    /// Reports that a value has the wrong type.
    pub(crate) fn wrong_type(&mut self, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.describe());
        self.report(Code::WrongType, node.marks, message);
    }

    /// Reports a key that nobody knows, unless it is marked as the author's own.
    pub(crate) fn unknown_key(&mut self, key: &Node, known: &[&str]) {
        let text = key.text().unwrap_or_default();
        if text.starts_with("x-") || self.report.is_full(self.file.path) {
            return;
        }
        let message = format!("unknown key `{}`", crate::yaml::shorten(text));
        let problem = self.file.diagnostic(Code::UnknownKey, key.marks, message);
        self.report.push(suggest(problem, text, known, "known keys"));
    }

    /// Reports a key that has to be there.
    pub(crate) fn missing_key(&mut self, key: &str, owner: Marks) {
        self.report(Code::MissingKey, owner, format!("`{key}` is missing"));
    }

    /// Reports that not exactly one of several keys is there.
    pub(crate) fn choose_one(&mut self, node: &Node, owner: Marks, keys: &[&str]) {
        let found: Vec<&str> = keys
            .iter()
            .copied()
            .filter(|key| node.entry(key).is_some())
            .collect();
        let list = list_of(keys);
        match found.as_slice() {
            [_] => {}
            [] => self.report(Code::ChooseOne, owner, format!("one of {list} is missing")),
            [_, second, ..] => {
                let marks = node.entry(second).map_or(owner, |(key, _)| key.marks);
                let message = format!("only one of {list} can be there, found {}", list_of(&found));
                self.report(Code::ChooseOne, marks, message);
            }
        }
    }
}

/// Adds the nearest known word to a problem, or all of them if none is near.
pub(crate) fn suggest(problem: Diagnostic, text: &str, known: &[&str], what: &str) -> Diagnostic {
    match crate::nearest::nearest(text, known) {
        Some(near) => problem
            .hint(format!("did you mean `{near}`?"))
            .fix(format!("change to `{near}`"), near),
        None => problem.hint(format!("{what}: {}", known.join(", "))),
    }
}

fn list_of(keys: &[&str]) -> String {
    keys.iter()
        .map(|key| format!("`{key}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

impl<T: Leaf> Read for T {
    fn read(node: &Node, _: Marks, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Some(scalar) = node.scalar() else {
            reader.wrong_type(node, T::EXPECTED);
            return None;
        };
        T::parse(scalar)
            .map_err(|refusal| refuse(node, refusal, reader))
            .ok()
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        T::schema()
    }
}

fn refuse(node: &Node, refusal: Refusal, reader: &mut Reader<'_, '_>) {
    let mut problem = reader.file.diagnostic(refusal.code, node.marks, refusal.message);
    problem.hint = refusal.hint;
    if let Some((title, text)) = refusal.fix {
        problem = problem.fix(title, text);
    }
    reader.report.push(problem);
}

impl<T: Read> Read for At<T> {
    fn read(node: &Node, owner: Marks, reader: &mut Reader<'_, '_>) -> Option<Self> {
        T::read(node, owner, reader).map(|value| Self {
            value,
            marks: node.marks,
        })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        T::schema(definitions)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, _: Marks, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Some(items) = node.items() else {
            reader.wrong_type(node, "a list");
            return None;
        };
        Some(
            items
                .iter()
                .filter_map(|item| T::read(item, item.marks, reader))
                .collect(),
        )
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        serde_json::json!({"type": "array", "items": T::schema(definitions)})
    }
}

impl<K: Leaf, V: Leaf> Read for Entries<K, V> {
    fn read(node: &Node, _: Marks, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Some(entries) = node.entries() else {
            reader.wrong_type(node, "a mapping");
            return None;
        };
        let mut read = Self::with_capacity(entries.len());
        for (key, value) in entries {
            let pair = (
                At::read(key, key.marks, reader),
                At::read(value, key.marks, reader),
            );
            if let (Some(key), Some(value)) = pair {
                read.push((key, value));
            }
        }
        Some(read)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({"type": "object", "additionalProperties": V::schema()})
    }
}

/// Declares one part of a task: its type, its reader and its schema.
///
/// Every field is an `Option`, required or not: a part with problems is kept for the other rules.
macro_rules! draft {
    (
        $(#[doc = $about:literal])*
        struct $name:ident $(one_of [$($choice:literal),*])? {
            $($(#[doc = $doc:literal])* $presence:ident $key:literal $field:ident: $type:ty,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Default)]
        pub(crate) struct $name {
            $($(#[doc = $doc])* pub(crate) $field: Option<$crate::draft::At<$type>>,)*
            refused: Vec<&'static str>,
        }

        impl $crate::draft::Written for $name {
            fn is_refused(&self, key: &str) -> bool {
                self.refused.contains(&key)
            }
        }

        impl $crate::draft::Read for $name {
            fn read(
                node: &$crate::yaml::Node,
                owner: $crate::text::Marks,
                reader: &mut $crate::draft::Reader<'_, '_>,
            ) -> Option<Self> {
                let Some(entries) = node.entries() else {
                    reader.wrong_type(node, "a mapping");
                    return None;
                };
                let mut draft = Self::default();
                for (key, value) in entries {
                    match key.text() {
                        $(Some($key) => {
                            if !value.is_null() {
                                draft.$field = $crate::draft::Read::read(value, key.marks, reader);
                                if draft.$field.is_none() {
                                    draft.refused.push($key);
                                }
                            }
                        })*
                        _ => reader.unknown_key(key, &[$($key),*]),
                    }
                }
                $(
                    let required = $crate::draft::read::draft!(@required $presence);
                    if required && node.get($key).is_none_or($crate::yaml::Node::is_null) {
                        reader.missing_key($key, owner);
                    }
                )*
                $(reader.choose_one(node, owner, &[$($choice),*]);)?
                Some(draft)
            }

            fn schema(definitions: &mut $crate::draft::schema::Definitions) -> serde_json::Value {
                definitions.part(stringify!($name), |definitions| $crate::draft::schema::Part {
                    about: concat!($($about),*),
                    fields: vec![$($crate::draft::schema::Field {
                        key: $key,
                        about: concat!($($doc),*),
                        required: $crate::draft::read::draft!(@required $presence),
                        schema: <$type as $crate::draft::Read>::schema(definitions),
                    },)*],
                    one_of: &[$($($choice),*)?],
                })
            }
        }
    };
    (@required required) => { true };
    (@required optional) => { false };
}

pub(crate) use draft;
