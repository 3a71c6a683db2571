//! The JSON Schema of `task.yaml`, put together from the same declarations that read it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Read, TaskDraft};

/// The parts that the schema defines once and refers to.
#[derive(Debug, Default)]
pub(crate) struct Definitions(BTreeMap<String, Value>);

/// One part of a task.
pub(crate) struct Part {
    pub(crate) about: &'static str,
    pub(crate) fields: Vec<Field>,
    pub(crate) one_of: &'static [&'static str],
}

/// One key of a part.
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) about: &'static str,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

/// The JSON Schema of `task.yaml` (draft 7, which editors know best).
pub fn schema() -> Value {
    let mut definitions = Definitions::default();
    let root = TaskDraft::schema(&mut definitions);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Taskwright task",
        "allOf": [root],
        "definitions": definitions.0,
    })
}

impl Definitions {
    /// Defines a part unless it is defined, and refers to it.
    pub(crate) fn part(&mut self, name: &str, part: impl FnOnce(&mut Self) -> Part) -> Value {
        let name = name.trim_end_matches("Draft");
        if !self.0.contains_key(name) {
            let part = part(self);
            self.0.insert(name.to_owned(), part.into_schema());
        }
        json!({"$ref": format!("#/definitions/{name}")})
    }
}

impl Part {
    fn into_schema(self) -> Value {
        let required: Vec<_> = self
            .fields
            .iter()
            .filter(|field| field.required)
            .map(|field| field.key)
            .collect();
        let properties: Map<_, _> = self.fields.into_iter().map(Field::into_property).collect();
        let mut schema = json!({
            "type": "object",
            "description": self.about.trim(),
            "properties": properties,
            "patternProperties": {"^x-": {}},
            "additionalProperties": false,
        });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        if !self.one_of.is_empty() {
            schema["oneOf"] = self.one_of.iter().map(|key| json!({"required": [key]})).collect();
        }
        schema
    }
}

impl Field {
    /// A key with its description; beside a `$ref` draft 7 ignores everything, hence `allOf`.
    fn into_property(self) -> (String, Value) {
        let mut schema = match self.schema {
            schema if schema.get("$ref").is_some() => json!({"allOf": [schema]}),
            schema => schema,
        };
        schema["description"] = json!(self.about.trim());
        (self.key.to_owned(), schema)
    }
}
