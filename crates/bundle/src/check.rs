//! The way from files to a [`Bundle`]: everything that is wrong, at once, or a bundle.

use crate::assemble::assemble;
use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::files::BundleFiles;
use crate::model::Bundle;
use crate::report::Report;
use crate::rules;

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The bundle, if nothing is wrong with it but warnings.
    pub bundle: Option<Bundle>,
    /// All problems, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether any problem is an error, which is when there is no bundle.
    pub fn has_errors(&self) -> bool {
        self.bundle.is_none()
    }
}

/// Checks the files of a bundle. Never fails, never panics: what is wrong is in the result.
pub fn check(files: &BundleFiles) -> Checked {
    let mut report = Report::default();
    for rule in rules::FILES {
        rule(files, &mut report);
    }
    let context = Context::load(files, &mut report);
    if let Some(context) = &context {
        for rule in rules::TASK {
            rule(context, &mut report);
        }
    }
    let sound = context.filter(|_| !report.has_errors());
    let bundle = sound.as_ref().and_then(assemble);
    bundle
        .iter()
        .flat_map(crate::lock::diagnostics)
        .for_each(|stale| report.push(stale));
    Checked {
        bundle,
        diagnostics: report.finish(),
    }
}
