//! A check can pass and can fail: its keys belong together, and what it needs stands before it.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::diagnostic::Code;
use crate::draft::{At, CheckDraft, FetchedDraft, Written as _};
use crate::expression::Expression;
use crate::report::Report;
use crate::rules::gates::useless;

/// Reports keys of checks that have no effect, needs that do not stand before them, and checks that cannot fail.
pub(super) fn rule(context: &Context<'_>, report: &mut Report) {
    let checks = context.spec().checks.iter().flat_map(|list| &list.value);
    let mut before: Vec<&str> = Vec::new();
    for check in checks {
        keys(context, &check.value, report);
        needs(context, &check.value, &before, report);
        expression(context, &check.value, report);
        script(context, &check.value, report);
        before.extend(check.value.name.as_ref().map(|name| name.value.as_str()));
    }
}

fn keys(context: &Context<'_>, check: &CheckDraft, report: &mut Report) {
    if check.http.is_none() && !check.is_refused("http") {
        if let Some(status) = &check.status {
            useless(context, status.marks, "`status`", "`http`", report);
        }
        if let Some(contains) = &check.contains {
            useless(context, contains.marks, "`contains`", "`http`", report);
        }
    }
    if let Some(objects) = &check.objects
        && check.cel.is_none()
        && !check.is_refused("cel")
    {
        useless(context, objects.marks, "`objects`", "`cel`", report);
    }
    for object in check.objects.iter().flat_map(|list| &list.value) {
        if let Some(selector) = &object.value.selector
            && object.value.list.is_none()
            && !object.value.is_refused("list")
        {
            useless(context, selector.marks, "`selector`", "`list`", report);
        }
    }
}

fn needs(context: &Context<'_>, check: &CheckDraft, before: &[&str], report: &mut Report) {
    for need in check.needs.iter().flat_map(|list| &list.value) {
        if !before.contains(&need.value.as_str()) {
            let message = format!("there is no check `{}` before this one", need.value);
            let problem = context.problem(Code::UnknownCheck, need.marks, message);
            report.push(crate::draft::suggest(
                problem,
                need.value.as_str(),
                before,
                "before it are",
            ));
        }
    }
}

/// What an expression names has to be fetched, what is fetched has to be named, and once.
fn expression(context: &Context<'_>, check: &CheckDraft, report: &mut Report) {
    let Some(cel) = &check.cel else { return };
    if check.is_refused("objects") {
        return;
    }
    let named = cel.value.variables();
    let mut given: BTreeSet<&str> = BTreeSet::new();
    for object in check.objects.iter().flat_map(|list| &list.value) {
        variable(context, &object.value, &named, &mut given, report);
    }
    for missing in named.iter().filter(|name| !given.contains(name.as_str())) {
        let message = format!("nothing fetches `{missing}`");
        let problem = context.problem(Code::InvalidExpression, cel.marks, message);
        report.push(problem.hint(format!(
            "say what it is in `objects`: `{{as: {missing}, get: deployment/web, namespace: shop}}`"
        )));
    }
    if named.is_empty() {
        same_for_all(context, cel, report);
    }
}

fn variable<'d>(
    context: &Context<'_>,
    object: &'d FetchedDraft,
    named: &BTreeSet<String>,
    given: &mut BTreeSet<&'d str>,
    report: &mut Report,
) {
    let Some(name) = &object.variable else { return };
    if !given.insert(name.value.as_str()) {
        let message = format!("`{}` is fetched twice", name.value);
        report.push(context.problem(Code::DuplicateName, name.marks, message));
    } else if !named.contains(name.value.as_str()) {
        let message = format!("the expression does not name `{}`", name.value);
        let problem = context.problem(Code::UselessKey, name.marks, message);
        report.push(problem.hint("remove the object, or ask for it"));
    }
}

fn same_for_all(context: &Context<'_>, expression: &At<Expression>, report: &mut Report) {
    let message = "the expression names no object, so it comes to the same whatever was done";
    let problem = context.problem(Code::CannotFail, expression.marks, message);
    report.push(problem.hint("fetch what it is about with `objects`, and name that"));
}

/// Warns of a script that ends well on every way through it.
fn script(context: &Context<'_>, check: &CheckDraft, report: &mut Report) {
    // A script that lies elsewhere has a problem of its own.
    let Some(run) = check.run.as_ref().filter(|run| run.value.is_below("checks")) else {
        return;
    };
    let Ok(bytes) = context.files.content(run.value.as_str()) else {
        return;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if ends_well_always(text) {
        let message = format!("`{}` exits with 0 whatever it finds", run.value);
        let problem = context.problem(Code::CannotFail, run.marks, message);
        report
            .push(problem.hint("start it with `set -euo pipefail`, or end it with the command that decides"));
    }
}

/// Whether a shell script has no way to another exit code than 0: the last command cannot fail, and none before it ends
/// the script. What cannot be told is taken for a script that can fail.
fn ends_well_always(text: &str) -> bool {
    let is_shell = text
        .lines()
        .next()
        .is_some_and(|line| line.starts_with("#!") && line.contains("sh"));
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let leaves = |line: &&str| {
        line.starts_with("set -") || line.contains("exit") || line.contains("exec ") || line.contains("trap ")
    };
    let Some((last, rest)) = lines.split_last() else {
        return false;
    };
    let is_harmless = matches!(*last, "true" | ":" | "exit 0" | "exit") || is_print(last);
    is_shell && is_harmless && !rest.iter().any(leaves)
}

fn is_print(line: &str) -> bool {
    let prints = line.starts_with("echo ") || line.starts_with("printf ");
    prints && !line.contains(['|', '&', ';', '$', '`', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_cannot_fail_are_told_from_those_that_can() {
        let cases = [
            ("#!/bin/sh\nexit 0\n", true),
            ("#!/usr/bin/env bash\nkubectl get pods\ntrue\n", true),
            ("#!/bin/bash\nkubectl get pods\necho fine\n", true),
            ("#!/bin/bash\nset -e\nkubectl get pods\nexit 0\n", false),
            ("#!/bin/bash\nkubectl get pods || exit 1\nexit 0\n", false),
            ("#!/bin/bash\nkubectl get pods\n", false),
            ("#!/bin/bash\necho $(kubectl get pods) | grep -q web\n", false),
            ("#!/usr/bin/env python3\nexit\n", false),
        ];
        for (text, expected) in cases {
            assert_eq!(ends_well_always(text), expected, "{text:?}");
        }
    }
}
