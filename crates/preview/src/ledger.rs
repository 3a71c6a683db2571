//! What the dependencies of a preview consist of, kept on the host: an update removes what is no longer of the bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cluster::{ApiError, Cluster, ObjectRef};
use k8s_openapi::api::core::v1::ConfigMap;
use plan::{PreviewId, labels};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What one dependency consists of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Parts {
    /// Its objects.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) objects: BTreeSet<Part>,
    /// What helm brought: a release, and the one before it if that has another name or place and is not gone yet.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) releases: BTreeSet<Release>,
    /// The digest of what it was made from, once it was up; nothing while it is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    /// Also of objects that live in none: only the cluster knows which those are.
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// A release of helm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Release {
    pub(crate) name: String,
    pub(crate) namespace: String,
}

/// What each dependency consists of.
pub(crate) type Applied = BTreeMap<String, Parts>;

impl Parts {
    /// Objects as they are applied; those that name no namespace go to `namespace`.
    pub(crate) fn of(objects: &[Value], namespace: &str) -> Self {
        let part = |object| {
            let object = ObjectRef::of(object)?;
            Some(Part {
                api_version: object.api_version,
                kind: object.kind,
                namespace: object.namespace.unwrap_or_else(|| namespace.to_owned()),
                name: object.name,
            })
        };
        Self {
            objects: objects.iter().filter_map(part).collect(),
            ..Self::default()
        }
    }

    fn with(mut self, other: &Self) -> Self {
        self.objects.extend(other.objects.iter().cloned());
        self.releases.extend(other.releases.iter().cloned());
        self
    }
}

impl Part {
    pub(crate) fn reference(&self) -> ObjectRef {
        ObjectRef {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            namespace: Some(self.namespace.clone()),
            name: self.name.clone(),
        }
    }
}

/// What a preview had before, and what its bundle has now.
#[derive(Default)]
pub(crate) struct Ledger {
    before: Applied,
    now: Mutex<Applied>,
}

impl Ledger {
    /// A ledger that goes on from what is kept on the host.
    ///
    /// # Errors
    /// When the host does not answer, or refuses.
    pub(crate) async fn open(host: &Cluster, id: &PreviewId) -> Result<Option<Self>, ApiError> {
        let kept: Option<ConfigMap> = host.get(Some(&id.namespace()), labels::APPLIED).await?;
        Ok(kept.map(|kept| Self {
            before: read(kept.data.unwrap_or_default()),
            now: Mutex::default(),
        }))
    }

    /// Whether a dependency was up, made from the same source; then it is taken over as it is.
    pub(crate) fn keeps(&self, dependency: &str, source: Option<&str>) -> bool {
        let before = self.before.get(dependency);
        let Some(kept) = before.filter(|parts| source.is_some() && parts.source.as_deref() == source) else {
            return false;
        };
        self.now().insert(dependency.to_owned(), kept.clone());
        true
    }

    /// Writes down what a dependency consists of, before it is applied: what was begun can be removed, too. What it had
    /// before stays written until it is gone.
    pub(crate) async fn enter(
        &self,
        host: &Cluster,
        id: &PreviewId,
        dependency: &str,
        parts: Parts,
    ) -> Result<(), ApiError> {
        self.now().insert(dependency.to_owned(), parts.clone());
        self.write_with_before(host, id, dependency, parts).await
    }

    /// Writes down that a dependency is up, and what it was made from.
    pub(crate) async fn is_up(
        &self,
        host: &Cluster,
        id: &PreviewId,
        dependency: &str,
        source: Option<String>,
    ) -> Result<(), ApiError> {
        let parts = {
            let mut now = self.now();
            let parts = now.entry(dependency.to_owned()).or_default();
            parts.source = source;
            parts.clone()
        };
        self.write_with_before(host, id, dependency, parts).await
    }

    async fn write_with_before(
        &self,
        host: &Cluster,
        id: &PreviewId,
        dependency: &str,
        parts: Parts,
    ) -> Result<(), ApiError> {
        let all = match self.before.get(dependency) {
            Some(before) => parts.with(before),
            None => parts,
        };
        write(host, id, &[(dependency, Some(&all))].into()).await
    }

    fn now(&self) -> MutexGuard<'_, Applied> {
        // Nothing that holds the lock can panic half-way.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The releases that a dependency had before, but for those that the bundle keeps.
    pub(crate) fn replaced(&self, dependency: &str, kept: &[Release]) -> Vec<Release> {
        let before = self.before.get(dependency).into_iter();
        before
            .flat_map(|parts| &parts.releases)
            .filter(|release| !kept.contains(release))
            .cloned()
            .collect()
    }

    /// What has left the bundle.
    pub(crate) fn left(&self) -> (Vec<Part>, Vec<Release>) {
        let now = self.now();
        let objects: BTreeSet<&Part> = now.values().flat_map(|parts| &parts.objects).collect();
        let releases: BTreeSet<&Release> = now.values().flat_map(|parts| &parts.releases).collect();
        let old = self.before.values();
        (
            old.clone()
                .flat_map(|parts| &parts.objects)
                .filter(|part| !objects.contains(part))
                .cloned()
                .collect(),
            old.flat_map(|parts| &parts.releases)
                .filter(|release| !releases.contains(release))
                .cloned()
                .collect(),
        )
    }

    /// The objects of the bundle.
    pub(crate) fn objects(&self) -> Vec<Part> {
        let now = self.now();
        now.values()
            .flat_map(|parts| parts.objects.iter().cloned())
            .collect()
    }

    /// Writes down that what has left the bundle is gone.
    pub(crate) async fn close(&self, host: &Cluster, id: &PreviewId) -> Result<(), ApiError> {
        let now = self.now().clone();
        let gone = self.before.keys().filter(|name| !now.contains_key(*name));
        let mut entries: BTreeMap<&str, Option<&Parts>> = gone.map(|name| (name.as_str(), None)).collect();
        entries.extend(now.iter().map(|(name, parts)| (name.as_str(), Some(parts))));
        write(host, id, &entries).await
    }
}

/// Entries that cannot be read are of a later version, and are left alone.
fn read(kept: BTreeMap<String, String>) -> Applied {
    kept.into_iter()
        .filter_map(|(name, text)| Some((name, serde_json::from_str(&text).ok()?)))
        .collect()
}

async fn write(
    host: &Cluster,
    id: &PreviewId,
    entries: &BTreeMap<&str, Option<&Parts>>,
) -> Result<(), ApiError> {
    let place = ObjectRef {
        api_version: "v1".to_owned(),
        kind: "ConfigMap".to_owned(),
        namespace: Some(id.namespace()),
        name: labels::APPLIED.to_owned(),
    };
    let data: BTreeMap<&str, Option<String>> = entries
        .iter()
        .map(|(name, parts)| (*name, parts.map(|parts| json!(parts).to_string())))
        .collect();
    host.merge_patch(&place, &json!({ "data": data })).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config_map(name: &str) -> Value {
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name } })
    }

    #[test]
    fn what_is_not_entered_again_has_left() {
        let release = |name: &str| Release {
            name: name.to_owned(),
            namespace: "default".to_owned(),
        };
        let kept = Parts::of(&[config_map("a"), config_map("b")], "shop");
        let helm = Parts {
            releases: [release("queue")].into(),
            ..Parts::default()
        };
        let ledger = Ledger {
            before: read(
                [
                    ("one".to_owned(), json!(kept).to_string()),
                    ("two".to_owned(), json!(helm).to_string()),
                ]
                .into(),
            ),
            now: Mutex::new([("three".to_owned(), Parts::of(&[config_map("a")], "shop"))].into()),
        };
        let (objects, releases) = ledger.left();
        let names: Vec<&str> = objects.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["b"], "`a` has moved to another dependency");
        assert_eq!(releases, [release("queue")]);
    }

    #[test]
    fn what_was_up_and_made_from_the_same_is_kept() {
        let up = Parts {
            source: Some("sha256:1".to_owned()),
            ..Parts::of(&[config_map("a")], "shop")
        };
        let begun = Parts::of(&[config_map("b")], "shop");
        let ledger = Ledger {
            before: [("up".to_owned(), up), ("begun".to_owned(), begun)].into(),
            now: Mutex::default(),
        };
        assert!(
            !ledger.keeps("up", Some("sha256:2")),
            "it is made from another source"
        );
        assert!(!ledger.keeps("up", None), "nothing is known of its source");
        assert!(!ledger.keeps("begun", Some("sha256:1")), "it never came up");
        assert!(!ledger.keeps("new", Some("sha256:1")));
        assert_eq!(ledger.objects(), []);
        assert!(ledger.keeps("up", Some("sha256:1")));
        assert_eq!(ledger.objects().len(), 1, "what is kept has not left the bundle");
    }

    #[test]
    fn a_release_under_another_name_does_not_hide_the_one_before() {
        let helm = |name: &str| Parts {
            releases: [Release {
                name: name.to_owned(),
                namespace: "default".to_owned(),
            }]
            .into(),
            ..Parts::default()
        };
        let both = helm("new").with(&helm("old"));
        let names: Vec<&str> = both.releases.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["new", "old"]);
    }
}
