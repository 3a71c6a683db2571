//! `down`: removes previews and waits until nothing of them is left.

use std::io;
use std::time::Duration;

use api::hosts::Host;
use api::previews::{self, PreviewId, Removal, Removed};

use super::{Outcome, host};
use crate::args::{Down, Output};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;
use crate::words::{count, list};

/// A removal that takes longer waits for something unusual, such as an API that the host has lost.
const USUAL: Duration = Duration::from_secs(20);

/// Removes the previews that are named, or all.
pub(super) async fn run(console: Console, args: Down) -> Outcome {
    let host = host::require(&args.host).await?;
    let ids = if args.all {
        previews::all_ids(&host).await?
    } else {
        named(&host, &args.ids).await?
    };
    let mut removed = Vec::new();
    for id in &ids {
        removed.push(remove(console, &host, id).await?);
    }
    console.result(&removed, |_| {
        if removed.is_empty() {
            return vec![format!("no previews on {}", host.context())];
        }
        removed.iter().map(sentence).collect()
    })?;
    Ok(Exit::Done)
}

async fn named(host: &Host, texts: &[String]) -> Result<Vec<PreviewId>, Halt> {
    let mut ids = Vec::new();
    for text in texts {
        ids.push(previews::find_remains(host, text).await?);
    }
    ids.dedup();
    Ok(ids)
}

/// Removes one preview; a signal leaves the rest to the next `down`.
pub(super) async fn remove(console: Console, host: &Host, id: &PreviewId) -> Result<Removed, Halt> {
    let plan = format!(
        "removing namespace {} and all that is in it on {}",
        id.namespace(),
        host.context()
    );
    if console.output == Output::Text {
        console.error_line(&plan)?;
    }
    let report = |removal: Removal| {
        if console.output == Output::Text {
            // A line that cannot be written must not stop the removal.
            let _: io::Result<()> = console.error_line(&progress(&removal));
        }
    };
    let removal = previews::down(host, id, report);
    tokio::pin!(removal);
    if let Ok(removed) = tokio::time::timeout(USUAL, &mut removal).await {
        return Ok(removed?);
    }
    console.error_line(&format!(
        "  still waiting; its conditions say for what: kubectl --context {} get namespace {} -o yaml",
        host.context(),
        id.namespace()
    ))?;
    Ok(removal.await?)
}

fn progress(removal: &Removal) -> String {
    match removal {
        Removal::Namespace { namespace, pods } => {
            format!("  namespace {namespace} is going, with {}", count(*pods, "pod"))
        }
        Removal::ClusterScoped { objects } if objects.is_empty() => "  no cluster-scoped objects".to_owned(),
        Removal::ClusterScoped { objects } => format!("  removed {}", list(objects)),
        Removal::Volumes { volumes } => format!("  waiting for {}", count(volumes.len(), "volume")),
    }
}

/// What was removed, in one line.
pub(super) fn sentence(removed: &Removed) -> String {
    let scoped = count(removed.cluster_scoped.len(), "cluster-scoped object");
    format!(
        "removed namespace {} with {} and {scoped}",
        removed.namespace,
        count(removed.pods, "pod")
    )
}
