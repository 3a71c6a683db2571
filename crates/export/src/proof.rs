//! The digest that a proof names its bundle by, from the list of an export alone.

use bundle::digest;

use crate::manifest::FileInfo;

/// The digest of the bundle whose files these are.
pub(crate) fn digest_of(files: &[FileInfo]) -> String {
    digest::of_list(files.iter().map(|file| {
        let mut content = [0; 32];
        // A list with another digest in it was refused before.
        let _ = hex::decode_to_slice(&file.sha256, &mut content);
        (file.path.as_str(), file.executable, content)
    }))
}
