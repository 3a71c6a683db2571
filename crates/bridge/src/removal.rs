//! Removing a preview, told as it goes.

use api::Error;
use api::previews::{self, Removal};
use api::words::count;
use serde::Serialize;
use tokio::sync::mpsc;
use ts_rs::TS;

use crate::App;

/// What a removal is doing.
#[derive(Debug, Clone, Serialize, TS)]
pub(crate) struct Removing {
    /// In words.
    text: String,
}

/// What was removed.
#[derive(Debug, Clone, Serialize, TS)]
pub(crate) struct RemovedObjects {
    /// Pods and cluster-scoped objects.
    objects: usize,
}

pub(crate) async fn remove(
    app: &App,
    context: &str,
    preview: &str,
    items: mpsc::Sender<Removing>,
) -> Result<RemovedObjects, Error> {
    let remove = async |host| {
        let id = previews::find_remains(&host, preview).await?;
        // A window that is slow to show a word misses it; the removal does not wait.
        let report = |removal: Removal| {
            drop(items.try_send(Removing {
                text: words(&removal),
            }));
        };
        previews::down(&host, &id, report).await
    };
    let removed = app.hosts.with(context, remove).await?;
    Ok(RemovedObjects {
        objects: removed.pods + removed.cluster_scoped.len(),
    })
}

fn words(removal: &Removal) -> String {
    match removal {
        Removal::Namespace { namespace, pods } => {
            format!("namespace {namespace} is going, with {}", count(*pods, "pod"))
        }
        Removal::ClusterScoped { objects } if objects.is_empty() => "no cluster-scoped objects".to_owned(),
        Removal::ClusterScoped { objects } => format!("removed {}", objects.join(", ")),
        Removal::Volumes { volumes } => format!("waiting for {}", count(volumes.len(), "volume")),
    }
}
