//! Paths inside a bundle: relative, with `/`, never leaving the folder.

use std::fmt;

use thiserror::Error;

/// Why a text is not a path inside the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PathError {
    /// Nothing was written.
    #[error("the path is empty")]
    Empty,
    /// It starts at the root of a file system.
    #[error("the path is absolute; paths are relative to the bundle's folder")]
    Absolute,
    /// It holds `..`.
    #[error("the path leaves the bundle: `..` is not allowed")]
    Escape,
    /// It holds `\`, which is a separator on one system and a character on another.
    #[error("the path holds `\\`; separate folders with `/`")]
    Backslash,
    /// It holds a control character.
    #[error("the path holds a control character")]
    Control,
    /// It holds `.` or `//`, so that two spellings would name one file.
    #[error("the path is not in its shortest form: leave out `./`, `//` and a final `/`")]
    NotNormal,
    /// It is longer than archives and file systems carry everywhere.
    #[error("the path has more than 240 bytes")]
    TooLong,
}

const LIMIT: usize = 240;

/// A path inside a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundlePath(Box<str>);

impl BundlePath {
    /// Checks a text and keeps it.
    pub fn new(text: &str) -> Result<Self, PathError> {
        check(text).map(|()| Self(text.into()))
    }

    /// Names a file that was found on disk: what no path may hold is replaced, never dropped,
    /// so that a diagnostic can still point at it.
    pub fn lossy(text: &str) -> Self {
        let safe = |c: char| {
            if c.is_control() || c == '\\' {
                '\u{fffd}'
            } else {
                c
            }
        };
        let parts = text.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
        let joined = parts.collect::<Vec<_>>().join("/");
        Self(joined.chars().map(safe).collect())
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// What follows the last dot of the last part.
    pub fn extension(&self) -> Option<&str> {
        self.file_name().rsplit_once('.').map(|(_, extension)| extension)
    }

    /// The folder it lies in, if that is not the bundle's own.
    pub fn parent(&self) -> Option<BundlePath> {
        self.0.rsplit_once('/').map(|(folder, _)| Self(folder.into()))
    }

    /// Whether it lies in `folder` or below.
    pub fn is_below(&self, folder: &str) -> bool {
        self.0
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    }

    /// The path relative to `folder`, for a path below it.
    pub fn strip_folder(&self, folder: &str) -> Option<&str> {
        self.0.strip_prefix(folder)?.strip_prefix('/')
    }

    /// The path of something below it.
    pub fn join(&self, rest: &str) -> Result<Self, PathError> {
        Self::new(&format!("{}/{rest}", self.0))
    }

    /// Whether it lies where only graders may look: `checks/` or `solutions/`.
    pub fn is_restricted(&self) -> bool {
        RESTRICTED
            .iter()
            .any(|folder| self.as_str() == *folder || self.is_below(folder))
    }
}

/// The folders that a candidate never sees.
pub const RESTRICTED: [&str; 2] = ["checks", "solutions"];

impl fmt::Display for BundlePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for BundlePath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for BundlePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for BundlePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::new(text)
    }
}

impl serde::Serialize for BundlePath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

fn check(text: &str) -> Result<(), PathError> {
    if text.is_empty() {
        return Err(PathError::Empty);
    }
    if text.starts_with('/') || is_drive(text) {
        return Err(PathError::Absolute);
    }
    if text.contains('\\') {
        return Err(PathError::Backslash);
    }
    if text.chars().any(char::is_control) {
        return Err(PathError::Control);
    }
    if text.split('/').any(|part| part == "..") {
        return Err(PathError::Escape);
    }
    if text.split('/').any(|part| part.is_empty() || part == ".") {
        return Err(PathError::NotNormal);
    }
    if text.len() > LIMIT {
        Err(PathError::TooLong)
    } else {
        Ok(())
    }
}

/// `C:` starts an absolute path on Windows.
fn is_drive(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 2 && bytes[1] == b':' && bytes[0].is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        let cases = [
            ("", PathError::Empty),
            ("/etc/passwd", PathError::Absolute),
            ("C:/x", PathError::Absolute),
            ("../x", PathError::Escape),
            ("a/../../x", PathError::Escape),
            ("a\\b", PathError::Backslash),
            ("a\u{0}b", PathError::Control),
            ("./a", PathError::NotNormal),
            ("a//b", PathError::NotNormal),
            ("a/", PathError::NotNormal),
        ];
        for (text, expected) in cases {
            assert_eq!(BundlePath::new(text), Err(expected), "{text:?}");
        }
        assert!(BundlePath::new("dependencies/db/a..b.yaml").is_ok());
    }

    #[test]
    fn lossy_paths_are_paths() {
        for text in ["a\u{7}b", "../../x", "a//./b\\c"] {
            assert!(
                BundlePath::new(BundlePath::lossy(text).as_str()).is_ok(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn restricted_folders_are_known() {
        let restricted = |text| BundlePath::new(text).map(|path| path.is_restricted());
        assert_eq!(restricted("checks/a.sh"), Ok(true));
        assert_eq!(restricted("solutions"), Ok(true));
        assert_eq!(restricted("checksum.txt"), Ok(false));
    }
}
