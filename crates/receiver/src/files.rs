//! Bytes on disk: parts of uploads by their id, and bundles by their digest. A bundle is there whole and verified, or not.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The folder of a receiver.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    root: PathBuf,
}

impl Files {
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root.join("parts"))?;
        fs::create_dir_all(root.join("bundles"))?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.root.join("receiver.sqlite")
    }

    /// Where the bytes of an upload gather.
    pub(crate) fn part(&self, id: &str) -> PathBuf {
        self.root.join("parts").join(id)
    }

    /// The ids of all parts.
    pub(crate) fn parts(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(self.root.join("parts"))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    }

    pub(crate) fn remove_part(&self, id: &str) -> io::Result<()> {
        match fs::remove_file(self.part(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Where a bundle is, or will be.
    pub(crate) fn bundle(&self, sha256: &str) -> PathBuf {
        let folder = self.root.join("bundles").join(&sha256[..2]);
        folder.join(format!("{sha256}.taskbundle"))
    }

    /// The length of a bundle that is here.
    pub(crate) fn stored(&self, sha256: &str) -> Option<u64> {
        fs::metadata(self.bundle(sha256)).ok().map(|file| file.len())
    }

    /// Moves a verified part to where its bundle belongs. On disk when it returns.
    pub(crate) fn keep(&self, id: &str, sha256: &str) -> io::Result<()> {
        let (part, bundle) = (self.part(id), self.bundle(sha256));
        let folder = bundle.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        File::open(&part)?.sync_all()?;
        fs::rename(&part, &bundle)?;
        sync_folder(folder)?;
        sync_folder(&self.root.join("bundles"))
    }
}

/// A rename is on disk when the folder is; Windows has no such call and needs none.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
