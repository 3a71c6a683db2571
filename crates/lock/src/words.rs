//! What helm says when it cannot fetch or render, read into a problem with its place and its remedy.

use bundle::diagnostic::Span;
use bundle::model::Location;
use bundle::{BundlePath, Code, Diagnostic};
use cluster::HelmError;

use crate::chart::Chart;

/// More of it helps nobody.
const LONGEST: usize = 400;

/// Where a dependency is declared, and its values files.
pub(crate) struct Declared<'a> {
    pub(crate) at: &'a Location,
    pub(crate) values: &'a [BundlePath],
}

impl Declared<'_> {
    /// A problem at the dependency's name.
    pub(crate) fn problem(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.at.file.clone(), message).at(self.at.span)
    }
}

/// Why a chart could not be fetched.
pub(crate) fn fetch(declared: &Declared<'_>, chart: &str, error: &HelmError) -> Diagnostic {
    let HelmError::Fetch { stderr, .. } = error else {
        return declared.problem(
            Code::Unreachable,
            format!("chart {chart} cannot be fetched: {error}"),
        );
    };
    let said = last_words(stderr);
    let says = |signs: &[&str]| signs.iter().any(|sign| said.contains(sign));
    let no_version = says(&["not found in", "no chart version found", "improper constraint"]);
    if no_version || (says(&["not found", "manifest unknown"]) && !says(&["no such host"])) {
        let message = format!("chart {chart} is not there: {said}");
        return declared
            .problem(Code::Unreachable, message)
            .hint("correct its address, its name or its `version`");
    }
    declared
        .problem(Code::Unreachable, format!("chart {chart} cannot be fetched: {said}"))
        .hint("are its address and `version` right, and can this machine reach it? the host's `mirror` is asked first")
}

/// Why a chart could not be rendered.
pub(crate) fn render(declared: &Declared<'_>, chart: &Chart, error: &HelmError) -> Diagnostic {
    let HelmError::Render { stderr, .. } = error else {
        return declared.problem(Code::NotRendered, error.to_string());
    };
    if let Some(refused) = stderr.split_once("values don't meet the specifications of the schema") {
        return schema(declared, refused.1);
    }
    let said = last_words(stderr);
    let message = format!("the chart cannot be rendered: {said}");
    let place = place(&said, chart);
    match place {
        Some((file, line, column)) => Diagnostic::new(Code::NotRendered, file.clone(), message)
            .at(span(chart, &said, line, column))
            .related(
                declared.at.file.clone(),
                Some(declared.at.span),
                "the dependency that the chart belongs to",
            ),
        None => declared.problem(Code::NotRendered, message),
    }
    .hint("correct the template, or the values that it is given")
}

/// `app:\n- at '/size': got string, want integer`.
fn schema(declared: &Declared<'_>, said: &str) -> Diagnostic {
    let rules = said.lines().filter_map(|line| line.trim().strip_prefix("- "));
    let rules: Vec<&str> = rules.collect();
    let message = format!(
        "the chart's schema refuses these values: {}",
        shorten(&rules.join("; "))
    );
    let problem = match declared.values.last() {
        Some(file) => Diagnostic::new(Code::NotRendered, file.clone(), message).related(
            declared.at.file.clone(),
            Some(declared.at.span),
            "the dependency that the values belong to",
        ),
        None => declared.problem(Code::NotRendered, message),
    };
    problem.hint("correct the values as the schema says")
}

/// The last line that says something, without what helm always puts before it.
fn last_words(stderr: &str) -> String {
    let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let told = lines.filter(|line| !line.starts_with("Use --debug") && !line.starts_with("level="));
    let told: Vec<&str> = told.collect();
    let first = told
        .iter()
        .rposition(|line| line.starts_with("Error:"))
        .unwrap_or(0);
    let joined = told.get(first..).unwrap_or_default().join(" ");
    shorten(joined.trim_start_matches("Error:").trim())
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The place in a template that a message of helm names: `app/templates/web.yaml:12:5`, or a line behind the name.
fn place(said: &str, chart: &Chart) -> Option<(BundlePath, u32, u32)> {
    let words = said.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ','));
    // The last one is the innermost: a template that another one includes.
    words.rev().find_map(|word| {
        let mut parts = word.trim_end_matches(':').split(':');
        let file = chart.shown(parts.next()?)?;
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
        let line = number(parts.next()).or_else(|| line_behind(said)).unwrap_or(1);
        Some((file, line, number(parts.next()).unwrap_or(0)))
    })
}

/// `error converting YAML to JSON: yaml: line 5: …`.
fn line_behind(said: &str) -> Option<u32> {
    let (_, rest) = said.split_once("line ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Where a line of a template is; offsets count for editors, which know the file themselves.
fn span(chart: &Chart, said: &str, line: u32, column: u32) -> Span {
    let words = said.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ','));
    let text = words.rev().find_map(|word| chart.text(word.split(':').next()?));
    Span::in_line(text.unwrap_or_default(), line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helm_is_quoted_without_its_advice() {
        assert_eq!(
            last_words(
                "level=WARN msg=x\nError: template: a/b.yaml:1:2: bad\n\nUse --debug flag to render out invalid YAML\n"
            ),
            "template: a/b.yaml:1:2: bad"
        );
    }
}
