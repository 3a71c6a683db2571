//! Grading and proving for the window, told as they go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::grading::{self, Grade, GradeEvent, Proof, ProofState, ProveEvent, ProveOptions};
use api::{Code, Error, previews};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use crate::App;
use crate::runs::{Run, Runs};
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

/// A proof under way, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub(crate) struct ProofRun {
    /// The folder of the bundle.
    pub(crate) bundle: PathBuf,
    /// Where it is made.
    pub(crate) context: String,
    /// How often each case is tried.
    repeat: u32,
    /// How many cases run at the same time.
    jobs: usize,
}

/// The proofs of this app.
pub(crate) type Proofs = Runs<ProofRun, ProveEvent, Proof>;

/// Starts to prove the bundle in a folder. The proof goes on whoever follows it.
pub(crate) async fn prove(
    app: &App,
    folder: PathBuf,
    context: String,
    options: ProveOptions,
) -> Result<Arc<Run<ProveEvent, Proof>>, Error> {
    let bundle = Arc::new(crate::bundle::open(&folder)?);
    let host = app.hosts.get(&context).await?;
    let key = ProofRun {
        bundle: folder.clone(),
        context,
        repeat: options.repeat,
        jobs: options.jobs,
    };
    let place = folder.clone();
    let work = || {
        Run::start(|teller, cancel| async move {
            let listener = |event| teller.tell(event);
            Box::pin(grading::prove(
                &host, &place, &bundle, options, &cancel, &listener,
            ))
            .await
        })
    };
    let started = app.proofs.start_unless(|run| run.bundle == folder, key, work);
    started.ok_or_else(|| {
        let message = format!("{} is being proven already", folder.display());
        Error::new(Code::Conflict, message).hint("wait for that proof, or stop it")
    })
}

/// The newest proof of the bundle in a folder that this app started, over or not.
pub(crate) fn find_proof(app: &App, folder: &Path) -> Result<Arc<Run<ProveEvent, Proof>>, Error> {
    let found = app.proofs.find(|run| run.bundle == folder);
    found.ok_or_else(|| {
        let message = format!("this window has not started to prove {}", folder.display());
        Error::new(Code::NotFound, message)
    })
}
