//! Whether a program in the cache is all there. A disk that filled up, or a copy that was cut off, leaves a file
//! that looks like one until it is started; its own headers say how long it has to be.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;

/// What a 64-bit ELF file begins with.
const MAGIC: [u8; 5] = [0x7f, b'E', b'L', b'F', 2];
const HEADER: usize = 64;
const SEGMENT: usize = 56;

/// Whether there is a program that can be run, as long as it says of itself.
pub(super) fn is_whole(program: &Path) -> bool {
    let Ok(metadata) = std::fs::metadata(program) else {
        return false;
    };
    let runs = metadata.is_file() && metadata.permissions().mode() & 0o111 != 0;
    runs && claimed_length(program).is_ok_and(|length| (1..=metadata.len()).contains(&length))
}

/// Where the last part of the file ends that the kernel loads.
fn claimed_length(program: &Path) -> io::Result<u64> {
    let file = File::open(program)?;
    let mut header = [0; HEADER];
    file.read_exact_at(&mut header, 0)?;
    if !header.starts_with(&MAGIC) {
        return Ok(0);
    }
    let (first, count) = (number(&header, 32), u16::from_le_bytes([header[56], header[57]]));
    let mut end = 0;
    for place in 0..u64::from(count) {
        let mut segment = [0; SEGMENT];
        file.read_exact_at(&mut segment, first.saturating_add(place * SEGMENT as u64))?;
        end = end.max(number(&segment, 8).saturating_add(number(&segment, 32)));
    }
    Ok(end)
}

fn number(bytes: &[u8], at: usize) -> u64 {
    bytes[at..]
        .first_chunk()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy_of_this_program(folder: &Path) -> std::path::PathBuf {
        let copy = folder.join("program");
        std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
        copy
    }

    #[test]
    fn a_program_is_whole_and_half_of_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let program = copy_of_this_program(folder.path());
        assert!(is_whole(&program));
        let end = claimed_length(&program).unwrap();
        let file = File::options().write(true).open(&program).unwrap();
        for length in [end - 1, end / 2, 64, 10, 0] {
            file.set_len(length).unwrap();
            assert!(!is_whole(&program), "{length} of {end} bytes");
        }
    }

    #[test]
    fn what_is_no_program_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let program = copy_of_this_program(folder.path());
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(!is_whole(&program), "cannot be run");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(&program, vec![0; 1 << 20]).unwrap();
        assert!(!is_whole(&program), "nothing but zeros");
        assert!(!is_whole(folder.path()) && !is_whole(&folder.path().join("absent")));
    }
}
