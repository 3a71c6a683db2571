//! What is put into the candidate's pod is readable and fit for their eyes.

use crate::context::TEXT_LIMIT;
use crate::diagnostic::{Code, Diagnostic};
use crate::files::{BundleFiles, Entry};
use crate::report::Report;
use crate::text::TextFile;

/// A config map carries them, and it holds one MiB.
const HOME_LIMIT: usize = 768 << 10;

/// Reports a message of the day that is no text, home files that are too large, and links to what only graders may see.
pub(super) fn rule(files: &BundleFiles, report: &mut Report) {
    if let Ok((path, Entry::File(file))) = files.follow("tty/motd") {
        TextFile::decode(path, &file.content, TEXT_LIMIT, report);
    }
    let mut size = 0;
    for (path, _) in files.below("tty") {
        let Ok((target, entry)) = files.follow(path.as_str()) else {
            continue;
        };
        if target.is_restricted() {
            let message = format!("this link shows `{target}` to the candidate");
            report.push(Diagnostic::new(Code::RestrictedPath, path.clone(), message));
        }
        if let Entry::File(file) = entry {
            size += file.content.len();
        }
        if size > HOME_LIMIT {
            let message = format!("the files in tty/ have more than {HOME_LIMIT} bytes in all");
            let problem = Diagnostic::new(Code::FileTooLarge, path.clone(), message);
            report.push(problem.hint("put large files into the image, or fetch them in an init script"));
            return;
        }
    }
}
