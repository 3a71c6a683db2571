//! Booting, finding and removing previews.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use bundle::Bundle;
use futures::{Stream, StreamExt};
pub use plan::PreviewId;
use preview::Boot;
pub use preview::{Access, BootOptions, PreviewInfo, PreviewState, Removal, Removed};
use serde::Serialize;
use ts_rs::TS;

use crate::hosts::Host;
use crate::{Code, Error};

/// Boots a bundle on a host, under a fresh id.
pub fn boot(host: &Host, bundle: Arc<Bundle>, options: BootOptions) -> Boot {
    let id = fresh_id(&bundle);
    preview::boot(host.inner.clone(), bundle, id, options)
}

/// Brings a preview that runs up to date with the dependencies of its bundle: they are applied again, and what has left
/// the bundle is removed.
///
/// # Errors
/// When the preview was booted from another bundle, or does not run.
pub fn update(host: &Host, bundle: Arc<Bundle>, preview: &PreviewInfo) -> Result<Boot, Error> {
    let id = &preview.id;
    if preview.bundle != bundle.name.as_str() {
        let message = format!(
            "preview `{id}` was booted from the bundle `{}`, and this is `{}`",
            preview.bundle, bundle.name
        );
        return Err(Error::new(Code::Usage, message).hint(format!("give the folder of `{}`", preview.bundle)));
    }
    let is_there = match preview.state {
        PreviewState::Ready | PreviewState::Failed | PreviewState::Unknown => true,
        PreviewState::Booting | PreviewState::Removing => false,
    };
    if !is_there {
        let message = format!("preview `{id}` is still being booted, or is being removed");
        return Err(Error::new(Code::Usage, message).hint("look at it with `taskwright previews`"));
    }
    Ok(preview::update(host.inner.clone(), bundle, id.clone()))
}

/// An id for a preview of a bundle.
pub(crate) fn fresh_id(bundle: &Bundle) -> PreviewId {
    PreviewId::new(bundle.name.as_str(), random())
}

/// All previews on a host, oldest first.
pub async fn list(host: &Host) -> Result<Vec<PreviewInfo>, Error> {
    Ok(preview::list(host.cluster()).await?)
}

/// A preview as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PreviewView {
    /// Its id.
    pub id: String,
    /// The bundle it was booted from.
    pub bundle: String,
    /// The task's title.
    pub title: String,
    /// Context of its host.
    pub host: String,
    /// How far it is.
    pub state: PreviewProgress,
    /// When it was made, as RFC 3339.
    pub created_at: String,
    /// For how long it has been there, now.
    pub age_ms: u64,
    /// Where its bundle lies, if that is known.
    pub folder: Option<String>,
    /// How long a candidate has.
    pub time_limit_ms: Option<u64>,
}

/// How far a preview is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum PreviewProgress {
    /// Being booted, or its boot was killed.
    Booting,
    /// The prompt is there.
    Ready,
    /// Its boot failed.
    Failed,
    /// Being removed.
    Leaving,
    /// It does not say.
    Unknown,
}

impl PreviewView {
    /// A preview on `host` whose bundle lies in `folder`.
    pub fn of(preview: &PreviewInfo, host: &str, folder: Option<String>) -> Self {
        Self {
            id: preview.id.to_string(),
            bundle: preview.bundle.clone(),
            title: preview.title.clone(),
            host: host.to_owned(),
            state: match preview.state {
                PreviewState::Booting => PreviewProgress::Booting,
                PreviewState::Ready => PreviewProgress::Ready,
                PreviewState::Failed => PreviewProgress::Failed,
                PreviewState::Removing => PreviewProgress::Leaving,
                PreviewState::Unknown => PreviewProgress::Unknown,
            },
            created_at: preview.created.clone(),
            age_ms: age(preview).unwrap_or_default(),
            folder,
            time_limit_ms: preview.time_limit,
        }
    }
}

/// All previews on a host, oldest first: now, and again whenever one of them changes. Ends with an error.
pub fn watch(host: &Host) -> impl Stream<Item = Result<Vec<PreviewInfo>, Error>> + Send + use<> {
    preview::watch(host.cluster()).map(|list| list.map_err(Error::from))
}

/// The preview whose id is `id` or begins with it.
pub async fn find(host: &Host, id: &str) -> Result<PreviewInfo, Error> {
    Ok(preview::find(host.cluster(), id).await?)
}

/// Removes a preview and waits until nothing of it is left.
pub async fn down(host: &Host, id: &PreviewId, report: impl FnMut(Removal) + Send) -> Result<Removed, Error> {
    Ok(preview::down(host.cluster(), id, report).await?)
}

/// The ids of everything that carries our labels: previews, and what interrupted removals have left.
pub async fn all_ids(host: &Host) -> Result<Vec<PreviewId>, Error> {
    let (previews, leftovers) =
        futures::try_join!(preview::list(host.cluster()), preview::leftovers(host.cluster()))?;
    let mut ids: Vec<PreviewId> = previews
        .into_iter()
        .map(|preview| preview.id)
        .chain(leftovers)
        .collect();
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// The id of a preview, or of what an interrupted removal has left of one.
pub async fn find_remains(host: &Host, text: &str) -> Result<PreviewId, Error> {
    match preview::find(host.cluster(), text).await {
        Ok(preview) => Ok(preview.id),
        Err(error) => {
            let leftovers = preview::leftovers(host.cluster()).await?;
            leftovers
                .into_iter()
                .find(|id| id.as_str() == text)
                .ok_or_else(|| error.into())
        }
    }
}

/// For how long a preview has been there, in milliseconds.
pub fn age(preview: &PreviewInfo) -> Option<u64> {
    let created: jiff::Timestamp = preview.created.parse().ok()?;
    u64::try_from(jiff::Timestamp::now().duration_since(created).as_millis()).ok()
}

/// Opens a loopback port to the API of a preview, with a kubeconfig that names it.
pub async fn access(host: &Host, id: &PreviewId) -> Result<Access, Error> {
    Ok(preview::access(host.cluster(), id).await?)
}

/// Random bits for an id; the hasher's keys are the standard library's own randomness.
fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}
