//! What every check has to come to in a case.

use bundle::model::{Check, Initially, Solution};
use bundle::proof::CaseCheck;

use crate::grade::CheckResult;

/// The word that a check has to come to; `None` when either is right.
pub(super) fn expected(check: &Check, solution: Option<&Solution>) -> Option<&'static str> {
    match solution {
        None => Some(match check.initially {
            Initially::Fail => "fail",
            Initially::Pass => "pass",
        }),
        Some(solution) if solution.must_fail.is_empty() => Some("pass"),
        Some(solution) => solution.must_fail.contains(&check.name).then_some("fail"),
    }
}

/// What a check came to, beside what it had to.
pub(super) fn judged(check: &Check, solution: Option<&Solution>, result: CheckResult) -> CaseCheck {
    CaseCheck {
        name: result.name,
        outcome: result.outcome.word().to_owned(),
        expected: expected(check, solution).map(str::to_owned),
        reason: result.reason,
        ms: result.ms,
        attempts: result.attempts,
        output: result.output,
    }
}
