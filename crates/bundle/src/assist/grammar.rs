//! What may stand where: a walk through a JSON Schema along the keys of a text.

use std::sync::OnceLock;

use serde_json::Value;

use super::sketch::{Kind, Sketch};
use crate::context::TASK_FILE;
use crate::draft::schema::schema as task_schema;
use crate::vcluster;

/// The grammar of a file.
#[derive(Clone, Copy)]
pub(super) struct Grammar {
    root: &'static Value,
    is_refused: fn(&str) -> bool,
}

/// What may stand at a place.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    grammar: Grammar,
    schema: &'static Value,
    /// What the key is for, as its own part of the schema says.
    about: Option<&'static str>,
    /// The part of the format that holds the key, and the key.
    pub(super) field: Option<(&'static str, &'static str)>,
    /// The name of the part that stands here.
    part: &'static str,
}

/// What kinds of values there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A mapping with known keys.
    Part,
    /// A mapping with keys of the author's.
    Free,
    /// A list of parts.
    Parts,
    /// A list of anything else.
    List,
    /// A scalar.
    Leaf,
}

impl Grammar {
    /// The grammar of a file of the bundle, if it has one.
    pub(super) fn of(path: &str) -> Option<Self> {
        static TASK: OnceLock<Value> = OnceLock::new();
        match path {
            TASK_FILE => Some(Self {
                root: TASK.get_or_init(task_schema),
                is_refused: |_| false,
            }),
            vcluster::FILE => Some(Self {
                root: vcluster::schema()?,
                is_refused: vcluster::is_refused,
            }),
            _ => None,
        }
    }

    /// The whole file.
    pub(super) fn top(self) -> Spot {
        self.spot(self.root, None)
    }

    /// What may stand behind an entry of a sketch; nothing at all is the top.
    pub(super) fn behind(self, sketch: &Sketch<'_>, entry: Option<usize>) -> Option<Spot> {
        let way = entry.map(|entry| sketch.way(entry)).unwrap_or_default();
        way.into_iter().try_fold(self.top(), |spot, index| {
            let entry = &sketch.entries[index];
            match entry.kind {
                Kind::Key(_) => spot.below(sketch.key(entry)?),
                Kind::Item(_) => spot.item(),
                Kind::Word(_) => Some(spot),
            }
        })
    }

    /// Whether a key would be an error, though the schema knows it.
    pub(super) fn is_refused(self, sketch: &Sketch<'_>, parent: Option<usize>, key: &str) -> bool {
        let way = parent.map(|parent| sketch.way(parent)).unwrap_or_default();
        let above = way.iter().filter_map(|index| sketch.key(&sketch.entries[*index]));
        let path: Vec<&str> = above.chain([key]).collect();
        (self.is_refused)(&path.join("."))
    }

    /// Follows references until something is said.
    fn spot(self, schema: &'static Value, field: Option<(&'static str, &'static str)>) -> Spot {
        let about = schema.get("description").and_then(Value::as_str);
        let (mut at, mut part) = (schema, "");
        while let Some(next) = referred(at) {
            let Some(target) = next
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer))
            else {
                break;
            };
            part = next.rsplit('/').next().unwrap_or_default();
            at = target;
        }
        Spot {
            grammar: self,
            schema: at,
            about,
            field,
            part,
        }
    }
}

/// Where a schema says that another one holds, alone or as the only one of several.
fn referred(schema: &'static Value) -> Option<&'static str> {
    let only = schema
        .get("allOf")
        .and_then(Value::as_array)
        .and_then(|all| all.first());
    schema.get("$ref").or_else(|| only?.get("$ref"))?.as_str()
}

impl Spot {
    /// The keys that are known here.
    pub(super) fn keys(self) -> Vec<&'static str> {
        let keys = self.schema.get("properties").and_then(Value::as_object);
        keys.map(|keys| keys.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    /// What may stand behind a key.
    pub(super) fn below(self, key: &str) -> Option<Spot> {
        let known = self
            .schema
            .get("properties")
            .and_then(Value::as_object)
            .and_then(|keys| keys.get_key_value(key));
        if let Some((key, schema)) = known {
            return Some(self.grammar.spot(schema, Some((self.part, key))));
        }
        let free = self
            .schema
            .get("additionalProperties")
            .filter(|free| free.is_object())?;
        Some(self.grammar.spot(free, None))
    }

    /// What may stand in a list here.
    pub(super) fn item(self) -> Option<Spot> {
        let items = self.schema.get("items")?;
        Some(self.grammar.spot(items, self.field))
    }

    /// Whether a key has to be there.
    pub(super) fn requires(self, key: &str) -> bool {
        let required = self.schema.get("required").and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|one| one == key))
    }

    /// The keys of which exactly one has to be there.
    pub(super) fn one_of(self) -> Vec<&'static str> {
        let choices = self.schema.get("oneOf").and_then(Value::as_array);
        let keys = choices
            .into_iter()
            .flatten()
            .filter_map(|choice| choice.pointer("/required/0"));
        keys.filter_map(Value::as_str).collect()
    }

    /// What kind of value stands here.
    pub(super) fn shape(self) -> Shape {
        if let Some(item) = self.item() {
            return if item.shape() == Shape::Part {
                Shape::Parts
            } else {
                Shape::List
            };
        }
        if self.schema.get("properties").is_some() {
            return Shape::Part;
        }
        let is_free = self
            .schema
            .get("additionalProperties")
            .is_some_and(Value::is_object)
            || self.has_type("object");
        if is_free { Shape::Free } else { Shape::Leaf }
    }

    /// The only values that may stand here.
    pub(super) fn choices(self) -> Vec<String> {
        let values = self.schema.get("enum").and_then(Value::as_array);
        let known = values
            .into_iter()
            .flatten()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let known: Vec<String> = known.collect();
        if known.is_empty() && self.has_type("boolean") {
            return vec!["true".into(), "false".into()];
        }
        known
    }

    /// What stands here when nothing is written, as it would be written.
    pub(super) fn default(self) -> Option<String> {
        if let Some(value) = self.schema.get("default") {
            return Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        let (_, said) = self.about?.split_once("Default: ")?;
        let value = said.split(". ").next()?.trim_end_matches('.');
        // Some defaults are told in words.
        (!value.contains(' ') && !value.is_empty()).then(|| value.to_owned())
    }

    /// What it is for.
    pub(super) fn about(self) -> Option<&'static str> {
        let own = self.schema.get("description").and_then(Value::as_str);
        self.about.or(own).filter(|about| !about.is_empty())
    }

    /// What kind of value it is, in words.
    pub(super) fn in_words(self) -> String {
        match self.shape() {
            Shape::Part | Shape::Free => "mapping".to_owned(),
            Shape::Parts => "list of mappings".to_owned(),
            Shape::List => match self.item().map(Spot::in_words) {
                Some(item) => format!("list of {item}s"),
                None => "list".to_owned(),
            },
            Shape::Leaf => self.leaf_in_words(),
        }
    }

    fn leaf_in_words(self) -> String {
        let choices = self.choices();
        let number = |key: &str| self.schema.get(key).and_then(Value::as_u64);
        if self.has_type("boolean") {
            "true or false".to_owned()
        } else if !choices.is_empty() && choices.len() <= 6 {
            choices.join(", ")
        } else if let (Some(least), Some(most)) = (number("minimum"), number("maximum")) {
            format!("whole number from {least} to {most}")
        } else if self.has_type("integer") {
            "whole number".to_owned()
        } else if self.schema.get("anyOf").is_some() {
            "quantity".to_owned()
        } else {
            self.text_in_words().to_owned()
        }
    }

    /// Kinds of texts are told by their patterns, which only they have.
    fn text_in_words(self) -> &'static str {
        let pattern = self
            .schema
            .get("pattern")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let kinds = [
            ("^([0-9]+h)", "duration"),
            ("^(?!/)", "path"),
            ("^[a-z0-9]([-a-z0-9]", "name"),
            ("^[a-z]([-a-z0-9]", "name"),
        ];
        let known = kinds.into_iter().find(|(start, _)| pattern.starts_with(start));
        known.map_or("text", |(_, name)| name)
    }

    fn has_type(self, name: &str) -> bool {
        match self.schema.get("type") {
            Some(Value::String(one)) => one == name,
            Some(Value::Array(several)) => several.iter().any(|one| one == name),
            _ => false,
        }
    }
}
