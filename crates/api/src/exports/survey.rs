//! What an export would do, before it does it: what speaks against it, what it ships, what has changed since the one before.

use bundle::Bundle;
use export::compare::Changes;
use export::destination::{Destination, Place};
use export::{Layer, Objection, Package, Problem, Reason, Received, oci};
use serde::Serialize;
use ts_rs::TS;

use super::{blocking, changes, destination, registry, stored};
use crate::Error;

/// What is known of an export beforehand.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportSurvey {
    /// The task.
    pub task: String,
    /// Why it cannot be exported at all.
    pub problems: Vec<Obstacle>,
    /// Why it is only exported by force.
    pub objections: Vec<Obstacle>,
    /// How many files the candidate may see.
    pub candidate_files: usize,
    /// How many only graders may.
    pub restricted_files: usize,
    /// How many bytes they have before they are compressed.
    pub size: u64,
    /// What has changed since the export that is at the destination; nothing when there is none to compare with.
    pub changes: Option<Changes>,
    /// Why what is at the destination could not be compared.
    pub incomparable: Option<String>,
}

/// What is in the way of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "ExportObstacle")]
pub struct Obstacle {
    /// What kind it is, where it can be got past by force.
    pub reason: Option<Reason>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// Looks at what an export of a checked bundle would do.
///
/// # Errors
/// When the destination is none.
pub async fn survey(bundle: &Bundle, to: Option<&str>) -> Result<ExportSurvey, Error> {
    let destination = to.map(destination).transpose()?;
    let package = match Package::new(bundle) {
        Ok(package) => package,
        Err(problems) => return Ok(impossible(bundle, &problems)),
    };
    let before = match destination {
        None => Ok(None),
        Some(destination) => exported(destination).await,
    };
    let (changes, incomparable) = match before {
        Ok(None) => (None, None),
        Ok(Some(before)) => match changes(&before, &package) {
            Some(changes) => (Some(changes), None),
            None => (None, Some("what is there is not whole".to_owned())),
        },
        Err(error) => (None, Some(error.message)),
    };
    let manifest = package.manifest();
    Ok(ExportSurvey {
        task: manifest.task.name.clone(),
        problems: Vec::new(),
        objections: package.objections().iter().map(Obstacle::from).collect(),
        candidate_files: manifest.layer(Layer::Candidate).count(),
        restricted_files: manifest.layer(Layer::Restricted).count(),
        size: manifest.files.iter().map(|file| file.size).sum(),
        changes,
        incomparable,
    })
}

fn impossible(bundle: &Bundle, problems: &[Problem]) -> ExportSurvey {
    ExportSurvey {
        task: bundle.name.to_string(),
        problems: problems.iter().map(Obstacle::from).collect(),
        objections: Vec::new(),
        candidate_files: 0,
        restricted_files: 0,
        size: 0,
        changes: None,
        incomparable: None,
    }
}

/// What is at a destination now.
async fn exported(destination: Destination) -> Result<Option<Received>, Error> {
    match destination {
        Destination::File(path) => blocking(move || stored(&path)).await?,
        Destination::Oci(place) => in_registry(&place).await.map(Some),
        // A platform is only sent to.
        Destination::Platform(_) => Ok(None),
    }
}

async fn in_registry(place: &Place) -> Result<Received, Error> {
    let registry = registry(place, false).await?;
    let pulled = oci::pull(&registry, place, &drop).await;
    pulled
        .map(|pulled| pulled.received)
        .map_err(|error| Error::of(crate::Code::Host, &error))
}

impl From<&Problem> for Obstacle {
    fn from(problem: &Problem) -> Self {
        Self {
            reason: None,
            message: problem.to_string(),
            remedy: problem.remedy().to_owned(),
        }
    }
}

impl From<&Objection> for Obstacle {
    fn from(objection: &Objection) -> Self {
        Self {
            reason: Some(objection.reason),
            message: objection.to_string(),
            remedy: objection.remedy().to_owned(),
        }
    }
}
