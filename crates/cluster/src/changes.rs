//! Watches objects of any kind as JSON, and says when what it has told may no longer be true.
//!
//! After every failure everything is read anew, so that the [`Watched::Synced`] that follows says that the connection
//! stands again.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use kube::Api;
use kube::api::{ApiResource, DynamicObject};
use kube::runtime::watcher;
use serde_json::{Value, json};

use crate::client::Cluster;
use crate::error::ApiError;
use crate::kinds::Kind;
use crate::objects::{Selector, Watched, watch_error, with_kind};
use crate::timeouts::Pauses;

type Events = BoxStream<'static, Result<watcher::Event<DynamicObject>, watcher::Error>>;

impl Cluster {
    /// Watches objects of a kind in a namespace, or in all, until the stream is dropped.
    ///
    /// Errors are items; the stream goes on after each of them, with growing pauses. Of an object that vanished while
    /// there was no connection, [`Watched::Deleted`] has only what names it.
    ///
    /// # Errors
    /// When the cluster does not serve the kind, or cannot be asked.
    pub async fn watch_json(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        selector: Selector,
    ) -> Result<impl Stream<Item = Result<Watched<Value>, ApiError>> + Send + use<>, ApiError> {
        let changes = Changes {
            cluster: self.clone(),
            kind: self.kind(api_version, kind).await?,
            namespace: namespace.map(str::to_owned),
            selector,
            events: None,
            pauses: Pauses::new(),
            pause: None,
            seen: Seen::default(),
            waiting: VecDeque::new(),
        };
        Ok(futures::stream::unfold(changes, |mut changes| async move {
            let next = changes.next().await;
            Some((next, changes))
        }))
    }
}

/// A watch that begins again after each failure.
struct Changes {
    cluster: Cluster,
    kind: Kind,
    namespace: Option<String>,
    selector: Selector,
    events: Option<Events>,
    pauses: Pauses,
    pause: Option<Duration>,
    seen: Seen,
    waiting: VecDeque<Watched<Value>>,
}

impl Changes {
    async fn next(&mut self) -> Result<Watched<Value>, ApiError> {
        loop {
            if let Some(change) = self.waiting.pop_front() {
                return Ok(change);
            }
            let mut events = match self.events.take() {
                Some(events) => events,
                None => self.begin().await,
            };
            match events.next().await {
                Some(Ok(event)) => {
                    self.events = Some(events);
                    self.take(event);
                }
                Some(Err(error)) => {
                    let action = format!("watch {}", self.kind.plural);
                    let error = watch_error(&self.cluster, &action, error);
                    self.pause = self.pauses.next();
                    return Err(error);
                }
                None => {}
            }
        }
    }

    fn take(&mut self, event: watcher::Event<DynamicObject>) {
        if !matches!(event, watcher::Event::Init) {
            self.pauses = Pauses::new();
        }
        let kind = &self.kind;
        let changes = self.seen.take(event, |object| {
            with_kind(serde_json::to_value(object).unwrap_or_default(), kind)
        });
        self.waiting.extend(changes);
    }

    async fn begin(&mut self) -> Events {
        if let Some(pause) = self.pause.take() {
            tokio::time::sleep(pause).await;
        }
        let config = watcher::Config {
            label_selector: self.selector.labels.clone(),
            field_selector: self.selector.fields.clone(),
            ..watcher::Config::default()
        };
        let client = self.cluster.calls().clone();
        let resource = resource(&self.kind);
        let api: Api<DynamicObject> = match self.namespace.as_deref().filter(|_| self.kind.namespaced) {
            Some(namespace) => Api::namespaced_with(client, namespace, &resource),
            None => Api::all_with(client, &resource),
        };
        watcher::watcher(api, config).boxed()
    }
}

fn resource(kind: &Kind) -> ApiResource {
    let (group, version) = kind
        .api_version
        .split_once('/')
        .unwrap_or(("", &kind.api_version));
    ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: kind.api_version.clone(),
        kind: kind.kind.clone(),
        plural: kind.plural.clone(),
    }
}

/// What names the objects that were seen, so that what vanished during a gap is told, too.
#[derive(Default)]
struct Seen {
    current: HashMap<Key, Value>,
    listed: Option<HashMap<Key, Value>>,
}

type Key = (Option<String>, Option<String>);

impl Seen {
    fn take(
        &mut self,
        event: watcher::Event<DynamicObject>,
        json: impl Fn(DynamicObject) -> Value,
    ) -> Vec<Watched<Value>> {
        match event {
            watcher::Event::Init => {
                self.listed = Some(HashMap::new());
                Vec::new()
            }
            watcher::Event::InitApply(object) => {
                let (key, name) = identity(&object);
                self.listed.get_or_insert_default().insert(key, name);
                vec![Watched::Applied(json(object))]
            }
            watcher::Event::InitDone => {
                let listed = self.listed.take().unwrap_or_default();
                let mut gone = std::mem::replace(&mut self.current, listed);
                gone.retain(|key, name| self.current.get(key) != Some(name));
                let gone = gone.into_values().map(Watched::Deleted);
                gone.chain([Watched::Synced]).collect()
            }
            watcher::Event::Apply(object) => {
                let (key, name) = identity(&object);
                self.current.insert(key, name);
                vec![Watched::Applied(json(object))]
            }
            watcher::Event::Delete(object) => {
                self.current.remove(&identity(&object).0);
                vec![Watched::Deleted(json(object))]
            }
        }
    }
}

/// What names an object; one that was made anew under the same name is another.
fn identity(object: &DynamicObject) -> (Key, Value) {
    let metadata = &object.metadata;
    let key = (metadata.namespace.clone(), metadata.name.clone());
    let name = json!({"metadata": {"namespace": key.0, "name": key.1, "uid": metadata.uid}});
    (key, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str, uid: &str) -> DynamicObject {
        serde_json::from_value(json!({"metadata": {"name": name, "uid": uid}})).unwrap()
    }

    fn told(events: Vec<watcher::Event<DynamicObject>>) -> Vec<String> {
        let mut seen = Seen::default();
        let json = |object| serde_json::to_value(object).unwrap();
        let changes = events.into_iter().flat_map(|event| seen.take(event, json));
        let uid = |object: &Value| object["metadata"]["uid"].as_str().unwrap().to_owned();
        let told = changes.map(|change| match change {
            Watched::Applied(object) => format!("applied {}", uid(&object)),
            Watched::Deleted(object) => format!("deleted {}", uid(&object)),
            Watched::Synced => "synced".to_owned(),
        });
        told.collect()
    }

    #[test]
    fn what_vanished_or_was_made_anew_in_a_gap_is_told() {
        let told = told(vec![
            watcher::Event::Init,
            watcher::Event::InitApply(object("a", "1")),
            watcher::Event::InitApply(object("b", "2")),
            watcher::Event::InitDone,
            watcher::Event::Init,
            watcher::Event::InitApply(object("b", "3")),
            watcher::Event::InitDone,
            watcher::Event::Delete(object("b", "3")),
        ]);
        let mut sorted = told[4..6].to_vec();
        sorted.sort();
        assert_eq!(told[..4], ["applied 1", "applied 2", "synced", "applied 3"]);
        assert_eq!(sorted, ["deleted 1", "deleted 2"]);
        assert_eq!(told[6..], ["synced", "deleted 3"]);
    }
}
