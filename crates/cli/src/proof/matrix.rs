//! The matrix of a proof: one line for each check, one column for each case, and what is wrong below.

use api::grading::{Case, CaseCheck, CaseKind, Proof};

use crate::style::{Paint, Tone};
use crate::table::table;

/// The matrix with a verdict.
pub(crate) fn matrix(proof: &Proof, paint: Paint) -> Vec<String> {
    let head: Vec<String> = std::iter::once("CHECK".to_owned())
        .chain(proof.cases.iter().map(title))
        .collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let mut lines = table(&head, &rows(&proof.cases), paint);
    lines.push(String::new());
    lines.extend(proof.cases.iter().flat_map(|case| wrong(case, paint)));
    lines.push(if proof.passed {
        paint.tone(Tone::Good, "proven: every case came out as it has to")
    } else {
        paint.tone(Tone::Bad, "not proven: see above")
    });
    lines
}

fn title(case: &Case) -> String {
    match case.round {
        1 => case.name.clone(),
        round => format!("{}#{round}", case.name),
    }
}

fn rows(cases: &[Case]) -> Vec<Vec<String>> {
    let Some(longest) = cases.iter().max_by_key(|case| case.checks.len()) else {
        return Vec::new();
    };
    let row = |index: usize, check: &CaseCheck| {
        let cells = cases
            .iter()
            .map(|case| case.checks.get(index).map_or("-".to_owned(), cell));
        std::iter::once(check.name.clone()).chain(cells).collect()
    };
    longest
        .checks
        .iter()
        .enumerate()
        .map(|(index, check)| row(index, check))
        .collect()
}

/// The outcome, with what it had to be when it is another.
fn cell(check: &CaseCheck) -> String {
    match check.expected {
        Some(expected) if expected != check.outcome => format!("{}, not {expected}!", check.outcome),
        None if !check.is_right() => format!("{}!", check.outcome),
        _ => check.outcome.to_string(),
    }
}

/// Everything that did not come out as it has to, with what was printed.
fn wrong(case: &Case, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    let name = title(case);
    if let Some(problem) = &case.problem {
        lines.push(format!(
            "{} {problem}",
            paint.tone(Tone::Bad, &format!("{name}:"))
        ));
        lines.extend(last(&case.evidence));
        lines.extend(case.played.iter().flat_map(|played| last(&played.output)));
    }
    lines.extend(
        case.notes
            .iter()
            .map(|note| format!("{} {note}", paint.tone(Tone::Warning, "note:"))),
    );
    for check in case.checks.iter().filter(|check| !check.is_right()) {
        let reason = check.reason.as_deref().unwrap_or(advice(case.kind));
        let place = paint.tone(Tone::Bad, &format!("{name}, {}:", check.name));
        lines.push(format!("{place} {}; {reason}", cell(check)));
        lines.extend(last(&check.output));
    }
    lines
}

/// What a check that passes where it must not most likely means.
fn advice(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Untouched => {
            "it passes before anybody has done anything: make it look at what has to change, or say `expectInitially: pass`"
        }
        CaseKind::Solution => "it has to pass when the task is solved",
        CaseKind::WrongSolution => "it does not see what is wrong with this solution",
    }
}

fn last(output: &[String]) -> Vec<String> {
    const LINES: usize = 8;
    let from = output.len().saturating_sub(LINES);
    output[from..]
        .iter()
        .map(|line| format!("    | {line}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use api::grading::Peaks;

    use super::*;

    #[test]
    fn a_case_that_did_not_boot_shows_what_was_seen_of_it() {
        let case = Case {
            name: "reference".to_owned(),
            kind: CaseKind::Solution,
            round: 2,
            passed: false,
            problem: Some("it did not boot: not done after 180 s: dry run of probe.yaml".to_owned()),
            evidence: vec!["the webhook's certificate is not known".to_owned()],
            notes: Vec::new(),
            boot_ms: 0,
            timeline: Vec::new(),
            played: None,
            checks: Vec::new(),
            peaks: Peaks::default(),
        };
        assert_eq!(
            wrong(&case, Paint::PLAIN),
            [
                "reference#2: it did not boot: not done after 180 s: dry run of probe.yaml",
                "    | the webhook's certificate is not known",
            ]
        );
    }
}
