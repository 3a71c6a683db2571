//! Every script is there, says what runs it, does something, and lies where it belongs.

use std::collections::HashSet;

use crate::context::{Context, TEXT_LIMIT};
use crate::diagnostic::{Code, Diagnostic, Position, Span};
use crate::draft::At;
use crate::files::Entry;
use crate::path::BundlePath;
use crate::report::Report;
use crate::text::TextFile;

/// Who runs a script, and hence who may see it.
#[derive(Clone, Copy)]
enum Runner {
    Init,
    Check,
    Solution,
}

/// Reports scripts that are missing, misplaced or do not say what runs them.
pub(super) fn rule(context: &Context<'_>, report: &mut Report) {
    let spec = context.spec();
    let init = context
        .init()
        .filter_map(|step| step.run.as_ref())
        .map(|run| (Runner::Init, run));
    let checks = spec.checks.iter().flat_map(|list| &list.value);
    let check_runs = checks
        .clone()
        .filter_map(|check| check.value.run.as_ref())
        .map(|run| (Runner::Check, run));
    let solutions = spec.solutions.iter().flat_map(|list| &list.value);
    let solution_runs = solutions
        .filter_map(|item| item.value.run.as_ref())
        .map(|run| (Runner::Solution, run));
    let mut seen = HashSet::new();
    for (runner, run) in init.chain(check_runs).chain(solution_runs) {
        place(context, runner, run, report);
        if context.file(run, report).is_some() && seen.insert(&run.value) {
            script(context, &run.value, report);
        }
    }
    for assert in checks.filter_map(|check| check.value.assert.as_ref()) {
        place(context, Runner::Check, assert, report);
        context.file(assert, report);
    }
}

fn place(context: &Context<'_>, runner: Runner, run: &At<BundlePath>, report: &mut Report) {
    let target = context
        .files
        .follow(run.value.as_str())
        .map_or(&run.value, |(target, _)| target);
    let (wrong, message) = match runner {
        Runner::Init => (
            run.value.is_restricted() || target.is_restricted(),
            format!("`{target}` is for graders only, but an init script runs where the candidate can see it"),
        ),
        Runner::Check => (
            !run.value.is_below("checks") || !target.is_below("checks"),
            format!(
                "`{}` grades the work and has to lie in `checks/`, or the candidate could see it",
                run.value
            ),
        ),
        Runner::Solution => (
            !run.value.is_below("solutions") || !target.is_below("solutions"),
            format!(
                "`{}` solves the task and has to lie in `solutions/`, or the candidate could see it",
                run.value
            ),
        ),
    };
    if wrong {
        report.push(context.problem(Code::RestrictedPath, run.marks, message));
    }
}

fn script(context: &Context<'_>, path: &BundlePath, report: &mut Report) {
    let Ok((path, Entry::File(file))) = context.files.follow(path.as_str()) else {
        return;
    };
    let Some(text) = TextFile::decode(path, &file.content, TEXT_LIMIT, report) else {
        return;
    };
    let does_something = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    if !text.text().lines().any(does_something) {
        report.push(Diagnostic::new(
            Code::EmptyScript,
            path.clone(),
            "the script does nothing",
        ));
    } else if !names_interpreter(text.line(1)) {
        report.push(no_shebang(path));
    }
}

fn names_interpreter(line: &str) -> bool {
    line.trim_start_matches('\u{feff}')
        .strip_prefix("#!")
        .is_some_and(|rest| rest.trim_start().starts_with('/'))
}

fn no_shebang(path: &BundlePath) -> Diagnostic {
    let start = Position {
        line: 1,
        column: 1,
        byte: 0,
    };
    Diagnostic::new(
        Code::NoShebang,
        path.clone(),
        "the script does not say what runs it",
    )
    .at(Span { start, end: start })
    .hint("start it with `#!/usr/bin/env bash`")
    .fix("start it with `#!/usr/bin/env bash`", "#!/usr/bin/env bash\n")
}
