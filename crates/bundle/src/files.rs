//! The files of a bundle in memory: what a door has read, before anybody has looked inside.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::path::BundlePath;

/// The bytes of a file, shared by all who look at it.
pub type Content = Arc<[u8]>;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub content: Content,
    /// Whether its owner may run it.
    pub executable: bool,
}

/// What lies at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file that was read.
    File(File),
    /// A symbolic link, not followed.
    Link {
        /// Where it points, as written in the link.
        target: String,
    },
    /// A file beyond the size limit, not read.
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
    /// A file that could not be read.
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// A socket, a pipe or a device.
    Special,
}

/// Why a path gives no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Nothing is there.
    Missing,
    /// A folder is there.
    Folder,
    /// A link is there that leads out of the bundle, to nothing, or in a circle.
    BadLink,
    /// It is there, but its content is not at hand.
    NotRead,
}

/// The files of a bundle, in the order of their paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundleFiles {
    entries: BTreeMap<BundlePath, Entry>,
    truncated: bool,
}

const LINK_HOPS: usize = 8;

impl BundleFiles {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an entry at a path, in place of what was there.
    pub fn insert(&mut self, path: BundlePath, entry: Entry) {
        self.entries.insert(path, entry);
    }

    /// Puts a plain file at a path.
    pub fn insert_file(&mut self, path: BundlePath, content: impl Into<Content>) {
        let content = content.into();
        self.insert(
            path,
            Entry::File(File {
                content,
                executable: false,
            }),
        );
    }

    /// Notes that the folder holds more entries than are read.
    pub fn mark_truncated(&mut self) {
        self.truncated = true;
    }

    /// Whether the folder holds more entries than were read.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// All entries in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&BundlePath, &Entry)> {
        self.entries.iter()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What lies at a path, a link not followed.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// The file at a path; links inside the bundle are followed.
    pub fn file(&self, path: &str) -> Result<&File, Absence> {
        match self.follow(path)?.1 {
            Entry::File(file) => Ok(file),
            Entry::Link { .. } => Err(Absence::BadLink),
            Entry::TooLarge { .. } | Entry::Unreadable { .. } | Entry::Special => Err(Absence::NotRead),
        }
    }

    /// The bytes of the file at a path.
    pub fn content(&self, path: &str) -> Result<&Content, Absence> {
        self.file(path).map(|file| &file.content)
    }

    /// The entry that a path leads to after its links, with that entry's own path.
    pub fn follow(&self, path: &str) -> Result<(&BundlePath, &Entry), Absence> {
        let mut at = path.to_owned();
        for _ in 0..=LINK_HOPS {
            match self.entries.get_key_value(at.as_str()) {
                Some((key, Entry::Link { target })) => {
                    at = resolve_link(key, target).ok_or(Absence::BadLink)?;
                }
                Some(found) => return Ok(found),
                None if at != path => return Err(Absence::BadLink),
                None if self.has_folder(&at) => return Err(Absence::Folder),
                None => return Err(Absence::Missing),
            }
        }
        Err(Absence::BadLink)
    }

    /// Whether anything lies below a path.
    pub fn has_folder(&self, path: &str) -> bool {
        self.below(path).next().is_some()
    }

    /// The entries below a folder, in the order of their paths.
    pub fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a BundlePath, &'a Entry)> + use<'a> {
        let prefix = format!("{folder}/");
        let start = prefix.clone();
        self.entries
            .range::<str, _>((
                std::ops::Bound::Included(start.as_str()),
                std::ops::Bound::Unbounded,
            ))
            .take_while(move |(path, _)| path.as_str().starts_with(&prefix))
    }
}

/// Where a link leads, if it stays inside the bundle.
fn resolve_link(link: &BundlePath, target: &str) -> Option<String> {
    if target.starts_with('/') || target.contains(['\\', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = link.as_str().split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    BundlePath::new(&parts.join("/"))
        .ok()
        .map(|path| path.as_str().to_owned())
}

impl FromIterator<(BundlePath, Entry)> for BundleFiles {
    fn from_iter<I: IntoIterator<Item = (BundlePath, Entry)>>(entries: I) -> Self {
        Self {
            entries: entries.into_iter().collect(),
            truncated: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, Option<&str>)]) -> BundleFiles {
        let mut files = BundleFiles::new();
        for (path, link) in entries {
            let path = BundlePath::new(path).unwrap();
            match link {
                Some(target) => files.insert(
                    path,
                    Entry::Link {
                        target: (*target).into(),
                    },
                ),
                None => files.insert_file(path, *b"content"),
            }
        }
        files
    }

    #[test]
    fn links_are_followed_inside_only() {
        let files = files(&[
            ("a/file", None),
            ("a/near", Some("file")),
            ("up", Some("a/near")),
            ("out", Some("../etc/passwd")),
            ("absolute", Some("/etc/passwd")),
            ("loop", Some("loop")),
            ("nowhere", Some("gone")),
        ]);
        assert!(files.file("a/near").is_ok());
        assert!(files.file("up").is_ok());
        for bad in ["out", "absolute", "loop", "nowhere"] {
            assert_eq!(files.file(bad), Err(Absence::BadLink), "{bad}");
        }
    }

    #[test]
    fn absences_differ() {
        let files = files(&[("a/file", None), ("ab", None)]);
        assert_eq!(files.file("b"), Err(Absence::Missing));
        assert_eq!(files.file("a"), Err(Absence::Folder));
        assert_eq!(files.below("a").count(), 1);
    }
}
