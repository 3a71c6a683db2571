//! Booting, finding and removing previews.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use bundle::Bundle;
pub use plan::PreviewId;
use preview::Boot;
pub use preview::{Access, PreviewInfo, PreviewState, Removal, Removed};

use crate::Error;
use crate::hosts::Host;

/// Boots a bundle on a host, under a fresh id.
pub fn boot(host: &Host, bundle: Arc<Bundle>) -> Boot {
    let id = PreviewId::new(bundle.name.as_str(), random());
    preview::boot(host.inner.clone(), bundle, id)
}

/// All previews on a host, oldest first.
pub async fn list(host: &Host) -> Result<Vec<PreviewInfo>, Error> {
    Ok(preview::list(host.cluster()).await?)
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
