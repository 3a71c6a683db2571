//! Objects of kinds that only the cluster knows: found by the name kubectl takes, watched and patched as JSON.

use std::pin::pin;

use futures::StreamExt;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{APIGroupList, APIResource, APIResourceList};
use kube::Api;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::core::Request;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, watcher};
use serde_json::Value;

use crate::apply::FIELD_MANAGER;
use crate::client::Cluster;
use crate::error::ApiError;
use crate::objects::ObjectRef;
use crate::timeouts::Pauses;

impl Cluster {
    /// Changes single fields of an object by a JSON merge patch; what the patch does not name stays.
    ///
    /// # Errors
    /// When the object does not exist or the patch is refused.
    pub async fn merge_patch(&self, object: &ObjectRef, patch: &Value) -> Result<(), ApiError> {
        let kind = self.kind(&object.api_version, &object.kind).await?;
        let action = format!("change {object}");
        let params = PatchParams {
            field_manager: Some(FIELD_MANAGER.into()),
            ..PatchParams::default()
        };
        let request = Request::new(kind.path(object.namespace.as_deref()));
        let request = request.patch(&object.name, &params, &Patch::Merge(patch));
        let request = request.map_err(|error| ApiError::unusable(&action, error))?;
        self.calls()
            .request::<Value>(request)
            .await
            .map(drop)
            .map_err(|error| self.failed(action, error))
    }

    /// Waits until `look` says it is done with an object of a kind given as kubectl takes it: `certificate`,
    /// `certificates`, `certificates.cert-manager.io`. While the kind itself is not served it counts as absent.
    ///
    /// # Errors
    /// When the cluster refuses or the watch cannot go on.
    pub async fn wait_for_json<T>(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        mut look: impl FnMut(Option<&Value>) -> Option<T>,
    ) -> Result<T, ApiError> {
        let (kind, namespaced) = self.served(resource, || look(None).map(drop)).await?;
        let namespace = Some(namespace).filter(|_| namespaced);
        let api: Api<DynamicObject> = match namespace {
            Some(namespace) => Api::namespaced_with(self.calls().clone(), namespace, &kind),
            None => Api::all_with(self.calls().clone(), &kind),
        };
        let config = watcher::Config::default().fields(&format!("metadata.name={name}"));
        let mut events = pin!(watcher(api, config).backoff(Pauses::new()));
        let mut current: Option<Value> = None;
        while let Some(event) = events.next().await {
            match event {
                Ok(watcher::Event::Apply(object) | watcher::Event::InitApply(object)) => {
                    current = serde_json::to_value(object).ok();
                }
                Ok(watcher::Event::Delete(_)) => current = None,
                Ok(watcher::Event::InitDone) => {}
                // After an error the watcher itself tries again, with growing pauses.
                Ok(watcher::Event::Init) | Err(_) => continue,
            }
            if let Some(done) = look(current.as_ref()) {
                return Ok(done);
            }
        }
        Err(ApiError::unusable(
            format!("watch {resource}/{name}"),
            "the watch ended",
        ))
    }

    /// One object of a resource given as kubectl takes it; `None` while it, or its kind, is not there.
    ///
    /// # Errors
    /// When the cluster does not answer or refuses.
    pub async fn find_json(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Value>, ApiError> {
        let Some((kind, namespaced)) = self.find_resource(resource).await? else {
            return Ok(None);
        };
        self.get_json(&ObjectRef {
            api_version: kind.api_version,
            kind: kind.kind,
            namespace: namespaced.then(|| namespace.to_owned()),
            name: name.to_owned(),
        })
        .await
    }

    /// All objects of a resource given as kubectl takes it, in one namespace if one is named and they are not cluster-wide;
    /// none while their kind is not there.
    ///
    /// # Errors
    /// When the cluster does not answer or refuses.
    pub async fn find_all_json(
        &self,
        resource: &str,
        namespace: Option<&str>,
        labels: Option<&str>,
    ) -> Result<Vec<Value>, ApiError> {
        let Some((kind, namespaced)) = self.find_resource(resource).await? else {
            return Ok(Vec::new());
        };
        let namespace = namespace.filter(|_| namespaced);
        self.list_json(&kind.api_version, &kind.kind, namespace, labels)
            .await
    }

    /// Every object of every kind that can be listed, in all namespaces.
    ///
    /// A group whose own server is down is left out: nobody can read its objects.
    ///
    /// # Errors
    /// When the cluster does not answer or refuses.
    pub async fn every_object(&self) -> Result<Vec<Value>, ApiError> {
        let action = "look up all resources";
        let mut all = Vec::new();
        for path in self.preferred("", action).await? {
            let Ok(list) = self.read::<APIResourceList>(&path, action).await else {
                continue;
            };
            for resource in list.resources.iter().filter(|one| is_listed(one)) {
                let kind = api_resource(&list.group_version, resource);
                match self.list_json(&kind.api_version, &kind.kind, None, None).await {
                    Ok(objects) => all.extend(objects),
                    // Some can be listed in a namespace alone, or not any more.
                    Err(error) if error.cause().is_some() => {
                        tracing::debug!(%error, "objects were left out");
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(all)
    }

    /// Looks a resource up until it is served: its CRD may be on its way, and discovery cannot be watched.
    async fn served(
        &self,
        resource: &str,
        mut absent: impl FnMut() -> Option<()>,
    ) -> Result<(ApiResource, bool), ApiError> {
        let mut pauses = Pauses::new();
        loop {
            if let Some(found) = self.find_resource(resource).await? {
                return Ok(found);
            }
            absent();
            tokio::time::sleep(pauses.next().unwrap_or_default()).await;
        }
    }

    async fn find_resource(&self, resource: &str) -> Result<Option<(ApiResource, bool)>, ApiError> {
        let action = format!("look up `{resource}`");
        let (wanted, group) = resource.split_once('.').unwrap_or((resource, ""));
        for path in self.preferred(group, &action).await? {
            // A group whose own server is down must not hide the others.
            let Ok(list) = self.read::<APIResourceList>(&path, &action).await else {
                continue;
            };
            if let Some(found) = list.resources.iter().find(|one| is_called(one, wanted)) {
                return Ok(Some((api_resource(&list.group_version, found), found.namespaced)));
            }
        }
        Ok(None)
    }

    /// Where the preferred version of each group is served; of one group alone if one is named.
    async fn preferred(&self, group: &str, action: &str) -> Result<Vec<String>, ApiError> {
        let groups: APIGroupList = self.read("/apis", action).await?;
        let wanted = groups
            .groups
            .iter()
            .filter(|one| group.is_empty() || one.name == group);
        let preferred = wanted.filter_map(|one| {
            let version = one.preferred_version.as_ref().or(one.versions.first())?;
            Some(format!("/apis/{}", version.group_version))
        });
        let core = group.is_empty().then(|| "/api/v1".to_owned());
        Ok(core.into_iter().chain(preferred).collect())
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, path: &str, action: &str) -> Result<T, ApiError> {
        let request = http::Request::get(path).body(Vec::new());
        let request = request.map_err(|error| ApiError::unusable(action, error))?;
        self.calls()
            .request(request)
            .await
            .map_err(|error| self.failed(action, error))
    }
}

fn is_listed(resource: &APIResource) -> bool {
    !resource.name.contains('/') && resource.verbs.iter().any(|verb| verb == "list")
}

fn is_called(resource: &APIResource, wanted: &str) -> bool {
    let short = resource.short_names.iter().flatten();
    let mut names = short.chain([&resource.name, &resource.singular_name]);
    names.any(|name| name == wanted) || resource.kind.eq_ignore_ascii_case(wanted)
}

fn api_resource(group_version: &str, resource: &APIResource) -> ApiResource {
    let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
    ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: group_version.to_owned(),
        kind: resource.kind.clone(),
        plural: resource.name.clone(),
    }
}
