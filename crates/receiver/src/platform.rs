//! What all requests share, and the forgetting of uploads that nobody goes on with.

use std::io;
use std::sync::Arc;

use crate::files::Files;
use crate::limits::Limits;
use crate::part::{Busy, Claim};
use crate::problem::{Kind, Problem};
use crate::records::{Records, Upload, now};
use crate::tokens::{Owner, Tokens};
use crate::verify::Verify;

pub(crate) type Shared = Arc<Platform>;

pub(crate) struct Platform {
    pub(crate) records: Records,
    pub(crate) files: Files,
    pub(crate) tokens: Tokens,
    pub(crate) limits: Limits,
    pub(crate) verify: Box<dyn Verify>,
    pub(crate) busy: Busy,
}

impl Platform {
    /// An upload of this owner that is not forgotten yet.
    pub(crate) async fn upload(&self, owner: &Owner, id: &str) -> Result<Upload, Problem> {
        let found = self.records.upload(&owner.0, id).await?;
        found.filter(|upload| !self.is_expired(upload)).ok_or_else(|| {
            let detail = "it was never created with this token, or was forgotten; create it again";
            Problem::new(Kind::UploadNotFound, detail)
        })
    }

    /// Takes an upload for this request alone, and reads how it stands since.
    pub(crate) async fn claim(&self, owner: &Owner, id: &str) -> Result<(Claim, Upload), Problem> {
        let seen = self.upload(owner, id).await?;
        let claim = self.busy.take(id).ok_or_else(|| busy(&seen))?;
        Ok((claim, self.upload(owner, id).await?))
    }

    pub(crate) fn is_expired(&self, upload: &Upload) -> bool {
        upload.touched < self.oldest()
    }

    /// Forgets what expired, and parts that no record names.
    pub(crate) async fn sweep(&self) -> Result<(), Problem> {
        for upload in self.records.older_than(self.oldest()).await? {
            self.forget(&upload).await?;
        }
        let files = self.files.clone();
        for id in blocking(move || files.parts()).await? {
            if !self.records.is_known(&id).await? {
                self.files.remove_part(&id)?;
            }
        }
        Ok(())
    }

    /// Forgets an upload; one that a request is at work on stays for now.
    pub(crate) async fn forget(&self, upload: &Upload) -> Result<(), Problem> {
        match self.busy.take(&upload.id) {
            Some(claim) => self.remove(upload, claim).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn remove(&self, upload: &Upload, _claim: Claim) -> Result<(), Problem> {
        self.records.forget(&upload.id).await?;
        Ok(self.files.remove_part(&upload.id)?)
    }

    /// Throws the bytes of an upload away, so that it can be sent again.
    pub(crate) async fn rewind(&self, upload: &Upload) -> Result<(), Problem> {
        self.records.received(&upload.id, 0).await?;
        Ok(self.files.remove_part(&upload.id)?)
    }

    fn oldest(&self) -> i64 {
        now() - i64::try_from(self.limits.expiry.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Another request has the upload.
pub(crate) fn busy(upload: &Upload) -> Problem {
    let detail = "another request is at work on this upload; ask again in a second";
    let problem = Problem::new(Kind::UploadBusy, detail);
    problem.offset(upload.received).retry_after(1)
}

/// Work that waits for the disk, away from the requests.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
