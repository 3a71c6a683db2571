//! Finds previews on a host by their labels, whoever booted them.

use cluster::{ApiError, Cluster, ConnectError};
use k8s_openapi::api::core::v1::Namespace;
use plan::seat::Shell;
use plan::{PreviewId, labels};
use serde::Serialize;

/// One preview on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewInfo {
    /// Its id.
    #[serde(serialize_with = "as_text")]
    pub id: PreviewId,
    /// The bundle it was booted from.
    pub bundle: String,
    /// The task's title.
    pub title: String,
    /// Its namespace on the host.
    pub namespace: String,
    /// How far it is.
    pub state: PreviewState,
    /// When it was made, as RFC 3339.
    pub created: String,
    /// How to open a shell in it.
    pub shell: Shell,
}

fn as_text<S: serde::Serializer>(id: &PreviewId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// How far a preview is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreviewState {
    /// Being booted, or its boot was killed.
    Booting,
    /// The prompt is there.
    Ready,
    /// Its boot failed; kept for inspection.
    Failed,
    /// Being removed.
    Removing,
}

/// A preview that could not be found, listed or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PreviewError {
    /// The host did not answer, or refused.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The vCluster's API cannot be connected to.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Nothing has this id.
    #[error("there is no preview `{id}`{}", known(.present))]
    Unknown {
        /// What was asked for.
        id: String,
        /// The previews there are.
        present: Vec<String>,
    },
    /// Several previews begin so.
    #[error("`{id}` stands for several previews: {}; give more of the id", .matching.join(", "))]
    Ambiguous {
        /// What was asked for.
        id: String,
        /// The previews that begin so.
        matching: Vec<String>,
    },
    /// The vCluster has no kubeconfig yet.
    #[error("preview `{id}` has no kubeconfig yet; wait until its control plane is up")]
    NoKubeconfig {
        /// The preview.
        id: String,
    },
}

fn known(present: &[String]) -> String {
    if present.is_empty() {
        return "; this host has none".to_owned();
    }
    format!("; this host has {}", present.join(", "))
}

/// All previews on a host, oldest first.
///
/// # Errors
/// When the host does not answer or does not let namespaces be listed.
pub async fn list(host: &Cluster) -> Result<Vec<PreviewInfo>, PreviewError> {
    let mut namespaces: Vec<Namespace> = host.list(None, Some(labels::PREVIEW)).await?;
    namespaces.sort_by_key(|namespace| namespace.metadata.creation_timestamp.clone());
    Ok(namespaces.iter().filter_map(info).collect())
}

/// The preview whose id is `id` or begins with it.
///
/// # Errors
/// When none or more than one does.
pub async fn find(host: &Cluster, id: &str) -> Result<PreviewInfo, PreviewError> {
    let all = list(host).await?;
    if let Some(exact) = all.iter().find(|preview| preview.id.as_str() == id) {
        return Ok(exact.clone());
    }
    let mut matching = all.iter().filter(|preview| preview.id.as_str().starts_with(id));
    let names = |previews: &[PreviewInfo]| previews.iter().map(|preview| preview.id.to_string()).collect();
    match (matching.next(), matching.next()) {
        (Some(one), None) => Ok(one.clone()),
        (None, _) => Err(PreviewError::Unknown {
            id: id.to_owned(),
            present: names(&all),
        }),
        (Some(_), Some(_)) => {
            let matching: Vec<_> = all
                .into_iter()
                .filter(|one| one.id.as_str().starts_with(id))
                .collect();
            Err(PreviewError::Ambiguous {
                id: id.to_owned(),
                matching: names(&matching),
            })
        }
    }
}

/// Reads a preview off its namespace; `None` for namespaces that carry the label but are not ours.
fn info(namespace: &Namespace) -> Option<PreviewInfo> {
    let metadata = &namespace.metadata;
    let label = |key: &str| metadata.labels.as_ref()?.get(key).cloned();
    let annotation = |key: &str| metadata.annotations.as_ref()?.get(key).cloned();
    let state = match annotation(labels::STATE).as_deref() {
        _ if metadata.deletion_timestamp.is_some() => PreviewState::Removing,
        Some("ready") => PreviewState::Ready,
        Some("failed") => PreviewState::Failed,
        _ => PreviewState::Booting,
    };
    Some(PreviewInfo {
        id: PreviewId::parse(&label(labels::PREVIEW)?)?,
        bundle: label(labels::BUNDLE)?,
        title: annotation(labels::TITLE).unwrap_or_default(),
        namespace: metadata.name.clone()?,
        state,
        created: metadata
            .creation_timestamp
            .as_ref()
            .map(|time| time.0.to_string())
            .unwrap_or_default(),
        shell: serde_json::from_str(&annotation(labels::SHELL)?).ok()?,
    })
}
