//! The compressed outside of an archive: one zstd frame, then a seal over all of its bytes.
//!
//! The seal is a frame that readers of zstd skip. It says that the archive is whole before anything of it is unpacked, also
//! where a changed bit would unpack to the same content.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Take, Write};

use zstd::stream::{read, write};

use crate::digest::{Hasher, named};
use crate::limits::WINDOW_LOG;

/// How hard zstd tries. Fixed, as the bytes depend on it.
pub const LEVEL: i32 = 9;
/// What a frame of zstd begins with.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// A frame to skip, of 40 bytes, that holds a name and a SHA-256.
const SEAL: [u8; 16] = *b"\x5e\x2a\x4d\x18\x28\x00\x00\x00TWSEAL1\n";
const SEAL_LENGTH: usize = SEAL.len() + 32;

/// Compresses what `fill` writes: `size` bytes, no more and no less. One thread, so that the number of cores changes nothing.
pub(crate) fn compress<W: Write>(
    out: W,
    size: u64,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<W> {
    let mut encoder = write::Encoder::new(out, LEVEL)?;
    encoder.include_checksum(true)?;
    encoder.set_pledged_src_size(Some(size))?;
    fill(&mut encoder)?;
    encoder.finish()
}

/// Writes through, and knows the digest of all that went by.
pub(crate) struct Digesting<W> {
    out: W,
    hasher: Hasher,
    length: u64,
}

impl<W: Write> Digesting<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            hasher: Hasher::new(),
            length: 0,
        }
    }

    /// The digest of what went by, and how many bytes that were.
    pub(crate) fn told(self) -> (String, u64) {
        (named(&self.hasher.hex()), self.length)
    }

    /// Ends with the seal.
    pub(crate) fn seal(mut self) -> io::Result<W> {
        let digest = self.hasher.bytes();
        self.out.write_all(&SEAL)?;
        self.out.write_all(&digest)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What the outside of an archive looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outside {
    /// It is whole; so many bytes are the frame.
    Whole(u64),
    /// It is no frame of zstd.
    Foreign,
    /// There is no seal at its end.
    Unsealed,
    /// The seal is of other bytes.
    Altered,
}

/// Looks whether an archive of `length` bytes is whole.
pub(crate) fn examine(archive: &mut (impl Read + Seek), length: u64) -> io::Result<Outside> {
    archive.seek(SeekFrom::Start(0))?;
    let Some(frame) = length.checked_sub(SEAL_LENGTH as u64) else {
        return Ok(Outside::Foreign);
    };
    let mut reader = BufReader::with_capacity(1 << 16, archive.by_ref().take(frame));
    let mut magic = [0; 4];
    if reader.read_exact(&mut magic).is_err() || magic != MAGIC {
        return Ok(Outside::Foreign);
    }
    let mut hasher = Hasher::new();
    hasher.update(&magic);
    each_chunk(&mut reader, |bytes| hasher.update(bytes))?;
    let mut seal = [0; SEAL_LENGTH];
    archive.read_exact(&mut seal)?;
    Ok(if seal[..SEAL.len()] != SEAL {
        Outside::Unsealed
    } else if seal[SEAL.len()..] != hasher.bytes() {
        Outside::Altered
    } else {
        Outside::Whole(frame)
    })
}

fn each_chunk(reader: &mut impl Read, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut chunk = vec![0; 1 << 16];
    loop {
        match reader.read(&mut chunk)? {
            0 => return Ok(()),
            count => each(&chunk[..count]),
        }
    }
}

/// Unpacks one frame with bounded memory.
pub(crate) struct Unpacking<'a, R: Read>(read::Decoder<'a, BufReader<Take<R>>>);

impl<R: Read> Unpacking<'_, R> {
    /// Of the first `length` bytes.
    pub(crate) fn new(reader: R, length: u64) -> io::Result<Self> {
        let mut decoder = read::Decoder::with_buffer(BufReader::new(reader.take(length)))?;
        decoder.window_log_max(WINDOW_LOG)?;
        Ok(Self(decoder.single_frame()))
    }

    /// Whether bytes are left behind the frame.
    pub(crate) fn has_more(self) -> bool {
        let mut rest = self.0.finish();
        !matches!(rest.read(&mut [0]), Ok(0))
    }
}

impl<R: Read> Read for Unpacking<'_, R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}
