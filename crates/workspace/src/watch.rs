//! Watches a bundle's folder: says which files others changed, never which ones we wrote ourselves.
//!
//! The system only says that something happened. What it was is found by comparing two lists of the folder, which
//! holds for moved folders and for lost messages as well.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bundle::BundlePath;
use notify_debouncer_full::notify::event::{EventKind, MetadataKind, ModifyKind};
use notify_debouncer_full::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use thiserror::Error;

use crate::browse::{self, Listed};
use crate::files::{self, FileError};
use crate::folder::MAX_FILE;
use crate::own::{self, Trace};
use crate::place::Root;

/// How long a folder has to be quiet: programs write a file in several steps.
const QUIET: Duration = Duration::from_millis(100);

/// Why a folder is not watched.
#[derive(Debug, Error)]
pub enum WatchError {
    /// It cannot be listed.
    #[error(transparent)]
    Files(#[from] FileError),
    /// The system refused.
    #[error("`{folder}` cannot be watched; open it again, or raise the system's limit of watched files")]
    Refused {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: notify_debouncer_full::notify::Error,
    },
}

/// A folder under watch, until it is dropped.
pub struct Watch {
    folder: PathBuf,
    known: Known,
    _debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
}

/// What is known of each path: its stamp.
type Known = BTreeMap<BundlePath, Stamp>;

/// What changes when a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    is_folder: bool,
    size: u64,
    changed: Option<SystemTime>,
}

impl Watch {
    /// Watches a folder; `wake` is called when something happened in it, from a thread of its own.
    pub fn new(folder: &Path, wake: impl Fn() + Send + 'static) -> Result<Self, WatchError> {
        let folder = Root::new(folder)?.folder().to_owned();
        let handler = move |result: DebounceEventResult| {
            let matters = result.map_or(true, |events| events.iter().any(|event| is_change(event.kind)));
            if matters {
                wake();
            }
        };
        let refused = |source| WatchError::Refused {
            folder: folder.clone(),
            source,
        };
        let mut debouncer = new_debouncer(QUIET, None, handler).map_err(refused)?;
        debouncer
            .watch(&folder, RecursiveMode::Recursive)
            .map_err(refused)?;
        // Listed after the watch has begun: what happens in between is seen twice rather than never.
        let known = known(&folder)?;
        Ok(Self {
            folder,
            known,
            _debouncer: debouncer,
        })
    }

    /// The paths that others changed since the last call.
    pub fn changes(&mut self) -> Result<Vec<BundlePath>, WatchError> {
        let now = known(&self.folder)?;
        let changed = difference(&self.known, &now);
        self.known = now;
        Ok(changed
            .into_iter()
            .filter(|path| self.is_of_others(path))
            .collect())
    }

    fn is_of_others(&self, path: &BundlePath) -> bool {
        let at = self.folder.join(path.as_str());
        trace(&at).is_none_or(|trace| !own::left(&at, &trace))
    }
}

/// Reading a file and changing who may read it are no changes of what it holds.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(_) => false,
        EventKind::Modify(ModifyKind::Metadata(kind)) => {
            matches!(
                kind,
                MetadataKind::Any | MetadataKind::WriteTime | MetadataKind::Other
            )
        }
        _ => true,
    }
}

fn known(folder: &Path) -> Result<Known, FileError> {
    let stamp = |listed: Listed| {
        let stamp = Stamp {
            is_folder: listed.is_folder,
            size: listed.size,
            changed: listed.changed,
        };
        (listed.path, stamp)
    };
    Ok(browse::list(folder)?.into_iter().map(stamp).collect())
}

fn difference(before: &Known, now: &Known) -> Vec<BundlePath> {
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    let new_or_changed = now
        .iter()
        .filter(|(path, stamp)| before.get(*path) != Some(stamp))
        .map(|(path, _)| path);
    let mut paths: Vec<BundlePath> = gone.chain(new_or_changed).cloned().collect();
    paths.sort();
    paths
}

/// What is at a path now; nothing if that cannot be told.
fn trace(path: &Path) -> Option<Trace> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(Trace::Gone),
        Ok(metadata) if metadata.is_dir() => Some(Trace::Folder),
        Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_FILE => {
            Some(Trace::Version(files::version(&fs::read(path).ok()?)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// Waits until the folder was quiet for a while after something happened, and says what others changed.
    fn settle(watch: &mut Watch, woken: &Receiver<()>) -> Vec<String> {
        let mut changed = Vec::new();
        let mut patience = Duration::from_secs(5);
        while woken.recv_timeout(patience).is_ok() {
            changed.extend(watch.changes().unwrap().iter().map(ToString::to_string));
            patience = Duration::from_millis(400);
        }
        changed.sort();
        changed.dedup();
        changed
    }

    #[test]
    fn only_changes_of_others_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("init")).unwrap();
        fs::write(root.join("init/a.sh"), "a").unwrap();
        fs::write(root.join("task.yaml"), "a").unwrap();
        let (wake, woken) = channel();
        let mut watch = Watch::new(root, move || wake.send(()).unwrap_or_default()).unwrap();

        let version = files::write(root, "checks/new.sh", "#!/bin/sh\n", None).unwrap();
        files::write(root, "checks/new.sh", "#!/bin/bash\n", Some(&version)).unwrap();
        files::rename(root, "init", "other").unwrap();
        files::delete(root, "other/a.sh").unwrap();
        assert_eq!(settle(&mut watch, &woken), [] as [&str; 0]);

        fs::write(root.join("task.yaml"), "of others").unwrap();
        assert_eq!(settle(&mut watch, &woken), ["task.yaml"]);
        fs::rename(root.join("checks"), root.join("moved")).unwrap();
        assert_eq!(
            settle(&mut watch, &woken),
            ["checks", "checks/new.sh", "moved", "moved/new.sh"]
        );
        fs::remove_dir_all(root.join("moved")).unwrap();
        assert_eq!(settle(&mut watch, &woken), ["moved", "moved/new.sh"]);
    }

    #[test]
    fn what_others_put_back_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let (wake, woken) = channel();
        let mut watch = Watch::new(root, move || wake.send(()).unwrap_or_default()).unwrap();
        files::write(root, "a", "ours", None).unwrap();
        assert_eq!(settle(&mut watch, &woken), [] as [&str; 0]);
        fs::write(root.join("a"), "of others").unwrap();
        assert_eq!(settle(&mut watch, &woken), ["a"]);
        fs::write(root.join("a"), "ours").unwrap();
        assert_eq!(
            settle(&mut watch, &woken),
            ["a"],
            "it is not what the editor shows any more"
        );
    }
}
