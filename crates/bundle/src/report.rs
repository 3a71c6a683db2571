//! Where rules put what they find: capped per file, so that hostile input cannot drown the reader.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, sort};
use crate::path::BundlePath;

/// More than these in one file help nobody.
const LIMIT_PER_FILE: u32 = 100;

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    diagnostics: Vec<Diagnostic>,
    counts: BTreeMap<BundlePath, u32>,
}

impl Report {
    /// Keeps a problem, unless its file has had its share.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        let count = self.counts.entry(diagnostic.file.clone()).or_default();
        *count += 1;
        if *count <= LIMIT_PER_FILE {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether a file's share is used up, so that looking further is of no use.
    pub(crate) fn is_full(&self, file: &BundlePath) -> bool {
        self.counts.get(file).is_some_and(|count| *count > LIMIT_PER_FILE)
    }

    /// Whether any problem so far is an error.
    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// All problems in the order in which they are shown.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        sort(&mut self.diagnostics);
        for (file, count) in self.counts {
            if count > LIMIT_PER_FILE {
                let message = format!("only the first {LIMIT_PER_FILE} problems of this file are shown");
                self.diagnostics
                    .push(Diagnostic::new(Code::TooManyProblems, file, message));
            }
        }
        self.diagnostics
    }
}
