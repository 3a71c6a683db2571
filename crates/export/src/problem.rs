//! What can be wrong with an exported bundle, as data: each with what to do about it.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::header::Foreign;
use crate::limits;
use crate::paths::{Clash, PathFault};
use crate::reason::Objection;

/// One thing that is wrong with an exported bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is no exported bundle at all.
    NotABundle,
    /// Its end is missing, or something was put behind it.
    NotWhole,
    /// Its bytes were changed.
    Altered,
    /// It has more of something than a bundle may have.
    TooLarge {
        /// What there is too much of.
        what: What,
    },
    /// It cannot be unpacked.
    NotUnpacked {
        /// What the unpacking said.
        reason: String,
    },
    /// Its list of files cannot be used.
    Manifest {
        /// Why.
        reason: String,
    },
    /// A path cannot be stored everywhere, or leads out of the bundle.
    Path {
        /// The path.
        path: String,
        /// Why.
        fault: PathFault,
    },
    /// Two paths are one on some systems.
    Clash(Clash),
    /// Something else lies where a file of the list belongs.
    Foreign {
        /// The file that belongs there.
        expected: String,
        /// What lies there.
        found: Foreign,
    },
    /// A file has another content than the list says.
    Content {
        /// The file.
        path: String,
    },
    /// What lies behind a file's content is not empty.
    Padding {
        /// The file.
        path: String,
    },
    /// Something follows the last file of the list.
    Surplus,
    /// A file cannot be exported.
    Unpackable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The folder holds more than a bundle may, so that not all was read.
    Truncated,
    /// The task has errors.
    Broken {
        /// The first of them, with its place.
        first: String,
        /// How many there are.
        count: usize,
    },
    /// What the list says of the bundle as a whole does not fit its files.
    Claim {
        /// What it says.
        what: &'static str,
    },
    /// It should not have been exported, and its list does not say that it was forced.
    Untrusted(Objection),
    /// A signature was asked for, and there is none.
    Unsigned,
    /// The signature was made with another key, or over something else.
    Signature {
        /// Why.
        reason: String,
    },
    /// A layer of an artifact is missing or has another content than its digest says.
    Layer {
        /// Which.
        what: String,
    },
}

/// What there can be too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Bytes of the archive.
    Archive,
    /// Bytes of the list.
    Manifest,
    /// Files.
    Files,
    /// Bytes of one file.
    File,
    /// Bytes of all files.
    Total,
}

impl What {
    fn limit(self) -> String {
        match self {
            Self::Archive => format!("{} bytes in all", limits::ARCHIVE),
            Self::Manifest => format!("{} bytes in its list of files", limits::MANIFEST),
            Self::Files => format!("{} files", limits::FILES),
            Self::File => format!("{} bytes in one file", limits::FILE),
            Self::Total => format!("{} bytes in its files", limits::TOTAL),
        }
    }
}

impl Problem {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotABundle => "name a file that `taskwright export` wrote",
            Self::NotWhole | Self::Altered | Self::NotUnpacked { .. } => {
                "fetch it again; if it stays so, ask whoever made it for a new one"
            }
            Self::TooLarge { .. } | Self::Truncated => "leave large files out, and let images carry them",
            Self::Path { .. } => "rename the file",
            Self::Clash(_) => "rename one of the two",
            Self::Unpackable { .. } => "replace it with a plain file inside the bundle",
            Self::Broken { .. } => "look at it with `taskwright check`, mend it and export it again",
            Self::Untrusted(objection) => objection.remedy(),
            Self::Unsigned => "export it with `--sign KEY`, or verify it without `--key`",
            Self::Signature { .. } => {
                "ask whoever made it which key belongs to it; use nothing of it until then"
            }
            Self::Manifest { .. }
            | Self::Foreign { .. }
            | Self::Content { .. }
            | Self::Padding { .. }
            | Self::Surplus
            | Self::Claim { .. }
            | Self::Layer { .. } => "do not use it; ask whoever made it for a new one",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotABundle => f.write_str("it is no exported bundle"),
            Self::NotWhole => f.write_str("it is not whole: its end is missing, or something follows it"),
            Self::Altered => f.write_str("its bytes were changed after it was exported"),
            Self::TooLarge { what } => write!(f, "it has more than {}", what.limit()),
            Self::NotUnpacked { reason } => write!(f, "it cannot be unpacked: {reason}"),
            Self::Manifest { reason } => write!(f, "its list of files cannot be used: {reason}"),
            Self::Path { path, fault } => write!(f, "the path `{}` is refused: {fault}", shown(path)),
            Self::Clash(clash) => write!(
                f,
                "`{}` and `{}` are one file on some systems",
                shown(&clash.one),
                shown(&clash.other)
            ),
            Self::Foreign { expected, found } => {
                write!(f, "{found} lies where `{}` belongs", shown(expected))
            }
            Self::Content { path } => write!(f, "`{}` has another content than the list says", shown(path)),
            Self::Padding { path } => {
                write!(f, "something is hidden behind the content of `{}`", shown(path))
            }
            Self::Surplus => f.write_str("something follows its last file"),
            Self::Unpackable { path, reason } => write!(f, "`{}` cannot be exported: {reason}", shown(path)),
            Self::Truncated => f.write_str("the folder holds more files than a bundle may"),
            Self::Broken { first, count } => write!(f, "the task has errors, {count} in all: {first}"),
            Self::Claim { what } => write!(f, "{what} does not fit its files"),
            Self::Untrusted(objection) => objection.fmt(f),
            Self::Unsigned => f.write_str("it is not signed"),
            Self::Signature { reason } => write!(f, "the signature does not hold: {reason}"),
            Self::Layer { what } => write!(f, "the {what} of the artifact is missing or was changed"),
        }
    }
}

/// A path of an archive for a terminal: whatever moves a cursor is written out.
fn shown(path: &str) -> String {
    let shown = |c: char| match c {
        '\'' | '"' | '\\' => c.to_string(),
        c => c.escape_debug().to_string(),
    };
    path.chars().take(300).map(shown).collect()
}

/// For people and programs alike: what is wrong, and what to do.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            code: &'static str,
            message: String,
            remedy: &'static str,
        }
        Shown {
            code: self.code(),
            message: self.to_string(),
            remedy: self.remedy(),
        }
        .serialize(serializer)
    }
}

impl Problem {
    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotABundle => "not-a-bundle",
            Self::NotWhole => "not-whole",
            Self::Altered => "altered",
            Self::TooLarge { .. } => "too-large",
            Self::NotUnpacked { .. } => "not-unpacked",
            Self::Manifest { .. } => "manifest",
            Self::Path { .. } => "path",
            Self::Clash(_) => "clash",
            Self::Foreign { .. } => "foreign",
            Self::Content { .. } => "content",
            Self::Padding { .. } => "padding",
            Self::Surplus => "surplus",
            Self::Unpackable { .. } => "unpackable",
            Self::Truncated => "truncated",
            Self::Broken { .. } => "broken",
            Self::Claim { .. } => "claim",
            Self::Untrusted(_) => "untrusted",
            Self::Unsigned => "unsigned",
            Self::Signature { .. } => "signature",
            Self::Layer { .. } => "layer",
        }
    }
}
