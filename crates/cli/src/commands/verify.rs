//! `verify`: examines an exported bundle without a cluster.

use std::fmt::Display;

use api::exports::{self, Access, Report};

use super::Outcome;
use super::export::{progress, words};
use crate::args::Verify;
use crate::console::Console;
use crate::exit::Exit;
use crate::style::{Paint, Tone};
use crate::words::count;

/// Verifies an exported bundle.
pub(super) async fn run(console: Console, args: Verify) -> Outcome {
    let access = Access {
        key: args.from.key,
        plain_http: args.from.registry.plain_http,
    };
    let says = |event| progress(console, &words(&event));
    let report = exports::verify(&args.from.source, &access, &says).await?;
    console.result(&report, |paint| lines(&report, paint))?;
    Ok(if exports::is_trusted(&report) {
        Exit::Done
    } else {
        Exit::Problem
    })
}

/// A report as lines.
pub(super) fn lines(report: &Report, paint: Paint) -> Vec<String> {
    let told = |tone: Tone, head: &str, what: &dyn Display, remedy: &str| {
        [
            format!("{} {what}", paint.tone(tone, head)),
            format!("{} {remedy}", paint.tone(Tone::Active, "hint:")),
        ]
    };
    let mut lines = Vec::new();
    for problem in &report.problems {
        lines.extend(told(Tone::Bad, "problem:", problem, problem.remedy()));
    }
    for objection in &report.forced {
        lines.extend(told(Tone::Warning, "forced:", objection, objection.remedy()));
    }
    if let Some(manifest) = &report.manifest {
        let files = count(manifest.files.len(), "file");
        let verdict = if !report.problems.is_empty() {
            "do not use it"
        } else if report.forced.is_empty() {
            "whole, locked and proven"
        } else {
            "whole, but its export was forced"
        };
        lines.push(format!(
            "{} “{}”, {files}: {verdict}",
            manifest.task.name, manifest.task.title
        ));
    }
    lines.extend(report.digest.iter().map(|digest| format!("  contents  {digest}")));
    lines.extend(report.signed_by.iter().map(|key| format!("  signed with {key}")));
    lines
}
