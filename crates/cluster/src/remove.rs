//! Removal of single objects: an apply backwards.

use std::collections::HashSet;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::apply::{AT_ONCE, Rank, is_definition};
use crate::client::Cluster;
use crate::error::ApiError;
use crate::objects::ObjectRef;

/// An object that is still there after its deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// The object.
    pub object: ObjectRef,
    /// What it waits for.
    pub reason: String,
}

impl Cluster {
    /// Deletes objects in waves, the last of an apply first, and waits until each is gone; those that are not there count
    /// as gone. `on_event` hears of those that take their time, and why.
    ///
    /// It has no end of its own: an object whose finalizer nobody removes stays.
    ///
    /// # Errors
    /// When the cluster does not answer or refuses.
    pub async fn remove(
        &self,
        objects: &[ObjectRef],
        mut on_event: impl FnMut(Leaving) + Send,
    ) -> Result<(), ApiError> {
        let (events, mut received) = mpsc::unbounded_channel();
        let mut work = std::pin::pin!(self.remove_in_order(objects, events));
        loop {
            tokio::select! {
                outcome = &mut work => return outcome,
                Some(event) = received.recv() => on_event(event),
            }
        }
    }

    async fn remove_in_order(
        &self,
        objects: &[ObjectRef],
        events: mpsc::UnboundedSender<Leaving>,
    ) -> Result<(), ApiError> {
        let defined = groups_defined(objects);
        for rank in Rank::ALL.into_iter().rev() {
            // Boxed one by one: a closure over borrowed objects would keep the caller's future from being `Send`.
            let mut removals: Vec<BoxFuture<'_, Result<(), ApiError>>> = Vec::new();
            for object in objects {
                if Rank::of(object, &defined) == rank {
                    removals.push(self.remove_one(object, events.clone()).boxed());
                }
            }
            futures::stream::iter(removals)
                .buffer_unordered(AT_ONCE)
                .try_collect::<()>()
                .await?;
        }
        Ok(())
    }

    async fn remove_one(
        &self,
        object: &ObjectRef,
        events: mpsc::UnboundedSender<Leaving>,
    ) -> Result<(), ApiError> {
        if !self.delete_json(object, None).await? {
            return Ok(());
        }
        let namespace = object.namespace.as_deref().unwrap_or("default");
        self.wait_for_json(&resource(object), namespace, &object.name, |found| {
            let Some(found) = found else { return Some(()) };
            let _ = events.send(Leaving {
                object: object.clone(),
                reason: waits_for(found),
            });
            None
        })
        .await
    }
}

/// The groups of the kinds whose definitions are among the objects: the name of one is `plural.group`.
fn groups_defined(objects: &[ObjectRef]) -> HashSet<String> {
    let definitions = objects.iter().filter(|object| is_definition(object));
    definitions
        .filter_map(|object| Some(object.name.split_once('.')?.1.to_owned()))
        .collect()
}

/// The resource of an object as kubectl takes it.
fn resource(object: &ObjectRef) -> String {
    let kind = object.kind.to_lowercase();
    match object.group() {
        "" => kind,
        group => format!("{kind}.{group}"),
    }
}

/// Why an object that was deleted is still there.
fn waits_for(object: &Value) -> String {
    let finalizers = object["metadata"]["finalizers"].as_array();
    let names: Vec<&str> = finalizers
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    match names.as_slice() {
        [] => "it is still there".to_owned(),
        names => format!("nobody has removed its finalizer {} yet", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(api_version: &str, kind: &str, name: &str) -> ObjectRef {
        ObjectRef {
            api_version: api_version.into(),
            kind: kind.into(),
            namespace: Some("default".into()),
            name: name.into(),
        }
    }

    #[test]
    fn what_a_definition_defines_goes_before_its_controller() {
        let crd = object(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            "widgets.example.org",
        );
        let (widget, controller) = (
            object("example.org/v1", "Widget", "a"),
            object("apps/v1", "Deployment", "controller"),
        );
        let defined = groups_defined(&[crd.clone(), widget.clone(), controller.clone()]);
        let rank = |object: &ObjectRef| Rank::of(object, &defined);
        assert!(rank(&widget) > rank(&controller) && rank(&controller) > rank(&crd));
    }

    #[test]
    fn an_object_is_found_as_kubectl_would() {
        assert_eq!(resource(&object("v1", "ConfigMap", "a")), "configmap");
        assert_eq!(resource(&object("apps/v1", "Deployment", "a")), "deployment.apps");
    }

    #[test]
    fn what_holds_an_object_is_named() {
        let held = json!({ "metadata": { "finalizers": ["example.org/guard", "foregroundDeletion"] } });
        assert_eq!(
            waits_for(&held),
            "nobody has removed its finalizer example.org/guard, foregroundDeletion yet"
        );
        assert_eq!(waits_for(&json!({})), "it is still there");
    }
}
