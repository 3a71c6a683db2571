//! For programs: one object with all bundles.

use serde_json::{Value, json};

use super::Checkup;
use crate::diagnostic::Severity;

/// All diagnostics of all bundles.
pub fn json(checkups: &[Checkup<'_>]) -> Value {
    let count = |severity| {
        checkups
            .iter()
            .map(|checkup| checkup.count(severity))
            .sum::<usize>()
    };
    json!({
        "bundles": checkups.iter().map(one).collect::<Vec<_>>(),
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
    })
}

fn one(checkup: &Checkup<'_>) -> Value {
    json!({
        "folder": checkup.root,
        "errors": checkup.count(Severity::Error),
        "warnings": checkup.count(Severity::Warning),
        "diagnostics": checkup.diagnostics,
    })
}
