//! The file that is sent: its digest, its chunks, and whether it is still the same.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::Error;
use crate::digest::Hasher;
use bytes::Bytes;

/// Bytes that are read between two words of progress.
const STEP: u64 = 4 << 20;

/// A file that was read once.
pub(super) struct Content {
    path: PathBuf,
    pub(super) sha256: String,
    pub(super) size: u64,
    modified: Option<SystemTime>,
}

impl Content {
    /// Reads a file for its digest.
    pub(super) async fn read(path: &Path, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Self, Error> {
        let (size, modified) = state(path).map_err(|error| Error::Read(path.to_owned(), error))?;
        let mut content = Self {
            path: path.to_owned(),
            sha256: String::new(),
            size,
            modified,
        };
        let (mut hasher, mut offset) = (Hasher::new(), 0);
        while offset < size {
            let bytes = content.chunk(offset, STEP.min(size - offset)).await?;
            offset += bytes.len() as u64;
            hasher = blocking(move || {
                hasher.update(&bytes);
                Ok(hasher)
            })
            .await
            .map_err(|error| content.unreadable(error))?;
            progress(offset, size);
        }
        content.sha256 = hasher.hex();
        Ok(content)
    }

    /// The bytes at an offset, of a file that is still the same.
    pub(super) async fn chunk(&self, offset: u64, length: u64) -> Result<Bytes, Error> {
        let path = self.path.clone();
        let read = blocking(move || read(&path, offset, length));
        let (bytes, state) = read.await.map_err(|error| self.unreadable(error))?;
        if state != (self.size, self.modified) || bytes.len() as u64 != length {
            return Err(Error::Changed(self.path.clone()));
        }
        Ok(bytes)
    }

    fn unreadable(&self, error: io::Error) -> Error {
        Error::Read(self.path.clone(), error)
    }
}

type State = (u64, Option<SystemTime>);

fn state(path: &Path) -> io::Result<State> {
    let file = std::fs::metadata(path)?;
    // Not every file system knows the time.
    Ok((file.len(), file.modified().ok()))
}

fn read(path: &Path, offset: u64, length: u64) -> io::Result<(Bytes, State)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(length).read_to_end(&mut bytes)?;
    Ok((bytes.into(), state(path)?))
}

/// Work that waits for the disk, or computes for long.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_changes_is_noticed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "test").unwrap();
        let content = Content::read(file.path(), &|_, _| ()).await.unwrap();
        assert_eq!(content.sha256, crate::digest::hex(b"test"));
        assert_eq!(content.chunk(1, 2).await.unwrap(), "es");
        std::fs::write(file.path(), "tests").unwrap();
        assert!(matches!(content.chunk(1, 2).await, Err(Error::Changed(_))));
        std::fs::remove_file(file.path()).unwrap();
        assert!(matches!(content.chunk(1, 2).await, Err(Error::Read(..))));
    }
}
