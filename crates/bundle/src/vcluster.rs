//! `vcluster.yaml`: chart values, checked against the chart's own schema and against what a task may change.

mod settings;

use std::sync::OnceLock;

use jsonschema::Validator;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic};
use crate::draft::suggest;
use crate::files::{BundleFiles, Entry};
use crate::manifest::surprises;
use crate::report::Report;
use crate::text::{Marks, TextFile};
use crate::yaml::{self, Node};

pub use settings::OWNED;
pub(crate) use settings::is_refused;

/// The file with the chart's values.
pub(crate) const FILE: &str = "vcluster.yaml";

/// The version of the chart whose schema is used.
pub const CHART_VERSION: &str = "0.36.1";

const SCHEMA: &str = include_str!("../vendor/vcluster-0.36.1-values.schema.json");

/// Reads the chart values, if there are any, and reports all that is wrong with them.
pub(crate) fn read(files: &BundleFiles, report: &mut Report) -> Option<Value> {
    let Ok((path, Entry::File(file))) = files.follow(FILE) else {
        return None;
    };
    let text = TextFile::decode(path, &file.content, yaml::HAND_WRITTEN.bytes, report)?;
    let parsed = yaml::parse(&text, yaml::HAND_WRITTEN, report);
    let mut roots = parsed
        .documents
        .iter()
        .filter_map(|document| document.root.as_deref());
    let root = roots.next()?;
    if let Some(second) = roots.next() {
        report.push(text.diagnostic(
            Code::DocumentCount,
            second.marks,
            "the file holds a second document",
        ));
    }
    let values = root.to_json();
    validate(root, &values, &text, report);
    settings::check(root, &text, report);
    surprises(root, None, &text, report);
    Some(values)
}

fn validate(root: &Node, values: &Value, file: &TextFile<'_>, report: &mut Report) {
    let Some(validator) = validator() else { return };
    for error in validator.iter_errors(values) {
        if report.is_full(file.path) {
            return;
        }
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                for key in unexpected {
                    report.push(unknown_key(root, &error, key, file));
                }
            }
            _ => report.push(broken_rule(root, &error, file)),
        }
    }
}

/// Compiled when the first `vcluster.yaml` is met, once per process.
fn validator() -> Option<&'static Validator> {
    static VALIDATOR: OnceLock<Option<Validator>> = OnceLock::new();
    VALIDATOR
        .get_or_init(|| jsonschema::validator_for(schema()?).ok())
        .as_ref()
}

/// The chart's own schema of its values.
pub(crate) fn schema() -> Option<&'static Value> {
    static PARSED: OnceLock<Option<Value>> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(SCHEMA).ok()).as_ref()
}

fn unknown_key(root: &Node, error: &ValidationError<'_>, key: &str, file: &TextFile<'_>) -> Diagnostic {
    let pointer = error.instance_path().as_str();
    let (parent, _) = root.locate(pointer);
    let marks = parent.entry(key).map_or(parent.marks, |(key, _)| key.marks);
    let place = dotted(pointer);
    let shown = yaml::shorten(key);
    let message = if place.is_empty() {
        format!("the vCluster chart has no setting `{shown}`")
    } else {
        format!("the vCluster chart has no setting `{shown}` in `{place}`")
    };
    let problem = file.diagnostic(Code::ChartSchema, marks, message);
    let known = known_keys(error.schema_path().as_str());
    if known.is_empty() {
        problem
    } else {
        suggest(problem, key, &known, "known settings")
    }
}

/// The keys that the schema knows beside an `additionalProperties`.
fn known_keys(schema_path: &str) -> Vec<&'static str> {
    let parent = schema_path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema()
        .and_then(|schema| follow(schema, parent))
        .and_then(|part| part.get("properties"));
    properties
        .and_then(Value::as_object)
        .map(|keys| keys.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

/// Walks a schema path, which steps through `$ref` as if it were a key.
fn follow(schema: &'static Value, path: &str) -> Option<&'static Value> {
    let mut at = schema;
    for part in path.split('/').skip(1) {
        at = if part == "$ref" {
            schema.pointer(at.get("$ref")?.as_str()?.strip_prefix('#')?)?
        } else {
            at.get(part).or_else(|| at.get(part.parse::<usize>().ok()?))?
        };
    }
    Some(at)
}

fn broken_rule(root: &Node, error: &ValidationError<'_>, file: &TextFile<'_>) -> Diagnostic {
    let pointer = error.instance_path().as_str();
    let (node, key) = root.locate(pointer);
    let marks = node
        .scalar()
        .map_or_else(|| key.map_or(Marks::START, |key| key.marks), |_| node.marks);
    let place = dotted(pointer);
    let place = if place.is_empty() {
        "vcluster.yaml".to_owned()
    } else {
        format!("`{place}`")
    };
    let message = match error.kind() {
        ValidationErrorKind::Type { .. } => {
            format!("{place}: {}, found {}", expected_type(error), node.describe())
        }
        _ => format!("{place}: {}", error.masked_with("the value")),
    };
    file.diagnostic(Code::ChartSchema, marks, message)
}

fn expected_type(error: &ValidationError<'_>) -> String {
    let expected = schema().and_then(|schema| follow(schema, error.schema_path().as_str()));
    let name = |value: &Value| match value.as_str() {
        Some("object") => "a mapping".to_owned(),
        Some("array") => "a list".to_owned(),
        Some("string") => "a text".to_owned(),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("integer") => "a whole number".to_owned(),
        Some("number") => "a number".to_owned(),
        _ => "another type".to_owned(),
    };
    let words = match expected {
        Some(Value::Array(types)) => types.iter().map(name).collect::<Vec<_>>().join(" or "),
        Some(single) => name(single),
        None => "another type".to_owned(),
    };
    format!("expected {words}")
}

/// `/a/b/0` as people write it: `a.b.0`.
fn dotted(pointer: &str) -> String {
    let parts = pointer
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"));
    yaml::shorten_to(&parts.collect::<Vec<_>>().join("."), 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_compiles_and_takes_an_empty_mapping() {
        assert!(validator().is_some_and(|validator| validator.is_valid(&serde_json::json!({}))));
    }

    #[test]
    fn every_setting_we_speak_of_is_one() {
        let paths = settings::all_paths();
        for path in paths {
            let mut value = serde_json::json!(null);
            for key in path.rsplit('.') {
                value = serde_json::json!({ key: value });
            }
            let unknown = validator().is_some_and(|validator| {
                validator
                    .iter_errors(&value)
                    .any(|error| matches!(error.kind(), ValidationErrorKind::AdditionalProperties { .. }))
            });
            assert!(!unknown, "`{path}` is a setting of the chart");
        }
    }
}
