//! The digest of a bundle: what a proof and an export are about.

use sha2::{Digest as _, Sha256};

use crate::files::{BundleFiles, Entry};
use crate::proof;

/// The digest of all files by path, right to be run, and content, as registries write digests; the proof alone is left
/// out, since it names the digest. A link counts as the file that it leads to, which is what an export holds in its place.
///
/// Files that could not be read count by their path alone: whoever needs their bytes has been told of them.
pub fn of(files: &BundleFiles) -> String {
    whole(files.iter().map(|(path, entry)| {
        let (kind, content) = match (files.file(path.as_str()), entry) {
            (Ok(file), _) => (kind(file.executable), Sha256::digest(&file.content).into()),
            (Err(_), Entry::Link { target }) => (b'l', Sha256::digest(target.as_bytes()).into()),
            (Err(_), _) => (b'?', [0; 32]),
        };
        (path.as_str(), kind, content)
    }))
}

/// The same of a list of files in the order of their paths, whose contents were digested before: path, right to be run,
/// SHA-256.
pub fn of_list<'a>(files: impl IntoIterator<Item = (&'a str, bool, [u8; 32])>) -> String {
    let files = files.into_iter();
    whole(files.map(|(path, executable, content)| (path, kind(executable), content)))
}

fn kind(executable: bool) -> u8 {
    if executable { b'x' } else { b'f' }
}

fn whole<'a>(files: impl Iterator<Item = (&'a str, u8, [u8; 32])>) -> String {
    let mut all = Sha256::new();
    for (path, kind, content) in files.filter(|(path, ..)| *path != proof::FILE) {
        // Lengths before what has none of its own, so that no two bundles give the same bytes.
        all.update([kind]);
        all.update((path.len() as u64).to_be_bytes());
        all.update(path);
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

    #[test]
    fn a_link_counts_as_what_it_leads_to() {
        let link = |target: &str| {
            let mut files = BundleFiles::new();
            files.insert_file(BundlePath::new("a").unwrap(), *b"a");
            let target = target.to_owned();
            files.insert(BundlePath::new("b").unwrap(), Entry::Link { target });
            of(&files)
        };
        assert_eq!(link("a"), digest(&[("a", "a", false), ("b", "a", false)]));
        assert_ne!(link("gone"), link("nowhere"));
    }

    #[test]
    fn a_list_of_digests_gives_the_same() {
        let list = [
            ("a", true, Sha256::digest("b").into()),
            (proof::FILE, false, [0; 32]),
        ];
        assert_eq!(of_list(list), digest(&[("a", "b", true)]));
    }
}
