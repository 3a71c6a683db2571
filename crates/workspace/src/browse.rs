//! What lies in a folder: the files of a bundle as a list, and the bundles of a workspace.

use std::fs::{self, DirEntry, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bundle::BundlePath;

use crate::files::FileError;
use crate::folder::{MAX_DEPTH, MAX_ENTRIES, is_ignored};
use crate::place::Root;

/// How deep below a workspace bundles are looked for.
pub const BUNDLE_DEPTH: usize = 3;
/// Folders that are looked into, so that somebody's whole home folder is no long wait.
const MAX_FOLDERS: usize = 5_000;

/// Something in a bundle's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its path.
    pub path: BundlePath,
    /// Whether it is a folder; links are not.
    pub is_folder: bool,
    /// Its size in bytes; of a folder nothing.
    pub size: u64,
    /// When it was changed last.
    pub(crate) changed: Option<SystemTime>,
}

/// Everything in a bundle's folder: folders first, then files, each in the order of their paths.
pub fn list(folder: &Path) -> Result<Vec<Listed>, FileError> {
    let root = Root::new(folder)?;
    let mut found = Vec::new();
    walk(root.folder(), "", 0, &mut found).map_err(|source| FileError::Folder {
        folder: folder.to_owned(),
        source,
    })?;
    found.sort_by(|a, b| b.is_folder.cmp(&a.is_folder).then_with(|| a.path.cmp(&b.path)));
    Ok(found)
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Listed>) -> std::io::Result<()> {
    for (entry, name) in sorted(folder)? {
        if found.len() >= MAX_ENTRIES {
            break;
        }
        let path = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        let Ok(metadata) = entry.metadata() else { continue };
        found.push(listed(&path, &metadata));
        if metadata.is_dir() && depth < MAX_DEPTH {
            // A folder that may not be read is shown, as an empty one.
            let _ = walk(&entry.path(), &path, depth + 1, found);
        }
    }
    Ok(())
}

fn listed(path: &str, metadata: &Metadata) -> Listed {
    let is_folder = metadata.is_dir();
    Listed {
        path: BundlePath::new(path).unwrap_or_else(|_| BundlePath::lossy(path)),
        is_folder,
        size: if is_folder { 0 } else { metadata.len() },
        changed: metadata.modified().ok().filter(|_| !is_folder),
    }
}

/// The entries of a folder in the order of their names, without what editors and version control leave there.
fn sorted(folder: &Path) -> std::io::Result<Vec<(DirEntry, String)>> {
    let entries = fs::read_dir(folder)?.filter_map(Result::ok);
    let named = entries.map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (entry, name)
    });
    let mut kept: Vec<_> = named.filter(|(_, name)| !is_ignored(name)).collect();
    kept.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(kept)
}

/// The folders of bundles: the folder itself if it is one, otherwise those in it, not too deep.
pub fn find_bundles(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let root = Root::new(folder)?;
    let mut search = Search {
        found: Vec::new(),
        looked: 0,
    };
    search
        .folder(root.folder(), 0)
        .map_err(|source| FileError::Folder {
            folder: folder.to_owned(),
            source,
        })?;
    Ok(search.found)
}

struct Search {
    found: Vec<PathBuf>,
    looked: usize,
}

impl Search {
    fn folder(&mut self, folder: &Path, depth: usize) -> std::io::Result<()> {
        self.looked += 1;
        if folder.join("task.yaml").is_file() {
            self.found.push(folder.to_owned());
            return Ok(());
        }
        let entries = sorted(folder)?;
        if depth >= BUNDLE_DEPTH {
            return Ok(());
        }
        for (entry, name) in entries {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_looked_into = is_folder && !name.starts_with('.') && !SKIPPED.contains(&name.as_str());
            if is_looked_into && self.looked < MAX_FOLDERS {
                // What may not be read holds no bundle that could be opened.
                let _ = self.folder(&entry.path(), depth + 1);
            }
        }
        Ok(())
    }
}

/// Folders that are large and hold no bundles.
const SKIPPED: [&str; 3] = ["node_modules", "target", "vendor"];

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        folder
    }

    #[test]
    fn folders_come_first_and_leftovers_are_left_out() {
        let folder = folder(&[
            "task.yaml",
            "init/b.sh",
            "init/a.sh",
            ".git/HEAD",
            "init/.a.sh.swp",
            "checks/x/y.sh",
        ]);
        fs::create_dir(folder.path().join("empty")).unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("out")).unwrap();
        let list = list(folder.path()).unwrap();
        let shown: Vec<_> = list
            .iter()
            .map(|one| (one.path.as_str(), one.is_folder))
            .collect();
        let folders = ["checks", "checks/x", "empty", "init"].map(|path| (path, true));
        let files = ["checks/x/y.sh", "init/a.sh", "init/b.sh", "out", "task.yaml"].map(|path| (path, false));
        assert_eq!(shown, [folders.as_slice(), files.as_slice()].concat());
        assert_eq!(list[5].size, 9);
    }

    #[test]
    fn bundles_are_found_not_too_deep_and_not_in_bundles() {
        let folder = folder(&[
            "a/task.yaml",
            "a/inner/task.yaml",
            "x/y/z/task.yaml",
            "x/y/z/w/task.yaml",
            "1/2/3/4/task.yaml",
            ".hidden/task.yaml",
            "node_modules/b/task.yaml",
        ]);
        let root = fs::canonicalize(folder.path()).unwrap();
        assert_eq!(
            find_bundles(folder.path()).unwrap(),
            [root.join("a"), root.join("x/y/z")]
        );
        assert_eq!(find_bundles(&root.join("a")).unwrap(), [root.join("a")]);
        assert!(find_bundles(&root.join("gone")).is_err());
    }
}
