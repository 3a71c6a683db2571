//! A proof as a `JUnit` report: one suite for each case, one test for each check.

use std::fmt::Write as _;

use api::grading::{Case, CaseCheck, Proof};

/// The report.
pub(crate) fn junit(proof: &Proof) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"{}\">", escaped(&proof.task));
    for case in &proof.cases {
        suite(&mut text, case);
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(text: &mut String, case: &Case) {
    let failures = case.checks.iter().filter(|check| !check.is_right()).count();
    let _ = writeln!(
        text,
        "  <testsuite name=\"{} {}\" tests=\"{}\" failures=\"{failures}\" errors=\"{}\" time=\"{}\">",
        escaped(&case.name),
        case.round,
        case.checks.len() + usize::from(case.problem.is_some()),
        usize::from(case.problem.is_some()),
        seconds(case.boot_ms + case.checks.iter().map(|check| check.ms).sum::<u64>()),
    );
    if let Some(problem) = &case.problem {
        let _ = writeln!(
            text,
            "    <testcase classname=\"{0}\" name=\"{0}\"><error message=\"{1}\"/></testcase>",
            escaped(&case.name),
            escaped(problem)
        );
    }
    for check in &case.checks {
        test(text, case, check);
    }
    text.push_str("  </testsuite>\n");
}

fn test(text: &mut String, case: &Case, check: &CaseCheck) {
    let (class, name, time) = (escaped(&case.name), escaped(&check.name), seconds(check.ms));
    let head = format!("    <testcase classname=\"{class}\" name=\"{name}\" time=\"{time}\"");
    if check.is_right() {
        let _ = writeln!(text, "{head}/>");
        return;
    }
    let expected = check
        .expected
        .map_or("pass or fail".to_owned(), |expected| expected.to_string());
    let message = format!("{} instead of {expected}", check.outcome);
    let body = check
        .reason
        .iter()
        .chain(&check.output)
        .map(|line| escaped(line) + "\n");
    let _ = writeln!(
        text,
        "{head}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
        escaped(&message),
        body.collect::<String>()
    );
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Text for XML 1.0: its own signs escaped, and what it cannot hold at all left out.
fn escaped(text: &str) -> String {
    let is_allowed =
        |c: char| matches!(c, '\t' | '\n') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars().filter(|c| is_allowed(*c)) {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_output_stays_text() {
        assert_eq!(
            escaped("a<b> & \"c\"\u{0}\u{1b}[31m\n"),
            "a&lt;b&gt; &amp; &quot;c&quot;[31m\n"
        );
        assert_eq!(seconds(61_042), "61.042");
    }
}
