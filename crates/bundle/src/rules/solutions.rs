//! What grades and what solves belong together.

use crate::context::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::report::Report;

/// Reports unknown checks in `mustFail`, and tasks that cannot be graded or proven.
pub(super) fn rule(context: &Context<'_>, report: &mut Report) {
    unknown_checks(context, report);
    let spec = context.spec();
    if spec.checks.as_ref().is_none_or(|checks| checks.value.is_empty()) {
        let problem = Diagnostic::new(
            Code::NoChecks,
            context.task.path.clone(),
            "the task has no checks",
        );
        report.push(problem.hint("without `checks` nobody learns whether it was solved"));
    }
    let solutions = || spec.solutions.iter().flat_map(|list| &list.value);
    if !solutions().any(|solution| solution.value.must_fail.is_none()) {
        let message = "the task has no solution that passes";
        let problem = Diagnostic::new(Code::NoSolution, context.task.path.clone(), message);
        report.push(
            problem.hint("add one to `solutions`, without `mustFail`: it shows that the task can be solved"),
        );
    }
}

fn unknown_checks(context: &Context<'_>, report: &mut Report) {
    let spec = context.spec();
    let checks = spec.checks.iter().flat_map(|list| &list.value);
    let known: Vec<&str> = checks
        .filter_map(|check| check.value.name.as_ref())
        .map(|name| name.value.as_str())
        .collect();
    for solution in spec.solutions.iter().flat_map(|list| &list.value) {
        let Some(must_fail) = &solution.value.must_fail else {
            continue;
        };
        if must_fail.value.is_empty() {
            let problem = context.problem(Code::UselessKey, must_fail.marks, "`mustFail` names no check");
            report.push(problem.hint("name the checks that it has to fail, or remove the key"));
        }
        for name in &must_fail.value {
            if !known.contains(&name.value.as_str()) {
                let message = format!("there is no check `{}`", name.value);
                let problem = context.problem(Code::UnknownCheck, name.marks, message);
                report.push(crate::draft::suggest(
                    problem,
                    name.value.as_str(),
                    &known,
                    "there are",
                ));
            }
        }
    }
}
