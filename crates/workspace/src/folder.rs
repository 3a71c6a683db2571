//! Reads the folder of a bundle into memory: bounded, and never looking outside of it.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bundle::files::File;
use bundle::{BundleFiles, BundlePath, Entry};
use thiserror::Error;

/// No file of a bundle is larger than a vendored chart with its images left out.
pub const MAX_FILE: u64 = 8 << 20;
/// All files of a bundle together.
pub const MAX_TOTAL: u64 = 48 << 20;
/// More entries than any bundle has, fewer than a home folder.
pub const MAX_ENTRIES: usize = 4_000;
/// Folders in folders.
pub(crate) const MAX_DEPTH: usize = 24;

/// Why a folder could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// It is not there.
    #[error("there is no folder `{path}`; name the folder that holds task.yaml")]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// It is something else.
    #[error("`{path}` is not a folder; name the folder that holds task.yaml")]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("failed to read the folder `{path}`; check its permissions")]
    Read {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// Reads a bundle's folder. Links are kept as links; what cannot be read is noted, not skipped.
pub fn open(folder: &Path) -> Result<BundleFiles, OpenError> {
    let metadata = fs::metadata(folder).map_err(|source| refuse(folder, source))?;
    if !metadata.is_dir() {
        return Err(OpenError::NotAFolder {
            path: folder.to_owned(),
        });
    }
    let mut walk = Walk {
        files: BundleFiles::new(),
        total: 0,
    };
    walk.folder(folder, "", 0)
        .map_err(|source| refuse(folder, source))?;
    Ok(walk.files)
}

fn refuse(folder: &Path, source: std::io::Error) -> OpenError {
    let path = folder.to_owned();
    match source.kind() {
        std::io::ErrorKind::NotFound => OpenError::Missing { path },
        std::io::ErrorKind::NotADirectory => OpenError::NotAFolder { path },
        _ => OpenError::Read { path, source },
    }
}

/// One walk through a folder, with what it has read so far.
struct Walk {
    files: BundleFiles,
    total: u64,
}

impl Walk {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> std::io::Result<()> {
        // Sorted, so that the same entries are read when there are too many.
        let mut entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if is_ignored(&name) {
                continue;
            }
            if self.files.len() >= MAX_ENTRIES {
                self.files.mark_truncated();
                return Ok(());
            }
            let path = if prefix.is_empty() {
                name.into_owned()
            } else {
                format!("{prefix}/{name}")
            };
            self.entry(&entry, &path, depth);
        }
        Ok(())
    }

    fn entry(&mut self, entry: &fs::DirEntry, path: &str, depth: usize) {
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.insert(path, unreadable(&error)),
        };
        if kind.is_dir() {
            self.descend(&entry.path(), path, depth);
        } else if kind.is_symlink() {
            let link = fs::read_link(entry.path());
            let target = link.map(|target| target.to_string_lossy().into_owned());
            self.insert(
                path,
                target.map_or_else(|error| unreadable(&error), |target| Entry::Link { target }),
            );
        } else if kind.is_file() {
            let read = self
                .read(&entry.path())
                .unwrap_or_else(|error| unreadable(&error));
            self.insert(path, read);
        } else {
            self.insert(path, Entry::Special);
        }
    }

    fn descend(&mut self, folder: &Path, path: &str, depth: usize) {
        if depth >= MAX_DEPTH {
            self.files.mark_truncated();
        } else if let Err(error) = self.folder(folder, path, depth + 1) {
            self.insert(path, unreadable(&error));
        }
    }

    /// Reads a file, but never more of it than allowed, even while it grows.
    fn read(&mut self, path: &Path) -> std::io::Result<Entry> {
        let mut file = fs::File::open(path)?;
        let metadata = file.metadata()?;
        let limit = MAX_FILE.min(MAX_TOTAL.saturating_sub(self.total));
        if metadata.len() > limit {
            return Ok(Entry::TooLarge { size: metadata.len() });
        }
        let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
        file.by_ref().take(limit + 1).read_to_end(&mut content)?;
        let size = content.len() as u64;
        if size > limit {
            return Ok(Entry::TooLarge { size });
        }
        self.total += size;
        Ok(Entry::File(File {
            content: content.into(),
            executable: is_executable(&metadata),
        }))
    }

    fn insert(&mut self, path: &str, entry: Entry) {
        self.files.insert(
            BundlePath::new(path).unwrap_or_else(|_| BundlePath::lossy(path)),
            entry,
        );
    }
}

fn unreadable(error: &std::io::Error) -> Entry {
    Entry::Unreadable {
        reason: error.to_string(),
    }
}

/// What version control, editors and file managers leave behind.
pub(crate) fn is_ignored(name: &str) -> bool {
    let exact = [
        ".git",
        ".hg",
        ".svn",
        ".DS_Store",
        "Thumbs.db",
        ".idea",
        ".vscode",
    ];
    let endings = [".swp", ".swo", ".swx", "~", ".tmp", ".orig", ".rej"];
    exact.contains(&name)
        || endings.iter().any(|ending| name.ends_with(ending))
        || (name.starts_with('#') && name.ends_with('#'))
        || name.starts_with(".#")
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o100 != 0
}

/// Elsewhere the file system does not say.
#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_kept_and_leftovers_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("a/b")).unwrap();
        fs::create_dir_all(at(".git/objects")).unwrap();
        fs::write(at(".git/objects/x"), "x").unwrap();
        fs::write(at("a/b/file"), "text").unwrap();
        fs::write(at("a/.file.swp"), "x").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", at("out")).unwrap();
        std::os::unix::fs::symlink("..", at("a/up")).unwrap();
        let files = open(folder.path()).unwrap();
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["a/b/file", "a/up", "out"]);
        assert_eq!(
            files.entry("out"),
            Some(&Entry::Link {
                target: "/etc/passwd".into()
            })
        );
    }

    #[test]
    fn large_files_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::File::create(folder.path().join("big"))
            .unwrap()
            .set_len(100 << 20)
            .unwrap();
        let files = open(folder.path()).unwrap();
        assert_eq!(files.entry("big"), Some(&Entry::TooLarge { size: 100 << 20 }));
    }

    #[test]
    fn too_many_entries_are_noted() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..=MAX_ENTRIES {
            fs::write(folder.path().join(format!("file-{number}")), "").unwrap();
        }
        let files = open(folder.path()).unwrap();
        assert!(files.is_truncated());
        assert_eq!(files.len(), MAX_ENTRIES);
    }

    #[test]
    fn names_that_are_no_text_are_kept() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = tempfile::tempdir().unwrap();
        let name = std::ffi::OsStr::from_bytes(b"a\xffb");
        fs::write(folder.path().join(name), "").unwrap();
        let files = open(folder.path()).unwrap();
        assert_eq!(
            files.iter().next().map(|(path, _)| path.as_str()),
            Some("a\u{fffd}b")
        );
    }

    #[test]
    fn a_folder_that_is_none_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(open(file.path()), Err(OpenError::NotAFolder { .. })));
        assert!(matches!(
            open(Path::new("/nowhere/at/all")),
            Err(OpenError::Missing { .. })
        ));
    }
}
