//! Every file can be read, carried to any system, and stays inside the bundle.

use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::files::{BundleFiles, Entry};
use crate::path::BundlePath;
use crate::report::Report;

/// Reports entries that are no plain files, names that do not travel, and a folder that is too full.
pub(super) fn rule(files: &BundleFiles, report: &mut Report) {
    if files.is_truncated() {
        let message = format!(
            "the folder holds more files than a bundle may; {} were read",
            files.len()
        );
        let problem = Diagnostic::new(Code::TooManyFiles, BundlePath::lossy("task.yaml"), message);
        report.push(problem.hint("is this the folder of one bundle?"));
    }
    let mut by_folded: HashMap<String, &BundlePath> = HashMap::new();
    for (path, entry) in files.iter() {
        if let Some(problem) = entry_problem(files, path, entry) {
            report.push(problem);
        }
        if let Err(error) = BundlePath::new(path.as_str()) {
            report.push(Diagnostic::new(Code::FileName, path.clone(), error.to_string()));
        } else if let Some(reason) = does_not_travel(path) {
            report.push(Diagnostic::new(Code::FileName, path.clone(), reason));
        }
        if let Some(other) = by_folded.insert(path.as_str().to_lowercase(), path) {
            let message = format!(
                "differs from `{other}` only in upper and lower case; some systems take them for one"
            );
            report.push(Diagnostic::new(Code::FileName, path.clone(), message));
        }
    }
}

fn entry_problem(files: &BundleFiles, path: &BundlePath, entry: &Entry) -> Option<Diagnostic> {
    let problem = |code, message: String| Some(Diagnostic::new(code, path.clone(), message));
    match entry {
        Entry::File(_) => None,
        Entry::Link { target } => {
            files.follow(path.as_str()).err()?;
            let message = format!(
                "the link to `{}` leads out of the bundle or to no file in it",
                crate::yaml::shorten(target)
            );
            Some(Diagnostic::new(Code::BadLink, path.clone(), message).hint("copy the file into the bundle"))
        }
        Entry::TooLarge { size } => problem(
            Code::FileTooLarge,
            format!("the file has {size} bytes, too many to read"),
        ),
        Entry::Unreadable { reason } => {
            problem(Code::Unreadable, format!("the file cannot be read: {reason}"))
        }
        Entry::Special => problem(
            Code::SpecialFile,
            "not a file, but a socket, pipe or device".into(),
        ),
    }
}

/// Names that Windows refuses, and names that hold what replaced an unreadable character.
fn does_not_travel(path: &BundlePath) -> Option<String> {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com1", "lpt1"];
    path.as_str().split('/').find_map(|part| {
        let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
        if part.contains(['<', '>', ':', '"', '|', '?', '*']) {
            Some(format!(
                "`{part}` holds a character that Windows does not allow in names"
            ))
        } else if part.ends_with(['.', ' ']) || DEVICES.contains(&stem.as_str()) {
            Some(format!("`{part}` is not a name that Windows allows"))
        } else if part.contains('\u{fffd}') {
            Some(format!(
                "`{part}` holds a control character, a `\\`, or is not UTF-8"
            ))
        } else {
            None
        }
    })
}
