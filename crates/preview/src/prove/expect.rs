//! What every check has to come to in a case.

use bundle::model::{Check, Initially, Solution};
use bundle::proof::{CaseCheck, CheckOutcome};

use crate::grade::CheckResult;

/// What a check has to come to; `None` when either is right.
pub(super) fn expected(check: &Check, solution: Option<&Solution>) -> Option<CheckOutcome> {
    match solution {
        None => Some(match check.initially {
            Initially::Fail => CheckOutcome::Fail,
            Initially::Pass => CheckOutcome::Pass,
        }),
        Some(solution) if solution.must_fail.is_empty() => Some(CheckOutcome::Pass),
        Some(solution) => solution
            .must_fail
            .contains(&check.name)
            .then_some(CheckOutcome::Fail),
    }
}

/// What a check came to, beside what it had to.
pub(super) fn judged(check: &Check, solution: Option<&Solution>, result: CheckResult) -> CaseCheck {
    CaseCheck {
        name: result.name,
        outcome: result.outcome,
        expected: expected(check, solution),
        reason: result.reason,
        ms: result.ms,
        attempts: result.attempts,
        output: result.output,
    }
}
