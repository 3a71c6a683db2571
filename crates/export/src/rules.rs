//! What must hold of every list of files, by itself: sizes, paths, order, layers, digests.

use bundle::name::TaskName;
use bundle::{BundlePath, lock, proof};

use crate::digest::{is_hex, named};
use crate::layer::Layer;
use crate::limits;
use crate::manifest::{FileInfo, Manifest};
use crate::paths;
use crate::problem::{Problem, What};

/// Everything that is wrong with a list.
pub(crate) fn problems(manifest: &Manifest) -> Vec<Problem> {
    let sizes = size_problems(&manifest.files);
    if !sizes.is_empty() {
        // Nothing else is looked at: there may be any number of files.
        return sizes;
    }
    let mut found = path_problems(&manifest.files);
    let wrong = statements(manifest).into_iter().filter(|(holds, _)| !holds);
    found.extend(wrong.map(|(_, reason)| Problem::Manifest {
        reason: reason.to_owned(),
    }));
    found
}

fn statements(manifest: &Manifest) -> [(bool, &'static str); 9] {
    let files = &manifest.files;
    let digest_of = |path: &str| manifest.file(path).map(|file| named(&file.sha256));
    let texts = [&manifest.task.title, &manifest.taskwright];
    [
        (
            manifest.task.name.parse::<TaskName>().is_ok(),
            "its task has no name that a task can have",
        ),
        (
            texts.iter().all(|text| is_plain(text)),
            "a text of it is too long or holds control characters",
        ),
        (
            manifest.forced.is_sorted_by(|a, b| a < b),
            "the reasons it was forced against are not in order",
        ),
        (
            files.is_sorted_by(|a, b| a.path < b.path),
            "its files are not in order",
        ),
        (
            files.iter().all(|file| is_hex(&file.sha256)),
            "a file has no digest",
        ),
        (
            files
                .iter()
                .all(|file| file.layer == Layer::of(&BundlePath::lossy(&file.path))),
            "a file is in the wrong layer",
        ),
        (manifest.file("task.yaml").is_some(), "there is no task.yaml"),
        (
            is_named_digest(&manifest.bundle),
            "it has no digest of the bundle",
        ),
        (
            manifest.lock == digest_of(lock::FILE) && manifest.proof == digest_of(proof::FILE),
            "the digest of the lock or of the proof is not that of the file",
        ),
    ]
}

fn is_plain(text: &str) -> bool {
    text.len() <= limits::TEXT && !text.chars().any(char::is_control)
}

/// Whether the paths of a bundle can be stored everywhere, as problems.
fn path_problems(files: &[FileInfo]) -> Vec<Problem> {
    let paths = || files.iter().map(|file| file.path.as_str());
    let faults = paths().filter_map(|path| {
        let fault = paths::portable(path).err()?;
        let path = path.to_owned();
        Some(Problem::Path { path, fault })
    });
    let clashes = paths::clashes(paths()).into_iter().map(Problem::Clash);
    faults.chain(clashes).collect()
}

/// Whether a list has more than a bundle may.
fn size_problems(files: &[FileInfo]) -> Vec<Problem> {
    let total = files
        .iter()
        .fold(0_u64, |sum, file| sum.saturating_add(file.size));
    let too_much = [
        (files.len() > limits::FILES, What::Files),
        (files.iter().any(|file| file.size > limits::FILE), What::File),
        (total > limits::TOTAL, What::Total),
    ];
    let too_much = too_much.into_iter().filter(|(is_too_much, _)| *is_too_much);
    too_much.map(|(_, what)| Problem::TooLarge { what }).collect()
}

fn is_named_digest(text: &str) -> bool {
    text.strip_prefix(&named("")).is_some_and(is_hex)
}
