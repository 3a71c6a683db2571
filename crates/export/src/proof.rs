//! What an export has to know of a bundle's proof, and the digest that the proof names its bundle by.

use bundle::{BundleFiles, Entry};
use serde::Deserialize;

use crate::digest::{Hasher, named};
use crate::layer::PROOF;

/// What a proof says of the bundle that it was made with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Facts {
    /// The digest of the bundle.
    pub(crate) bundle: String,
    /// The digest of its lock, if it had one.
    pub(crate) lock: Option<String>,
    /// Whether all went as it must.
    pub(crate) passed: bool,
}

/// Reads a proof.
///
/// # Errors
/// When it is none, in words.
pub(crate) fn read(content: &[u8]) -> Result<Facts, String> {
    serde_json::from_slice(content).map_err(|error| error.to_string())
}

/// The digest of a bundle: of the paths, executable bits and contents of all its files but the proof.
pub(crate) fn digest_of(files: &BundleFiles) -> String {
    let mut hasher = Hasher::new();
    for (path, entry) in files.iter().filter(|(path, _)| path.as_str() != PROOF) {
        let Entry::File(file) = entry else { continue };
        let bit = if file.executable { 'x' } else { '-' };
        hasher.update(format!("{}\0{bit}{}\0", path, file.content.len()).as_bytes());
        hasher.update(&file.content);
    }
    named(&hasher.hex())
}
