//! The kubeconfig that `preview --kubeconfig` leaves in a file for as long as it runs.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use api::previews::Access;
use api::{Code, Error};

/// The file, and the port that it names. Both go when this is dropped: the file holds the creator's full rights and
/// is of no use without the port.
#[derive(Debug)]
pub(crate) struct KubeconfigFile {
    path: PathBuf,
    access: Access,
}

impl KubeconfigFile {
    /// Looks whether the file can be written later, while it is still cheap to say no.
    pub(crate) fn check(path: &Path) -> Result<(), Error> {
        if std::fs::symlink_metadata(path).is_err() {
            return Ok(());
        }
        let error = Error::new(Code::Usage, format!("{} is there already", path.display()));
        Err(error.hint("name a file that does not exist yet for --kubeconfig"))
    }

    /// Writes the file, readable for its owner only. A file that is there already is not touched.
    pub(crate) fn write(path: &Path, access: Access) -> Result<Self, Error> {
        let failed = |error: std::io::Error| {
            let message = format!("cannot write the kubeconfig to {}: {error}", path.display());
            Error::new(Code::Disk, message).hint("name a file that does not exist yet, in a folder that does")
        };
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        let written = Self {
            path: path.to_owned(),
            access,
        };
        file.write_all(written.access.kubeconfig.as_bytes())
            .map_err(failed)?;
        Ok(written)
    }
}

impl Drop for KubeconfigFile {
    fn drop(&mut self) {
        // A file that is gone already is what is wanted.
        let _ = std::fs::remove_file(&self.path);
    }
}
