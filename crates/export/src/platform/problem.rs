//! What a platform says when it refuses: problem details as in RFC 9457.

use std::fmt;

use serde::Deserialize;

/// Where the types of problems are named.
const TYPES: &str = "https://taskwright.dev/problems/";
/// How much of a text of the platform is shown.
const LONGEST: usize = 500;
const MOST: usize = 100;

/// A refusal of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// What kind of refusal it is.
    pub r#type: String,
    /// The same in words.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What happened.
    pub detail: String,
    /// How far the upload is.
    pub offset: Option<u64>,
    /// Each single thing that is wrong.
    pub errors: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Fault {
    /// What is wrong.
    pub detail: String,
    /// Where in the body or the bundle.
    pub pointer: Option<String>,
    /// In which header.
    pub header: Option<String>,
}

impl Default for Problem {
    fn default() -> Self {
        Self {
            r#type: "about:blank".to_owned(),
            title: String::new(),
            status: 0,
            detail: String::new(),
            offset: None,
            errors: Vec::new(),
        }
    }
}

impl Problem {
    /// Reads the body of a refusal; one that is no problem details says its status only.
    pub(super) fn read(status: u16, body: &[u8]) -> Self {
        let read = serde_json::from_slice::<Self>(body).unwrap_or_default();
        let mut errors = read.errors;
        errors.truncate(MOST);
        Self {
            status,
            title: clean(&read.title),
            detail: clean(&read.detail),
            errors: errors.iter().map(Fault::cleaned).collect(),
            ..read
        }
    }

    /// The last part of a type of the API, such as `wrong-offset`.
    pub fn kind(&self) -> &str {
        self.r#type.strip_prefix(TYPES).unwrap_or_default()
    }
}

impl Fault {
    fn cleaned(&self) -> Self {
        Self {
            detail: clean(&self.detail),
            pointer: self.pointer.as_deref().map(clean),
            header: self.header.as_deref().map(clean),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.title.as_str(), self.detail.as_str()) {
            ("", "") => write!(f, "it answered {} and said nothing more", self.status)?,
            ("", text) | (text, "") => write!(f, "{text} ({})", self.status)?,
            (title, detail) => write!(f, "{title} ({}): {detail}", self.status)?,
        }
        for fault in &self.errors {
            let place = fault.pointer.as_ref().or(fault.header.as_ref());
            match place.filter(|place| !place.is_empty()) {
                Some(place) => write!(f, "\n  {place}: {}", fault.detail)?,
                None => write!(f, "\n  {}", fault.detail)?,
            }
        }
        Ok(())
    }
}

/// A text of the platform is shown in terminals, which it must not steer.
fn clean(text: &str) -> String {
    let text = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    text.take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_shown_with_all_that_is_wrong() {
        let body = r#"{"type":"https://taskwright.dev/problems/invalid-request","title":"Not valid","status":999,
            "detail":"Correct \u001b[31mit","errors":[{"detail":"too long","pointer":"/task"},{"detail":"short","header":"Idempotency-Key"},{"detail":"more"}],"new":1}"#;
        let problem = Problem::read(400, body.as_bytes());
        assert_eq!(problem.kind(), "invalid-request");
        let shown = "Not valid (400): Correct  [31mit\n  /task: too long\n  Idempotency-Key: short\n  more";
        assert_eq!(problem.to_string(), shown);
    }

    #[test]
    fn an_answer_of_something_else_says_its_status() {
        for body in ["", "<html>Bad Gateway</html>", "[1]", "{\"status\":\"x\"}"] {
            let problem = Problem::read(502, body.as_bytes());
            assert_eq!(
                problem.to_string(),
                "it answered 502 and said nothing more",
                "{body}"
            );
            assert_eq!(problem.kind(), "");
        }
        let problem = Problem::read(404, br#"{"title":"Gone"}"#);
        assert_eq!(problem.to_string(), "Gone (404)");
    }
}
