//! The file in which the bytes of an upload gather, and who may write to it.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// The uploads that a request is at work on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Busy(Arc<Mutex<HashSet<String>>>);

impl Busy {
    /// Takes an upload for one request alone; nothing when another has it.
    pub(crate) fn take(&self, id: &str) -> Option<Claim> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.insert(id.to_owned()).then(|| Claim {
            busy: self.clone(),
            id: id.to_owned(),
        })
    }
}

/// An upload is taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    busy: Busy,
    id: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut taken = self.busy.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(&self.id);
    }
}

/// A chunk on its way into the file. It holds the claim: a write that outlives its request keeps others away until it ends.
pub(crate) struct Part {
    file: File,
    hasher: Sha256,
    written: u64,
    _claim: Claim,
}

impl Part {
    /// Opens the file at the offset that is recorded; what a chunk that never ended left behind it goes. A file that is
    /// shorter than recorded is an unexpected end.
    pub(crate) fn open(path: &Path, offset: u64, claim: Claim) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        if file.metadata()?.len() < offset {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.set_len(offset)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self {
            file,
            hasher: Sha256::new(),
            written: 0,
            _claim: claim,
        })
    }

    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// The chunk's digest; what was written is on disk.
    pub(crate) fn finish(&mut self) -> io::Result<[u8; 32]> {
        self.file.sync_data()?;
        Ok(self.hasher.finalize_reset().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(path: &Path, offset: u64) -> io::Result<Part> {
        Part::open(path, offset, Busy::default().take("one").unwrap())
    }

    #[test]
    fn what_is_not_recorded_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        part(&path, 0).unwrap().write(b"recorded and lost").unwrap();
        let mut resumed = part(&path, 8).unwrap();
        resumed.write(b"!").unwrap();
        assert_eq!(resumed.finish().unwrap(), <[u8; 32]>::from(Sha256::digest(b"!")));
        assert_eq!(std::fs::read(&path).unwrap(), b"recorded!");
        let missing = part(&path, 10).err().unwrap();
        assert_eq!(missing.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn one_request_at_a_time_has_an_upload() {
        let busy = Busy::default();
        let claim = busy.take("one");
        assert!(claim.is_some());
        assert!(busy.take("one").is_none());
        assert!(busy.take("two").is_some());
        drop(claim);
        assert!(busy.take("one").is_some());
    }
}
