//! What checks come to: typed, kept and shown by every front end.

use bundle::Bundle;
use bundle::model::Check;
pub use bundle::proof::CheckOutcome;
use plan::PreviewId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::event::Stream;

/// What one check came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "GradedCheck")]
pub struct CheckResult {
    /// Its name.
    pub name: String,
    /// What it looks at, in words.
    pub title: String,
    /// What it is worth.
    pub points: u32,
    /// What it came to.
    pub outcome: CheckOutcome,
    /// What a candidate may be told when it did not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub message: Option<String>,
    /// Why it did not pass, for the creator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
    /// How long it took, with all attempts, in milliseconds.
    pub ms: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// The last lines it printed in its last attempt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub output: Vec<String>,
}

impl CheckResult {
    fn new(check: &Check, outcome: CheckOutcome, reason: Option<String>) -> Self {
        let message = check.failure_message.clone();
        Self {
            name: check.name.to_string(),
            title: check.title.clone(),
            points: check.points,
            outcome,
            message: message.filter(|_| outcome == CheckOutcome::Fail),
            reason,
            ms: 0,
            attempts: 0,
            output: Vec::new(),
        }
    }

    pub(super) fn passed(check: &Check) -> Self {
        Self::new(check, CheckOutcome::Pass, None)
    }

    pub(super) fn failed(check: &Check, reason: String) -> Self {
        Self::new(check, CheckOutcome::Fail, Some(reason))
    }

    pub(super) fn broken(check: &Check, reason: String) -> Self {
        Self::new(check, CheckOutcome::Error, Some(reason))
    }

    /// Whether the work is good.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.outcome == CheckOutcome::Pass
    }
}

/// What the work in a preview is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Grade {
    /// The preview.
    pub preview: String,
    /// The task.
    pub bundle: String,
    /// The points of all checks that passed.
    pub points: u32,
    /// The points of all checks.
    pub of: u32,
    /// Whether every check could be decided: none broke.
    pub decided: bool,
    /// Each check, in the order of the bundle.
    pub checks: Vec<CheckResult>,
}

impl Grade {
    pub(super) fn of(id: &PreviewId, bundle: &Bundle, checks: Vec<CheckResult>) -> Self {
        let sum = |results: &mut dyn Iterator<Item = &CheckResult>| results.map(|result| result.points).sum();
        Self {
            preview: id.to_string(),
            bundle: bundle.name.to_string(),
            points: sum(&mut checks.iter().filter(|result| result.is_passed())),
            of: sum(&mut checks.iter()),
            decided: checks.iter().all(|result| result.outcome != CheckOutcome::Error),
            checks,
        }
    }

    /// Whether every check passed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.checks.iter().all(CheckResult::is_passed)
    }
}

/// What a grading does. It begins with `began` and ends with `finished`, unless it fails or is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum GradeEvent {
    /// It is known what is graded.
    Began {
        /// The preview.
        preview: String,
        /// The names of its checks, in their order.
        checks: Vec<String>,
    },
    /// The grader is being started.
    Preparing {
        /// What it is waiting for.
        doing: String,
    },
    /// A check begins.
    CheckStarted {
        /// Its name.
        name: String,
    },
    /// A check did not pass and is tried again.
    Retrying {
        /// Its name.
        name: String,
        /// Why it did not pass.
        reason: String,
    },
    /// A line that a check printed.
    Output {
        /// Its name.
        name: String,
        /// Standard output or standard error.
        stream: Stream,
        /// The line, without its end.
        line: String,
    },
    /// A check is done.
    CheckFinished {
        /// What it came to.
        result: CheckResult,
    },
    /// All checks are done.
    Finished {
        /// What the work is worth.
        grade: Grade,
    },
}

impl GradeEvent {
    pub(super) fn began(id: &PreviewId, bundle: &Bundle) -> Self {
        Self::Began {
            preview: id.to_string(),
            checks: bundle.checks.iter().map(|check| check.name.to_string()).collect(),
        }
    }
}
