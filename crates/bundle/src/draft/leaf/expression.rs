//! CEL expressions as values of a task.

use serde_json::{Value, json};

use super::{Leaf, Refusal, text};
use crate::diagnostic::Code;
use crate::expression::{Expression, ExpressionError, LIMIT};
use crate::yaml::Scalar;

impl Leaf for Expression {
    const EXPECTED: &'static str = "a CEL expression such as `object.status.phase == \"Ready\"`";

    fn parse(scalar: &Scalar) -> Result<Self, Refusal> {
        let text = text(scalar, Self::EXPECTED)?;
        Self::new(text).map_err(|error| {
            let refusal = Refusal::new(Code::InvalidExpression, format!("the expression {error}"));
            match error {
                ExpressionError::Syntax(_) => refusal.hint(
                    "write one in which `object` stands for the object: `object.status.phase == \"Ready\"`",
                ),
                ExpressionError::TooLarge(_) => refusal,
            }
        })
    }

    fn schema() -> Value {
        json!({"type": "string", "minLength": 1, "maxLength": LIMIT})
    }
}
