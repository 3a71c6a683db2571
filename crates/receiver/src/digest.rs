//! SHA-256, as hex and as in the headers of RFC 9530.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Reads `sha-256=:…:` out of a `Content-Digest`, which may hold others beside it.
pub(crate) fn read_header(value: &str) -> Option<[u8; 32]> {
    let mut members = value
        .split(',')
        .filter_map(|member| member.trim().split_once('='));
    let (_, value) = members.find(|(name, _)| *name == "sha-256")?;
    let base64 = value.strip_prefix(':')?.strip_suffix(':')?;
    STANDARD.decode(base64).ok()?.try_into().ok()
}

/// The value of a `Content-Digest` or `Repr-Digest`.
pub(crate) fn header(digest: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(digest))
}

/// The digest and the length of a file.
pub(crate) fn of_file(path: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut length) = (Sha256::new(), 0);
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((hex::encode(hasher.finalize()), length)),
            read => {
                hasher.update(&buffer[..read]);
                length += read as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest: [u8; 32] = Sha256::digest(b"test").into();
        let written = header(&digest);
        assert_eq!(written, "sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:");
        assert_eq!(read_header(&written), Some(digest));
        assert_eq!(read_header(&format!("sha-512=:AA==:, {written}")), Some(digest));
        for bad in ["", "sha-256", "sha-256=:AA==:", "sha-256=AA==", "sha-256=:!:"] {
            assert_eq!(read_header(bad), None, "{bad}");
        }
    }
}
