//! What an exported bundle looks like in a registry: media types, the manifest of the artifact, and that of a signature.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest;
use crate::layer::Layer;
use crate::manifest::Manifest;

/// The media type of a manifest.
pub(crate) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of a list of manifests.
pub(crate) const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
/// What an exported bundle is.
pub const TASK_TYPE: &str = "application/vnd.taskwright.task.v1";
/// What a signature of one is.
pub const SIGNATURE_TYPE: &str = "application/vnd.taskwright.signature.v1";

const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";
/// The configuration of an artifact that has none.
pub(crate) const EMPTY: &[u8] = b"{}";

pub(crate) const LIST_TYPE: &str = "application/vnd.taskwright.task.manifest.v1+json";
pub(crate) const LOCK_TYPE: &str = "application/vnd.taskwright.task.lock.v1+yaml";
pub(crate) const PROOF_TYPE: &str = "application/vnd.taskwright.task.proof.v1+json";
pub(crate) const SIGNATURE_BLOB_TYPE: &str = "application/vnd.taskwright.signature.v1+json";

/// Which name a blob is written under by programs that unpack artifacts.
const TITLE: &str = "org.opencontainers.image.title";

/// The media type of a layer.
pub(crate) fn layer_type(layer: Layer) -> &'static str {
    match layer {
        Layer::Candidate => "application/vnd.taskwright.task.candidate.v1.tar+zstd",
        Layer::Restricted => "application/vnd.taskwright.task.restricted.v1.tar+zstd",
    }
}

/// The name of a blob, if it is one of an exported bundle.
pub(crate) fn title(media_type: &str) -> &'static str {
    match media_type {
        LIST_TYPE => "manifest.json",
        LOCK_TYPE => "task.lock",
        PROOF_TYPE => "proof.json",
        SIGNATURE_BLOB_TYPE => "signature.json",
        _ if media_type == layer_type(Layer::Candidate) => "candidate.tar.zst",
        _ => "restricted.tar.zst",
    }
}

/// A blob or a manifest, as others refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

impl Descriptor {
    pub(crate) fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: digest::of(bytes),
            size: bytes.len() as u64,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }

    /// One of a blob that has a name.
    pub(crate) fn titled(media_type: &str, bytes: &[u8]) -> Self {
        let annotations = [(TITLE.to_owned(), title(media_type).to_owned())].into();
        Self {
            annotations,
            ..Self::of(media_type, bytes)
        }
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.digest.strip_prefix("sha256:").is_some_and(digest::is_hex)
    }
}

/// The manifest of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Artifact {
    schema_version: u32,
    #[serde(default)]
    media_type: String,
    #[serde(default, rename = "artifactType")]
    pub(crate) kind: String,
    pub(crate) config: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

impl Artifact {
    fn new(kind: &str, layers: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            media_type: MANIFEST_TYPE.to_owned(),
            kind: kind.to_owned(),
            config: Descriptor::of(EMPTY_TYPE, EMPTY),
            layers,
            subject: None,
            annotations: BTreeMap::new(),
        }
    }

    /// The artifact of an exported bundle. No time is in it: the same bundle is the same artifact.
    pub(crate) fn of_task(manifest: &Manifest, layers: Vec<Descriptor>) -> Self {
        let mut artifact = Self::new(TASK_TYPE, layers);
        let forced: Vec<String> = manifest
            .forced
            .iter()
            .filter_map(|reason| Some(serde_json::to_value(reason).ok()?.as_str()?.to_owned()))
            .collect();
        let mut annotations = vec![
            ("org.opencontainers.image.title", manifest.task.title.clone()),
            ("dev.taskwright.task", manifest.task.name.clone()),
            ("dev.taskwright.version", manifest.taskwright.clone()),
            ("dev.taskwright.bundle", manifest.bundle.clone()),
            ("dev.taskwright.manifest", manifest.digest()),
        ];
        if !forced.is_empty() {
            annotations.push(("dev.taskwright.forced", forced.join(",")));
        }
        let annotations = annotations.into_iter();
        artifact.annotations = annotations.map(|(key, value)| (key.to_owned(), value)).collect();
        artifact
    }

    /// A signature that belongs to an artifact.
    pub(crate) fn of_signature(signature: Descriptor, subject: Descriptor) -> Self {
        let mut artifact = Self::new(SIGNATURE_TYPE, vec![signature]);
        artifact.subject = Some(subject);
        artifact
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Texts and numbers: there is nothing in it that JSON cannot say.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The only blob of a media type.
    pub(crate) fn layer(&self, media_type: &str) -> Option<&Descriptor> {
        let mut found = self.layers.iter().filter(|layer| layer.media_type == media_type);
        let layer = found.next()?;
        (found.next().is_none() && layer.is_sound()).then_some(layer)
    }
}

/// A list of manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    schema_version: u32,
    #[serde(default)]
    media_type: String,
    pub(crate) manifests: Vec<Descriptor>,
}

impl Index {
    pub(crate) fn new(manifests: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            media_type: INDEX_TYPE.to_owned(),
            manifests,
        }
    }
}
