//! Publishing: what was sent is compared with what was announced, verified, and made a version.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::digest;
use crate::platform::{Platform, Shared, blocking};
use crate::problem::{Fault, Kind, Problem};
use crate::records::{Publishing, Upload};
use crate::tokens::Owner;
use crate::uploads::taken;
use crate::verify::Finding;
use crate::versions::{self, View};

/// `POST /v1/uploads/{id}/publish`
pub(crate) async fn publish(
    State(platform): State<Shared>,
    Extension(owner): Extension<Owner>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (claim, upload) = platform.claim(&owner, &id).await?;
    let announced = &upload.announced;
    if upload.received < announced.size {
        let missing = announced.size - upload.received;
        let problem = Problem::new(
            Kind::UploadIncomplete,
            format!("{missing} bytes are missing; send them first"),
        );
        return Err(problem.offset(upload.received));
    }
    let version = platform
        .records
        .version(&announced.task, &announced.version)
        .await?;
    if let Some(version) = version.filter(|version| version.announced.sha256 != announced.sha256) {
        return Err(taken(&version.announced));
    }
    // The claim goes along: a client that has left must not let another one at the file.
    let (worker, examined) = (platform.clone(), upload.clone());
    let (_claim, verdict) = blocking(move || Ok((claim, keep(&worker, &examined)))).await?;
    if let Some(problem) = verdict? {
        platform.rewind(&upload).await?;
        return Err(problem);
    }
    match platform.records.publish(&owner.0, &upload).await? {
        Publishing::Taken(version) => Err(taken(&version.announced)),
        Publishing::Done(version) if upload.is_published => Ok(Json(View::of(&version)).into_response()),
        Publishing::Done(version) => {
            let location = [(header::LOCATION, versions::path(&version))];
            Ok((StatusCode::CREATED, location, Json(View::of(&version))).into_response())
        }
    }
}

/// Moves the bytes of an upload among the bundles, unless something is wrong with them.
fn keep(platform: &Platform, upload: &Upload) -> std::io::Result<Option<Problem>> {
    let announced = &upload.announced;
    // Bundles are there only after this very function, also when it was cut off behind its last line.
    if platform.files.stored(&announced.sha256).is_some() {
        platform.files.remove_part(&upload.id)?;
        return Ok(None);
    }
    let part = platform.files.part(&upload.id);
    let (sha256, size) = match digest::of_file(&part) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => (String::new(), 0),
        read => read?,
    };
    if (&sha256, size) != (&announced.sha256, announced.size) {
        return Ok(Some(mismatch(&sha256, size)));
    }
    let findings = platform.verify.verify(&part, &announced.task);
    if !findings.is_empty() {
        return Ok(Some(invalid(findings)));
    }
    platform.files.keep(&upload.id, &announced.sha256)?;
    Ok(None)
}

fn mismatch(sha256: &str, size: u64) -> Problem {
    let detail = format!(
        "{size} bytes with the SHA-256 {sha256} came instead of those announced; they were thrown away, send the bundle again"
    );
    Problem::new(Kind::DigestMismatch, detail)
}

fn invalid(findings: Vec<Finding>) -> Problem {
    let detail = "the bundle was thrown away; correct what `errors` names, export and upload it again";
    let faults = findings.into_iter().map(|finding| Fault {
        detail: finding.detail,
        pointer: finding.place,
        header: None,
    });
    Problem::new(Kind::BundleInvalid, detail).errors(faults.collect())
}
