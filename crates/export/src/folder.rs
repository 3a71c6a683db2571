//! The door to bundle folders that are taken in: made beside their place, and put there whole.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bundle::{BundleFiles, Entry, File};
use thiserror::Error;

use crate::file::{folder_of, sync_folder};

/// Why a folder was not written.
#[derive(Debug, Error)]
pub enum FolderError {
    /// Something is there already.
    #[error("`{folder}` is there already and not an empty folder; name a new folder")]
    Occupied {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder that it is to lie in is not there.
    #[error("there is no folder `{parent}` to put the bundle into; make it first")]
    Parent {
        /// That folder.
        parent: PathBuf,
    },
    /// The system refused.
    #[error(
        "failed to write the bundle to `{folder}`; nothing was left there: check permissions and the room on the disk"
    )]
    Write {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Writes files into a folder that is not there yet, or is empty: all of them or none.
pub fn unpack(files: &BundleFiles, folder: &Path) -> Result<(), FolderError> {
    let parent = folder_of(folder);
    if !parent.is_dir() {
        return Err(FolderError::Parent {
            parent: parent.to_owned(),
        });
    }
    is_free(folder)?;
    place(files, parent, folder).map_err(|source| match source.kind() {
        // Somebody else was faster.
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => FolderError::Occupied {
            folder: folder.to_owned(),
        },
        _ => FolderError::Write {
            folder: folder.to_owned(),
            source,
        },
    })
}

/// Whether a bundle could be put there.
pub fn is_free(folder: &Path) -> Result<(), FolderError> {
    let is_there = folder.symlink_metadata().is_ok();
    let is_empty = || {
        let is_folder = folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        is_folder && fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
    };
    if is_there && !is_empty() {
        return Err(FolderError::Occupied {
            folder: folder.to_owned(),
        });
    }
    Ok(())
}

fn place(files: &BundleFiles, parent: &Path, folder: &Path) -> io::Result<()> {
    let staging = tempfile::Builder::new()
        .prefix(".taskwright-")
        .suffix(".tmp")
        .tempdir_in(parent)?;
    // A folder of its own inside: the staging folder is nobody else's to read, and the bundle's is as the umask has it.
    let whole = staging.path().join("bundle");
    fs::create_dir(&whole)?;
    for (path, entry) in files.iter() {
        if let Entry::File(file) = entry {
            write(&whole.join(path.as_str()), file)?;
        }
    }
    sync_folder(&whole)?;
    match fs::remove_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::rename(&whole, folder)?;
    sync_folder(parent)
}

fn write(path: &Path, file: &File) -> io::Result<()> {
    fs::create_dir_all(folder_of(path))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if file.executable { 0o777 } else { 0o666 });
    let mut target = options.open(path)?;
    target.write_all(&file.content)?;
    target.sync_data()
}
