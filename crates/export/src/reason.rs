//! Why a bundle should not be exported: what it pulls in is not pinned, or nothing shows that it can be solved.

use std::fmt;

use bundle::lock::{self, Drift};
use bundle::proof::{self, Proof};
use bundle::{Bundle, BundleFiles};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A kind of reason. The list of a forced export holds these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "ExportReason")]
pub enum Reason {
    /// It pulls in charts or images, and was never locked.
    Unlocked,
    /// It has changed since it was locked.
    Drifted,
    /// The digest of an image is not known.
    UnpinnedImage,
    /// It has no proof.
    Unproven,
    /// Its proof cannot be read.
    BrokenProof,
    /// Its proof says that something did not go as it must.
    FailedProof,
    /// Its proof is of other files.
    ProofOfOtherFiles,
    /// Its proof was made with another lock.
    ProofOfOtherLock,
}

/// One reason, with what exactly is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "ExportObjection")]
pub struct Objection {
    /// Its kind.
    pub reason: Reason,
    /// What is wrong, where the kind alone does not say it.
    pub detail: Option<String>,
}

impl Objection {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self.reason {
            Reason::Unlocked | Reason::Drifted => {
                "lock the bundle with `taskwright lock`, then prove it again"
            }
            Reason::UnpinnedImage => "lock the bundle again where the image's registry can be reached",
            Reason::Unproven => "prove the bundle with `taskwright prove`",
            Reason::BrokenProof | Reason::ProofOfOtherFiles | Reason::ProofOfOtherLock => {
                "prove the bundle again with `taskwright prove`"
            }
            Reason::FailedProof => "see what failed with `taskwright prove`, and mend the bundle",
        }
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unlocked => "what the bundle pulls in was never locked",
            Self::Drifted => "the bundle has changed since it was locked",
            Self::UnpinnedImage => "the digest of an image is not known",
            Self::Unproven => "the bundle was never proven",
            Self::BrokenProof => "the proof cannot be read",
            Self::FailedProof => "the proof says that not all went as it must",
            Self::ProofOfOtherFiles => "the bundle was edited after it was proven",
            Self::ProofOfOtherLock => "the bundle was locked again after it was proven",
        })
    }
}

/// On which side a bundle is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Where it is made.
    Sender,
    /// Where it is taken in: another version of this program is no reason.
    Receiver,
}

/// All reasons against a bundle whose files are these, links resolved, and have this digest.
pub(crate) fn objections(bundle: &Bundle, files: &BundleFiles, digest: &str, side: Side) -> Vec<Objection> {
    let mut found = of_lock(bundle, side);
    found.extend(of_proof(files, digest));
    found
}

fn of_lock(bundle: &Bundle, side: Side) -> Vec<Objection> {
    let Some(lock) = &bundle.lock else {
        return Vec::from_iter(needs_lock(bundle).then_some(Objection {
            reason: Reason::Unlocked,
            detail: None,
        }));
    };
    let is_ours = |drift: &Drift| side == Side::Receiver && matches!(drift, Drift::Vcluster { .. });
    let drifts = lock::drifts(bundle).into_iter().filter(|drift| !is_ours(drift));
    let drifts = drifts.map(|drift| (Reason::Drifted, drift.to_string()));
    let unpinned = lock.images.iter().filter(|(_, digest)| digest.is_none());
    let unpinned = unpinned.map(|(image, _)| (Reason::UnpinnedImage, image.clone()));
    let found = drifts.chain(unpinned).map(|(reason, detail)| Objection {
        reason,
        detail: Some(detail),
    });
    found.collect()
}

/// Whether a bundle pulls in anything that can change elsewhere.
fn needs_lock(bundle: &Bundle) -> bool {
    let mut dependencies = bundle.dependencies.iter();
    dependencies.any(|one| lock::is_rendered(&one.source)) || !lock::images_of_bundle(bundle).is_empty()
}

fn of_proof(files: &BundleFiles, digest: &str) -> Vec<Objection> {
    let one = |reason, detail| vec![Objection { reason, detail }];
    let Ok(content) = files.content(proof::FILE) else {
        return one(Reason::Unproven, None);
    };
    let proof = match Proof::from_text(&String::from_utf8_lossy(content)) {
        Ok(proof) => proof,
        Err(problem) => return one(Reason::BrokenProof, Some(problem)),
    };
    let wrong = [
        (!proof.passed, Reason::FailedProof),
        (proof.bundle != digest, Reason::ProofOfOtherFiles),
        (proof.lock != proof::lock_digest(files), Reason::ProofOfOtherLock),
    ];
    let wrong = wrong.into_iter().filter(|(is_wrong, _)| *is_wrong);
    wrong
        .map(|(_, reason)| Objection { reason, detail: None })
        .collect()
}
