//! Finds previews on a host by their labels, whoever booted them.

use std::collections::BTreeMap;

use cluster::{ApiError, Cluster, ConnectError, Selector, Watched};
use futures::{Stream, StreamExt};
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
    /// How long a candidate has, in milliseconds, if the preview says so.
    pub time_limit: Option<u64>,
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
    /// It does not say, or says something that this version does not know.
    Unknown,
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
    let namespaces: Vec<Namespace> = host.list(None, Some(labels::PREVIEW)).await?;
    Ok(infos(&namespaces))
}

/// The previews on a host, oldest first: all of them now, and all again whenever one of them changes.
///
/// Ends with an error that will not pass by itself; a connection that is lost is made again.
pub fn watch(host: &Cluster) -> impl Stream<Item = Result<Vec<PreviewInfo>, PreviewError>> + Send + use<> {
    let changes = host.watch::<Namespace>(None, Selector::labels(labels::PREVIEW));
    let mut known = Known::default();
    let lists = changes.filter_map(move |change| {
        let list = match change {
            Ok(change) => known.take(change).map(Ok),
            // The watch goes on, and tells everything anew when the host answers again.
            Err(error) if error.is_passing() => {
                tracing::debug!(%error, "the watch on previews was interrupted");
                None
            }
            Err(error) => Some(Err(PreviewError::from(error))),
        };
        std::future::ready(list)
    });
    until_error(lists)
}

/// The items up to the first error, and that.
fn until_error<T, E>(items: impl Stream<Item = Result<T, E>>) -> impl Stream<Item = Result<T, E>> {
    items.scan(false, |is_over, item| {
        let next = (!*is_over).then_some(item);
        *is_over = next.as_ref().is_some_and(Result::is_err);
        std::future::ready(next)
    })
}

/// What a watch has told so far.
#[derive(Default)]
struct Known {
    namespaces: BTreeMap<String, Namespace>,
    is_whole: bool,
    told: Option<Vec<PreviewInfo>>,
}

impl Known {
    /// Takes a change in; gives the list if it is another one now.
    fn take(&mut self, change: Watched<Namespace>) -> Option<Vec<PreviewInfo>> {
        let name = |namespace: &Namespace| namespace.metadata.name.clone().unwrap_or_default();
        match change {
            Watched::Applied(namespace) => {
                self.namespaces.insert(name(&namespace), namespace);
            }
            Watched::Deleted(namespace) => {
                self.namespaces.remove(&name(&namespace));
            }
            Watched::Synced => self.is_whole = true,
        }
        let list = infos(self.namespaces.values());
        if !self.is_whole || self.told.as_ref() == Some(&list) {
            return None;
        }
        self.told = Some(list.clone());
        Some(list)
    }
}

fn infos<'a>(namespaces: impl IntoIterator<Item = &'a Namespace>) -> Vec<PreviewInfo> {
    let mut namespaces: Vec<&Namespace> = namespaces.into_iter().collect();
    namespaces.sort_by_key(|namespace| namespace.metadata.creation_timestamp.clone());
    namespaces.into_iter().filter_map(info).collect()
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
        Some("booting") => PreviewState::Booting,
        _ => PreviewState::Unknown,
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
        time_limit: annotation(labels::TIME_LIMIT)
            .and_then(|text| labels::parse_duration(&text))
            .map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
        shell: serde_json::from_str(&annotation(labels::SHELL)?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn namespace(id: &str, created: &str, state: &str) -> Namespace {
        let shell = r#"{"program":"/bin/sh","workingDir":"/","motd":null}"#;
        serde_json::from_value(json!({ "metadata": {
            "name": format!("task-{id}"), "creationTimestamp": created,
            "labels": { labels::PREVIEW: id, labels::BUNDLE: "blank" },
            "annotations": {
                labels::TITLE: "Blank", labels::TIME_LIMIT: "2700s", labels::STATE: state, labels::SHELL: shell,
            },
        } }))
        .unwrap()
    }

    const EARLY: &str = "2026-07-30T10:00:00Z";
    const LATE: &str = "2026-07-30T11:00:00Z";

    fn told(known: &mut Known, change: Watched<Namespace>) -> Option<Vec<String>> {
        let list = known.take(change)?;
        Some(
            list.iter()
                .map(|one| format!("{} {:?}", one.id, one.state))
                .collect(),
        )
    }

    #[test]
    fn the_whole_list_is_told_whenever_it_changes() {
        let mut known = Known::default();
        let ready = namespace("blank-aaaaa", EARLY, "ready");
        assert_eq!(
            told(
                &mut known,
                Watched::Applied(namespace("blank-bbbbb", LATE, "booting"))
            ),
            None
        );
        assert_eq!(
            told(&mut known, Watched::Applied(ready.clone())),
            None,
            "not all are known yet"
        );
        let all = ["blank-aaaaa Ready", "blank-bbbbb Booting"].map(str::to_owned);
        assert_eq!(told(&mut known, Watched::Synced).unwrap(), all);
        assert_eq!(
            told(&mut known, Watched::Applied(ready.clone())),
            None,
            "nothing new"
        );
        let odd = told(
            &mut known,
            Watched::Applied(namespace("blank-bbbbb", LATE, "dreaming")),
        )
        .unwrap();
        assert_eq!(odd, ["blank-aaaaa Ready", "blank-bbbbb Unknown"]);
        assert_eq!(
            told(&mut known, Watched::Deleted(ready)).unwrap(),
            ["blank-bbbbb Unknown"]
        );
    }

    #[test]
    fn no_previews_are_told_once() {
        let mut known = Known::default();
        assert_eq!(told(&mut known, Watched::Synced), Some(Vec::new()));
        assert_eq!(told(&mut known, Watched::Synced), None);
    }

    #[test]
    fn a_preview_is_read_off_its_namespace() {
        let mut leaving = namespace("blank-aaaaa", EARLY, "ready");
        leaving.metadata.deletion_timestamp = leaving.metadata.creation_timestamp.clone();
        let read = info(&leaving).unwrap();
        assert_eq!(read.state, PreviewState::Removing);
        assert_eq!((read.title.as_str(), read.created.as_str()), ("Blank", EARLY));
        assert_eq!(read.time_limit, Some(45 * 60 * 1000));
        leaving
            .metadata
            .annotations
            .as_mut()
            .unwrap()
            .remove(labels::SHELL);
        assert_eq!(info(&leaving), None, "not one of ours");
    }

    #[tokio::test]
    async fn nothing_comes_after_an_error() {
        let items = futures::stream::iter([Ok(1), Err("no"), Ok(2)]);
        assert_eq!(until_error(items).collect::<Vec<_>>().await, [Ok(1), Err("no")]);
    }
}
