//! Blobs to a registry: asked for first, sent in chunks, and gone on with where the registry says that it broke off.

use std::io::{Read as _, Seek as _, SeekFrom};

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use reqwest::{Method, Response, StatusCode, Url};

use super::Event;
use super::error::OciError;
use super::registry::{Registry, Scope, TRIES, disk, header, pause};
use crate::digest;

/// Large enough for registries that keep chunks in object stores, small enough to be sent again.
const CHUNK: u64 = 8 << 20;

/// What is sent.
#[derive(Debug)]
pub(crate) struct Blob {
    /// What it is, for words.
    pub(crate) what: String,
    /// Its digest.
    pub(crate) digest: String,
    /// Its bytes.
    pub(crate) content: Content,
}

/// The bytes of a blob: in memory, or in a file when there may be many.
#[derive(Debug)]
pub(crate) enum Content {
    Memory(Bytes),
    File(std::fs::File, u64),
}

impl Blob {
    pub(crate) fn new(what: &str, bytes: Bytes) -> Self {
        Self {
            what: what.to_owned(),
            digest: digest::of(&bytes),
            content: Content::Memory(bytes),
        }
    }

    fn length(&self) -> u64 {
        match &self.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::File(_, length) => *length,
        }
    }

    fn chunk(&self, from: u64, end: u64) -> std::io::Result<Bytes> {
        let outside = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let length = usize::try_from(end - from).map_err(|_| outside())?;
        match &self.content {
            Content::Memory(bytes) => {
                let from = usize::try_from(from).map_err(|_| outside())?;
                Ok(bytes.slice(from..from + length))
            }
            Content::File(file, _) => {
                let (mut file, mut bytes) = (file, vec![0; length]);
                file.seek(SeekFrom::Start(from))?;
                file.read_exact(&mut bytes)?;
                Ok(bytes.into())
            }
        }
    }
}

/// An upload that goes on.
struct Session {
    location: Url,
    offset: u64,
    failures: u32,
    chunk: u64,
}

impl Registry {
    /// Sends a blob, unless it is there; says whether it was sent.
    pub(crate) async fn push_blob(
        &self,
        repository: &str,
        blob: &Blob,
        events: &(dyn Fn(Event) + Sync),
    ) -> Result<bool, OciError> {
        let what = || blob.what.clone();
        let scope = Scope::push(repository);
        let place = format!("blobs/{}", blob.digest);
        if self.has(scope, &place).await? {
            events(Event::Present { what: what() });
            return Ok(false);
        }
        let bytes = blob.length();
        events(Event::Sending { what: what(), bytes });
        let mut session = self.begin(scope, &blob.what).await?;
        while let Err(error) = self.go_on(scope, &mut session, blob).await {
            session.failures += 1;
            // A registry that was started anew knows no upload of before.
            let is_lost = matches!(error, OciError::Missing { .. });
            if !(error.is_passing() || is_lost) || session.failures > TRIES {
                return Err(error);
            }
            let reason = error.to_string();
            events(Event::Retrying { what: what(), reason });
            tokio::time::sleep(pause(session.failures)).await;
            // The answer to the last bytes may be what was lost.
            if session.offset == blob.length() && self.has(scope, &place).await.unwrap_or(false) {
                return Ok(true);
            }
            self.ask_offset(scope, &mut session, &blob.what).await;
        }
        Ok(true)
    }

    async fn begin(&self, scope: Scope<'_>, what: &str) -> Result<Session, OciError> {
        let url = self.address(scope.repository, "blobs/uploads/")?;
        let response = self
            .send(scope, &Method::POST, &url, |request| {
                request.header(CONTENT_LENGTH, 0)
            })
            .await?;
        if response.status() != StatusCode::ACCEPTED {
            return Err(self.refusal(response, what).await);
        }
        let least = header(response.headers(), "oci-chunk-min-length");
        let least: Option<u64> = least.and_then(|text| text.parse().ok());
        Ok(Session {
            location: self.location(&response, what)?,
            offset: 0,
            failures: 0,
            chunk: least.unwrap_or_default().max(CHUNK),
        })
    }

    /// Sends what is left, then says that this is all.
    async fn go_on(&self, scope: Scope<'_>, session: &mut Session, blob: &Blob) -> Result<(), OciError> {
        while session.offset < blob.length() {
            self.send_chunk(scope, session, blob).await?;
        }
        let mut url = session.location.clone();
        url.query_pairs_mut().append_pair("digest", &blob.digest);
        let response = self
            .send(scope, &Method::PUT, &url, |request| {
                request.header(CONTENT_LENGTH, 0)
            })
            .await?;
        if response.status().is_success() {
            Ok(())
        } else {
            Err(self.refusal(response, &blob.what).await)
        }
    }

    async fn send_chunk(&self, scope: Scope<'_>, session: &mut Session, blob: &Blob) -> Result<(), OciError> {
        let end = blob.length().min(session.offset + session.chunk);
        let chunk = blob.chunk(session.offset, end);
        let chunk = chunk.map_err(|source| disk(&blob.what, source))?;
        let range = format!("{}-{}", session.offset, end - 1);
        let response = self
            .send(scope, &Method::PATCH, &session.location, |request| {
                request
                    .header(CONTENT_TYPE, "application/octet-stream")
                    .header(CONTENT_RANGE, &range)
                    .header(CONTENT_LENGTH, chunk.len())
                    .body(chunk.clone())
            })
            .await?;
        if response.status() != StatusCode::ACCEPTED {
            return Err(self.refusal(response, &blob.what).await);
        }
        session.location = self.location(&response, &blob.what)?;
        session.offset = end;
        Ok(())
    }

    /// Asks how far the registry has got. When it does not know any more, the upload begins again.
    async fn ask_offset(&self, scope: Scope<'_>, session: &mut Session, what: &str) {
        let asked = self
            .send(scope, &Method::GET, &session.location, |request| request)
            .await;
        let known = match &asked {
            Ok(response) if response.status() == StatusCode::NO_CONTENT => offset(response),
            // It cannot be reached: the next attempt will tell.
            Err(_) => return,
            Ok(_) => None,
        };
        match (known, asked) {
            (Some(offset), Ok(response)) => {
                session.offset = offset;
                if let Ok(location) = self.location(&response, what) {
                    session.location = location;
                }
            }
            _ => {
                if let Ok(new) = self.begin(scope, what).await {
                    let failures = session.failures;
                    *session = Session { failures, ..new };
                }
            }
        }
    }
}

/// How many bytes a registry has: `0-41` are 42, and `0-0` is how it says none.
fn offset(response: &Response) -> Option<u64> {
    let range = header(response.headers(), RANGE.as_str())?;
    let (_, end) = range.trim_start_matches("bytes=").split_once('-')?;
    let end: u64 = end.parse().ok()?;
    Some(if end == 0 { 0 } else { end + 1 })
}
