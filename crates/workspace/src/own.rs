//! What this process wrote itself, so that a watch on a folder speaks of others' changes only.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// What was left at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trace {
    /// A file with this version.
    Version(String),
    /// A folder.
    Folder,
    /// Nothing.
    Gone,
}

static TRACES: LazyLock<Mutex<HashMap<PathBuf, Trace>>> = LazyLock::new(Mutex::default);

/// More than anybody writes between two looks at a folder.
const LIMIT: usize = 10_000;

fn traces() -> MutexGuard<'static, HashMap<PathBuf, Trace>> {
    TRACES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes what is about to be left at a path. Noted before it is done: a watch may look at once.
pub(crate) fn remember(path: &Path, trace: Trace) {
    let mut traces = traces();
    if traces.len() >= LIMIT {
        traces.clear();
    }
    traces.insert(path.to_owned(), trace);
}

/// Notes that a file or folder is about to be moved with all that is in it.
pub(crate) fn remember_move(from: &Path, to: &Path, metadata: &fs::Metadata) {
    if metadata.is_dir() {
        remember(to, Trace::Folder);
        for entry in fs::read_dir(from).into_iter().flatten().flatten() {
            if let Ok(metadata) = entry.metadata() {
                remember_move(&entry.path(), &to.join(entry.file_name()), &metadata);
            }
        }
    } else if metadata.is_file() {
        let content = fs::read(from).unwrap_or_default();
        remember(to, Trace::Version(crate::files::version(&content)));
    }
    remember(from, Trace::Gone);
}

/// Whether what is at a path is what we left there. What is not, nobody left any more.
pub(crate) fn left(path: &Path, is_now: &Trace) -> bool {
    let mut traces = traces();
    let ours = traces.get(path) == Some(is_now);
    if !ours {
        traces.remove(path);
    }
    ours
}
