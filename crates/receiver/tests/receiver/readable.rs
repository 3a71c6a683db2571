//! A rule of a platform of its own: an archive has to be readable. Stands in for whole tasks where their bytes do not matter.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use receiver::{Finding, Verify};

/// Bytes of a bundle when it is unpacked; beyond that it is no task but a bomb.
const UNPACKED: u64 = 8 << 30;
/// Files and folders of a bundle.
const ENTRIES: usize = 100_000;

/// Asks only that a bundle can be read: a tar archive in zstd.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Readable;

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
