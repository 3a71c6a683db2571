//! Checks folders on disk, many at a time.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use bundle::diagnostic::render::Checkup;
use bundle::{BundleFiles, Checked};

use crate::folder::{OpenError, open};

/// A folder that was opened and checked.
#[derive(Debug)]
pub struct CheckedFolder {
    /// The folder as the caller named it.
    pub folder: PathBuf,
    /// What the check found.
    pub checked: Checked,
    /// The files, for the lines that are shown.
    pub files: BundleFiles,
}

impl CheckedFolder {
    /// The folder for the renderers of diagnostics; `root` is put before every path.
    pub fn checkup<'a>(&'a self, root: &'a str) -> Checkup<'a> {
        Checkup {
            root,
            files: &self.files,
            diagnostics: &self.checked.diagnostics,
        }
    }
}

/// Opens and checks a bundle's folder.
pub fn check_folder(folder: &Path) -> Result<CheckedFolder, OpenError> {
    let files = open(folder)?;
    let checked = bundle::check(&files);
    Ok(CheckedFolder {
        folder: folder.to_owned(),
        checked,
        files,
    })
}

/// Opens and checks many folders on all processors; the results are in the order of the folders.
pub fn check_folders(folders: &[PathBuf]) -> Vec<Result<CheckedFolder, OpenError>> {
    let threads = std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(folders.len());
    if threads <= 1 {
        return folders.iter().map(|folder| check_folder(folder)).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((index, folder)) = take(&next, folders) {
            done.push((index, check_folder(folder)));
        }
        done
    };
    let mut results = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_default())
            .collect::<Vec<_>>()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take<'a>(next: &AtomicUsize, folders: &'a [PathBuf]) -> Option<(usize, &'a PathBuf)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    folders.get(index).map(|folder| (index, folder))
}
