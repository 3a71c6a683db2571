//! The way of a bundle to the platform: announced, sent, published, and taken up again after whatever went wrong.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::calls::{Announcement, Calls, Failure, Remote, State};
use super::chunk::ChunkSize;
use super::content::Content;
use super::error::Error;
use super::retry;
use super::token::Token;
use crate::digest;

/// What is uploaded.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// The `.taskbundle`.
    pub file: &'a Path,
    /// The task that is in it.
    pub task: &'a str,
    /// The name of the version; the platform takes the beginning of the digest where there is none.
    pub version: Option<&'a str>,
}

/// What happens on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "event")]
pub enum Event {
    /// The bundle is read for its digest.
    Reading {
        /// Bytes that are read.
        done: u64,
        /// Bytes that it has.
        size: u64,
    },
    /// The platform said what it has.
    Announced {
        /// Bytes that it has.
        offset: u64,
        /// Bytes of the bundle.
        size: u64,
    },
    /// The platform has stored a chunk.
    Sent {
        /// Bytes that it has.
        offset: u64,
        /// Bytes of the bundle.
        size: u64,
    },
    /// Something failed that may pass; it is tried again.
    Waiting {
        /// What failed.
        reason: String,
        /// How often in a row.
        failures: u32,
        /// For how long.
        pause: Duration,
    },
    /// The platform verifies the bundle.
    Publishing,
}

/// The version that came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// Its task.
    pub task: String,
    /// Its name.
    pub version: String,
    /// The bundle's SHA-256.
    pub sha256: String,
    /// The bundle's size.
    pub size: u64,
    /// When it was published first.
    pub published_at: String,
}

/// Uploads and publishes a bundle. Run again after a failure, or at the same time as another, it goes on from what the
/// platform has; what is there already is not sent again. Dropping it stops it.
pub async fn upload(
    upload: Upload<'_>,
    address: &Address,
    token: &Token,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Published, Error> {
    let calls = Calls::new(address, token)?;
    let content = Content::read(upload.file, &|done, size| events(Event::Reading { done, size })).await?;
    let mut way = Way {
        key: key(&upload, &content),
        address,
        calls,
        upload,
        content,
        events,
        remote: None,
        chunk: ChunkSize::new(),
        furthest: 0,
        failures: 0,
    };
    loop {
        match way.step().await {
            Ok(Some(published)) => return Ok(published),
            Ok(None) => {}
            Err(failure) => way.failed(failure).await?,
        }
    }
}

/// The same for the same upload, also after a restart; another for whatever is another upload.
fn key(upload: &Upload<'_>, content: &Content) -> String {
    let Upload { task, version, .. } = upload;
    let version = version.unwrap_or_default();
    let text = format!("{task}\n{version}\n{}\n{}", content.sha256, content.size);
    format!("taskwright-{}", digest::hex(text.as_bytes()))
}

/// An upload on its way.
struct Way<'a> {
    upload: Upload<'a>,
    address: &'a Address,
    calls: Calls<'a>,
    content: Content,
    key: String,
    events: &'a (dyn Fn(Event) + Sync),
    /// The upload as the platform has it; nothing when it must be asked.
    remote: Option<Remote>,
    chunk: ChunkSize,
    /// The largest offset so far. Only going beyond it is progress.
    furthest: u64,
    /// In a row, without progress.
    failures: u32,
}

impl Way<'_> {
    /// The next call; the version when it was the last.
    async fn step(&mut self) -> Result<Option<Published>, Failure> {
        let Some(remote) = self.remote.clone() else {
            self.announce().await?;
            return Ok(None);
        };
        if remote.state == State::Open && remote.offset < self.content.size {
            self.send(&remote).await?;
            return Ok(None);
        }
        (self.events)(Event::Publishing);
        self.calls.publish(&remote.id).await.map(Some)
    }

    async fn announce(&mut self) -> Result<(), Failure> {
        let announcement = Announcement {
            task: self.upload.task,
            version: self.upload.version,
            sha256: &self.content.sha256,
            size: self.content.size,
        };
        let remote = self.calls.create(&self.key, &announcement).await?;
        if remote.offset > self.content.size || !remote.has_plain_id() {
            return Err(Failure::Final(Error::NotAPlatform(self.address.to_string())));
        }
        (self.events)(Event::Announced {
            offset: remote.offset,
            size: self.content.size,
        });
        self.reached(remote.offset);
        self.remote = Some(remote);
        Ok(())
    }

    async fn send(&mut self, remote: &Remote) -> Result<(), Failure> {
        let (offset, size) = (remote.offset, self.content.size);
        let length = self.chunk.of(size - offset, remote.max_chunk);
        let chunk = self.content.chunk(offset, length).await.map_err(Failure::Final)?;
        let began = Instant::now();
        let offset = self.calls.append(&remote.id, offset, chunk).await?;
        self.chunk.arrived(began.elapsed());
        self.moved(offset);
        (self.events)(Event::Sent { offset, size });
        Ok(())
    }

    fn moved(&mut self, offset: u64) {
        self.reached(offset);
        if let Some(remote) = &mut self.remote {
            remote.offset = offset;
        }
    }

    fn reached(&mut self, offset: u64) {
        if offset > self.furthest {
            self.furthest = offset;
            self.failures = 0;
        }
    }

    /// Prepares for the next try, or says why there is none.
    async fn failed(&mut self, failure: Failure) -> Result<(), Error> {
        self.failures += 1;
        let (reason, after) = match failure {
            Failure::Final(error) => return Err(error),
            Failure::Offset(offset) if offset <= self.content.size => {
                self.moved(offset);
                return self.may_go_on("the platform has another offset each time");
            }
            Failure::Offset(_) => return Err(Error::NotAPlatform(self.address.to_string())),
            Failure::Stale(reason) => {
                self.remote = None;
                return self.may_go_on(&reason);
            }
            Failure::Passing { reason, after } => (reason, after),
        };
        self.may_go_on(&reason)?;
        self.remote = None;
        self.chunk.lost();
        self.wait(reason, after).await
    }

    fn may_go_on(&self, reason: &str) -> Result<(), Error> {
        if self.failures < retry::MOST {
            return Ok(());
        }
        Err(Error::Unreachable {
            platform: self.address.to_string(),
            reason: reason.to_owned(),
            offset: self.furthest,
        })
    }

    async fn wait(&self, reason: String, after: Option<Duration>) -> Result<(), Error> {
        if let Some(after) = after.filter(|after| *after > retry::PATIENCE) {
            return Err(Error::AskedToWait(after));
        }
        let pause = retry::pause(self.failures, after, retry::chance());
        (self.events)(Event::Waiting {
            reason,
            failures: self.failures,
            pause,
        });
        tokio::time::sleep(pause).await;
        Ok(())
    }
}
