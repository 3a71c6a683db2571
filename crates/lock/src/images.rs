//! Tags to digests: registries are asked what an image's name stands for right now.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use plan::Mirror;

/// Registries asked at the same time.
const AT_ONCE: usize = 8;
/// For a registry to say what a name stands for, signing in included.
const PATIENCE: Duration = Duration::from_secs(20);

/// The name under which a mirror serves an image.
fn mirrored(mirror: &Mirror, of: &Reference) -> Reference {
    let repository = format!("{}/{}", of.registry(), of.repository());
    let tag = of.tag().unwrap_or("latest").to_owned();
    Reference::with_tag(mirror.authority().to_owned(), repository, tag)
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
