//! Calls to one registry: tokens, bounded answers, blobs that are fetched with their digest compared.

use std::time::Duration;

use oci_client::RegistryOperation;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION, RANGE};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use tokio::io::AsyncWriteExt as _;

use super::auth::Auth;
use super::credentials::{self, Credentials};
use super::environment;
use super::error::OciError;
use crate::digest::{self, Hasher};

/// For a connection to be made.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);
/// For the next bytes of an answer.
pub(crate) const READ: Duration = Duration::from_mins(1);
/// How often something is tried again that broke off.
pub(crate) const TRIES: u32 = 5;
/// The most bytes of a manifest.
pub(crate) const MANIFEST: u64 = 4 << 20;
/// The most bytes of an error's words that are read.
const WORDS: u64 = 8 << 10;

/// A registry and who we are to it.
#[derive(Debug)]
pub struct Registry {
    authority: String,
    base: Url,
    http: reqwest::Client,
    auth: Auth,
}

/// What is asked for, and in which repository.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) repository: &'a str,
    pub(crate) operation: RegistryOperation,
}

impl<'a> Scope<'a> {
    pub(crate) fn pull(repository: &'a str) -> Self {
        let operation = RegistryOperation::Pull;
        Self {
            repository,
            operation,
        }
    }

    pub(crate) fn push(repository: &'a str) -> Self {
        let operation = RegistryOperation::Push;
        Self {
            repository,
            operation,
        }
    }
}

impl Registry {
    /// Gets ready to speak to a registry; nothing is asked yet. Without TLS only when told, or on this machine.
    pub async fn connect(registry: &str, plain: bool) -> Result<Self, OciError> {
        let folder = environment::docker_folder();
        let known = credentials::find(folder.as_deref(), registry).await?;
        Self::with(registry, plain, known)
    }

    pub(crate) fn with(registry: &str, plain: bool, known: Credentials) -> Result<Self, OciError> {
        let is_hub = credentials::is_docker_hub(registry);
        let authority = if is_hub { "registry-1.docker.io" } else { registry }.to_owned();
        let scheme = if plain || is_loopback(&authority) {
            "http"
        } else {
            "https"
        };
        let broken = |reason: String| OciError::Answer {
            what: format!("the name `{registry}`"),
            reason,
        };
        let base =
            Url::parse(&format!("{scheme}://{authority}/v2/")).map_err(|error| broken(error.to_string()))?;
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(READ)
            .user_agent(concat!("taskwright/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|source| unreachable(&authority, source))?;
        Ok(Self {
            auth: Auth::new(&authority, base.clone(), http.clone(), known),
            authority,
            base,
            http,
        })
    }

    /// Its name.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The address of something in a repository.
    pub(crate) fn address(&self, repository: &str, rest: &str) -> Result<Url, OciError> {
        self.base
            .join(&format!("{repository}/{rest}"))
            .map_err(|error| self.answer("an address", error.to_string()))
    }

    /// Where an answer sends us: the registry itself is spoken to as before, whatever it calls itself.
    pub(crate) fn location(&self, response: &Response, what: &str) -> Result<Url, OciError> {
        let header = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        let header = header.ok_or_else(|| self.answer(what, "it names no place to send it to"))?;
        let mut url = response
            .url()
            .join(header)
            .map_err(|error| self.answer(what, error.to_string()))?;
        let is_same = url.host() == self.base.host() && url.port() == self.base.port();
        if is_same && url.scheme() != self.base.scheme() {
            // A registry behind a proxy does not know how it is reached.
            let _ = url.set_scheme(self.base.scheme());
        }
        Ok(url)
    }

    /// Sends a request, and once more with a new token if the one at hand is not taken any more.
    pub(crate) async fn send(
        &self,
        scope: Scope<'_>,
        method: &Method,
        url: &Url,
        dress: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, OciError> {
        let mut is_second = false;
        loop {
            let mut request = dress(self.http.request(method.clone(), url.clone()));
            // Who we are is nobody else's business.
            if url.origin() == self.base.origin()
                && let Some(header) = self.auth.header(scope).await?
            {
                request = request.header(AUTHORIZATION, header);
            }
            let response = request
                .send()
                .await
                .map_err(|source| unreachable(&self.authority, source))?;
            if response.status() != StatusCode::UNAUTHORIZED || is_second {
                return Ok(response);
            }
            self.auth.forget(scope).await;
            is_second = true;
        }
    }

    /// Whether a blob or a manifest is there.
    pub(crate) async fn has(&self, scope: Scope<'_>, rest: &str) -> Result<bool, OciError> {
        let url = self.address(scope.repository, rest)?;
        let response = self
            .send(scope, &Method::HEAD, &url, |request| {
                request.header(ACCEPT, MANIFESTS.join(", "))
            })
            .await?;
        match response.status() {
            status if status.is_success() => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(self.refusal(response, rest).await),
        }
    }

    /// A manifest with its media type; nothing if there is none.
    pub(crate) async fn manifest(
        &self,
        scope: Scope<'_>,
        reference: &str,
    ) -> Result<Option<(Vec<u8>, String)>, OciError> {
        let what = format!("manifest {reference}");
        let url = self.address(scope.repository, &format!("manifests/{reference}"))?;
        let response = self
            .send(scope, &Method::GET, &url, |request| {
                request.header(ACCEPT, MANIFESTS.join(", "))
            })
            .await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(self.refusal(response, &what).await);
        }
        let media_type = header(response.headers(), CONTENT_TYPE.as_str()).unwrap_or_default();
        let bytes = self.body(response, MANIFEST, &what).await?;
        if reference.starts_with("sha256:") && digest::of(&bytes) != reference {
            return Err(self.answer(&what, "it has another digest"));
        }
        Ok(Some((bytes, media_type)))
    }

    /// Puts a manifest; gives the headers of the answer.
    pub(crate) async fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        bytes: &[u8],
        media_type: &str,
    ) -> Result<HeaderMap, OciError> {
        let url = self.address(repository, &format!("manifests/{reference}"))?;
        let response = self
            .send(Scope::push(repository), &Method::PUT, &url, |request| {
                request.header(CONTENT_TYPE, media_type).body(bytes.to_vec())
            })
            .await?;
        if response.status().is_success() {
            Ok(response.headers().clone())
        } else {
            Err(self.refusal(response, &format!("manifest {reference}")).await)
        }
    }

    /// A JSON answer, such as the list of referrers; nothing if the registry knows no such thing.
    pub(crate) async fn json(&self, scope: Scope<'_>, rest: &str) -> Result<Option<Vec<u8>>, OciError> {
        let url = self.address(scope.repository, rest)?;
        let response = self.send(scope, &Method::GET, &url, |request| request).await?;
        match response.status() {
            status if status.is_success() => Ok(Some(self.body(response, MANIFEST, rest).await?)),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Ok(None),
            _ => Err(self.refusal(response, rest).await),
        }
    }

    /// A small blob whose digest is known.
    pub(crate) async fn blob(&self, repository: &str, digest: &str, limit: u64) -> Result<Vec<u8>, OciError> {
        let what = format!("blob {digest}");
        let url = self.address(repository, &format!("blobs/{digest}"))?;
        let response = self
            .send(Scope::pull(repository), &Method::GET, &url, |request| request)
            .await?;
        if !response.status().is_success() {
            return Err(self.refusal(response, &what).await);
        }
        let bytes = self.body(response, limit, &what).await?;
        if digest::of(&bytes) == digest {
            Ok(bytes)
        } else {
            Err(self.answer(&what, "it has another digest"))
        }
    }

    /// Fetches a blob into a file; goes on where it broke off.
    pub(crate) async fn fetch(
        &self,
        repository: &str,
        digest: &str,
        size: u64,
        into: &mut tokio::fs::File,
    ) -> Result<(), OciError> {
        let mut fetched = Fetched {
            hasher: Hasher::new(),
            length: 0,
        };
        let mut failures = 0;
        while fetched.length < size || failures == 0 {
            match self
                .fetch_some(repository, digest, size, into, &mut fetched)
                .await
            {
                Ok(()) => break,
                Err(error) if error.is_passing() && failures < TRIES => failures += 1,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(pause(failures)).await;
        }
        into.flush().await.map_err(|source| disk(digest, source))?;
        if fetched.length == size && digest::named(&fetched.hasher.hex()) == digest {
            Ok(())
        } else {
            Err(self.answer(&format!("blob {digest}"), "it has another digest or size"))
        }
    }

    async fn fetch_some(
        &self,
        repository: &str,
        digest: &str,
        size: u64,
        into: &mut tokio::fs::File,
        fetched: &mut Fetched,
    ) -> Result<(), OciError> {
        let what = format!("blob {digest}");
        let url = self.address(repository, &format!("blobs/{digest}"))?;
        let from = fetched.length;
        let mut response = self
            .send(
                Scope::pull(repository),
                &Method::GET,
                &url,
                |request| match from {
                    0 => request,
                    from => request.header(RANGE, format!("bytes={from}-")),
                },
            )
            .await?;
        if from > 0 && response.status() != StatusCode::PARTIAL_CONTENT {
            return Err(self.answer(&what, "it broke off, and cannot be gone on with"));
        }
        if !response.status().is_success() {
            return Err(self.refusal(response, &what).await);
        }
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|source| unreachable(&self.authority, source))?
        {
            fetched.length += chunk.len() as u64;
            if fetched.length > size {
                return Err(self.answer(&what, "it is larger than it was said to be"));
            }
            fetched.hasher.update(&chunk);
            into.write_all(&chunk)
                .await
                .map_err(|source| disk(digest, source))?;
        }
        Ok(())
    }

    /// A bounded answer.
    async fn body(&self, mut response: Response, limit: u64, what: &str) -> Result<Vec<u8>, OciError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|source| unreachable(&self.authority, source))?
        {
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(self.answer(what, format!("it has more than {limit} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// The error that an answer stands for.
    pub(crate) async fn refusal(&self, response: Response, what: &str) -> OciError {
        let status = response.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return OciError::Forbidden {
                registry: self.authority.clone(),
            };
        }
        if status == StatusCode::NOT_FOUND {
            return OciError::Missing {
                name: format!("{} in {}", what, self.authority),
            };
        }
        let words = self.body(response, WORDS, what).await.unwrap_or_default();
        OciError::Refused {
            what: what.to_owned(),
            status: status.as_u16(),
            message: message(&words),
        }
    }

    pub(crate) fn answer(&self, what: &str, reason: impl Into<String>) -> OciError {
        OciError::Answer {
            what: format!("{what} in {}", self.authority),
            reason: reason.into(),
        }
    }
}

struct Fetched {
    hasher: Hasher,
    length: u64,
}

/// What a manifest may be.
pub(crate) const MANIFESTS: [&str; 4] = [
    super::artifact::MANIFEST_TYPE,
    super::artifact::INDEX_TYPE,
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/// This machine is spoken to without TLS, as Docker does it.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Longer each time: the registry may be overloaded.
pub(crate) fn pause(failures: u32) -> Duration {
    Duration::from_millis(200 << failures.min(6))
}

pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

pub(crate) fn unreachable(registry: &str, source: reqwest::Error) -> OciError {
    OciError::Unreachable {
        registry: registry.to_owned(),
        // An address can carry tokens of an upload.
        source: source.without_url(),
    }
}

pub(crate) fn disk(what: &str, source: std::io::Error) -> OciError {
    let what = what.to_owned();
    OciError::Disk { what, source }
}

/// The words of a registry's error, without what could move a cursor.
fn message(bytes: &[u8]) -> String {
    let json: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    let told = json.as_ref().and_then(|json| {
        let first = &json["errors"][0];
        first["message"].as_str().or_else(|| first["code"].as_str())
    });
    let text = told.map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), str::to_owned);
    let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    if text.is_empty() {
        "it says nothing".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        for (authority, is_plain) in [
            ("localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("127.1.2.3", true),
            ("[::1]:5000", true),
            ("10.0.0.1:5000", false),
            ("localhost.example.org", false),
            ("registry.example.org", false),
        ] {
            assert_eq!(is_loopback(authority), is_plain, "{authority}");
            let registry = Registry::with(authority, false, Credentials::Anonymous).unwrap();
            assert_eq!(registry.base.scheme() == "http", is_plain, "{authority}");
        }
        let asked = Registry::with("10.0.0.1:5000", true, Credentials::Anonymous).unwrap();
        assert_eq!(asked.base.scheme(), "http");
    }

    #[test]
    fn words_of_a_registry_move_no_cursor() {
        assert_eq!(
            message(br#"{"errors":[{"code":"DENIED","message":"no\u001b[2J way"}]}"#),
            "no[2J way"
        );
        assert_eq!(message(b"plain\n"), "plain");
        assert_eq!(message(b""), "it says nothing");
    }
}
