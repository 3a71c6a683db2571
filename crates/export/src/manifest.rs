//! The list at the head of an exported bundle: what it is, and every file with its digest.

use serde::{Deserialize, Serialize};

use crate::digest;
use crate::layer::Layer;
use crate::reason::Reason;

/// The version of the format; raised when an archive of before cannot be read any more.
pub const FORMAT: u32 = 1;
/// Where the list lies in an archive.
pub const NAME: &str = "manifest.json";

/// What an exported bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// The version of the format.
    pub format: u32,
    /// Which task it is.
    pub task: TaskInfo,
    /// The version of the program that exported it.
    pub taskwright: String,
    /// The digest of the bundle, which its proof names.
    pub bundle: String,
    /// The digest of `task.lock`.
    pub lock: Option<String>,
    /// The digest of `proof.json`.
    pub proof: Option<String>,
    /// Why it should not have been exported, if it was forced.
    pub forced: Vec<Reason>,
    /// Every file, in the order of the paths.
    pub files: Vec<FileInfo>,
}

/// Which task a bundle is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaskInfo {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
}

/// A file of an exported bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileInfo {
    /// Its path in the bundle.
    pub path: String,
    /// How many bytes it has.
    pub size: u64,
    /// Their digest, in hexadecimal digits.
    pub sha256: String,
    /// Whether it may be run.
    pub executable: bool,
    /// Who may see it.
    pub layer: Layer,
}

impl Manifest {
    /// Its bytes: the same list always gives the same.
    pub fn to_bytes(&self) -> Vec<u8> {
        // A list of texts and numbers: there is nothing in it that JSON cannot say.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads its bytes; none but those that [`Self::to_bytes`] writes.
    ///
    /// # Errors
    /// When they are others, in words.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let format: Format = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if format.format != FORMAT {
            return Err(format!(
                "it has format {}, and this program knows {FORMAT}",
                format.format
            ));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if manifest.to_bytes() == bytes {
            Ok(manifest)
        } else {
            Err("it is not written the way an export writes it".to_owned())
        }
    }

    /// The digest of its bytes: it stands for the whole exported bundle, and is what is signed.
    pub fn digest(&self) -> String {
        digest::of(&self.to_bytes())
    }

    /// The files of a layer.
    pub fn layer(&self, layer: Layer) -> impl Iterator<Item = &FileInfo> {
        self.files.iter().filter(move |file| file.layer == layer)
    }

    /// A file by its path.
    pub fn file(&self, path: &str) -> Option<&FileInfo> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// Read before all else: another format may have other fields.
#[derive(Deserialize)]
struct Format {
    format: u32,
}
