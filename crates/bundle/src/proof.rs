//! The proof: the recorded evidence that a task's checks fail untouched, pass solved, and fail on wrong solutions.
//!
//! Written by `taskwright prove` alone, beside the bundle's files; it holds for the bytes that its digest names.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::files::{BundleFiles, Entry};
use crate::lock;

/// The file it lies in.
pub const FILE: &str = "proof.json";
/// The version of the format.
pub const VERSION: u32 = 1;
/// More than any proof holds.
const LIMIT: usize = 4 << 20;

/// What was shown, and of what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Proof {
    /// The version of the format.
    pub version: u32,
    /// The task's name.
    pub task: String,
    /// The digest of the bundle that was booted.
    pub bundle: String,
    /// The digest of its `task.lock`.
    pub lock: Option<String>,
    /// Whether every case came out as it has to.
    pub passed: bool,
    /// When it was made, as RFC 3339.
    pub made_at: String,
    /// What it was made with: `taskwright`, `kubernetes` (of the host), `task` (of the vCluster's API server), `vcluster`.
    pub versions: BTreeMap<String, String>,
    /// What was tried: untouched first, then the solutions in the order of the bundle, as often as was asked for.
    pub cases: Vec<Case>,
}

/// One thing that was tried, in an environment of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(rename = "ProofCase")]
pub struct Case {
    /// `untouched`, or the name of a solution.
    pub name: String,
    /// What was tried.
    pub kind: CaseKind,
    /// Which repetition, from 1.
    pub round: u32,
    /// Whether everything came out as it has to.
    pub passed: bool,
    /// Why it could not be tried, or what is wrong beside the checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<String>,
    /// What was seen of a boot that failed: the last lines of its logs, or what it was waiting for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub evidence: Vec<String>,
    /// What the creator should look at; none of it is wrong for sure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub notes: Vec<String>,
    /// How long the boot took, in milliseconds.
    pub boot_ms: u64,
    /// The boot, step by step.
    pub timeline: Vec<BootStep>,
    /// The solution as it was played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub played: Option<Played>,
    /// Each check, in the order of the bundle.
    pub checks: Vec<CaseCheck>,
    /// The most that was used at once.
    pub peaks: Peaks,
}

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    /// Nothing is done.
    Untouched,
    /// A solution that has to pass.
    Solution,
    /// A solution that has to fail the checks it names.
    WrongSolution,
}

/// A step of a boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BootStep {
    /// Which.
    pub step: String,
    /// When it began, in milliseconds since the boot did.
    pub started: u64,
    /// When it ended.
    pub ended: u64,
    /// Whether it failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub failed: bool,
}

/// A solution that was played from the candidate's seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Played {
    /// Whether it ended with 0.
    pub succeeded: bool,
    /// How it ended, in words.
    pub how: String,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// The last lines it printed.
    pub output: Vec<String>,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// The work is good.
    Pass,
    /// The work is not good.
    Fail,
    /// The check itself broke, so nothing is known of the work.
    Error,
}

impl fmt::Display for CheckOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error => "error",
        })
    }
}

/// What a check came to in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseCheck {
    /// Its name.
    pub name: String,
    /// What it came to.
    pub outcome: CheckOutcome,
    /// What it had to come to; nothing when either is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expected: Option<CheckOutcome>,
    /// Why it did not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// The last lines it printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub output: Vec<String>,
}

impl CaseCheck {
    /// Whether it came to what it had to.
    pub fn is_right(&self) -> bool {
        self.expected
            .map_or(self.outcome != CheckOutcome::Error, |expected| {
                expected == self.outcome
            })
    }
}

/// The most of each resource that a case used at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Peaks {
    /// Of all pods of the task together, without the control plane.
    pub task: Use,
    /// Of the vCluster's control plane.
    pub control_plane: Use,
    /// Of the pods of each dependency that has any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<BTreeMap<String, Use>>")]
    pub dependencies: BTreeMap<String, Use>,
}

/// What was used of each resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(rename = "ResourceUse")]
pub struct Use {
    /// CPU in thousandths of a core; 0 when the host has no metrics.
    pub cpu_milli: u64,
    /// Memory in bytes; 0 when the host has no metrics.
    pub memory: u64,
    /// Pods.
    pub pods: u32,
    /// Storage that is claimed, in bytes.
    pub storage: u64,
}

impl Use {
    /// The larger of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.max(other.cpu_milli),
            memory: self.memory.max(other.memory),
            pods: self.pods.max(other.pods),
            storage: self.storage.max(other.storage),
        }
    }
}

/// Whether a bundle was proven as it is now.
#[derive(Debug, Clone, PartialEq)]
pub enum ProofState {
    /// There is no proof.
    Missing,
    /// It cannot be read, and why.
    Broken(String),
    /// It is of another state of the bundle.
    OfOtherBytes,
    /// It is of this bundle and says that something did not come out as it has to.
    Failed(Box<Proof>),
    /// It is of this bundle, and everything came out as it has to.
    Holds(Box<Proof>),
}

impl Proof {
    /// The text of `proof.json`.
    ///
    /// # Errors
    /// When the writer refuses, in its words.
    pub fn to_text(&self) -> Result<String, String> {
        let mut text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        text.push('\n');
        Ok(text)
    }

    /// Reads the text of a `proof.json`.
    ///
    /// # Errors
    /// When it is not one, or one of another version, in words.
    pub fn from_text(text: &str) -> Result<Self, String> {
        if text.len() > LIMIT {
            return Err(format!("it has {} bytes, at most {LIMIT} are read", text.len()));
        }
        let proof: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if proof.version == VERSION {
            Ok(proof)
        } else {
            Err(format!(
                "it has version {}, and this program knows {VERSION}",
                proof.version
            ))
        }
    }
}

/// Whether these files hold a proof of themselves.
pub fn state(files: &BundleFiles) -> ProofState {
    let Ok((_, Entry::File(file))) = files.follow(FILE) else {
        return ProofState::Missing;
    };
    let text = String::from_utf8_lossy(&file.content);
    let proof = match Proof::from_text(&text) {
        Ok(proof) => Box::new(proof),
        Err(reason) => return ProofState::Broken(reason),
    };
    if proof.bundle != crate::digest::of(files) || proof.lock != lock_digest(files) {
        ProofState::OfOtherBytes
    } else if proof.passed {
        ProofState::Holds(proof)
    } else {
        ProofState::Failed(proof)
    }
}

/// The digest of the bundle's `task.lock`, if it is locked.
pub fn lock_digest(files: &BundleFiles) -> Option<String> {
    files
        .content(lock::FILE)
        .ok()
        .map(|content| lock::digest(content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::BundlePath;

    fn files(task: &str) -> BundleFiles {
        let mut files = BundleFiles::new();
        files.insert_file(BundlePath::new("task.yaml").unwrap(), task.as_bytes().to_vec());
        files
    }

    fn proof_of(files: &BundleFiles, passed: bool) -> Proof {
        Proof {
            version: VERSION,
            task: "web".into(),
            bundle: crate::digest::of(files),
            lock: None,
            passed,
            made_at: "2026-01-01T00:00:00Z".into(),
            versions: BTreeMap::new(),
            cases: Vec::new(),
        }
    }

    fn with(mut files: BundleFiles, text: &str) -> BundleFiles {
        files.insert_file(BundlePath::new(FILE).unwrap(), text.as_bytes().to_vec());
        files
    }

    #[test]
    fn a_proof_holds_for_the_bytes_it_was_made_of_alone() {
        let made = proof_of(&files("a"), true);
        let text = made.to_text().unwrap();
        assert_eq!(Proof::from_text(&text), Ok(made.clone()));
        assert_eq!(state(&files("a")), ProofState::Missing);
        assert_eq!(state(&with(files("a"), &text)), ProofState::Holds(made.into()));
        assert_eq!(state(&with(files("b"), &text)), ProofState::OfOtherBytes);
        let failed = proof_of(&files("a"), false);
        let text = failed.to_text().unwrap();
        assert_eq!(state(&with(files("a"), &text)), ProofState::Failed(failed.into()));
        assert!(matches!(state(&with(files("a"), "{}")), ProofState::Broken(_)));
        let mut locked = with(files("a"), &text);
        locked.insert_file(BundlePath::new(lock::FILE).unwrap(), b"x".to_vec());
        assert_eq!(state(&locked), ProofState::OfOtherBytes);
    }
}
