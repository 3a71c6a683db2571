//! What a chart loses by being rendered ahead of time: each with the file and the line of its template.

use std::path::Path;

use bundle::diagnostic::Span;
use bundle::model::Location;
use bundle::{Code, Diagnostic};
use cluster::Hook;
use serde_json::Value;

use crate::chart::Chart;

/// The functions of templates that give another value each time.
const RANDOM: [&str; 15] = [
    "randAlphaNum",
    "randAlpha",
    "randNumeric",
    "randAscii",
    "randBytes",
    "randInt",
    "uuidv4",
    "genPrivateKey",
    "genCA",
    "genCAWithKey",
    "genSelfSignedCert",
    "genSignedCert",
    "derivePassword",
    "htpasswd",
    "now",
];
/// As many places of one kind are named.
const PLACES: usize = 5;

/// Hooks that would run when the chart is installed; others never run here.
pub(crate) fn hooks(chart: &Chart, hooks: &[Hook], at: &Location) -> Vec<Diagnostic> {
    let is_install = |hook: &&Hook| hook.events.iter().any(|event| event.ends_with("-install"));
    let one = |hook: &Hook| {
        let kind = hook.object["kind"].as_str().unwrap_or_default();
        let name = hook.object["metadata"]["name"].as_str().unwrap_or_default();
        let message = format!(
            "{kind}/{name} is a {} hook, and hooks are not run",
            hook.events.join(", ")
        );
        let template = hook.template.as_deref().unwrap_or_default();
        let file = chart.shown(template);
        let line = chart
            .text(template)
            .and_then(|text| line_of(text, "helm.sh/hook"));
        let problem = match (file, line) {
            (Some(file), Some(line)) => {
                let text = chart.text(template).unwrap_or_default();
                Diagnostic::new(Code::NeedsHook, file, message).at(Span::in_line(text, line, 0))
            }
            _ => Diagnostic::new(Code::NeedsHook, at.file.clone(), message).at(at.span),
        };
        problem.hint("write `engine: helm` to have helm install the chart and run its hooks, or turn the hook off with a value of the chart")
    };
    hooks.iter().filter(is_install).map(one).collect()
}

/// Templates that ask the cluster: what they get when they are rendered is nothing.
pub(crate) fn questions(chart: &Chart) -> Vec<Diagnostic> {
    let lookups = places(chart, |line| has_word(line, "lookup")).map(|place| {
        place
            .problem(
                Code::LooksUp,
                "`lookup` finds nothing when a chart is rendered ahead of time",
            )
            .hint("make sure that the chart is right without it")
    });
    let capabilities = places(chart, |line| line.contains(".Capabilities.APIVersions")).map(|place| {
        let message =
            "`.Capabilities.APIVersions` knows only the kinds of Kubernetes itself when a chart is rendered";
        place
            .problem(Code::AsksCapabilities, message)
            .hint("look at what was rendered; a value of the chart may say what the template asks")
    });
    lookups.take(PLACES).chain(capabilities.take(PLACES)).collect()
}

/// Values that differ between two renderings: the lock keeps the first for everybody.
pub(crate) fn randomness(chart: &Chart, first: &[Value], second: &[Value], at: &Location) -> Vec<Diagnostic> {
    if first == second {
        return Vec::new();
    }
    let differing = first
        .iter()
        .zip(second)
        .filter(|(one, other)| one != other)
        .map(|(one, _)| plan::object_name(one));
    let names: Vec<String> = differing.collect();
    let names = if names.is_empty() {
        "the objects".to_owned()
    } else {
        names.join(", ")
    };
    let message = |what: &str| {
        format!(
            "{what} makes another value each time; the lock keeps the one that it has now in {names}, for everybody to see"
        )
    };
    let hint = "give the value yourself, or make it in an init script";
    let found: Vec<Diagnostic> = places(chart, |line| RANDOM.iter().any(|word| has_word(line, word)))
        .take(PLACES)
        .map(|place| {
            let word = RANDOM.iter().find(|word| has_word(place.line, word));
            let what = format!("`{}`", word.copied().unwrap_or_default());
            place.problem(Code::RandomValue, message(&what)).hint(hint)
        })
        .collect();
    if found.is_empty() {
        let problem = Diagnostic::new(Code::RandomValue, at.file.clone(), message("the chart"));
        return vec![problem.at(at.span).hint(hint)];
    }
    found
}

/// A line of a template.
struct Place<'a> {
    chart: &'a Chart,
    file: &'a str,
    text: &'a str,
    line: &'a str,
    number: u32,
}

impl Place<'_> {
    fn problem(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        let column = self.line.len() - self.line.trim_start().len();
        let column = u32::try_from(column).unwrap_or(0);
        Diagnostic::new(code, self.chart.place(self.file), message).at(Span::in_line(
            self.text,
            self.number,
            column,
        ))
    }
}

/// The lines of a chart's templates that a test is true of, but for comments.
fn places<'a>(chart: &'a Chart, test: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = Place<'a>> {
    let templates = chart.files.iter().filter(|(file, _)| is_template(file));
    let texts = templates.filter_map(|(file, content)| Some((file, std::str::from_utf8(content).ok()?)));
    texts
        .flat_map(|(file, text)| code_lines(text).map(move |(number, line)| (file, text, number, line)))
        .filter(move |(_, _, _, line)| test(line))
        .map(move |(file, text, number, line)| Place {
            chart,
            file,
            text,
            line,
            number,
        })
}

fn is_template(file: &str) -> bool {
    let in_templates = file.starts_with("templates/") || file.contains("/templates/");
    in_templates
        && Path::new(file)
            .extension()
            .is_none_or(|extension| extension != "txt")
}

/// Lines outside of `{{/* … */}}`, counted from 1, that hold template code.
fn code_lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let mut in_comment = false;
    let mut in_action = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let began_before = in_comment;
        if line.contains("/*") {
            in_comment = true;
        }
        let has_comment = in_comment;
        if line.contains("*/") {
            in_comment = false;
        }
        let is_code = in_action || line.contains("{{");
        in_action = is_code && line.rfind("{{") > line.rfind("}}") || (in_action && !line.contains("}}"));
        is_code && !has_comment && !began_before
    })
}

fn line_of(text: &str, sign: &str) -> Option<u32> {
    let at = text.lines().position(|line| line.contains(sign))?;
    u32::try_from(at + 1).ok()
}

/// Whether a line calls a function of this name: a word of its own, not a part of another and no field.
fn has_word(line: &str, word: &str) -> bool {
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '$' | '"');
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_of_word)
            && !after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_from_other_words() {
        for (line, word, expected) in [
            ("{{ lookup \"v1\" \"Secret\" }}", "lookup", true),
            (
                "{{- $s := (lookup \"v1\" \"Secret\" .Release.Namespace \"x\") }}",
                "lookup",
                true,
            ),
            ("{{ .Values.lookup }}", "lookup", false),
            ("{{ $lookup }}", "lookup", false),
            ("lookup: {{ .Values.x }}", "lookup", false),
            ("{{ \"lookup\" }}", "lookup", false),
            ("{{ nowhere }}", "now", false),
            ("{{ now | date \"2006\" }}", "now", true),
            ("{{ randAlphaNum 10 }}", "randAlpha", false),
        ] {
            assert_eq!(has_word(line, word), expected, "{line}");
        }
    }

    #[test]
    fn comments_and_plain_text_are_no_code() {
        let text = "{{/* lookup\nlookup {{ x }}\n*/}}\nplain lookup\n{{ a\n  lookup\n}}\nplain\n{{ b }}\n";
        let lines: Vec<u32> = code_lines(text).map(|(number, _)| number).collect();
        assert_eq!(lines, [5, 6, 7, 9]);
    }
}
