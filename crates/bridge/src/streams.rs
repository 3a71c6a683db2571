//! The streams: what takes long, tells as it goes, and can be stopped.

use std::path::PathBuf;
use std::sync::Arc;

use api::boot::BootEvent;
use api::events::EventRow;
use api::exports::{Event as ExportEvent, ExportView};
use api::files::{self, Changes};
use api::grading::{Grade, GradeEvent, Proof, ProveEvent, ProveOptions};
use api::hosts::DoctorStep;
use api::locks::{Event as LockEvent, LockedBundle};
use api::logs::{LogLine, WantedLog};
use api::objects::{ObjectChange, ObjectKind};
use api::previews::PreviewView;
use api::sandbox::SandboxProgress;
use api::{Code, Error};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::boots::BootResult;
use crate::exporting::ExportWish;
use crate::panels;
use crate::removal::{RemovedObjects, Removing};
use crate::table::{give, streams};

/// How many items may wait for the window before whoever makes them waits, too.
pub(crate) const AHEAD: usize = 64;

/// Hands items to the window until there are no more, or until it wants no more; then their maker is told by the
/// closed channel.
pub(crate) async fn forward<T: serde::Serialize>(
    mut items: mpsc::Receiver<T>,
    item: &(dyn Fn(serde_json::Value) -> bool + Send + Sync),
) {
    while let Some(next) = items.recv().await {
        let is_wanted = match give(&next) {
            Ok(value) => item(value),
            Err(error) => {
                // A fault of ours; the rest is still of use.
                tracing::error!(%error, "an item was left out");
                true
            }
        };
        if !is_wanted {
            return;
        }
    }
}

/// Does `work` until somebody cancels it.
async fn until<T>(
    cancel: CancellationToken,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::select! {
        done = work => done,
        () = cancel.cancelled() => Err(Error::new(Code::Cancelled, "stopped")),
    }
}

streams! {
    watch_bundle(bundle: PathBuf) => Changes, () =
        |_app, items, cancel| until(cancel, files::watch_bundle(bundle, items)).await;
    boot(bundle: PathBuf, context: String) => BootEvent, BootResult = |app, items, cancel| {
        let checked = Arc::new(crate::bundle::open(&bundle)?);
        let host = app.hosts.get(&context).await?;
        let boot = api::previews::boot(&host, checked, api::previews::BootOptions::default());
        app.boots.add(&bundle, boot).follow(&items, &cancel).await
    };
    update_preview(bundle: PathBuf, context: String, preview: String) => BootEvent, BootResult = |app, items, cancel| {
        let checked = Arc::new(crate::bundle::open(&bundle)?);
        let host = app.hosts.get(&context).await?;
        let found = api::previews::find(&host, &preview).await?;
        let update = api::previews::update(&host, checked, &found)?;
        app.boots.add(&bundle, update).follow(&items, &cancel).await
    };
    attach_boot(preview: String) => BootEvent, BootResult =
        |app, items, cancel| app.boots.find(&preview)?.follow(&items, &cancel).await;
    remove_preview(context: String, preview: String) => Removing, RemovedObjects =
        |app, items, cancel| until(cancel, crate::removal::remove(app, &context, &preview, items)).await;

    watch_objects(context: String, preview: String, kind: ObjectKind) => ObjectChange, () =
        |app, items, cancel| until(cancel, panels::watch_objects(app, &context, &preview, kind, items)).await;
    watch_events(context: String, preview: String) => EventRow, () =
        |app, items, cancel| until(cancel, panels::watch_events(app, &context, &preview, items)).await;
    follow_logs(context: String, preview: String, namespace: String, pod: String, container: Option<String>, previous: bool, tail: u32) => Vec<LogLine>, () =
        |app, items, cancel| {
            let wanted = WantedLog { namespace, pod, container, previous, tail };
            until(cancel, panels::follow_logs(app, &context, &preview, wanted, items)).await
        };

    grade(bundle: PathBuf, context: String, preview: String) => GradeEvent, Grade =
        |app, items, cancel| Box::pin(crate::grading::grade(app, &bundle, &context, &preview, items, cancel)).await;
    prove(bundle: PathBuf, context: String, repeat: u32, jobs: usize) => ProveEvent, Proof = |app, items, cancel| {
        let options = ProveOptions { repeat, jobs };
        crate::grading::prove(app, bundle, context, options).await?.follow(&items, &cancel).await
    };
    attach_proof(bundle: PathBuf) => ProveEvent, Proof =
        |app, items, cancel| crate::grading::find_proof(app, &bundle)?.follow(&items, &cancel).await;

    lock_bundle(bundle: PathBuf, context: Option<String>) => LockEvent, LockedBundle =
        |_app, items, cancel| Box::pin(crate::locking::lock(bundle, context, items, cancel)).await;
    export_bundle(bundle: PathBuf, wish: ExportWish) => ExportEvent, ExportView =
        |_app, items, cancel| Box::pin(crate::exporting::export(bundle, wish, items, cancel)).await;

    doctor(context: String) => DoctorStep, () =
        |_app, items, cancel| until(cancel, Box::pin(crate::hosts::examine(&context, items))).await;
    watch_previews(context: String) => Vec<PreviewView>, () =
        |app, items, cancel| until(cancel, crate::previews::watch(app, &context, items)).await;
    sandbox_up(nodes: Option<String>) => SandboxProgress, () =
        |app, items, cancel| until(cancel, crate::sandbox::up(app, nodes.as_deref(), items)).await;
    sandbox_down() => SandboxProgress, () = |app, items, cancel| until(cancel, crate::sandbox::down(app, items)).await;
}
