//! Exporting for the window, told as it goes.

use std::path::{Path, PathBuf};

use api::exports::{self, Event, ExportView, Options};
use api::window::{self, PastExport};
use api::{Code, Error};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use crate::told::told;

/// What the window asks for. The token of a platform never passes through it: it is in a file or in the keyring.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExportWish {
    /// A file, `oci://REGISTRY/REPOSITORY:TAG`, or `https://PLATFORM`.
    to: String,
    /// Whether also what was not locked or not proven is exported.
    force: bool,
    /// The file of the private key to sign with.
    sign: Option<PathBuf>,
    /// Whether the images of the lock are copied to the same registry.
    images: bool,
    /// What a platform calls the version.
    version: Option<String>,
    /// The file with the token for a platform.
    token_file: Option<PathBuf>,
}

/// Exports the bundle in a folder, and remembers where it went.
pub(crate) async fn export(
    folder: PathBuf,
    wish: ExportWish,
    items: mpsc::Sender<Event>,
    cancel: CancellationToken,
) -> Result<ExportView, Error> {
    let bundle = crate::bundle::open(&folder)?;
    let options = Options {
        force: wish.force,
        sign: wish.sign.clone(),
        images: wish.images,
        version: wish.version.clone(),
        token_file: wish.token_file.clone(),
        ..Options::default()
    };
    let (says, heard) = mpsc::unbounded_channel();
    let work = async move {
        let listener = |event| drop(says.send(event));
        let view = tokio::select! {
            done = Box::pin(exports::export(&bundle, &wish.to, &options, &listener)) => done?,
            () = cancel.cancelled() => return Err(Error::new(Code::Cancelled, "the export was stopped")),
        };
        let past = past(&folder, wish, &view);
        if let Err(error) = window::remember_export(past) {
            // The bundle is where it has to be; only the next dialog begins without it.
            tracing::warn!(%error, "the export is not remembered");
        }
        Ok(view)
    };
    Box::pin(told(heard, items, work)).await
}

fn past(folder: &Path, wish: ExportWish, view: &ExportView) -> PastExport {
    let text = |path: Option<PathBuf>| path.map(|path| path.display().to_string());
    PastExport {
        bundle: folder.display().to_string(),
        to: wish.to,
        sign: text(wish.sign),
        token_file: text(wish.token_file),
        images: wish.images,
        digest: view.digest.clone(),
        exported_at: window::now(),
    }
}
