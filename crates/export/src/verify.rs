//! What a receiver must know before using an exported bundle: whether it is whole, sound, pinned, proven and signed.

use std::io::{self, Read, Seek};

use bundle::{BundleFiles, Diagnostic, check};
use serde::Serialize;

use crate::manifest::Manifest;
use crate::problem::Problem;
use crate::proof;
use crate::reason::{Objection, Side, objections};
use crate::sign::{Signature, VerifyingKey};
use crate::survey::{self, Collect, Nowhere, Survey};

/// What came of verifying.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The list, if there is a sound one.
    pub manifest: Option<Manifest>,
    /// Its digest, which is what is signed.
    pub digest: Option<String>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
    /// Why it should not have been exported, as its list says itself.
    pub forced: Vec<Objection>,
    /// The key that signed it, if that was asked for and holds.
    pub signed_by: Option<String>,
}

impl Report {
    /// Demands that one of these signatures was made with a key.
    pub fn demand(&mut self, key: &VerifyingKey, signatures: &[Vec<u8>]) {
        let Some(digest) = &self.digest else { return };
        let verify = |bytes: &Vec<u8>| Signature::from_bytes(bytes).and_then(|one| key.verify(&one, digest));
        let mut refused = None;
        for outcome in signatures.iter().map(verify) {
            match outcome {
                Ok(()) => {
                    self.signed_by = Some(key.id().to_owned());
                    return;
                }
                Err(problem) => refused = Some(problem),
            }
        }
        self.problems.push(refused.unwrap_or(Problem::Unsigned));
    }
}

/// An exported bundle that was verified, with its files if nothing is wrong with them.
#[derive(Debug)]
pub struct Received {
    /// What came of it.
    pub report: Report,
    /// The files, if all of them are what the list says.
    pub files: Option<BundleFiles>,
}

impl Received {
    pub(crate) fn refused(survey: Survey) -> Self {
        let report = Report {
            digest: survey.manifest.as_ref().map(Manifest::digest),
            manifest: survey.manifest,
            problems: survey.problems,
            ..Report::default()
        };
        Self { report, files: None }
    }
}

/// Verifies an archive. It is read twice: nothing is kept in memory before all of it was compared with its list.
///
/// # Errors
/// When it cannot be read from where it lies.
pub fn archive(source: &mut (impl Read + Seek)) -> io::Result<Received> {
    let looked = survey::archive(source, &mut Nowhere)?;
    if !looked.problems.is_empty() {
        return Ok(Received::refused(looked));
    }
    let mut collected = Collect::default();
    let survey = survey::archive(source, &mut collected)?;
    Ok(match survey.manifest {
        Some(manifest) if survey.problems.is_empty() => inspect(manifest, collected.files()),
        _ => Received::refused(survey),
    })
}

/// Looks at the files of an archive whose digests are right.
pub(crate) fn inspect(manifest: Manifest, files: BundleFiles) -> Received {
    let mut report = Report {
        digest: Some(manifest.digest()),
        ..Report::default()
    };
    let digest = proof::digest_of(&manifest.files);
    if manifest.bundle != digest {
        report.problems.push(Problem::Claim {
            what: "the digest of the bundle",
        });
    }
    let checked = check(&files);
    match &checked.bundle {
        None => report.problems.push(broken(&checked.diagnostics)),
        Some(bundle) => {
            let task = &manifest.task;
            if task.name != bundle.name.as_str() || task.title != bundle.title {
                report.problems.push(Problem::Claim {
                    what: "the name or the title of the task",
                });
            }
            let found = objections(bundle, &files, &digest, Side::Receiver);
            let is_told = |objection: &Objection| manifest.forced.contains(&objection.reason);
            let (told, untold) = found.into_iter().partition(is_told);
            report.forced = told;
            report
                .problems
                .extend(Vec::into_iter(untold).map(Problem::Untrusted));
        }
    }
    report.manifest = Some(manifest);
    Received {
        report,
        files: Some(files),
    }
}

fn broken(diagnostics: &[Diagnostic]) -> Problem {
    let mut errors = diagnostics.iter().filter(|one| one.is_error());
    let first = errors.next().map(|one| format!("{}: {}", one.file, one.message));
    Problem::Broken {
        first: first.unwrap_or_default(),
        count: errors.count() + 1,
    }
}
