//! Copies the images of a lock to the registry that a bundle goes to, under their full names: the registry is then a mirror
//! for hosts without the internet.

use std::collections::BTreeMap;

use plan::Mirror;
use serde::Deserialize;

use super::Event;
use super::artifact::Descriptor;
use super::error::OciError;
use super::registry::{Registry, Scope, disk};
use super::upload::{Blob, Content};
use crate::destination::{Place, Version};

/// Lists in lists, as deep as any image goes.
const DEPTH: usize = 3;

/// Anything that a manifest can be: a list of others, or of blobs.
#[derive(Deserialize)]
struct Any {
    #[serde(default)]
    manifests: Vec<Descriptor>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// Where an image is read.
struct Source {
    registry: Registry,
    repository: String,
}

/// Copies images by their digests; gives the names under which they are now served.
pub async fn copy(
    registry: &Registry,
    place: &Place,
    images: &BTreeMap<String, Option<String>>,
    mirror: Option<&Mirror>,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Vec<String>, OciError> {
    let mut copied = Vec::new();
    for (image, digest) in images {
        let refuse = |reason: String| OciError::Image {
            image: image.clone(),
            reason,
        };
        let digest = digest
            .as_ref()
            .ok_or_else(|| refuse("its digest is not known".to_owned()))?;
        let from: Place = image
            .parse()
            .map_err(|_| refuse("its name cannot be read".to_owned()))?;
        if from.registry == place.registry {
            continue;
        }
        if from.registry.contains(':') {
            return Err(refuse(
                "it lies in a registry with a port, whose name is no part of a repository's".to_owned(),
            ));
        }
        let full = format!("{}/{}", from.registry, from.repository);
        events(Event::Copying { image: image.clone() });
        let source = source(&from, digest, mirror)
            .await
            .map_err(|error| refuse(error.to_string()))?;
        let copy = Copy {
            source: &source,
            registry,
            repository: &full,
            events,
        };
        copy.manifest(digest, 0).await?;
        if let Version::Tag(tag) = &from.version {
            copy.tag(digest, tag).await?;
        }
        copied.push(format!("{}/{full}@{digest}", place.registry));
    }
    Ok(copied)
}

/// Where an image is: at the mirror if that has it, else where its name says.
async fn source(from: &Place, digest: &str, mirror: Option<&Mirror>) -> Result<Source, OciError> {
    if let Some(mirror) = mirror {
        let registry = Registry::connect(mirror.authority(), mirror.is_plain()).await?;
        let repository = format!("{}/{}", from.registry, from.repository);
        let has = registry
            .has(Scope::pull(&repository), &format!("manifests/{digest}"))
            .await;
        if has.unwrap_or(false) {
            return Ok(Source { registry, repository });
        }
    }
    Ok(Source {
        registry: Registry::connect(&from.registry, false).await?,
        repository: from.repository.clone(),
    })
}

struct Copy<'a> {
    source: &'a Source,
    registry: &'a Registry,
    repository: &'a str,
    events: &'a (dyn Fn(Event) + Sync),
}

impl Copy<'_> {
    /// A manifest with all that it names, those first: a registry takes no manifest of what it does not have.
    async fn manifest(&self, digest: &str, depth: usize) -> Result<(), OciError> {
        let scope = Scope::push(self.repository);
        if self.registry.has(scope, &format!("manifests/{digest}")).await? {
            return Ok(());
        }
        let (bytes, media_type) = self.read(digest).await?;
        let any: Any = serde_json::from_slice(&bytes)
            .map_err(|error| self.source.registry.answer(digest, error.to_string()))?;
        if depth >= DEPTH {
            return Err(self.source.registry.answer(digest, "it lists lists of lists"));
        }
        for child in &any.manifests {
            Box::pin(self.manifest(&child.digest, depth + 1)).await?;
        }
        for blob in any.config.iter().chain(&any.layers) {
            self.blob(blob).await?;
        }
        self.registry
            .put_manifest(self.repository, digest, &bytes, &media_type)
            .await?;
        Ok(())
    }

    async fn tag(&self, digest: &str, tag: &str) -> Result<(), OciError> {
        let (bytes, media_type) = self.read(digest).await?;
        self.registry
            .put_manifest(self.repository, tag, &bytes, &media_type)
            .await?;
        Ok(())
    }

    async fn read(&self, digest: &str) -> Result<(Vec<u8>, String), OciError> {
        let found = self
            .source
            .registry
            .manifest(Scope::pull(&self.source.repository), digest)
            .await?;
        found.ok_or_else(|| OciError::Missing {
            name: format!(
                "{}/{}@{digest}",
                self.source.registry.authority(),
                self.source.repository
            ),
        })
    }

    /// A blob on its way through a file: layers are larger than memory ought to be.
    async fn blob(&self, blob: &Descriptor) -> Result<(), OciError> {
        let there = format!("blobs/{}", blob.digest);
        if self.registry.has(Scope::push(self.repository), &there).await? {
            return Ok(());
        }
        let what = format!("layer {}", blob.digest);
        let file = tempfile::tempfile().map_err(|source| disk(&what, source))?;
        let mut file = tokio::fs::File::from_std(file);
        let Source { registry, repository } = self.source;
        registry
            .fetch(repository, &blob.digest, blob.size, &mut file)
            .await?;
        let blob = Blob {
            what,
            digest: blob.digest.clone(),
            content: Content::File(file.into_std().await, blob.size),
        };
        self.registry
            .push_blob(self.repository, &blob, self.events)
            .await?;
        Ok(())
    }
}
