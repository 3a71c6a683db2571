//! What the dependencies of a preview consist of, kept on the host: an update removes what is no longer of the bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

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
            releases: BTreeSet::new(),
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

    /// Writes down what a dependency consists of, before it is applied: what was begun can be removed, too. What it had
    /// before stays written until it is gone.
    pub(crate) async fn enter(
        &self,
        host: &Cluster,
        id: &PreviewId,
        dependency: &str,
        parts: Parts,
    ) -> Result<(), ApiError> {
        let all = match self.before.get(dependency) {
            Some(before) => parts.clone().with(before),
            None => parts.clone(),
        };
        self.now
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(dependency.to_owned(), parts);
        write(host, id, &[(dependency, Some(&all))].into()).await
    }

    /// What has left the bundle.
    pub(crate) fn left(&self) -> (Vec<Part>, Vec<Release>) {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
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
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.values()
            .flat_map(|parts| parts.objects.iter().cloned())
            .collect()
    }

    /// Writes down that what has left the bundle is gone.
    pub(crate) async fn close(&self, host: &Cluster, id: &PreviewId) -> Result<(), ApiError> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner).clone();
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
