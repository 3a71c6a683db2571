//! Which kinds a cluster serves and under which path; asked once per group and version, again when a kind is new.

use std::collections::HashMap;
use std::sync::RwLock;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::APIResourceList;

use crate::client::Cluster;
use crate::error::ApiError;

/// Where the objects of one kind live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The group and version, such as `apps/v1`.
    pub api_version: String,
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The name in paths, such as `deployments`.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    verbs: Vec<String>,
}

impl Kind {
    /// The path of its collection, in one namespace or in all.
    pub(crate) fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.api_version.contains('/') {
            "apis"
        } else {
            "api"
        };
        let (version, plural) = (&self.api_version, &self.plural);
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("/{root}/{version}/namespaces/{namespace}/{plural}"),
            None => format!("/{root}/{version}/{plural}"),
        }
    }

    pub(crate) fn serves(&self, verb: &str) -> bool {
        self.verbs.iter().any(|served| served == verb)
    }
}

/// The kinds seen so far.
#[derive(Default)]
pub(crate) struct Kinds {
    known: RwLock<HashMap<(String, String), Kind>>,
}

impl Kinds {
    fn get(&self, api_version: &str, kind: &str) -> Option<Kind> {
        let known = self.known.read().ok()?;
        known.get(&(api_version.to_owned(), kind.to_owned())).cloned()
    }

    fn add(&self, list: &APIResourceList) {
        let Ok(mut known) = self.known.write() else { return };
        for kind in kinds_of(list) {
            known.insert((kind.api_version.clone(), kind.kind.clone()), kind);
        }
    }
}

impl Cluster {
    /// Looks a kind up.
    pub async fn kind(&self, api_version: &str, kind: &str) -> Result<Kind, ApiError> {
        if let Some(found) = self.kinds().get(api_version, kind) {
            return Ok(found);
        }
        let action = format!("look up the kind {kind}");
        let unknown = || ApiError::UnknownKind {
            action: action.clone(),
            api_version: api_version.into(),
            kind: kind.into(),
        };
        match self.kinds_served(api_version).await {
            Ok(list) => self.kinds().add(&list),
            Err(kube::Error::Api(status)) if status.code == 404 => return Err(unknown()),
            Err(error) => return Err(self.failed(action, error)),
        }
        self.kinds().get(api_version, kind).ok_or_else(unknown)
    }

    async fn kinds_served(&self, api_version: &str) -> Result<APIResourceList, kube::Error> {
        let root = if api_version.contains('/') { "apis" } else { "api" };
        let request = http::Request::get(format!("/{root}/{api_version}")).body(Vec::new());
        self.calls()
            .request(request.map_err(kube::Error::HttpError)?)
            .await
    }
}

/// Subresources, whose names have a slash, are no kinds of their own here.
fn kinds_of(list: &APIResourceList) -> impl Iterator<Item = Kind> + '_ {
    list.resources
        .iter()
        .filter(|resource| !resource.name.contains('/'))
        .map(|resource| Kind {
            api_version: list.group_version.clone(),
            kind: resource.kind.clone(),
            plural: resource.name.clone(),
            namespaced: resource.namespaced,
            verbs: resource.verbs.clone(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(api_version: &str, plural: &str, namespaced: bool) -> Kind {
        Kind {
            api_version: api_version.into(),
            kind: String::new(),
            plural: plural.into(),
            namespaced,
            verbs: vec![],
        }
    }

    #[test]
    fn paths_follow_group_and_scope() {
        assert_eq!(
            kind("v1", "pods", true).path(Some("a")),
            "/api/v1/namespaces/a/pods"
        );
        assert_eq!(
            kind("apps/v1", "deployments", true).path(None),
            "/apis/apps/v1/deployments"
        );
        assert_eq!(kind("v1", "nodes", false).path(Some("a")), "/api/v1/nodes");
    }
}
