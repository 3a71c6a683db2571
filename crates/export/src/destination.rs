//! Where an exported bundle goes to or comes from.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// A place for an exported bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A file.
    File(PathBuf),
    /// An artifact in a registry.
    Oci(Place),
    /// A platform that takes uploads.
    Platform(String),
}

/// A name in a registry: `REGISTRY/REPOSITORY`, with a tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The registry with its port.
    pub registry: String,
    /// The repository in it.
    pub repository: String,
    /// What it is called there.
    pub version: Version,
}

/// What an artifact is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// By a name that can be given to another one.
    Tag(String),
    /// By what it is.
    Digest(String),
}

/// Why a text is no destination.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DestinationError {
    /// It is no name in a registry.
    #[error("`{0}` is not the name of an artifact; write `oci://REGISTRY/REPOSITORY:TAG`")]
    NotAnArtifact(String),
    /// It begins with a scheme that is not known.
    #[error(
        "`{0}` is no place for a bundle; name a file, `oci://REGISTRY/REPOSITORY:TAG` or `https://PLATFORM`"
    )]
    Unknown(String),
}

impl FromStr for Destination {
    type Err = DestinationError;

    fn from_str(text: &str) -> Result<Self, DestinationError> {
        match text.split_once("://") {
            None => Ok(Self::File(PathBuf::from(text))),
            Some(("oci", rest)) => rest.parse().map(Self::Oci),
            Some(("https" | "http", _)) => Ok(Self::Platform(text.to_owned())),
            Some(_) => Err(DestinationError::Unknown(text.to_owned())),
        }
    }
}

impl FromStr for Place {
    type Err = DestinationError;

    fn from_str(text: &str) -> Result<Self, DestinationError> {
        let refuse = || DestinationError::NotAnArtifact(text.to_owned());
        let (registry, rest) = text.split_once('/').ok_or_else(refuse)?;
        let (name, version) = if let Some((name, digest)) = rest.split_once('@') {
            // A tag beside a digest says nothing more.
            let last = name.rfind('/').map_or(0, |slash| slash + 1);
            let name = name[last..].find(':').map_or(name, |colon| &name[..last + colon]);
            (name, Version::Digest(digest.to_owned()))
        } else if let Some((name, tag)) = rest.rsplit_once(':') {
            (name, Version::Tag(tag.to_owned()))
        } else {
            (rest, Version::Tag("latest".to_owned()))
        };
        let is_sound = is_registry(registry) && name.split('/').all(is_part) && version.is_sound();
        let place = Self {
            registry: registry.to_owned(),
            repository: name.to_owned(),
            version,
        };
        is_sound.then_some(place).ok_or_else(refuse)
    }
}

impl Version {
    fn is_sound(&self) -> bool {
        match self {
            Self::Tag(tag) => is_tag(tag),
            Self::Digest(digest) => digest.strip_prefix("sha256:").is_some_and(crate::digest::is_hex),
        }
    }
}

fn is_registry(text: &str) -> bool {
    let is_known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    !text.is_empty() && text.chars().all(is_known)
}

fn is_part(part: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let is_edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.chars().all(is_inner) && part.starts_with(is_edge) && part.ends_with(is_edge)
}

fn is_tag(tag: &str) -> bool {
    let is_known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let is_first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= 128 && tag.starts_with(is_first) && tag.chars().all(is_known)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            registry, repository, ..
        } = self;
        match &self.version {
            Version::Tag(tag) => write!(f, "{registry}/{repository}:{tag}"),
            Version::Digest(digest) => write!(f, "{registry}/{repository}@{digest}"),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Oci(place) => write!(f, "oci://{place}"),
            Self::Platform(address) => f.write_str(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_read_and_written() {
        let digest = format!("oci://r.example.org/a@sha256:{}", "0".repeat(64));
        for text in [
            "task.taskbundle",
            "../out/task.taskbundle",
            "oci://127.0.0.1:5000/tasks/web:v1",
            "oci://ghcr.io/team/tasks/web:latest",
            &digest,
            "https://platform.example.org/api",
        ] {
            let destination: Destination = text.parse().unwrap();
            assert_eq!(destination.to_string(), text);
        }
        let untagged: Destination = "oci://localhost/web".parse().unwrap();
        assert_eq!(untagged.to_string(), "oci://localhost/web:latest");
    }

    #[test]
    fn what_is_none_says_what_to_write() {
        for text in [
            "oci://",
            "oci://registry",
            "oci://registry/",
            "oci://r/Upper:1",
            "oci://r/a:",
            "oci://r/a:b/c",
            "oci://r/a@sha256:00",
            "oci://u:p@r/a:1",
            "oci://r/../a:1",
            "s3://bucket/a",
        ] {
            let error = text.parse::<Destination>().unwrap_err();
            assert!(
                error.to_string().contains("oci://REGISTRY/REPOSITORY:TAG"),
                "{text}"
            );
        }
    }
}
