//! SHA-256, written as registries write it.

use aws_lc_rs::digest::{Context, SHA256, digest};

/// The digest of bytes that come one after another.
pub(crate) struct Hasher(Context);

impl Hasher {
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.finish().as_ref());
        bytes
    }

    pub(crate) fn hex(self) -> String {
        hex::encode(self.bytes())
    }
}

/// The digest of bytes as `sha256:…`.
pub fn of(bytes: &[u8]) -> String {
    named(&hex(bytes))
}

/// The digest of bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode(raw(bytes))
}

/// The digest of bytes, as it is.
pub(crate) fn raw(bytes: &[u8]) -> impl AsRef<[u8]> {
    digest(&SHA256, bytes)
}

/// `sha256:` before the digits.
pub(crate) fn named(hex: &str) -> String {
    format!("sha256:{hex}")
}

/// Whether a text is a digest in hexadecimal digits, as this crate writes them.
pub fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
