//! Where a path of a bundle lies on disk: never outside of the bundle's folder, whatever links are there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bundle::BundlePath;

use crate::files::FileError;

/// A bundle's folder, all links on the way to it followed.
#[derive(Debug, Clone)]
pub(crate) struct Root(PathBuf);

impl Root {
    pub(crate) fn new(folder: &Path) -> Result<Self, FileError> {
        let real = fs::canonicalize(folder).map_err(|source| FileError::Folder {
            folder: folder.to_owned(),
            source,
        })?;
        Ok(Self(real))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// A text as a path of this bundle.
    pub(crate) fn path(text: &str) -> Result<BundlePath, FileError> {
        BundlePath::new(text).map_err(|source| FileError::Path {
            path: text.to_owned(),
            source,
        })
    }

    /// What a path leads to, links followed as long as they stay inside.
    pub(crate) fn target(&self, path: &BundlePath) -> Result<PathBuf, FileError> {
        let named = self.entry(path)?;
        let real = fs::canonicalize(&named).map_err(|source| refuse(path, &named, source))?;
        self.inside(path, real)
    }

    /// The entry of this name itself, a link at its end not followed. Its folder has to be there.
    pub(crate) fn entry(&self, path: &BundlePath) -> Result<PathBuf, FileError> {
        let Some(parent) = path.parent() else {
            return Ok(self.0.join(path.as_str()));
        };
        let named = self.0.join(parent.as_str());
        let real = fs::canonicalize(&named).map_err(|source| refuse(path, &named, source))?;
        Ok(self.inside(path, real)?.join(path.file_name()))
    }

    /// The folder that a new entry is put into; what is missing of it is made.
    pub(crate) fn make_parent(&self, path: &BundlePath) -> Result<Vec<PathBuf>, FileError> {
        let mut made = Vec::new();
        let Some(parent) = path.parent() else {
            return Ok(made);
        };
        let mut at = self.0.clone();
        for part in parent.as_str().split('/') {
            at.push(part);
            match fs::canonicalize(&at) {
                Ok(real) => at = self.inside(path, real)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound && !at.is_symlink() => {
                    fs::create_dir(&at).map_err(|source| FileError::write(path, source))?;
                    made.push(at.clone());
                }
                Err(source) => return Err(refuse(path, &at, source)),
            }
        }
        Ok(made)
    }

    fn inside(&self, path: &BundlePath, real: PathBuf) -> Result<PathBuf, FileError> {
        if real.starts_with(&self.0) {
            Ok(real)
        } else {
            Err(FileError::Outside {
                path: path.to_string(),
            })
        }
    }
}

/// A link that leads to nothing is not the same as nothing.
fn refuse(path: &BundlePath, named: &Path, source: io::Error) -> FileError {
    let path = path.to_string();
    match source.kind() {
        io::ErrorKind::NotFound if named.is_symlink() => FileError::Outside { path },
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileError::Missing { path },
        _ => FileError::Read { path, source },
    }
}
