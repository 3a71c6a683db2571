//! Objects of a cluster: get, list, create, delete, watch and wait, typed by k8s-openapi or as JSON by kind.

use std::collections::HashMap;
use std::fmt::Debug;
use std::pin::pin;

use futures::{Stream, StreamExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use kube::Api;
use kube::api::{DeleteParams, ListParams, ObjectList, PostParams};
use kube::core::Request;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::Cluster;
use crate::error::ApiError;
use crate::kinds::Kind;
use crate::timeouts::Pauses;

/// Objects per page of a list.
const PAGE: u32 = 500;

/// A Kubernetes type of k8s-openapi; implemented for all of them.
pub trait Object:
    k8s_openapi::Resource<Scope: Placed<Self>>
    + k8s_openapi::Metadata<Ty = ObjectMeta>
    + kube::Resource<DynamicType = ()>
    + Clone
    + Debug
    + Serialize
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Object for K where
    K: k8s_openapi::Resource<Scope: Placed<K>>
        + k8s_openapi::Metadata<Ty = ObjectMeta>
        + kube::Resource<DynamicType = ()>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// Whether a type's objects live in namespaces.
pub trait Placed<K> {
    #[doc(hidden)]
    fn api(client: kube::Client, namespace: Option<&str>) -> Api<K>;
}

impl<K> Placed<K> for NamespaceResourceScope
where
    K: kube::Resource<DynamicType = (), Scope = Self>,
{
    fn api(client: kube::Client, namespace: Option<&str>) -> Api<K> {
        match namespace {
            Some(namespace) => Api::namespaced(client, namespace),
            None => Api::all(client),
        }
    }
}

impl<K> Placed<K> for ClusterResourceScope
where
    K: kube::Resource<DynamicType = (), Scope = Self>,
{
    fn api(client: kube::Client, _: Option<&str>) -> Api<K> {
        Api::all(client)
    }
}

/// Which objects a watch sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// A label selector, such as `app=web`.
    pub labels: Option<String>,
    /// A field selector, such as `metadata.name=web`.
    pub fields: Option<String>,
}

impl Selector {
    /// By labels.
    pub fn labels(labels: impl Into<String>) -> Self {
        Self {
            labels: Some(labels.into()),
            fields: None,
        }
    }

    /// By fields.
    pub fn fields(fields: impl Into<String>) -> Self {
        Self {
            labels: None,
            fields: Some(fields.into()),
        }
    }

    /// The one object of this name.
    pub fn name(name: &str) -> Self {
        Self::fields(format!("metadata.name={name}"))
    }
}

/// What a watch saw.
#[derive(Debug, Clone, PartialEq)]
pub enum Watched<K> {
    /// The object is there, or changed.
    Applied(K),
    /// The object is gone.
    Deleted(K),
    /// All objects there at the start (or after a gap in the connection) have been seen.
    Synced,
}

/// Names one object of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// The namespace, for kinds that have one.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectRef {
    /// Reads the reference off a JSON object.
    pub fn of(object: &Value) -> Option<Self> {
        let text = |pointer: &str| {
            object
                .pointer(pointer)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        Some(Self {
            api_version: text("/apiVersion")?.into(),
            kind: text("/kind")?.into(),
            namespace: text("/metadata/namespace").map(Into::into),
            name: text("/metadata/name")?.into(),
        })
    }
}

impl ObjectRef {
    /// The API group, empty for the core.
    pub(crate) fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }
}

impl std::fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)?;
        match &self.namespace {
            Some(namespace) => write!(f, " in {namespace}"),
            None => Ok(()),
        }
    }
}

impl Cluster {
    fn api<K: Object>(&self, namespace: Option<&str>) -> Api<K> {
        <K as k8s_openapi::Resource>::Scope::api(self.calls().clone(), namespace)
    }

    /// One object, or `None` when it does not exist.
    pub async fn get<K: Object>(&self, namespace: Option<&str>, name: &str) -> Result<Option<K>, ApiError> {
        let found = self.api::<K>(namespace).get_opt(name).await;
        found.map_err(|error| self.failed(about::<K>("get", namespace, name), error))
    }

    /// All objects in a namespace (or in all of them), by labels when given.
    pub async fn list<K: Object>(
        &self,
        namespace: Option<&str>,
        labels: Option<&str>,
    ) -> Result<Vec<K>, ApiError> {
        let api = self.api::<K>(namespace);
        let mut page = list_params(labels);
        let mut all = Vec::new();
        loop {
            let mut list = api
                .list(&page)
                .await
                .map_err(|error| self.failed(about_all::<K>("list", namespace), error))?;
            all.append(&mut list.items);
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page.continue_token = Some(token),
                None => return Ok(all),
            }
        }
    }

    /// Creates an object; it is an error when it exists.
    pub async fn create<K: Object>(&self, namespace: Option<&str>, object: &K) -> Result<K, ApiError> {
        let params = PostParams {
            field_manager: Some(crate::apply::FIELD_MANAGER.into()),
            ..PostParams::default()
        };
        let name = k8s_openapi::Metadata::metadata(object)
            .name
            .clone()
            .unwrap_or_else(|| "(new)".into());
        let created = self.api::<K>(namespace).create(&params, object).await;
        created.map_err(|error| self.failed(about::<K>("create", namespace, &name), error))
    }

    /// Deletes an object, its dependents in the background; `false` when it did not exist.
    pub async fn delete<K: Object>(
        &self,
        namespace: Option<&str>,
        name: &str,
        grace_seconds: Option<u32>,
    ) -> Result<bool, ApiError> {
        let deleted = self
            .api::<K>(namespace)
            .delete(name, &delete_params(grace_seconds))
            .await;
        deleted_or_absent(deleted.map(drop))
            .map_err(|error| self.failed(about::<K>("delete", namespace, name), error))
    }

    /// Watches objects until the stream is dropped.
    ///
    /// Errors are items: the stream goes on after each of them, with growing pauses, so a caller that wants to ride
    /// out a restart of the API server skips errors that [pass](ApiError::is_passing).
    pub fn watch<K: Object>(
        &self,
        namespace: Option<&str>,
        selector: Selector,
    ) -> impl Stream<Item = Result<Watched<K>, ApiError>> + Send + use<K> {
        let config = watcher::Config {
            label_selector: selector.labels,
            field_selector: selector.fields,
            ..watcher::Config::default()
        };
        let events = watcher::watcher(self.api::<K>(namespace), config).backoff(Pauses::new());
        let action = about_all::<K>("watch", namespace);
        let cluster = self.clone();
        let mut seen = Seen::default();
        events.flat_map(move |event| {
            let items = match event {
                Ok(event) => seen.take(event).into_iter().map(Ok).collect(),
                Err(error) => vec![Err(watch_error(&cluster, &action, error))],
            };
            futures::stream::iter(items)
        })
    }

    /// Waits until `look` says it is done; it sees the object now and after every change, or `None` while there is none.
    ///
    /// There is no time limit but the caller's. Errors that pass, such as a restart of the API server, are ridden out.
    pub async fn wait_for<K: Object, T>(
        &self,
        namespace: Option<&str>,
        name: &str,
        mut look: impl FnMut(Option<&K>) -> Option<T>,
    ) -> Result<T, ApiError> {
        let mut events = pin!(self.watch::<K>(namespace, Selector::name(name)));
        let mut current: Option<K> = None;
        let mut synced = false;
        while let Some(event) = events.next().await {
            match event {
                Ok(Watched::Applied(object)) => current = Some(object),
                Ok(Watched::Deleted(_)) => current = None,
                Ok(Watched::Synced) => synced = true,
                Err(error) if error.is_passing() => continue,
                Err(error) => return Err(error),
            }
            if (current.is_some() || synced)
                && let Some(done) = look(current.as_ref())
            {
                return Ok(done);
            }
        }
        Err(ApiError::unusable(
            about::<K>("watch", namespace, name),
            "the watch ended",
        ))
    }

    /// One object of any kind, or `None` when it does not exist.
    pub async fn get_json(&self, object: &ObjectRef) -> Result<Option<Value>, ApiError> {
        let kind = self.kind(&object.api_version, &object.kind).await?;
        let request = Request::new(kind.path(object.namespace.as_deref()))
            .get(&object.name, &kube::api::GetParams::default());
        let action = format!("get {object}");
        let request = request.map_err(|error| ApiError::unusable(&action, error))?;
        match self.calls().request(request).await {
            Ok(found) => Ok(Some(found)),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
            Err(error) => Err(self.failed(action, error)),
        }
    }

    /// All objects of any kind, in a namespace or in all, by labels when given.
    pub async fn list_json(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        labels: Option<&str>,
    ) -> Result<Vec<Value>, ApiError> {
        let kind = self.kind(api_version, kind).await?;
        let request = Request::new(kind.path(namespace));
        let action = format!("list {}", kind.plural);
        let mut page = list_params(labels);
        let mut all = Vec::new();
        loop {
            let once = request
                .list(&page)
                .map_err(|error| ApiError::unusable(&action, error))?;
            let list: ObjectList<Value> = self
                .calls()
                .request(once)
                .await
                .map_err(|error| self.failed(&action, error))?;
            all.extend(list.items.into_iter().map(|item| with_kind(item, &kind)));
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page.continue_token = Some(token),
                None => return Ok(all),
            }
        }
    }

    /// Deletes an object of any kind, its dependents in the background; `false` when it, or its kind, does not exist.
    pub async fn delete_json(
        &self,
        object: &ObjectRef,
        grace_seconds: Option<u32>,
    ) -> Result<bool, ApiError> {
        let kind = match self.kind(&object.api_version, &object.kind).await {
            Err(ApiError::UnknownKind { .. }) => return Ok(false),
            other => other?,
        };
        let action = format!("delete {object}");
        let request = Request::new(kind.path(object.namespace.as_deref()));
        let request = request.delete(&object.name, &delete_params(grace_seconds));
        let request = request.map_err(|error| ApiError::unusable(&action, error))?;
        let deleted = self.calls().request::<Value>(request).await;
        deleted_or_absent(deleted.map(drop)).map_err(|error| self.failed(action, error))
    }

    /// Deletes all objects of a kind that have these labels, in a namespace or cluster-wide for kinds without one.
    pub async fn delete_collection(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        labels: &str,
    ) -> Result<(), ApiError> {
        let kind = self.kind(api_version, kind).await?;
        if !kind.serves("deletecollection") || (kind.namespaced && namespace.is_none()) {
            return self.delete_each(&kind, namespace, labels).await;
        }
        let action = format!("delete all {} with {labels}", kind.plural);
        let request = Request::new(kind.path(namespace))
            .delete_collection(&delete_params(None), &list_params(Some(labels)));
        let request = request.map_err(|error| ApiError::unusable(&action, error))?;
        self.calls()
            .request::<Value>(request)
            .await
            .map(drop)
            .map_err(|error| self.failed(action, error))
    }

    /// Some kinds, such as namespaces, can only be deleted one by one.
    async fn delete_each(&self, kind: &Kind, namespace: Option<&str>, labels: &str) -> Result<(), ApiError> {
        let found = self
            .list_json(&kind.api_version, &kind.kind, namespace, Some(labels))
            .await?;
        let deletes = found
            .iter()
            .filter_map(ObjectRef::of)
            .map(|object| async move { self.delete_json(&object, None).await.map(drop) });
        futures::future::try_join_all(deletes).await.map(drop)
    }
}

fn list_params(labels: Option<&str>) -> ListParams {
    ListParams {
        label_selector: labels.map(Into::into),
        limit: Some(PAGE),
        ..ListParams::default()
    }
}

fn delete_params(grace_seconds: Option<u32>) -> DeleteParams {
    DeleteParams {
        grace_period_seconds: grace_seconds,
        ..DeleteParams::background()
    }
}

fn deleted_or_absent(deleted: Result<(), kube::Error>) -> Result<bool, kube::Error> {
    match deleted {
        Ok(()) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(error) => Err(error),
    }
}

/// Items of a list come without their kind.
pub(crate) fn with_kind(mut item: Value, kind: &Kind) -> Value {
    if let Some(item) = item.as_object_mut() {
        item.entry("apiVersion")
            .or_insert_with(|| kind.api_version.clone().into());
        item.entry("kind").or_insert_with(|| kind.kind.clone().into());
    }
    item
}

fn about<K: Object>(verb: &str, namespace: Option<&str>, name: &str) -> String {
    let plural = <K as k8s_openapi::Resource>::URL_PATH_SEGMENT;
    match namespace {
        Some(namespace) => format!("{verb} {plural}/{name} in {namespace}"),
        None => format!("{verb} {plural}/{name}"),
    }
}

fn about_all<K: Object>(verb: &str, namespace: Option<&str>) -> String {
    let plural = <K as k8s_openapi::Resource>::URL_PATH_SEGMENT;
    match namespace {
        Some(namespace) => format!("{verb} {plural} in {namespace}"),
        None => format!("{verb} {plural}"),
    }
}

pub(crate) fn watch_error(cluster: &Cluster, action: &str, error: watcher::Error) -> ApiError {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => cluster.failed(action, error),
        watcher::Error::WatchError(status) => cluster.failed(action, kube::Error::Api(status)),
        watcher::Error::NoResourceVersion => {
            ApiError::unusable(action, "the server's answer has no resourceVersion")
        }
    }
}

/// What a watch has seen, so that what vanished during a gap in the connection is told, too.
struct Seen<K> {
    current: HashMap<Key, K>,
    listed: Option<HashMap<Key, K>>,
}

type Key = (Option<String>, Option<String>);

impl<K> Default for Seen<K> {
    fn default() -> Self {
        Self {
            current: HashMap::new(),
            listed: None,
        }
    }
}

impl<K: Object> Seen<K> {
    fn take(&mut self, event: watcher::Event<K>) -> Vec<Watched<K>> {
        match event {
            watcher::Event::Init => {
                self.listed = Some(HashMap::new());
                Vec::new()
            }
            watcher::Event::InitApply(object) => {
                self.listed
                    .get_or_insert_default()
                    .insert(key_of(&object), object.clone());
                vec![Watched::Applied(object)]
            }
            watcher::Event::InitDone => {
                let listed = self.listed.take().unwrap_or_default();
                let mut gone = std::mem::replace(&mut self.current, listed);
                gone.retain(|key, _| !self.current.contains_key(key));
                gone.into_values()
                    .map(Watched::Deleted)
                    .chain([Watched::Synced])
                    .collect()
            }
            watcher::Event::Apply(object) => {
                self.current.insert(key_of(&object), object.clone());
                vec![Watched::Applied(object)]
            }
            watcher::Event::Delete(object) => {
                self.current.remove(&key_of(&object));
                vec![Watched::Deleted(object)]
            }
        }
    }
}

fn key_of<K: Object>(object: &K) -> Key {
    let meta = k8s_openapi::Metadata::metadata(object);
    (meta.namespace.clone(), meta.name.clone())
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    fn map(name: &str) -> ConfigMap {
        ConfigMap {
            metadata: ObjectMeta {
                name: Some(name.into()),
                ..ObjectMeta::default()
            },
            ..ConfigMap::default()
        }
    }

    #[test]
    fn what_vanished_in_a_gap_is_told_as_deleted() {
        let mut seen = Seen::default();
        let mut told = Vec::new();
        for event in [
            watcher::Event::Init,
            watcher::Event::InitApply(map("a")),
            watcher::Event::InitApply(map("b")),
            watcher::Event::InitDone,
            watcher::Event::Init,
            watcher::Event::InitApply(map("b")),
            watcher::Event::InitDone,
        ] {
            told.extend(seen.take(event));
        }
        assert_eq!(
            told,
            [
                Watched::Applied(map("a")),
                Watched::Applied(map("b")),
                Watched::Synced,
                Watched::Applied(map("b")),
                Watched::Deleted(map("a")),
                Watched::Synced,
            ]
        );
    }

    #[test]
    fn a_reference_is_read_off_json() {
        let object = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "n"}});
        assert_eq!(ObjectRef::of(&object).unwrap().to_string(), "Pod/a in n");
        assert_eq!(ObjectRef::of(&serde_json::json!({"kind": "Pod"})), None);
    }
}
