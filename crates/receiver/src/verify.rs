//! What a bundle must be before it is published. A platform puts its own rules here.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of a bundle when it is unpacked; beyond that it is no task but a bomb.
const UNPACKED: u64 = 8 << 30;
/// Files and folders of a bundle.
const ENTRIES: usize = 100_000;

/// One thing that is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The place in the bundle, where there is one.
    pub place: Option<String>,
    /// What is wrong, and what to do.
    pub detail: String,
}

/// Judges bundles.
pub trait Verify: Send + Sync + 'static {
    /// Everything that is wrong with a file that is to be published for a task. Nothing is unpacked to disk.
    fn verify(&self, file: &Path, task: &str) -> Vec<Finding>;
}

/// Asks only that a bundle can be read: a tar archive in zstd.
#[derive(Debug, Clone, Copy)]
pub struct Readable;

impl Verify for Readable {
    fn verify(&self, file: &Path, _: &str) -> Vec<Finding> {
        let finding = |error: io::Error| Finding {
            place: None,
            detail: format!("it is not a tar archive in zstd: {error}; export the task again"),
        };
        read(file).map_err(finding).err().into_iter().collect()
    }
}

fn read(file: &Path) -> io::Result<()> {
    let unpacked = zstd::Decoder::new(File::open(file)?)?.take(UNPACKED);
    let mut archive = tar::Archive::new(unpacked);
    let mut count = 0;
    for entry in archive.entries()? {
        io::copy(&mut entry?, &mut io::sink())?;
        count += 1;
        if count > ENTRIES {
            return Err(io::Error::other(format!("it has more than {ENTRIES} entries")));
        }
    }
    if count == 0 {
        return Err(io::Error::other("it is empty"));
    }
    // The checksum of zstd comes after the last entry.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(bytes: &[u8]) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let findings = Readable.verify(file.path(), "task");
        findings.into_iter().map(|finding| finding.detail).collect()
    }

    #[test]
    fn only_an_archive_can_be_read() {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(4);
        archive
            .append_data(&mut header, "task.yaml", &b"a: b"[..])
            .unwrap();
        let tar = archive.into_inner().unwrap();
        let good = zstd::encode_all(&tar[..], 3).unwrap();
        assert_eq!(findings(&good), "");
        for bad in [
            &b""[..],
            b"text",
            &tar,
            &good[..good.len() - 4],
            &zstd::encode_all(&b"text"[..], 3).unwrap(),
        ] {
            assert!(
                findings(bad).starts_with("it is not a tar archive in zstd"),
                "{bad:?}"
            );
        }
    }
}
