//! Tags to digests: registries are asked what an image's name stands for right now, and what machines it is made for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bundle::lock::Lock;
use futures::StreamExt;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::manifest::{ImageIndexEntry, OciImageManifest, OciManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use plan::Mirror;
use serde::Deserialize;

/// Registries asked at the same time.
const AT_ONCE: usize = 8;
/// For a registry to say what a name stands for, signing in included.
const PATIENCE: Duration = Duration::from_secs(20);
/// More than any image's configuration has.
const LARGEST_CONFIG: i64 = 4 << 20;

/// The name under which a mirror serves an image.
fn mirrored(mirror: &Mirror, of: &Reference) -> Reference {
    let repository = format!("{}/{}", of.registry(), of.repository());
    let registry = mirror.authority().to_owned();
    match of.digest() {
        Some(digest) => Reference::with_digest(registry, repository, digest.to_owned()),
        None => Reference::with_tag(registry, repository, of.tag().unwrap_or("latest").to_owned()),
    }
}

/// An image whose digest is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageError {
    /// Its full name.
    pub image: String,
    /// What the registry, or the way to it, said.
    pub reason: String,
}

/// Asks for the digests of images by their full names: the mirror first, then where the name says.
pub async fn resolve(
    images: &BTreeSet<String>,
    mirror: Option<&Mirror>,
) -> (BTreeMap<String, String>, Vec<ImageError>) {
    let client = client(mirror);
    let asked = futures::stream::iter(images.iter().cloned().map(|image| {
        let client = &client;
        async move {
            let digest = digest_of(client, &image, mirror).await;
            (image, digest)
        }
    }));
    let answers: Vec<_> = asked.buffer_unordered(AT_ONCE).collect().await;
    let (mut known, mut unknown) = (BTreeMap::new(), Vec::new());
    for (image, answer) in answers {
        match answer {
            Ok(digest) => drop(known.insert(image, digest)),
            Err(reason) => unknown.push(ImageError { image, reason }),
        }
    }
    unknown.sort_by(|a, b| a.image.cmp(&b.image));
    (known, unknown)
}

/// The platforms that images are made for, by the images' full names. A registry that does not say is no obstacle: then
/// only a boot shows whether an image runs. One whose platforms the lock of before has is not asked again, as public
/// registries count such questions.
pub(crate) async fn platforms(
    digests: &BTreeMap<String, String>,
    mirror: Option<&Mirror>,
    before: Option<&Lock>,
) -> BTreeMap<String, Vec<String>> {
    let client = client(mirror);
    let as_before = |image: &String, digest: &String| {
        let before = before?;
        let is_same = before.images.get(image)?.as_ref() == Some(digest);
        before.platforms.get(image).filter(|_| is_same).cloned()
    };
    let mut known = BTreeMap::new();
    let mut wanted = Vec::new();
    for (image, digest) in digests {
        match as_before(image, digest) {
            Some(platforms) => drop(known.insert(image.clone(), platforms)),
            None => wanted.push((image.clone(), digest.clone())),
        }
    }
    let asked = futures::stream::iter(wanted.into_iter().map(|(image, digest)| {
        let client = &client;
        async move {
            let platforms = platforms_of(client, &image, &digest, mirror).await;
            Some((image, platforms?))
        }
    }));
    let answers: Vec<_> = asked.buffer_unordered(AT_ONCE).collect().await;
    known.extend(answers.into_iter().flatten());
    known
}

async fn platforms_of(
    client: &Client,
    image: &str,
    digest: &str,
    mirror: Option<&Mirror>,
) -> Option<Vec<String>> {
    let name: Reference = image.parse().ok()?;
    let pinned = Reference::with_digest(
        name.registry().to_owned(),
        name.repository().to_owned(),
        digest.to_owned(),
    );
    let mirrored = mirror.map(|mirror| mirrored(mirror, &pinned));
    for place in mirrored.iter().chain([&pinned]) {
        let asked = tokio::time::timeout(PATIENCE, platforms_at(client, place));
        if let Ok(Some(platforms)) = asked.await {
            return Some(platforms);
        }
    }
    None
}

async fn platforms_at(client: &Client, place: &Reference) -> Option<Vec<String>> {
    let (manifest, _) = client.pull_manifest(place, &RegistryAuth::Anonymous).await.ok()?;
    let mut platforms = match manifest {
        OciManifest::ImageIndex(index) => index.manifests.iter().filter_map(platform).collect(),
        OciManifest::Image(image) => vec![platform_of_one(client, place, &image).await?],
    };
    platforms.sort();
    platforms.dedup();
    (!platforms.is_empty()).then_some(platforms)
}

/// What an entry of an index is made for; attestations are made for nothing.
fn platform(entry: &ImageIndexEntry) -> Option<String> {
    let platform = entry.platform.as_ref()?;
    let (system, machine) = (platform.os.to_string(), platform.architecture.to_string());
    (system != "unknown").then(|| format!("{system}/{machine}"))
}

/// What an image without an index is made for, as its configuration says.
async fn platform_of_one(client: &Client, place: &Reference, image: &OciImageManifest) -> Option<String> {
    #[derive(Deserialize)]
    struct Config {
        os: String,
        architecture: String,
    }
    if image.config.size > LARGEST_CONFIG {
        return None;
    }
    let mut bytes = Vec::new();
    client.pull_blob(place, &image.config, &mut bytes).await.ok()?;
    let Config { os, architecture } = serde_json::from_slice(&bytes).ok()?;
    Some(format!("{os}/{architecture}"))
}

fn client(mirror: Option<&Mirror>) -> Client {
    let plain = mirror
        .filter(|mirror| mirror.is_plain())
        .map(|mirror| mirror.authority().to_owned());
    Client::new(ClientConfig {
        protocol: ClientProtocol::HttpsExcept(plain.into_iter().collect()),
        ..ClientConfig::default()
    })
}

async fn digest_of(client: &Client, image: &str, mirror: Option<&Mirror>) -> Result<String, String> {
    if let Some((_, digest)) = image.split_once('@') {
        return Ok(digest.to_owned());
    }
    let reference: Reference = image
        .parse()
        .map_err(|_| "it is not the name of an image".to_owned())?;
    if let Some(mirror) = mirror
        && let Ok(digest) = ask(client, &mirrored(mirror, &reference)).await
    {
        return Ok(digest);
    }
    ask(client, &reference).await
}

async fn ask(client: &Client, reference: &Reference) -> Result<String, String> {
    let asked = client.fetch_manifest_digest(reference, &RegistryAuth::Anonymous);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(digest)) => Ok(digest),
        Ok(Err(error)) => Err(in_one_line(&error)),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

/// An error with its sources: the first says the least.
fn in_one_line(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string);
    let mut parts: Vec<String> = chain.collect();
    parts.dedup();
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_serves_others_under_their_full_names() {
        let mirror = Mirror::new("http://10.0.0.1:5000/").unwrap();
        assert!(mirror.is_plain());
        assert_eq!(
            mirror.repository("oci://quay.io/jetstack/charts"),
            "oci://10.0.0.1:5000/quay.io/jetstack/charts"
        );
        assert_eq!(
            mirror.repository("https://helm.elastic.co/"),
            "oci://10.0.0.1:5000/helm.elastic.co"
        );
        let image: Reference = "docker.io/library/redis:7".parse().unwrap();
        assert_eq!(
            mirrored(&mirror, &image).whole(),
            "10.0.0.1:5000/docker.io/library/redis:7"
        );
        for bad in [
            "10.0.0.1:5000",
            "ftp://x",
            "http://",
            "http://a/b",
            "http://u:p@a",
        ] {
            assert_eq!(Mirror::new(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn an_image_that_is_pinned_needs_no_registry() {
        let images = ["a.invalid/b@sha256:00".to_owned()].into();
        let (known, unknown) = resolve(&images, None).await;
        assert_eq!(known["a.invalid/b@sha256:00"], "sha256:00");
        assert_eq!(unknown, []);
    }
}
