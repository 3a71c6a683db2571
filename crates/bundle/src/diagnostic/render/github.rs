//! For GitHub Actions: workflow commands that become annotations on the changed lines.

use std::fmt::Write as _;

use super::Checkup;
use crate::diagnostic::{Diagnostic, Severity};

/// One workflow command per diagnostic.
pub fn github(checkup: &Checkup<'_>) -> String {
    checkup
        .diagnostics
        .iter()
        .map(|diagnostic| command(checkup, diagnostic))
        .collect()
}

fn command(checkup: &Checkup<'_>, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut line = format!("::{level} file={}", property(&checkup.path(&diagnostic.file)));
    if let Some(span) = diagnostic.span {
        let _ = write!(line, ",line={},col={}", span.start.line, span.start.column);
        let _ = write!(line, ",endLine={},endColumn={}", span.end.line, span.end.column);
    }
    let message = match &diagnostic.hint {
        Some(hint) => format!("{}\nhelp: {hint}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let _ = writeln!(line, ",title={}::{}", diagnostic.code, data(&message));
    line
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
