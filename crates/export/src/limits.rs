//! How large an exported bundle may be: what a bundle's folder may hold, and nothing beyond it.

/// The most files.
pub const FILES: usize = 4_000;
/// The most bytes of one file.
pub const FILE: u64 = 8 << 20;
/// The most bytes of all files together.
pub const TOTAL: u64 = 48 << 20;
/// The most bytes of the list of files.
pub const MANIFEST: u64 = 4 << 20;
/// The most bytes of an archive: all files that cannot be compressed, with their headers and the list.
pub const ARCHIVE: u64 = 64 << 20;
/// The most memory that an archive may ask for to be unpacked, as a power of two: 8 MiB, twice what ours asks for.
pub const WINDOW_LOG: u32 = 23;
/// The most bytes of a title or another short text of the list.
pub const TEXT: usize = 500;
