//! The door to archives on disk: written whole or not at all, and read.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::frame::Digesting;
use crate::pack::Package;

/// Why a file was not read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// The system refused to write.
    #[error(
        "failed to write `{path}`; what was there is still there: check the permissions of its folder and the room on the disk"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system refused to read.
    #[error("failed to read `{path}`; check its name and its permissions")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl FileError {
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Read { path, source }
    }
}

/// Puts what `fill` writes into a file: a full disk, an error or a kill at any byte leaves what was there before.
pub fn store(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), FileError> {
    try_store(path, fill).map_err(|source| FileError::Write {
        path: path.to_owned(),
        source,
    })
}

fn try_store(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = folder_of(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".taskwright-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut draft = builder.tempfile_in(folder)?;
    let mut buffered = BufWriter::with_capacity(1 << 17, draft.as_file_mut());
    fill(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    draft.as_file().sync_all()?;
    draft.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// The folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A rename is only safe from a crash once its folder is written.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere folders cannot be written by themselves.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Opens an archive. Only plain files: a pipe could not be read twice.
pub fn open(path: &Path) -> Result<File, FileError> {
    let refuse = |source| FileError::read(path, source);
    if !fs::metadata(path).map_err(refuse)?.is_file() {
        return Err(refuse(io::Error::other("it is not a plain file")));
    }
    File::open(path).map_err(refuse)
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The digest of its bytes.
    pub digest: String,
    /// How many there are.
    pub size: u64,
}

/// Writes a bundle's archive.
pub fn export(package: &Package, path: &Path) -> Result<Stored, FileError> {
    let mut stored = None;
    store(path, |out| {
        let written = package.write(Digesting::new(out))?;
        stored = Some(written.told());
        Ok(())
    })?;
    let (digest, size) = stored.unwrap_or_default();
    Ok(Stored { digest, size })
}

/// Reads a file that is small, such as a key.
pub fn read_small(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut content = Vec::new();
    let read = open(path)?.take(limit + 1).read_to_end(&mut content);
    let read = read.map_err(|source| FileError::read(path, source))? as u64;
    if read > limit {
        let source = io::Error::other(format!("it has more than {limit} bytes"));
        return Err(FileError::read(path, source));
    }
    Ok(content)
}

/// Reads a small file that need not be there.
pub fn read_if_there(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
    match read_small(path, limit) {
        Ok(content) => Ok(Some(content)),
        Err(FileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
