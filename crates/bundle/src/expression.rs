//! CEL expressions over objects: read when a bundle is checked, asked when a gate waits and when work is graded.

mod variables;

use std::collections::BTreeSet;

use cel::{Context, Program, Value};
use thiserror::Error;

/// Longer expressions are programs, which belong into a script.
pub const LIMIT: usize = 1000;
/// Deeper ones would exhaust the stack of whoever reads them.
const DEPTH: usize = 20;
/// Each of these may go through all there is for each that goes around it.
const LOOPS: [&str; 5] = [".all(", ".exists(", ".exists_one(", ".map(", ".filter("];
const LOOPS_LIMIT: usize = 3;

/// A CEL expression that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression(Box<str>);

/// Why a text is not taken for an expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// It is more than one should have to wait for.
    #[error("is too large: {0}")]
    TooLarge(&'static str),
    /// It is not CEL.
    #[error("is not CEL: {0}")]
    Syntax(String),
}

impl Expression {
    /// Reads a text.
    pub fn new(text: &str) -> Result<Self, ExpressionError> {
        bounded(text)?;
        Program::compile(text).map_err(|errors| ExpressionError::Syntax(syntax(&errors.to_string())))?;
        Ok(Self(text.into()))
    }

    /// The expression as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names of all that it asks for.
    pub fn variables(&self) -> BTreeSet<String> {
        Program::compile(&self.0).map_or_else(
            |_| BTreeSet::new(),
            |program| variables::free(program.expression()),
        )
    }

    /// Whether it is true of an object, which it calls `object`.
    ///
    /// # Errors
    /// When it asks for what the object does not have, or comes to something else than true or false; in words.
    pub fn holds(&self, object: &serde_json::Value) -> Result<bool, String> {
        self.holds_of([("object", object)])
    }

    /// Whether it is true of several objects, which it calls by these names.
    ///
    /// # Errors
    /// As for [`holds`](Self::holds).
    pub fn holds_of<'v>(
        &self,
        objects: impl IntoIterator<Item = (&'v str, &'v serde_json::Value)>,
    ) -> Result<bool, String> {
        let program = Program::compile(&self.0).map_err(|errors| first_line(&errors.to_string()))?;
        let mut context = Context::default();
        for (name, object) in objects {
            context
                .add_variable(name, object)
                .map_err(|error| error.to_string())?;
        }
        match program.execute(&context) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(other) => Err(format!("it comes to {:?}, not to true or false", other.type_of())),
            Err(error) => Err(first_line(&error.to_string())),
        }
    }
}

fn bounded(text: &str) -> Result<(), ExpressionError> {
    if text.trim().is_empty() {
        return Err(ExpressionError::Syntax("there is nothing".into()));
    }
    if text.len() > LIMIT {
        return Err(ExpressionError::TooLarge("at most 1000 characters are read"));
    }
    let loops: usize = LOOPS.iter().map(|word| text.matches(word).count()).sum();
    if loops > LOOPS_LIMIT {
        return Err(ExpressionError::TooLarge("at most three loops are run"));
    }
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' | b'?' | b'!' | b'-' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > DEPTH {
        return Err(ExpressionError::TooLarge("it is nested too deeply"));
    }
    Ok(())
}

/// What the parser met, without its own words for places and for all that it would have taken.
fn syntax(text: &str) -> String {
    let line = first_line(text);
    let said = line
        .split_once("Syntax error: ")
        .map_or(line.as_str(), |(_, said)| said);
    let said = said.split(" expecting ").next().unwrap_or(said);
    said.replace("'<EOF>'", "the end")
}

fn first_line(text: &str) -> String {
    let line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    crate::yaml::shorten_to(line.trim(), 200)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_are_asked_of_an_object() {
        let object = json!({"metadata": {"name": "web"}, "spec": {"replicas": 2},
            "status": {"readyReplicas": 2, "phase": "Ready", "conditions": [{"type": "Ready", "status": "True"}]}});
        let cases = [
            ("object.status.readyReplicas == object.spec.replicas", Ok(true)),
            ("object.status.readyReplicas >= 3", Ok(false)),
            (
                "has(object.status.phase) && object.status.phase == \"Ready\"",
                Ok(true),
            ),
            (
                "object.status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')",
                Ok(true),
            ),
            ("object.metadata.name.startsWith('w')", Ok(true)),
            ("object.metadata.name", Err(())),
            ("object.status.nothing == 1", Err(())),
        ];
        for (text, expected) in cases {
            let found = Expression::new(text).unwrap().holds(&object);
            assert_eq!(found.clone().map_err(drop), expected, "{text}: {found:?}");
        }
    }

    #[test]
    fn variables_are_those_that_have_to_be_given() {
        let cases = [
            ("web.spec.replicas == 2 && size(pods) == 2", "pods web"),
            (
                "pods.all(p, p.status.phase == 'Running' && p.spec.nodeName != node.metadata.name)",
                "node pods",
            ),
            ("[a, b].map(x, {x: c}).size() > 0", "a b c"),
            ("type(web) == map", "web"),
            ("1 == 1", ""),
        ];
        for (text, expected) in cases {
            let found: Vec<String> = Expression::new(text).unwrap().variables().into_iter().collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_and_never_panics() {
        let hostile = [
            String::new(),
            " ".into(),
            "object.status ==".into(),
            "1 +".into(),
            "\"open".into(),
            "object.\u{0}".into(),
            "(".repeat(900),
            "!".repeat(900),
            "-".repeat(900),
            "[".repeat(900),
            "a?".repeat(400),
            "x".repeat(LIMIT + 1),
            "[1].map(a, [1].map(b, [1].map(c, [1].map(d, 1))))".into(),
        ];
        for text in hostile {
            assert!(Expression::new(&text).is_err(), "{text:?}");
        }
    }
}
