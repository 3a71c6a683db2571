//! Pushing an image to the sandbox's registry over its HTTP API: only blobs and names it does not have.
//!
//! An image `docker.io/library/redis:7` is kept as `docker.io/library/redis`, tag `7`: one repository path per public
//! registry, so that a node's mirror for a registry is that path.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt as _;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LOCATION};
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio_util::io::ReaderStream;

use super::oci::{Descriptor, Layout, MANIFEST_TYPE};
use super::{BuiltChart, BuiltImage};

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
/// The registry is on this machine: one that is silent for so long is stuck.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a push had to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pushed {
    /// Blobs that were sent.
    pub blobs: usize,
    /// Names that were set.
    pub names: usize,
}

impl std::ops::AddAssign for Pushed {
    fn add_assign(&mut self, other: Self) {
        self.blobs += other.blobs;
        self.names += other.names;
    }
}

/// Why an image could not be pushed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// No answer.
    #[error(
        "failed to reach the registry at {registry} for {reference}: {reason}\nhint: `taskwright sandbox status` says whether it runs"
    )]
    Reach {
        /// Where the registry is.
        registry: String,
        /// What was being pushed.
        reference: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// An answer other than expected.
    #[error(
        "the registry at {registry} refused {reference}: {status} {body}\nhint: its storage may be full or damaged; `taskwright sandbox down` and `up` start it anew"
    )]
    Refused {
        /// Where the registry is.
        registry: String,
        /// What was being pushed.
        reference: &'static str,
        /// The HTTP status.
        status: StatusCode,
        /// What it said.
        body: String,
    },
    /// A blob could not be read.
    #[error(
        "failed to read {reference} from the cache: {source}\nhint: the next `taskwright sandbox up` makes it again"
    )]
    Read {
        /// What was being pushed.
        reference: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Sends `image` to the registry at `base`, such as `http://10.213.0.1:5000`, under all of its names.
///
/// # Errors
/// When the registry cannot be reached or refuses, or the cache cannot be read.
pub async fn push(image: &BuiltImage, base: &str) -> Result<Pushed, PushError> {
    push_layout(&image.layout, image.references(), base).await
}

/// Like [`push`], for a chart.
///
/// # Errors
/// As there.
pub async fn push_chart(chart: &BuiltChart, base: &str) -> Result<Pushed, PushError> {
    push_layout(&chart.layout, chart.chart.references(), base).await
}

async fn push_layout(layout: &Layout, references: &[&'static str], base: &str) -> Result<Pushed, PushError> {
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let mut pushed = Pushed::default();
    for reference in references {
        let (target, tag) = target(&client, reference, base);
        // Looked at even where the name is there: a registry that was damaged has names without blobs.
        for blob in layout.blobs() {
            pushed.blobs += usize::from(target.ensure_blob(layout, blob).await?);
        }
        if target.digest_of(tag).await?.as_deref() == Some(&layout.digest) {
            continue;
        }
        target.put_manifest(layout, tag).await?;
        pushed.names += 1;
    }
    Ok(pushed)
}

/// Whether the registry at `base` has something under this name.
///
/// # Errors
/// When it cannot be reached.
pub async fn serves(reference: &'static str, base: &str) -> Result<bool, PushError> {
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let (target, tag) = target(&client, reference, base);
    Ok(target.digest_of(tag).await?.is_some())
}

fn target<'a>(
    client: &'a Client<HttpConnector, Body>,
    reference: &'static str,
    base: &'a str,
) -> (Target<'a>, &'static str) {
    let (repository, tag) = reference.rsplit_once(':').unwrap_or((reference, "latest"));
    let target = Target {
        client,
        base: base.trim_end_matches('/'),
        repository,
        reference,
    };
    (target, tag)
}

/// One repository of the registry.
struct Target<'a> {
    client: &'a Client<HttpConnector, Body>,
    base: &'a str,
    repository: &'a str,
    reference: &'static str,
}

impl Target<'_> {
    /// The digest of what lies under a tag, if anything does.
    async fn digest_of(&self, tag: &str) -> Result<Option<String>, PushError> {
        let request = Request::head(self.url(&format!("manifests/{tag}"))).header("accept", MANIFEST_TYPE);
        let answer = self.send(request, empty()).await?;
        let digest = answer
            .headers()
            .get(DIGEST)
            .and_then(|digest| digest.to_str().ok());
        Ok(digest
            .filter(|_| answer.status() == StatusCode::OK)
            .map(str::to_owned))
    }

    /// Whether the blob had to be sent.
    async fn ensure_blob(&self, layout: &Layout, blob: &Descriptor) -> Result<bool, PushError> {
        let there = self
            .send(
                Request::head(self.url(&format!("blobs/{}", blob.digest))),
                empty(),
            )
            .await?;
        let length = there.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        if there.status() == StatusCode::OK && length == Some(blob.size) {
            return Ok(false);
        }
        let started = self
            .send(Request::post(self.url("blobs/uploads/")), empty())
            .await?;
        let started = self.expect(started, StatusCode::ACCEPTED).await?;
        let location = started
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let upload = self.upload_url(location, &blob.digest);
        let request = Request::builder()
            .method(Method::PUT)
            .uri(upload)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, blob.size);
        let done = self.send(request, self.file(&layout.path(blob)).await?).await?;
        self.expect(done, StatusCode::CREATED).await?;
        Ok(true)
    }

    async fn put_manifest(&self, layout: &Layout, tag: &str) -> Result<(), PushError> {
        let bytes = tokio::fs::read(layout.manifest_path())
            .await
            .map_err(|source| self.unreadable(source))?;
        let request = Request::put(self.url(&format!("manifests/{tag}"))).header(CONTENT_TYPE, MANIFEST_TYPE);
        let body = Full::new(Bytes::from(bytes))
            .map_err(|never| match never {})
            .boxed_unsync();
        let done = self.send(request, body).await?;
        self.expect(done, StatusCode::CREATED).await.map(drop)
    }

    fn url(&self, rest: &str) -> String {
        format!("{}/v2/{}/{rest}", self.base, self.repository)
    }

    /// The registry may answer with a path or a whole address, with or without a query.
    fn upload_url(&self, location: &str, digest: &str) -> String {
        let base = if location.starts_with('/') { self.base } else { "" };
        let joint = if location.contains('?') { '&' } else { '?' };
        format!("{base}{location}{joint}digest={digest}")
    }

    async fn file(&self, path: &Path) -> Result<Body, PushError> {
        let file = tokio::fs::File::open(path)
            .await
            .map_err(|source| self.unreadable(source))?;
        let frames = ReaderStream::with_capacity(file, 1 << 20).map_ok(hyper::body::Frame::data);
        Ok(StreamBody::new(frames).boxed_unsync())
    }

    async fn send(
        &self,
        request: http::request::Builder,
        body: Body,
    ) -> Result<Response<hyper::body::Incoming>, PushError> {
        let request = request.body(body).map_err(|error| self.unreachable(&error))?;
        let answer = tokio::time::timeout(PATIENCE, self.client.request(request)).await;
        answer
            .map_err(|error| self.unreachable(&error))?
            .map_err(|error| self.unreachable(&error))
    }

    async fn expect(
        &self,
        answer: Response<hyper::body::Incoming>,
        wanted: StatusCode,
    ) -> Result<Response<hyper::body::Incoming>, PushError> {
        let status = answer.status();
        if status == wanted {
            return Ok(answer);
        }
        let body = answer
            .into_body()
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        let body = String::from_utf8_lossy(&body).trim().to_owned();
        Err(PushError::Refused {
            registry: self.base.to_owned(),
            reference: self.reference,
            status,
            body,
        })
    }

    fn unreachable(&self, error: &dyn std::error::Error) -> PushError {
        let reason = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string);
        let reason = reason.collect::<Vec<_>>().join(": ");
        PushError::Reach {
            registry: self.base.to_owned(),
            reference: self.reference,
            reason,
        }
    }

    fn unreadable(&self, source: std::io::Error) -> PushError {
        PushError::Read {
            reference: self.reference,
            source,
        }
    }
}

fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::*;

    #[test]
    fn an_upload_goes_where_the_registry_says() {
        let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        let target = Target {
            client: &client,
            base: "http://r:5000",
            repository: "docker.io/a",
            reference: "",
        };
        let url = |location| target.upload_url(location, "sha256:1");
        assert_eq!(url("/v2/x"), "http://r:5000/v2/x?digest=sha256:1");
        assert_eq!(
            url("http://r:5000/v2/x?_state=s"),
            "http://r:5000/v2/x?_state=s&digest=sha256:1"
        );
        assert!(target.url("blobs/uploads/").parse::<Uri>().is_ok());
    }
}
