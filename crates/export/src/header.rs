//! The headers of the tar inside an archive: one way to write each, so that reading is comparing.
//!
//! Plain ustar headers with mode, owner and time fixed. Only a path that does not fit into one has a PAX header before it,
//! with that path and nothing else.

use std::fmt;

/// The unit of a tar.
pub(crate) const BLOCK: usize = 512;
/// What a tar ends with.
pub(crate) const END: usize = 2 * BLOCK;

const NAME: usize = 100;
const PREFIX: usize = 155;
const FILE: u8 = b'0';
const PAX: u8 = b'x';

/// Everything before the content of a file.
pub(crate) fn of_file(path: &str, size: u64, executable: bool) -> Vec<u8> {
    let mode = if executable { 0o755 } else { 0o644 };
    match split(path) {
        Some((prefix, name)) => block(prefix, name, mode, size, FILE).to_vec(),
        None => with_pax(path, mode, size),
    }
}

/// How many bytes a file takes with its header and what fills its last block.
pub(crate) fn room(path: &str, size: u64) -> u64 {
    of_file(path, size, false).len() as u64 + size + padding(size) as u64
}

/// How many zeros fill the last block of a content.
pub(crate) fn padding(size: u64) -> usize {
    let block = BLOCK as u64;
    usize::try_from((block - size % block) % block).unwrap_or_default()
}

/// The path in the two fields that a header has for it.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.len() <= NAME {
        return Some(("", path));
    }
    let slashes = path.match_indices('/').map(|(at, _)| at);
    let mut splits = slashes.map(|at| (&path[..at], &path[at + 1..]));
    splits.find(|(prefix, name)| prefix.len() <= PREFIX && name.len() <= NAME)
}

fn with_pax(path: &str, mode: u64, size: u64) -> Vec<u8> {
    let record = record("path", path);
    let mut bytes = block("", "PaxHeader", 0o644, record.len() as u64, PAX).to_vec();
    bytes.extend_from_slice(record.as_bytes());
    bytes.resize(bytes.len() + padding(record.len() as u64), 0);
    // Programs that know no PAX see the beginning of the name.
    let mut end = NAME;
    while !path.is_char_boundary(end) {
        end -= 1;
    }
    bytes.extend_from_slice(&block("", &path[..end], mode, size, FILE));
    bytes
}

/// `LENGTH KEY=VALUE` and a line's end; the length counts itself.
fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() > length {
        length += 1;
    }
    format!("{length} {key}={value}\n")
}

fn block(prefix: &str, name: &str, mode: u64, size: u64, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..name.len()].copy_from_slice(name.as_bytes());
    octal(&mut block[100..108], mode);
    octal(&mut block[108..116], 0);
    octal(&mut block[116..124], 0);
    octal(&mut block[124..136], size);
    octal(&mut block[136..148], 0);
    block[148..156].fill(b' ');
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    octal(&mut block[329..337], 0);
    octal(&mut block[337..345], 0);
    block[345..345 + prefix.len()].copy_from_slice(prefix.as_bytes());
    let sum = block.iter().map(|byte| u64::from(*byte)).sum();
    octal(&mut block[148..155], sum);
    block
}

/// A number in octal digits, then a zero byte.
fn octal(field: &mut [u8], number: u64) {
    let digits = format!("{number:0width$o}", width = field.len() - 1);
    field[..digits.len()].copy_from_slice(digits.as_bytes());
}

/// The size that a header tells, if it tells one in octal digits.
pub(crate) fn size(block: &[u8; BLOCK]) -> Option<u64> {
    let digits = std::str::from_utf8(&block[124..135]).ok()?;
    let is_octal = digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    is_octal.then(|| u64::from_str_radix(digits, 8).ok()).flatten()
}

/// What lies in a tar where something else was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// A file that is not the next one of the list, or whose header is written in another way.
    File,
    /// A symbolic link.
    Link,
    /// A second name for a file.
    HardLink,
    /// A device or a pipe.
    Device,
    /// A folder.
    Folder,
    /// A PAX header.
    Pax,
    /// A header of GNU tar: a long name, a sparse file, a volume.
    Gnu,
    /// The end of the tar.
    End,
    /// No header at all.
    Noise,
}

impl Foreign {
    /// What a block is, for words: nothing of it is used.
    pub(crate) fn of(block: &[u8]) -> Self {
        if block.iter().all(|byte| *byte == 0) {
            return Self::End;
        }
        if block.get(257..262) != Some(b"ustar") {
            return Self::Noise;
        }
        match block[156] {
            b'0' | 0 | b'7' => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::Link,
            b'3' | b'4' | b'6' => Self::Device,
            b'5' => Self::Folder,
            b'x' | b'g' | b'X' => Self::Pax,
            b'L' | b'K' | b'S' | b'D' | b'M' | b'N' | b'V' => Self::Gnu,
            _ => Self::Noise,
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "another file",
            Self::Link => "a link",
            Self::HardLink => "a hard link",
            Self::Device => "a device",
            Self::Folder => "a folder",
            Self::Pax => "a PAX header",
            Self::Gnu => "a header of GNU tar",
            Self::End => "the end of the archive",
            Self::Noise => "something that is no header",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn read(bytes: &[u8]) -> (String, u64, u32, Vec<u8>) {
        let mut archive = tar::Archive::new(bytes);
        let mut entry = archive.entries().unwrap().next().unwrap().unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let (size, mode) = (entry.size(), entry.header().mode().unwrap());
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (path, size, mode, content)
    }

    #[test]
    fn other_readers_understand_every_header() {
        let long = |part: usize| vec!["d".repeat(part); 240 / (part + 1)].join("/");
        for path in [
            "bundle/a".to_owned(),
            "a".repeat(100),
            long(50),
            long(90),
            long(119),
            "ü".repeat(110),
            "x".repeat(247),
        ] {
            let mut bytes = of_file(&path, 3, true);
            assert_eq!(bytes.len() + BLOCK, usize::try_from(room(&path, 3)).unwrap());
            bytes.extend_from_slice(b"abc");
            bytes.resize(bytes.len() + padding(3) + END, 0);
            assert_eq!(read(&bytes), (path, 3, 0o755, b"abc".to_vec()));
        }
    }

    #[test]
    fn a_header_tells_its_size() {
        for number in [0, 1, 511, 512, 8 << 20, 0o777_7777_7777] {
            let bytes = of_file("a", number, false);
            assert_eq!(size(bytes.as_slice().try_into().unwrap()), Some(number));
        }
        let mut binary = of_file("a", 1, false);
        binary[124] = 0x80;
        assert_eq!(size(binary.as_slice().try_into().unwrap()), None);
    }

    #[test]
    fn a_record_counts_its_own_length() {
        for length in 1..300 {
            let text = record("path", &"a".repeat(length));
            let (count, _) = text.split_once(' ').unwrap();
            assert_eq!(count, text.len().to_string());
        }
    }
}
