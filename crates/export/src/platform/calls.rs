//! The calls of the API, each once, and what their failures mean.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::address::Address;
use super::error::Error;
use super::problem::Problem;
use super::retry;
use super::token::Token;
use crate::digest;

const CONNECT: Duration = Duration::from_secs(10);
/// For a call without a body worth speaking of.
const ANSWER: Duration = Duration::from_secs(30);
/// For a chunk; one that does not get through becomes a smaller one.
const CHUNK: Duration = Duration::from_mins(2);
/// For the platform to verify a bundle.
const VERIFY: Duration = Duration::from_mins(10);
/// Before the receiver ends a connection that nothing comes over.
const IDLE: Duration = Duration::from_secs(5);
/// Bytes of an answer; the calls here have short ones.
const LONGEST: usize = 1 << 20;

/// The way to a platform.
pub(super) struct Calls<'a> {
    client: Client,
    address: &'a Address,
}

/// An upload as the platform has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Remote {
    pub(super) id: String,
    pub(super) offset: u64,
    pub(super) state: State,
    pub(super) max_chunk: u64,
}

impl Remote {
    /// Whether the id is part of a path and nothing more.
    pub(super) fn has_plain_id(&self) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !self.id.is_empty() && self.id.bytes().all(is_plain)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Open,
    Complete,
    Published,
}

/// What is announced to the platform.
pub(super) struct Announcement<'a> {
    pub(super) task: &'a str,
    pub(super) version: Option<&'a str>,
    pub(super) sha256: &'a str,
    pub(super) size: u64,
}

/// Why a call did not succeed.
pub(super) enum Failure {
    /// Trying again makes no sense.
    Final(Error),
    /// It may succeed later.
    Passing { reason: String, after: Option<Duration> },
    /// The platform has another offset.
    Offset(u64),
    /// The platform knows the upload no more, or has got on with it: it must be asked.
    Stale(String),
}

impl<'a> Calls<'a> {
    pub(super) fn new(address: &'a Address, token: &Token) -> Result<Self, Error> {
        let headers = HeaderMap::from_iter([(reqwest::header::AUTHORIZATION, token.header()?)]);
        let mut client = Client::builder()
            .user_agent(concat!("taskwright/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            // A token reaches no host but the one it was given for.
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE);
        if address.is_loopback() {
            client = client.no_proxy();
        }
        let client = client
            .build()
            .map_err(|error| Error::Client(in_one_line(&error)))?;
        Ok(Self { client, address })
    }

    /// Announces an upload, or finds the one of this key.
    pub(super) async fn create(&self, key: &str, new: &Announcement<'_>) -> Result<Remote, Failure> {
        let mut body = json!({ "task": new.task, "sha256": new.sha256, "size": new.size });
        if let Some(version) = new.version {
            body["version"] = version.into();
        }
        let request = self.request(Method::POST, "/v1/uploads", ANSWER);
        let request = request.header("idempotency-key", key);
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        self.read(self.send(request).await?).await
    }

    /// Appends a chunk; the answer is the new offset.
    pub(super) async fn append(&self, id: &str, offset: u64, chunk: Bytes) -> Result<u64, Failure> {
        let digest = format!("sha-256=:{}:", STANDARD.encode(digest::raw(&chunk)));
        let length = chunk.len() as u64;
        let request = self.request(Method::PATCH, &format!("/v1/uploads/{id}"), CHUNK);
        let request = request
            .header("upload-offset", offset)
            .header("content-digest", digest);
        let request = request
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(chunk);
        self.send(request).await?;
        Ok(offset + length)
    }

    /// Makes a complete upload a version.
    pub(super) async fn publish<T: DeserializeOwned>(&self, id: &str) -> Result<T, Failure> {
        let request = self.request(Method::POST, &format!("/v1/uploads/{id}/publish"), VERIFY);
        self.read(self.send(request).await?).await
    }

    fn request(&self, method: Method, path: &str, patience: Duration) -> RequestBuilder {
        self.client
            .request(method, self.address.call(path))
            .timeout(patience)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().await.map_err(|error| self.lost(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status.is_redirection() {
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            return Err(Failure::Final(Error::Redirected(
                to.unwrap_or("an unnamed place").to_owned(),
            )));
        }
        let asked = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let after = asked.and_then(|value| retry::asked(value, Timestamp::now()));
        let body = self.body(response).await?;
        Err(refused(status, &body, after))
    }

    async fn read<T: DeserializeOwned>(&self, response: Response) -> Result<T, Failure> {
        let body = self.body(response).await?;
        let no_platform = |_| Failure::Final(Error::NotAPlatform(self.address.to_string()));
        serde_json::from_slice(&body).map_err(no_platform)
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(bytes) = response.chunk().await.map_err(|error| self.lost(&error))? {
            if body.len() + bytes.len() > LONGEST {
                return Err(Failure::Final(Error::NotAPlatform(self.address.to_string())));
            }
            body.extend_from_slice(&bytes);
        }
        Ok(body)
    }

    /// What an error of the connection means: only distrust stays.
    fn lost(&self, error: &reqwest::Error) -> Failure {
        if let Some(reason) = distrust(error) {
            let platform = self.address.to_string();
            return Failure::Final(Error::Untrusted { platform, reason });
        }
        if error.is_builder() {
            return Failure::Final(Error::Client(in_one_line(error)));
        }
        let reason = in_one_line(error);
        Failure::Passing { reason, after: None }
    }
}

fn refused(status: StatusCode, body: &[u8], after: Option<Duration>) -> Failure {
    let problem = Problem::read(status.as_u16(), body);
    match (problem.kind(), problem.offset) {
        ("wrong-offset", Some(offset)) => Failure::Offset(offset),
        ("upload-not-found" | "upload-complete" | "upload-incomplete", _) => {
            Failure::Stale(problem.to_string())
        }
        ("upload-busy" | "chunk-damaged", _) => Failure::Passing {
            reason: problem.to_string(),
            after,
        },
        _ if retry::is_passing(status.as_u16()) => Failure::Passing {
            reason: problem.to_string(),
            after,
        },
        _ => Failure::Final(Error::Refused(Box::new(problem))),
    }
}

/// What TLS has against the platform.
fn distrust(error: &reqwest::Error) -> Option<String> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = of_tls(error) {
            return Some(error.to_string());
        }
        source = error.source();
    }
    None
}

/// Errors of input and output hide what they wrap from `source`, and wrap each other.
fn of_tls<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<io::Error>() {
        Some(error) => of_tls(error.get_ref()?),
        None => error.downcast_ref(),
    }
}

/// An error with its sources: the first says the least.
fn in_one_line(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source()).map(ToString::to_string);
    let mut parts: Vec<String> = chain.collect();
    parts.dedup();
    parts.join(": ")
}
