//! The door to registries: sends exported bundles as artifacts, fetches and verifies them, and copies images beside them.

pub(crate) mod artifact;
mod auth;
pub(crate) mod credentials;
mod environment;
mod error;
mod images;
mod referrers;
pub(crate) mod registry;
pub(crate) mod upload;

use std::io::Seek as _;

use bytes::Bytes;
use serde::Serialize;
use ts_rs::TS;

use crate::destination::{Place, Version};
use crate::digest;
use crate::layer::Layer;
use crate::limits;
use crate::manifest::Manifest;
use crate::pack::Package;
use crate::problem::{Problem, What};
use crate::survey::{self, Collect, Nowhere, Sink, Survey};
use crate::verify::{self, Received};

use artifact::{
    Artifact, Descriptor, EMPTY, LIST_TYPE, LOCK_TYPE, MANIFEST_TYPE, PROOF_TYPE, layer_type, title,
};
use registry::{Scope, disk};
use upload::Blob;

pub use artifact::{SIGNATURE_TYPE, TASK_TYPE};
pub use credentials::CredentialsError;
pub use error::OciError;
pub use images::copy as copy_images;
pub use referrers::{attach, signatures};
pub use registry::Registry;

/// What happens while something is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[ts(rename = "ExportEvent")]
pub enum Event {
    /// Something is sent.
    Sending {
        /// What.
        what: String,
        /// How many bytes.
        bytes: u64,
    },
    /// Something is fetched.
    Fetching {
        /// What.
        what: String,
        /// How many bytes.
        bytes: u64,
    },
    /// Something is there already.
    Present {
        /// What.
        what: String,
    },
    /// Something broke off, and is gone on with.
    Retrying {
        /// What.
        what: String,
        /// Why it broke off.
        reason: String,
    },
    /// An image is copied.
    Copying {
        /// Its full name.
        image: String,
    },
}

/// An artifact that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// Its digest.
    pub digest: String,
    /// How many bytes its blobs have.
    pub size: u64,
    /// How many of its blobs were not there before.
    pub sent: usize,
    /// How many bytes its manifest has.
    pub manifest_size: u64,
}

/// An artifact that was fetched.
#[derive(Debug)]
pub struct Pulled {
    /// Its digest.
    pub digest: String,
    /// What is known of it, and its files.
    pub received: Received,
}

/// Sends a bundle. What the registry has is not sent again.
pub async fn push(
    registry: &Registry,
    place: &Place,
    package: &Package,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Pushed, OciError> {
    let blobs = blobs(package).map_err(|source| disk("the layers", source))?;
    let layers: Vec<Descriptor> = blobs
        .iter()
        .map(|(media_type, bytes)| Descriptor::titled(media_type, bytes))
        .collect();
    let empty = ("configuration", Bytes::from_static(EMPTY));
    let named = blobs
        .iter()
        .map(|(media_type, bytes)| (title(media_type), bytes.clone()));
    let mut sent = 0;
    for (what, bytes) in named.chain([empty]) {
        let blob = Blob::new(what, bytes);
        sent += usize::from(registry.push_blob(&place.repository, &blob, events).await?);
    }
    let size = layers.iter().map(|layer| layer.size).sum();
    let manifest = Artifact::of_task(package.manifest(), layers).to_bytes();
    let digest = digest::of(&manifest);
    registry
        .put_manifest(
            &place.repository,
            reference(place, &digest),
            &manifest,
            MANIFEST_TYPE,
        )
        .await?;
    Ok(Pushed {
        digest,
        size,
        sent,
        manifest_size: manifest.len() as u64,
    })
}

/// Under which name a manifest is put. One that is named by a digest is put under what it has.
fn reference<'a>(place: &'a Place, digest: &'a str) -> &'a str {
    match &place.version {
        Version::Tag(tag) => tag,
        Version::Digest(_) => digest,
    }
}

fn blobs(package: &Package) -> std::io::Result<Vec<(&'static str, Bytes)>> {
    let mut blobs = vec![(LIST_TYPE, Bytes::from(package.manifest().to_bytes()))];
    for layer in Layer::ALL {
        let packed = package.write_layer(layer, Vec::new())?;
        blobs.push((layer_type(layer), packed.into()));
    }
    for (media_type, path) in [(LOCK_TYPE, bundle::lock::FILE), (PROOF_TYPE, bundle::proof::FILE)] {
        let content = package.content(path);
        blobs.extend(content.map(|content| (media_type, Bytes::copy_from_slice(content))));
    }
    Ok(blobs)
}

/// Fetches a bundle and verifies it. Layers wait in files that nobody else can see until all of them were looked at.
pub async fn pull(
    registry: &Registry,
    place: &Place,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Pulled, OciError> {
    let wanted = match &place.version {
        Version::Tag(text) | Version::Digest(text) => text,
    };
    let found = registry.manifest(Scope::pull(&place.repository), wanted).await?;
    let (bytes, _) = found.ok_or_else(|| OciError::Missing {
        name: format!("oci://{place}"),
    })?;
    let digest = digest::of(&bytes);
    let received = match read(&bytes) {
        Ok(artifact) => fetch(registry, place, &artifact, events).await?,
        Err(problem) => refused(problem),
    };
    Ok(Pulled { digest, received })
}

fn refused(problem: Problem) -> Received {
    Received::refused(Survey {
        manifest: None,
        problems: vec![problem],
    })
}

fn read(bytes: &[u8]) -> Result<Artifact, Problem> {
    let artifact: Artifact = serde_json::from_slice(bytes).map_err(|_| Problem::NotABundle)?;
    if artifact.kind != TASK_TYPE {
        return Err(Problem::NotABundle);
    }
    let needed = [
        LIST_TYPE,
        layer_type(Layer::Candidate),
        layer_type(Layer::Restricted),
    ];
    for media_type in needed {
        let what = title(media_type).to_owned();
        let limit = if media_type == LIST_TYPE {
            limits::MANIFEST
        } else {
            limits::ARCHIVE
        };
        match artifact.layer(media_type) {
            None => return Err(Problem::Layer { what }),
            Some(layer) if layer.size > limit => return Err(Problem::TooLarge { what: What::Archive }),
            Some(_) => {}
        }
    }
    Ok(artifact)
}

async fn fetch(
    registry: &Registry,
    place: &Place,
    artifact: &Artifact,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Received, OciError> {
    let Some(list) = artifact.layer(LIST_TYPE) else {
        return Ok(refused(Problem::NotABundle));
    };
    let bytes = registry
        .blob(&place.repository, &list.digest, limits::MANIFEST)
        .await?;
    let survey = survey::list(&bytes);
    let manifest = match survey.manifest {
        Some(manifest) if survey.problems.is_empty() => manifest,
        _ => return Ok(Received::refused(survey)),
    };
    if let Some(problem) = claims(artifact, &manifest) {
        return Ok(refused(problem));
    }
    let mut tapes = Vec::new();
    for layer in Layer::ALL {
        let Some(descriptor) = artifact.layer(layer_type(layer)) else {
            continue;
        };
        let what = title(&descriptor.media_type);
        let file = tempfile::tempfile().map_err(|source| disk(what, source))?;
        let mut file = tokio::fs::File::from_std(file);
        events(Event::Fetching {
            what: what.to_owned(),
            bytes: descriptor.size,
        });
        registry
            .fetch(&place.repository, &descriptor.digest, descriptor.size, &mut file)
            .await?;
        tapes.push((layer, file.into_std().await, descriptor.size));
    }
    unpack(manifest, &mut tapes).map_err(|source| disk("the layers", source))
}

/// The lock and the proof lie beside the layers for others to read; they have to be those of the list.
fn claims(artifact: &Artifact, manifest: &Manifest) -> Option<Problem> {
    let told = [(LOCK_TYPE, &manifest.lock), (PROOF_TYPE, &manifest.proof)];
    let wrong = told.into_iter().find(|(media_type, digest)| {
        let there = artifact
            .layers
            .iter()
            .find(|layer| layer.media_type == *media_type);
        there.map(|layer| &layer.digest) != digest.as_ref()
    });
    let (media_type, _) = wrong?;
    Some(Problem::Layer {
        what: title(media_type).to_owned(),
    })
}

type Tape = (Layer, std::fs::File, u64);

/// As with an archive, nothing is kept before everything was looked at.
fn unpack(manifest: Manifest, tapes: &mut [Tape]) -> std::io::Result<Received> {
    let problems = read_all(&manifest, tapes, &mut Nowhere)?;
    let mut collected = Collect::default();
    let problems = if problems.is_empty() {
        read_all(&manifest, tapes, &mut collected)?
    } else {
        problems
    };
    Ok(if problems.is_empty() {
        verify::inspect(manifest, collected.files())
    } else {
        Received::refused(Survey {
            manifest: Some(manifest),
            problems,
        })
    })
}

fn read_all(manifest: &Manifest, tapes: &mut [Tape], sink: &mut dyn Sink) -> std::io::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for (layer, file, length) in tapes {
        file.rewind()?;
        problems.extend(survey::layer(&*file, *length, manifest.layer(*layer), sink)?);
    }
    Ok(problems)
}
