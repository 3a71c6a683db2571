//! For code scanners: a SARIF 2.1.0 log.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Checkup;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Related, Severity, Span};
use crate::path::BundlePath;

/// All diagnostics of all bundles as one run.
pub fn sarif(checkups: &[Checkup<'_>]) -> Value {
    let diagnostics = || {
        checkups
            .iter()
            .flat_map(|checkup| checkup.diagnostics.iter().map(move |one| (checkup, one)))
    };
    let used: BTreeSet<Code> = diagnostics().map(|(_, diagnostic)| diagnostic.code).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "taskwright",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": used.into_iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": diagnostics().map(|(checkup, diagnostic)| result(checkup, diagnostic)).collect::<Vec<_>>(),
        }],
    })
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.as_str(),
        "name": format!("{code:?}"),
        "shortDescription": {"text": code.summary()},
        "defaultConfiguration": {"level": level(code.severity())},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(checkup: &Checkup<'_>, diagnostic: &Diagnostic) -> Value {
    let text = match &diagnostic.hint {
        Some(hint) => format!("{} ({hint})", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut result = json!({
        "ruleId": diagnostic.code.as_str(),
        "level": level(diagnostic.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": place(checkup, &diagnostic.file, diagnostic.span)}],
    });
    if !diagnostic.related.is_empty() {
        result["relatedLocations"] = diagnostic
            .related
            .iter()
            .map(|related| related_place(checkup, related))
            .collect();
    }
    if let Some(fix) = &diagnostic.fix {
        result["fixes"] = json!([change(checkup, &diagnostic.file, fix)]);
    }
    result
}

fn place(checkup: &Checkup<'_>, file: &BundlePath, span: Option<Span>) -> Value {
    let mut place = json!({"artifactLocation": artifact(checkup, file)});
    if let Some(span) = span {
        place["region"] = region(span);
    }
    place
}

fn related_place(checkup: &Checkup<'_>, related: &Related) -> Value {
    json!({
        "physicalLocation": place(checkup, &related.file, related.span),
        "message": {"text": related.message},
    })
}

fn artifact(checkup: &Checkup<'_>, file: &BundlePath) -> Value {
    json!({"uri": uri(&checkup.path(file))})
}

fn region(span: Span) -> Value {
    json!({
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
    })
}

fn change(checkup: &Checkup<'_>, file: &BundlePath, fix: &Fix) -> Value {
    let replacement =
        |edit: &Edit| json!({"deletedRegion": region(edit.span), "insertedContent": {"text": edit.text}});
    json!({
        "description": {"text": fix.title},
        "artifactChanges": [{
            "artifactLocation": artifact(checkup, file),
            "replacements": fix.edits.iter().map(replacement).collect::<Vec<_>>(),
        }],
    })
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let escape = |byte: u8| {
        if is_plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    path.bytes().map(escape).collect()
}
