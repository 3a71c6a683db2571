//! Signatures beside an artifact: manifests that name it as their subject, for registries old and new.

use bytes::Bytes;

use super::artifact::{
    Artifact, Descriptor, EMPTY, INDEX_TYPE, Index, MANIFEST_TYPE, SIGNATURE_BLOB_TYPE, SIGNATURE_TYPE,
};
use super::error::OciError;
use super::registry::{Registry, Scope, header};
use super::upload::Blob;
use super::{Event, Pushed};
use crate::destination::Place;
use crate::digest;
use crate::sign::{self, Signature};

/// The most signatures that are looked at.
const MOST: usize = 20;

/// Puts the signature of a bundle beside its artifact.
/// Gives the digest of the signature's own manifest.
pub async fn attach(
    registry: &Registry,
    place: &Place,
    pushed: &Pushed,
    signature: &Signature,
    events: &(dyn Fn(Event) + Sync),
) -> Result<String, OciError> {
    let bytes = Bytes::from(signature.to_bytes());
    let layer = Descriptor::titled(SIGNATURE_BLOB_TYPE, &bytes);
    let empty = Bytes::from_static(EMPTY);
    for (what, bytes) in [("signature", bytes), ("configuration", empty)] {
        let blob = Blob::new(what, bytes);
        registry.push_blob(&place.repository, &blob, events).await?;
    }
    let subject = Descriptor {
        size: pushed.manifest_size,
        digest: pushed.digest.clone(),
        ..Descriptor::of(MANIFEST_TYPE, b"")
    };
    let manifest = Artifact::of_signature(layer, subject).to_bytes();
    let digest = digest::of(&manifest);
    let headers = registry
        .put_manifest(&place.repository, &digest, &manifest, MANIFEST_TYPE)
        .await?;
    // A registry that keeps referrers says so; for others they are kept in a list under a tag.
    if header(&headers, "oci-subject").is_none() {
        let entry = Descriptor {
            artifact_type: Some(SIGNATURE_TYPE.to_owned()),
            ..Descriptor::of(MANIFEST_TYPE, &manifest)
        };
        list(registry, place, &pushed.digest, entry).await?;
    }
    Ok(digest)
}

/// The tag under which the referrers of an artifact are listed.
fn tag(subject: &str) -> String {
    subject.replace(':', "-")
}

async fn list(registry: &Registry, place: &Place, subject: &str, entry: Descriptor) -> Result<(), OciError> {
    let tag = tag(subject);
    let before = registry.manifest(Scope::push(&place.repository), &tag).await?;
    let before = before.and_then(|(bytes, _)| serde_json::from_slice::<Index>(&bytes).ok());
    let mut manifests = before.map(|index| index.manifests).unwrap_or_default();
    if manifests.iter().any(|known| known.digest == entry.digest) {
        return Ok(());
    }
    manifests.push(entry);
    let bytes = serde_json::to_vec(&Index::new(manifests)).unwrap_or_default();
    registry
        .put_manifest(&place.repository, &tag, &bytes, INDEX_TYPE)
        .await?;
    Ok(())
}

/// The signatures that lie beside an artifact, as they are: none of them was verified.
pub async fn signatures(registry: &Registry, place: &Place, subject: &str) -> Result<Vec<Vec<u8>>, OciError> {
    let scope = Scope::pull(&place.repository);
    let asked = registry.json(scope, &format!("referrers/{subject}")).await?;
    let listed = match asked {
        Some(bytes) => Some(bytes),
        None => registry
            .manifest(scope, &tag(subject))
            .await?
            .map(|(bytes, _)| bytes),
    };
    let index = listed.and_then(|bytes| serde_json::from_slice::<Index>(&bytes).ok());
    let entries = index.map(|index| index.manifests).unwrap_or_default();
    let is_signature =
        |entry: &&Descriptor| entry.artifact_type.as_deref() == Some(SIGNATURE_TYPE) && entry.is_sound();
    let mut found = Vec::new();
    for entry in entries.iter().filter(is_signature).take(MOST) {
        found.extend(signature(registry, place, &entry.digest).await?);
    }
    Ok(found)
}

async fn signature(registry: &Registry, place: &Place, digest: &str) -> Result<Option<Vec<u8>>, OciError> {
    let Some((bytes, _)) = registry.manifest(Scope::pull(&place.repository), digest).await? else {
        return Ok(None);
    };
    let artifact: Option<Artifact> = serde_json::from_slice(&bytes).ok();
    let layer = artifact.and_then(|artifact| artifact.layer(SIGNATURE_BLOB_TYPE).cloned());
    match layer {
        Some(layer) => Ok(Some(
            registry
                .blob(&place.repository, &layer.digest, sign::LIMIT)
                .await?,
        )),
        None => Ok(None),
    }
}
