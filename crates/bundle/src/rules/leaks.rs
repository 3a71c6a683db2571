//! What only graders may see does not lie in what candidates get.

use crate::diagnostic::{Code, Diagnostic};
use crate::files::BundleFiles;
use crate::leak;
use crate::path::BundlePath;
use crate::report::Report;

/// Reports copies of checks and solutions in the statement, the hints and the terminal's files.
pub(super) fn rule(files: &BundleFiles, report: &mut Report) {
    for leak in leak::copies(files) {
        let message = format!(
            "nearly all of `{}`, which only graders may see, stands in this file",
            leak.file
        );
        let problem = Diagnostic::new(Code::RestrictedPath, BundlePath::lossy(&leak.place), message);
        report.push(problem.hint("take it out: the candidate gets this file as it is"));
    }
}
