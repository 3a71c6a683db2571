//! The digest of a bundle: what a proof and an export are about.

use sha2::{Digest as _, Sha256};

use crate::files::{BundleFiles, Entry};
use crate::proof;

/// The digest of all files by path, right to be run, and content, as registries write digests; the proof alone is left
/// out, since it names the digest. A link counts by where it leads.
///
/// Files that could not be read count by their path alone: whoever needs their bytes has been told of them.
pub fn of(files: &BundleFiles) -> String {
    let mut all = Sha256::new();
    for (path, entry) in files.iter().filter(|(path, _)| path.as_str() != proof::FILE) {
        let (kind, content): (&[u8], [u8; 32]) = match entry {
            Entry::File(file) if file.executable => (b"x", Sha256::digest(&file.content).into()),
            Entry::File(file) => (b"f", Sha256::digest(&file.content).into()),
            Entry::Link { target } => (b"l", Sha256::digest(target.as_bytes()).into()),
            Entry::TooLarge { .. } | Entry::Unreadable { .. } | Entry::Special => (b"?", [0; 32]),
        };
        // Lengths before what has none of its own, so that no two bundles give the same bytes.
        all.update(kind);
        all.update((path.as_str().len() as u64).to_be_bytes());
        all.update(path.as_str());
        all.update(content);
    }
    format!("sha256:{}", hex::encode(all.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::File;
    use crate::path::BundlePath;

    fn digest(files: &[(&str, &str, bool)]) -> String {
        let mut bundle = BundleFiles::new();
        for (path, content, executable) in files {
            let file = File {
                content: content.as_bytes().to_vec().into(),
                executable: *executable,
            };
            bundle.insert(BundlePath::new(path).unwrap(), Entry::File(file));
        }
        of(&bundle)
    }

    #[test]
    fn every_change_but_the_proof_gives_another_digest() {
        let base = digest(&[("task.yaml", "a", false), ("init/a.sh", "b", true)]);
        let same = digest(&[
            ("init/a.sh", "b", true),
            ("task.yaml", "a", false),
            (proof::FILE, "{}", false),
        ]);
        assert_eq!(base, same);
        for other in [
            &[("task.yaml", "a", false), ("init/a.sh", "b", false)][..],
            &[("task.yaml", "a", false), ("init/a.sh", "c", true)],
            &[("task.yaml", "a", false), ("init/b.sh", "b", true)],
            &[("task.yaml", "a", false)],
            &[
                ("task.yaml", "a", false),
                ("init/a.sh", "b", true),
                ("x", "", false),
            ],
        ] {
            assert_ne!(digest(other), base, "{other:?}");
        }
    }
}
