//! Reads and writes single files of a bundle: whole or not at all, and never over somebody else's change.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use bundle::BundlePath;
use bundle::path::PathError;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::folder::MAX_FILE;
use crate::own::{self, Trace};
use crate::place::Root;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFile {
    /// Its bytes.
    pub content: Vec<u8>,
    /// What tells this content from any other.
    pub version: String,
}

/// Why a file was not read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// The bundle's folder cannot be reached.
    #[error("the bundle's folder `{folder}` cannot be opened; open it again")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// That is no path of a bundle.
    #[error("`{path}` cannot be a file of a bundle; choose another name")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        #[source]
        source: PathError,
    },
    /// A link on the way leads out of the bundle, or to nothing.
    #[error("`{path}` lies behind a link that leads out of the bundle; replace the link with the file")]
    Outside {
        /// The path.
        path: String,
    },
    /// It is not there.
    #[error("`{path}` is not there any more; it may have been renamed or deleted")]
    Missing {
        /// The path.
        path: String,
    },
    /// Something is there already.
    #[error("`{path}` is there already; choose another name")]
    Occupied {
        /// The path.
        path: String,
    },
    /// A folder would be moved into itself.
    #[error("`{path}` cannot be moved into itself; choose another name")]
    IntoItself {
        /// The path.
        path: String,
    },
    /// It is a folder, a socket or the like.
    #[error("`{path}` is not a file; choose a file")]
    NotAFile {
        /// The path.
        path: String,
    },
    /// A folder with something in it.
    #[error("the folder `{path}` is not empty; delete what is in it first")]
    NotEmpty {
        /// The path.
        path: String,
    },
    /// It is too large for an editor.
    #[error("`{path}` has {size} bytes, too many to edit here; use another program")]
    TooLarge {
        /// The path.
        path: String,
        /// How many.
        size: u64,
    },
    /// Somebody else has changed it since it was read.
    #[error("`{path}` changed on disk since it was read; compare the two, then keep one")]
    Changed {
        /// The path.
        path: String,
    },
    /// The system refused to read.
    #[error("failed to read `{path}`; check its permissions")]
    Read {
        /// The path.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system refused to write.
    #[error(
        "failed to write `{path}`; what was there is still there: check the permissions of its folder and the room on the disk"
    )]
    Write {
        /// The path.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl FileError {
    pub(crate) fn write(path: &BundlePath, source: io::Error) -> Self {
        Self::Write {
            path: path.to_string(),
            source,
        }
    }

    fn read(path: &BundlePath, source: io::Error) -> Self {
        Self::Read {
            path: path.to_string(),
            source,
        }
    }
}

/// What tells a content from any other.
pub fn version(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// Reads a file of a bundle.
pub fn read(folder: &Path, path: &str) -> Result<ReadFile, FileError> {
    let root = Root::new(folder)?;
    let path = Root::path(path)?;
    read_at(&root.target(&path)?, &path)
}

/// Writes a file whole or not at all, if it still is what was read (`expected`), or still is not there.
/// Gives its new version.
pub fn write(folder: &Path, path: &str, text: &str, expected: Option<&str>) -> Result<String, FileError> {
    let root = Root::new(folder)?;
    let path = Root::path(path)?;
    let version = version(text.as_bytes());
    match expected {
        Some(expected) => replace(&root, &path, text, expected, &version)?,
        None => create(&root, &path, text, &version)?,
    }
    Ok(version)
}

/// Gives a file or folder another path; nothing is overwritten.
pub fn rename(folder: &Path, from: &str, to: &str) -> Result<(), FileError> {
    let root = Root::new(folder)?;
    let (from, to) = (Root::path(from)?, Root::path(to)?);
    if to.is_below(from.as_str()) {
        return Err(FileError::IntoItself {
            path: from.to_string(),
        });
    }
    let source = root.entry(&from)?;
    let metadata = source
        .symlink_metadata()
        .map_err(|error| missing_or(&from, error))?;
    for made in root.make_parent(&to)? {
        own::remember(&made, Trace::Folder);
    }
    let target = root.entry(&to)?;
    // A file system that knows no case says that the new name is there: it is the old one.
    let is_itself = from.as_str().eq_ignore_ascii_case(to.as_str());
    if target.symlink_metadata().is_ok() && !is_itself {
        return Err(FileError::Occupied { path: to.to_string() });
    }
    own::remember_move(&source, &target, &metadata);
    fs::rename(&source, &target).map_err(|error| FileError::write(&to, error))
}

/// Deletes a file, a link or an empty folder; what a link leads to stays.
pub fn delete(folder: &Path, path: &str) -> Result<(), FileError> {
    let root = Root::new(folder)?;
    let path = Root::path(path)?;
    let entry = root.entry(&path)?;
    let metadata = entry
        .symlink_metadata()
        .map_err(|error| missing_or(&path, error))?;
    own::remember(&entry, Trace::Gone);
    let removed = if metadata.is_dir() {
        fs::remove_dir(&entry)
    } else {
        fs::remove_file(&entry)
    };
    removed.map_err(|error| match error.kind() {
        io::ErrorKind::DirectoryNotEmpty => FileError::NotEmpty {
            path: path.to_string(),
        },
        _ => FileError::write(&path, error),
    })
}

fn missing_or(path: &BundlePath, source: io::Error) -> FileError {
    match source.kind() {
        io::ErrorKind::NotFound => FileError::Missing {
            path: path.to_string(),
        },
        _ => FileError::read(path, source),
    }
}

/// Reads a file, but never more of it than allowed, even while it grows.
fn read_at(target: &Path, path: &BundlePath) -> Result<ReadFile, FileError> {
    // Asked before it is opened: a pipe would wait for a writer.
    let metadata = fs::metadata(target).map_err(|error| missing_or(path, error))?;
    if !metadata.is_file() {
        return Err(FileError::NotAFile {
            path: path.to_string(),
        });
    }
    let file = fs::File::open(target).map_err(|error| missing_or(path, error))?;
    let mut content = Vec::new();
    file.take(MAX_FILE + 1)
        .read_to_end(&mut content)
        .map_err(|error| FileError::read(path, error))?;
    if content.len() as u64 > MAX_FILE {
        return Err(FileError::TooLarge {
            path: path.to_string(),
            size: metadata.len(),
        });
    }
    let version = version(&content);
    Ok(ReadFile { content, version })
}

fn replace(root: &Root, path: &BundlePath, text: &str, expected: &str, new: &str) -> Result<(), FileError> {
    let changed = || FileError::Changed {
        path: path.to_string(),
    };
    let target = match root.target(path) {
        Err(FileError::Missing { .. }) => return Err(changed()),
        other => other?,
    };
    let before = match read_at(&target, path) {
        Err(FileError::Missing { .. } | FileError::TooLarge { .. }) => return Err(changed()),
        other => other?,
    };
    if before.version == new {
        return Ok(());
    }
    if before.version != expected {
        return Err(changed());
    }
    let permissions = fs::metadata(&target)
        .map_err(|error| FileError::write(path, error))?
        .permissions();
    let draft = draft(&target, text).map_err(|error| FileError::write(path, error))?;
    fs::set_permissions(draft.path(), permissions).map_err(|error| FileError::write(path, error))?;
    if becomes_script(&before.content, text) {
        make_executable(draft.path()).map_err(|error| FileError::write(path, error))?;
    }
    own::remember(&target, Trace::Version(new.to_owned()));
    draft
        .persist(&target)
        .map_err(|error| FileError::write(path, error.error))?;
    Ok(())
}

fn create(root: &Root, path: &BundlePath, text: &str, new: &str) -> Result<(), FileError> {
    for made in root.make_parent(path)? {
        own::remember(&made, Trace::Folder);
    }
    let target = root.entry(path)?;
    if target.symlink_metadata().is_ok() {
        return Err(FileError::Changed {
            path: path.to_string(),
        });
    }
    let draft = draft(&target, text).map_err(|error| FileError::write(path, error))?;
    if becomes_script(b"", text) {
        make_executable(draft.path()).map_err(|error| FileError::write(path, error))?;
    }
    own::remember(&target, Trace::Version(new.to_owned()));
    draft
        .persist_noclobber(&target)
        .map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => FileError::Changed {
                path: path.to_string(),
            },
            _ => FileError::write(path, error.error),
        })?;
    Ok(())
}

/// The text in a file beside its target, with the permissions that a new file has.
fn draft(target: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".taskwright-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut draft = builder.tempfile_in(target.parent().unwrap_or(Path::new(".")))?;
    draft.write_all(text.as_bytes())?;
    draft.as_file().sync_all()?;
    Ok(draft)
}

/// A file whose first line now says what runs it is a script.
fn becomes_script(before: &[u8], text: &str) -> bool {
    text.starts_with("#!") && !before.starts_with(b"#!")
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode();
    // Whoever may read it may run it, as the user's umask has it.
    fs::set_permissions(path, fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

/// Elsewhere there is nothing to say.
#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn bundle() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("bundle/init")).unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        fs::write(folder.path().join("bundle/task.yaml"), "kind: Task\n").unwrap();
        folder
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_written_is_read_and_leaves_nothing_behind() {
        let folder = bundle();
        let root = folder.path().join("bundle");
        let first = write(&root, "checks/deep/a.sh", "#!/bin/sh\n", None).unwrap();
        assert_eq!(
            mode(&root.join("checks/deep/a.sh")) & 0o100,
            0o100,
            "a script may be run"
        );
        fs::set_permissions(root.join("checks/deep/a.sh"), fs::Permissions::from_mode(0o750)).unwrap();
        let second = write(&root, "checks/deep/a.sh", "#!/bin/sh\nexit 1\n", Some(&first)).unwrap();
        assert_eq!(mode(&root.join("checks/deep/a.sh")), 0o750, "its mode is kept");
        let file = read(&root, "checks/deep/a.sh").unwrap();
        assert_eq!(
            (file.content.as_slice(), file.version),
            (&b"#!/bin/sh\nexit 1\n"[..], second)
        );
        assert_eq!(fs::read_dir(root.join("checks/deep")).unwrap().count(), 1);
    }

    #[test]
    fn a_change_of_somebody_else_is_a_conflict() {
        let folder = bundle();
        let root = folder.path().join("bundle");
        let read_version = read(&root, "task.yaml").unwrap().version;
        fs::write(root.join("task.yaml"), "kind: Other\n").unwrap();
        let conflict = |expected: Option<&str>| {
            let error = write(&root, "task.yaml", "kind: Mine\n", expected).unwrap_err();
            assert!(matches!(error, FileError::Changed { .. }), "{error}");
            assert!(error.to_string().contains("task.yaml"), "{error}");
        };
        conflict(Some(&read_version));
        conflict(None);
        fs::remove_file(root.join("task.yaml")).unwrap();
        conflict(Some(&read_version));
        assert!(!root.join("task.yaml").exists(), "nothing was written");
    }

    #[test]
    fn the_same_text_of_somebody_else_is_none() {
        let folder = bundle();
        let root = folder.path().join("bundle");
        let read_version = read(&root, "task.yaml").unwrap().version;
        fs::write(root.join("task.yaml"), "kind: Mine\n").unwrap();
        assert!(write(&root, "task.yaml", "kind: Mine\n", Some(&read_version)).is_ok());
    }

    #[test]
    fn no_link_leads_out_of_the_bundle() {
        let folder = bundle();
        let root = folder.path().join("bundle");
        symlink("../secret", root.join("file")).unwrap();
        symlink("..", root.join("folder")).unwrap();
        symlink("../gone", root.join("nothing")).unwrap();
        symlink("init/../..", root.join("init/up")).unwrap();
        let version = version(b"secret");
        for path in [
            "file",
            "folder/secret",
            "nothing",
            "init/up/secret",
            "folder/bundle/../secret",
            "../secret",
            "/etc/passwd",
        ] {
            assert!(read(&root, path).is_err(), "{path}");
            assert!(write(&root, path, "x", Some(&version)).is_err(), "{path}");
            assert!(write(&root, path, "x", None).is_err(), "{path}");
        }
        for path in ["folder/new", "nothing/new", "folder/deep/new", "init/up/new"] {
            assert!(write(&root, path, "x", None).is_err(), "{path}");
            assert!(rename(&root, "task.yaml", path).is_err(), "{path}");
        }
        assert!(rename(&root, "folder/secret", "mine").is_err());
        assert!(delete(&root, "folder/secret").is_err());
        assert_eq!(
            fs::read_to_string(folder.path().join("secret")).unwrap(),
            "secret"
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            2,
            "nothing new outside"
        );
    }

    #[test]
    fn links_inside_are_followed_and_kept() {
        let folder = bundle();
        let root = folder.path().join("bundle");
        symlink("../task.yaml", root.join("init/link")).unwrap();
        let file = read(&root, "init/link").unwrap();
        write(&root, "init/link", "kind: Linked\n", Some(&file.version)).unwrap();
        assert_eq!(
            fs::read_to_string(root.join("task.yaml")).unwrap(),
            "kind: Linked\n"
        );
        assert!(root.join("init/link").is_symlink());
        delete(&root, "init/link").unwrap();
        assert!(root.join("task.yaml").exists(), "only the link is gone");
    }

    #[test]
    fn renaming_overwrites_nothing() {
        let folder = bundle();
        let root = folder.path().join("bundle");
        fs::write(root.join("init/a.sh"), "a").unwrap();
        assert!(matches!(
            rename(&root, "init/a.sh", "task.yaml"),
            Err(FileError::Occupied { .. })
        ));
        assert!(matches!(
            rename(&root, "init", "init/below"),
            Err(FileError::IntoItself { .. })
        ));
        assert!(matches!(
            rename(&root, "gone", "b"),
            Err(FileError::Missing { .. })
        ));
        rename(&root, "init/a.sh", "scripts/deep/b.sh").unwrap();
        rename(&root, "scripts", "other").unwrap();
        assert_eq!(fs::read_to_string(root.join("other/deep/b.sh")).unwrap(), "a");
    }

    #[test]
    fn only_files_are_read_and_only_empty_folders_deleted() {
        let folder = bundle();
        let root = folder.path().join("bundle");
        fs::write(root.join("init/a.sh"), "a").unwrap();
        assert!(matches!(read(&root, "init"), Err(FileError::NotAFile { .. })));
        assert!(matches!(delete(&root, "init"), Err(FileError::NotEmpty { .. })));
        delete(&root, "init/a.sh").unwrap();
        delete(&root, "init").unwrap();
        assert!(matches!(delete(&root, "init"), Err(FileError::Missing { .. })));
        fs::File::create(root.join("big"))
            .unwrap()
            .set_len(MAX_FILE + 1)
            .unwrap();
        assert!(matches!(read(&root, "big"), Err(FileError::TooLarge { .. })));
    }
}
