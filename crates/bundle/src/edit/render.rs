//! New values as YAML, the way people write it.

use serde_json::{Map, Value};

use super::layout::{Indents, Lines};
use super::tree::Quotes;
use crate::yaml::{Resolved, Scalar};

/// Lists of words stay on one line up to this width.
const FLOW_WIDTH: usize = 60;

/// The order in which the keys of a new mapping are written; others follow in the order of the alphabet.
const FIRST_KEYS: [&str; 16] = [
    "name",
    "title",
    "role",
    "points",
    "manifests",
    "helm",
    "kustomize",
    "chart",
    "run",
    "assert",
    "cel",
    "mustFail",
    "needs",
    "ready",
    "rollout",
    "condition",
];

/// Writes new values.
#[derive(Clone, Copy)]
pub(super) struct Writer<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) indents: Indents,
}

impl Writer<'_> {
    /// `key: value`, the key standing at a column.
    pub(super) fn entry(self, key: &str, value: &Value, column: usize) -> String {
        format!(
            "{}:{}",
            plain_or_quoted(key, false),
            self.after_colon(value, column)
        )
    }

    /// `- value`, the dash standing at a column.
    pub(super) fn item(self, value: &Value, column: usize) -> String {
        format!("-{}", self.after_dash(value, column))
    }

    /// What follows a key at a column, blanks and line ends included.
    pub(super) fn after_colon(self, value: &Value, column: usize) -> String {
        let nested = match value {
            Value::Object(entries) if !entries.is_empty() => column + self.indents.mapping,
            Value::Array(items) if !is_short(items) => column + self.indents.list,
            _ => return format!(" {}", self.leaf(value, column + self.indents.mapping)),
        };
        format!("{}{}", self.lines.indent(nested), self.block(value, nested))
    }

    /// What follows a dash at a column.
    pub(super) fn after_dash(self, value: &Value, column: usize) -> String {
        format!(" {}", self.block(value, column + 2))
    }

    /// A value that starts at a column.
    fn block(self, value: &Value, column: usize) -> String {
        let parts: Vec<String> = match value {
            Value::Object(entries) if !entries.is_empty() => {
                let entries = in_order(entries).into_iter();
                entries
                    .map(|(key, value)| self.entry(key, value, column))
                    .collect()
            }
            Value::Array(items) if !is_short(items) => {
                items.iter().map(|item| self.item(item, column)).collect()
            }
            _ => return self.leaf(value, column),
        };
        parts.join(&self.lines.indent(column))
    }

    /// What fits on a line, or a text of several lines that stand at a column.
    fn leaf(self, value: &Value, column: usize) -> String {
        match value {
            Value::String(text) if is_literal(text) => self.literal(text, column),
            Value::String(text) => plain_or_quoted(text, false),
            other => flow(other),
        }
    }

    fn literal(self, text: &str, column: usize) -> String {
        let (sign, body) = text.strip_suffix('\n').map_or(("|-", text), |body| ("|", body));
        let lines = body.split('\n').map(|line| {
            if line.is_empty() {
                self.lines.end.to_owned()
            } else {
                format!("{}{line}", self.lines.indent(column))
            }
        });
        sign.to_owned() + &lines.collect::<String>()
    }
}

/// A value on one line, as it may stand between brackets.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => plain_or_quoted(text, true),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entries = in_order(entries).into_iter();
            let entries: Vec<String> = entries.map(|(key, value)| flow_entry(key, value)).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// `key: value` between brackets.
pub(super) fn flow_entry(key: &str, value: &Value) -> String {
    format!("{}: {}", plain_or_quoted(key, true), flow(value))
}

/// A scalar in place of another one, in its quotes if it had any.
pub(super) fn in_quotes(value: &Value, quotes: Quotes, in_flow: bool) -> Option<String> {
    let one_line = |text: &&str| !text.chars().any(char::is_control);
    match (value, quotes) {
        (Value::Object(_) | Value::Array(_), _) => None,
        (Value::String(text), Quotes::Double) => Some(double_quoted(text)),
        (Value::String(text), Quotes::Single) if one_line(&text.as_str()) => {
            Some(format!("'{}'", text.replace('\'', "''")))
        }
        (Value::String(text), _) if !in_flow && is_literal(text) => None,
        (Value::String(text), _) => Some(plain_or_quoted(text, in_flow)),
        (other, _) => Some(other.to_string()),
    }
}

fn in_order(entries: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let rank = |key: &str| {
        FIRST_KEYS
            .iter()
            .position(|first| *first == key)
            .unwrap_or(FIRST_KEYS.len())
    };
    let mut entries: Vec<_> = entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
    entries.sort_by_key(|(key, _)| rank(key));
    entries
}

/// Whether a list reads well on one line: no more than a few words and numbers.
fn is_short(items: &[Value]) -> bool {
    let is_simple = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) => false,
        Value::String(text) => !text.contains('\n'),
        _ => true,
    };
    let width = || items.iter().map(|item| flow(item).len() + 2).sum::<usize>();
    items.iter().all(is_simple) && width() <= FLOW_WIDTH
}

/// Whether a text is best written in lines of its own: several of them, and nothing that would get lost there.
fn is_literal(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let is_safe =
        |line: &str| !line.ends_with([' ', '\t']) && !line.chars().any(|c| c.is_control() && c != '\t');
    let starts_plain = body.starts_with(|c: char| !c.is_whitespace());
    body.contains('\n') && starts_plain && !body.ends_with('\n') && body.split('\n').all(is_safe)
}

/// As plain as it may be.
fn plain_or_quoted(text: &str, in_flow: bool) -> String {
    if is_plain(text, in_flow) {
        text.to_owned()
    } else {
        double_quoted(text)
    }
}

/// JSON's way to write a text is one of YAML's.
fn double_quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Whether every reader takes it for this text without quotes.
fn is_plain(text: &str, in_flow: bool) -> bool {
    let scalar = Scalar {
        text: text.into(),
        plain: true,
    };
    let is_text = matches!(scalar.resolve(), Resolved::Text) && scalar.surprise().is_none();
    let starts_well =
        text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '(' | '+' | '$'));
    let holds_sign = text.contains(": ") || text.contains(" #") || text.ends_with([':', ' ']);
    let holds_bracket = in_flow && text.contains([',', '[', ']', '{', '}', ':']);
    let is_visible =
        |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{85}');
    is_text
        && starts_well
        && !holds_sign
        && !holds_bracket
        && !text.starts_with("...")
        && text.chars().all(is_visible)
}
