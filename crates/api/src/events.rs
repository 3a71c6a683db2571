//! What happens in a preview: the events of the task joined with those that its host has of the same pods.
//!
//! The syncer copies events of the host into the vCluster. Such a copy is told once, as what the host says.

mod journal;

use std::pin::pin;
use std::time::Duration;

use cluster::{ApiError, Cluster, Selector, Watched};
use futures::StreamExt;
use futures::stream::{BoxStream, select_all};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;
use ts_rs::TS;

use crate::Error;
use crate::hosts::Host;
use crate::json::capped;
use crate::seats::{Connection, Connections};
pub(crate) use journal::Brief;
use journal::{Journal, Source};

/// A candidate can make events without end; faster than this they are not told.
const PACE: Duration = Duration::from_millis(5);
/// Characters of a message.
const LONGEST_MESSAGE: usize = 2_000;
/// Characters of a name or a reason.
const LONGEST_WORD: usize = 256;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct EventRow {
    /// The same for everything that is told of one event: what comes later takes the place of what came before.
    pub id: String,
    /// When it was last seen, as RFC 3339.
    pub at: String,
    /// Whether it warns.
    #[serde(rename = "type")]
    pub severity: Severity,
    /// In a word.
    pub reason: String,
    /// Namespace and name of what it is about: inside the task, if it carries something of it.
    pub object: String,
    /// In words.
    pub message: String,
    /// How often it was seen.
    pub count: i64,
    /// Who says so.
    pub from: Origin,
}

/// Whether an event warns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "EventType")]
pub enum Severity {
    /// It is as it should be.
    Normal,
    /// Something is wrong.
    Warning,
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The task's own cluster.
    Task,
    /// The host that carries it.
    Host,
}

impl EventRow {
    /// An event about `object`.
    pub(crate) fn new(event: &Brief, object: &str, from: Origin) -> Self {
        Self {
            id: event.id(from),
            at: event.at.to_string(),
            severity: if event.is_warning {
                Severity::Warning
            } else {
                Severity::Normal
            },
            reason: capped(&event.reason, LONGEST_WORD),
            object: capped(object, LONGEST_WORD),
            message: capped(&event.message, LONGEST_MESSAGE),
            count: event.count,
            from,
        }
    }
}

/// Tells what happened, oldest first, and what happens, until nobody listens. An event that happens again is told
/// again, with its count. A broken watch begins again, and tells only what is new.
pub async fn watch(
    connections: &Connections,
    host: &Host,
    preview: &str,
    items: mpsc::Sender<EventRow>,
) -> Result<(), Error> {
    let connection = connections.get(host, preview).await?;
    let mut seen = pin!(sources(&connection).await?);
    let mut journal = Journal::default();
    loop {
        let is_open = journal.is_open();
        let rows = tokio::select! {
            () = items.closed() => return Ok(()),
            Some((source, change)) = seen.next() => match change {
                Ok(change) => journal.take(source, change),
                // The watch begins again by itself.
                Err(error) if error.is_passing() || journal.knows(source) => Vec::new(),
                Err(error) if source == Source::TaskEvents => return Err(error.into()),
                // A host that does not let us look has nothing to say.
                Err(_) => journal.give_up(source),
            },
        };
        for row in rows {
            if items.send(row).await.is_err() {
                return Ok(());
            }
            if is_open {
                tokio::time::sleep(PACE).await;
            }
        }
    }
}

type Changes = BoxStream<'static, (Source, Result<Watched<Value>, ApiError>)>;

/// Everything that has to be watched.
async fn sources(
    connection: &Connection,
) -> Result<impl futures::Stream<Item = (Source, Result<Watched<Value>, ApiError>)> + use<>, ApiError> {
    let namespace = Some(connection.namespace.as_str());
    Ok(select_all([
        source(&connection.task, None, Source::TaskEvents).await?,
        source(&connection.host, namespace, Source::HostEvents).await?,
        source(&connection.host, namespace, Source::HostPods).await?,
        source(&connection.host, namespace, Source::HostClaims).await?,
    ]))
}

async fn source(cluster: &Cluster, namespace: Option<&str>, source: Source) -> Result<Changes, ApiError> {
    let changes = cluster
        .watch_json("v1", source.kind(), namespace, Selector::default())
        .await?;
    Ok(changes.map(move |change| (source, change)).boxed())
}
