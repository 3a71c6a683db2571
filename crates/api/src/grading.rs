//! Grading the work in a preview, and proving a task.

use std::path::Path;
use std::sync::Arc;

use bundle::proof;
pub use bundle::proof::Proof;
pub use bundle::proof::{Case, CaseCheck, CaseKind, Peaks, ProofState, Use};
use bundle::{Bundle, BundlePath, lock};
use preview::grade::GradeError;
pub use preview::grade::{CheckOutcome, CheckResult, Grade, GradeEvent};
use preview::prove::Proving;
pub use preview::prove::{CaseTitle, ProveEvent, ProveOptions};
use preview::{PreviewInfo, PreviewState};
pub use tokio_util::sync::CancellationToken;

use crate::hosts::Host;
use crate::{Code, Error, locks, previews};

/// Grades the work in a preview by the checks of a bundle, which has to be the one it was booted from.
pub async fn grade(
    host: &Host,
    bundle: &Bundle,
    preview: &PreviewInfo,
    cancel: &CancellationToken,
    listener: &(dyn Fn(GradeEvent) + Sync),
) -> Result<Grade, Error> {
    gradable(bundle, preview)?;
    Ok(preview::grade::grade(&host.inner, bundle, &preview.id, cancel, listener).await?)
}

fn gradable(bundle: &Bundle, preview: &PreviewInfo) -> Result<(), Error> {
    let id = &preview.id;
    if bundle.name.as_str() != preview.bundle {
        let message = format!(
            "preview `{id}` is of `{}`, not of `{}`",
            preview.bundle, bundle.name
        );
        return Err(Error::new(Code::Usage, message).hint("name the folder of its bundle with --bundle"));
    }
    if preview.state != PreviewState::Ready {
        let message = format!("preview `{id}` is not ready");
        return Err(Error::new(Code::Usage, message).hint("wait for its boot, or boot it again"));
    }
    if bundle.checks.is_empty() {
        let message = format!("`{}` has no checks", bundle.name);
        return Err(Error::new(Code::Bundle, message).hint("write some in `checks` of task.yaml"));
    }
    Ok(())
}

/// Proves the bundle of a folder on a host, and writes `proof.json` beside its files, also when a case came out wrong.
pub async fn prove(
    host: &Host,
    folder: &Path,
    bundle: &Arc<Bundle>,
    options: ProveOptions,
    cancel: &CancellationToken,
    listener: &(dyn Fn(ProveEvent) + Sync),
) -> Result<Proof, Error> {
    provable(folder, bundle)?;
    let new_id = || previews::fresh_id(bundle);
    let proving = Proving {
        host: &host.inner,
        bundle,
        new_id: &new_id,
        cancel,
        listener,
    };
    let cases = proving.run(options).await;
    if cancel.is_cancelled() {
        return Err(Error::new(
            Code::Cancelled,
            "the proof was stopped; nothing was written",
        ));
    }
    let proof = proof_of(host, bundle, cases).await?;
    write(folder, &proof)?;
    Ok(proof)
}

/// Whether a bundle was proven as it is now.
pub fn proof_state(bundle: &Bundle) -> ProofState {
    proof::state(&bundle.files)
}

/// What is booted has to be what a lock pins, or the proof would be of something else tomorrow.
fn provable(folder: &Path, bundle: &Bundle) -> Result<(), Error> {
    let command = format!("lock it with `taskwright lock {}`", folder.display());
    let refused = |message: String| Err(Error::new(Code::Bundle, message).hint(command.clone()));
    if bundle.checks.is_empty() || bundle.solutions.is_empty() {
        let message = format!(
            "`{}` has no checks, or no solution to show that they can pass",
            bundle.name
        );
        return Err(Error::new(Code::Bundle, message).hint("write `checks` and `solutions` in task.yaml"));
    }
    if bundle.lock.is_none() {
        return refused("the bundle was never locked, and a proof is of what a lock pins".to_owned());
    }
    match lock::drifts(bundle).as_slice() {
        [] => Ok(()),
        [first, ..] => refused(format!("the bundle has drifted from its lock: {first}")),
    }
}

async fn proof_of(host: &Host, bundle: &Bundle, cases: Vec<Case>) -> Result<Proof, Error> {
    let version = host.cluster().version().await?;
    let versions = [
        ("taskwright", env!("CARGO_PKG_VERSION").to_owned()),
        ("kubernetes", version.git_version),
        ("task", bundle.environment.kubernetes_version.to_string()),
        ("vcluster", plan::CHART_VERSION.to_owned()),
    ];
    Ok(Proof {
        version: proof::VERSION,
        task: bundle.name.to_string(),
        bundle: bundle::digest::of(&bundle.files),
        lock: proof::lock_digest(&bundle.files),
        passed: !cases.is_empty() && cases.iter().all(|case| case.passed),
        made_at: jiff::Timestamp::now().to_string(),
        versions: versions.map(|(name, version)| (name.to_owned(), version)).into(),
        cases,
    })
}

fn write(folder: &Path, proof: &Proof) -> Result<(), Error> {
    let text = proof.to_text().map_err(|reason| Error::new(Code::Disk, reason))?;
    locks::write(folder, &[(BundlePath::lossy(proof::FILE), text)]).map(drop)
}

impl From<GradeError> for Error {
    fn from(error: GradeError) -> Self {
        match &error {
            GradeError::Cancelled => Self::new(Code::Cancelled, error.to_string()),
            GradeError::Failed(failure) => {
                let mut told = Self::new(Code::Host, error.to_string()).hint(failure.cause.remedy());
                told.hints.extend(failure.evidence.iter().cloned());
                told
            }
            _ => Self::of(Code::Host, &error),
        }
    }
}
