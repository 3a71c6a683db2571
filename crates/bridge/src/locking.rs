//! Locking for the window, told as it goes.

use std::path::PathBuf;

use api::locks::{self, Event, LockedBundle};
use api::{Code, Error};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::told::told;

/// Locks the bundle in a folder. `context` only says whose mirror and programs are used.
pub(crate) async fn lock(
    folder: PathBuf,
    context: Option<String>,
    items: mpsc::Sender<Event>,
    cancel: CancellationToken,
) -> Result<LockedBundle, Error> {
    let bundle = crate::bundle::open(&folder)?;
    let (says, heard) = mpsc::unbounded_channel();
    let work = async move {
        let listener = |event| drop(says.send(event));
        tokio::select! {
            done = locks::lock(&folder, &bundle, context.as_deref(), &listener) => done.map(LockedBundle::from),
            () = cancel.cancelled() => Err(Error::new(Code::Cancelled, "the bundle was not locked: it was stopped")),
        }
    };
    Box::pin(told(heard, items, work)).await
}
