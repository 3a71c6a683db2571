//! The objects of a preview, live: rows as kubectl would print them, their YAML, and the pods of the host behind them.

mod cluster_wide;
mod kind;
mod network;
mod pod;
mod row;
mod storage;
mod table;
mod workloads;
mod yaml;

use std::pin::pin;

pub use cluster::ObjectRef;
use cluster::{Selector, Watched};
use futures::StreamExt;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;
use ts_rs::TS;

pub use kind::ObjectKind;
use table::Table;

use crate::hosts::Host;
use crate::seats::{Connection, Connections};
use crate::{Code, Error};

/// One object, as a row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRow {
    /// Its uid.
    pub uid: String,
    /// Its kind, such as `Deployment`.
    pub kind: String,
    /// Its group and version, such as `apps/v1`.
    pub api_version: String,
    /// Its namespace, if its kind has them.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// How it is.
    pub status: ObjectStatus,
    /// When it was made, as RFC 3339.
    pub age: String,
    /// What else there is to see of its kind, in order.
    #[ts(type = "Array<[string, string]>")]
    pub columns: Vec<(&'static str, String)>,
    /// The pod of the host that carries it, if it is a pod and there is one.
    pub host_pod: Option<String>,
}

/// How an object is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ObjectStatus {
    /// In a word or two; empty for kinds that have no state.
    pub text: String,
    /// How it is to be looked at.
    pub tone: Tone,
}

/// How a status is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// As it should be.
    Ok,
    /// On its way.
    Busy,
    /// Something is wrong.
    Bad,
    /// There is nothing to say.
    None,
}

/// A change of a table of objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum ObjectChange {
    /// The object is there, or looks different.
    Applied {
        /// How it looks.
        row: ObjectRow,
    },
    /// The object is gone.
    Gone {
        /// Its uid.
        uid: String,
    },
    /// There are no objects: what was told before counts no more.
    Restarted,
    /// What was told may no longer be true.
    Stale {
        /// Why.
        reason: String,
        /// Since when, as RFC 3339.
        since: String,
    },
}

/// An object as YAML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ObjectText {
    /// The YAML.
    pub yaml: String,
}

/// Tells all objects of a kind and every change, until nobody listens. A broken watch is told and begins again.
pub async fn watch(
    connections: &Connections,
    host: &Host,
    preview: &str,
    kind: ObjectKind,
    items: mpsc::Sender<ObjectChange>,
) -> Result<(), Error> {
    let connection = connections.get(host, preview).await?;
    let (api_version, name) = kind.resource();
    let objects = connection
        .task
        .watch_json(api_version, name, None, Selector::default());
    let mut objects = pin!(objects.await?);
    let mut pods = pin!(host_pods(&connection, kind).await);
    let mut table = Table::new(kind);
    loop {
        let changes = tokio::select! {
            () = items.closed() => return Ok(()),
            Some(Ok(pod)) = pods.next() => table.take_host_pod(pod),
            Some(change) = objects.next() => match change {
                Ok(change) => table.take(change),
                Err(error) if !table.is_known() && !error.is_passing() => return Err(error.into()),
                Err(error) => table.break_off(error.to_string(), Timestamp::now()),
            },
        };
        for change in changes {
            if items.send(change).await.is_err() {
                return Ok(());
            }
        }
    }
}

type PodChanges = futures::stream::BoxStream<'static, Result<Watched<Value>, cluster::ApiError>>;

/// The pods of the host that carry those of a preview; none for other kinds, and none where we may not look.
async fn host_pods(connection: &Connection, kind: ObjectKind) -> PodChanges {
    if kind != ObjectKind::Pods {
        return futures::stream::empty().boxed();
    }
    let namespace = Some(connection.namespace.as_str());
    let pods = connection
        .host
        .watch_json("v1", "Pod", namespace, Selector::default());
    match pods.await {
        Ok(pods) => pods.boxed(),
        Err(_) => futures::stream::empty().boxed(),
    }
}

/// An object as YAML, without what only machines read; of a Secret only how large its values are.
pub async fn yaml(
    connections: &Connections,
    host: &Host,
    preview: &str,
    object: ObjectRef,
) -> Result<ObjectText, Error> {
    let connection = connections.get(host, preview).await?;
    let found = connection.task.get_json(&object).await?;
    // With an odd name a whole list could be found, whose Secrets nobody would hide.
    let found = found.filter(|found| found["kind"] == object.kind);
    let found = found.ok_or_else(|| Error::new(Code::NotFound, format!("{object} is gone")))?;
    Ok(ObjectText {
        yaml: yaml::text(found)?,
    })
}

/// Namespace and name.
type Key = (Option<String>, String);

fn key_of(object: &Value) -> Key {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    (
        text("/metadata/namespace"),
        text("/metadata/name").unwrap_or_default(),
    )
}
