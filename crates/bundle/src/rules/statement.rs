//! There is something for the candidate to read.

use crate::context::TEXT_LIMIT;
use crate::diagnostic::{Code, Diagnostic};
use crate::files::{Absence, BundleFiles, Entry};
use crate::path::BundlePath;
use crate::report::Report;
use crate::text::TextFile;

const STATEMENT: &str = "statement.md";
const HINTS: &str = "hints";

/// Reports a missing or empty statement, and hints that are not text.
pub(super) fn rule(files: &BundleFiles, report: &mut Report) {
    match files.follow(STATEMENT) {
        Ok((path, Entry::File(file))) => {
            let text = TextFile::decode(path, &file.content, TEXT_LIMIT, report);
            if text.is_some_and(|text| text.text().trim().is_empty()) {
                report.push(Diagnostic::new(
                    Code::NoStatement,
                    path.clone(),
                    "the statement is empty",
                ));
            }
        }
        Err(Absence::Missing | Absence::Folder) => {
            let problem = Diagnostic::new(
                Code::NoStatement,
                BundlePath::lossy(STATEMENT),
                "there is no statement.md",
            );
            report.push(problem.hint("tell the candidate what to do, in Markdown"));
        }
        // These have a problem of their own, at the file.
        Ok(_) | Err(Absence::BadLink | Absence::NotRead) => {}
    }
    for (path, entry) in files.below(HINTS) {
        if let (Some("md"), Entry::File(file)) = (path.extension(), entry) {
            TextFile::decode(path, &file.content, TEXT_LIMIT, report);
        }
    }
}
