//! Grading and proving for the window, told as they go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::grading::{self, Grade, GradeEvent, Proof, ProofState, ProveEvent, ProveOptions};
use api::{Error, previews};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use crate::App;
use crate::told::told;

/// Whether a bundle was proven as it is now.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum ProofView {
    /// There is no proof.
    Missing,
    /// It cannot be read.
    Broken {
        /// Why.
        reason: String,
    },
    /// The bundle has changed since.
    OfOtherBytes,
    /// Something did not come out as it has to.
    Failed {
        /// What was seen.
        proof: Box<Proof>,
    },
    /// Everything came out as it has to.
    Holds {
        /// What was seen.
        proof: Box<Proof>,
    },
}

/// Whether the bundle in a folder was proven as it is now.
pub(crate) fn proof_state(folder: &Path) -> Result<ProofView, Error> {
    let bundle = crate::bundle::open(folder)?;
    Ok(match grading::proof_state(&bundle) {
        ProofState::Missing => ProofView::Missing,
        ProofState::Broken(reason) => ProofView::Broken { reason },
        ProofState::OfOtherBytes => ProofView::OfOtherBytes,
        ProofState::Failed(proof) => ProofView::Failed { proof },
        ProofState::Holds(proof) => ProofView::Holds { proof },
    })
}

/// Grades a preview by the checks of the bundle in a folder.
pub(crate) async fn grade(
    app: &App,
    folder: &Path,
    context: &str,
    preview: &str,
    items: mpsc::Sender<GradeEvent>,
    cancel: CancellationToken,
) -> Result<Grade, Error> {
    let bundle = crate::bundle::open(folder)?;
    let host = app.hosts.get(context).await?;
    let preview = previews::find(&host, preview).await?;
    let (says, heard) = mpsc::unbounded_channel();
    let work = async move {
        let listener = |event| drop(says.send(event));
        grading::grade(&host, &bundle, &preview, &cancel, &listener).await
    };
    Box::pin(told(heard, items, work)).await
}

/// Proves the bundle in a folder.
pub(crate) async fn prove(
    app: &App,
    folder: PathBuf,
    context: &str,
    options: ProveOptions,
    items: mpsc::Sender<ProveEvent>,
    cancel: CancellationToken,
) -> Result<Proof, Error> {
    let bundle = Arc::new(crate::bundle::open(&folder)?);
    let host = app.hosts.get(context).await?;
    let (says, heard) = mpsc::unbounded_channel();
    let work = async move {
        let listener = |event| drop(says.send(event));
        grading::prove(&host, &folder, &bundle, options, &cancel, &listener).await
    };
    Box::pin(told(heard, items, work)).await
}
