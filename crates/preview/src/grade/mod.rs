//! Grades the work in a preview: every check in order, from outside the candidate's reach.

mod assert;
mod expression;
mod grader;
mod integrity;
mod result;
mod runner;

use bundle::Bundle;
use bundle::model::Check;
use bundle::name::Name;
use cluster::Cluster;
use plan::PreviewId;
use tokio_util::sync::CancellationToken;

use crate::boot::Host;
use crate::failure::{Cause, Failure};
pub use result::{CheckOutcome, CheckResult, Grade, GradeEvent};

/// A grading that came to no grade.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GradeError {
    /// The grader could not be started, or was lost.
    #[error("the work cannot be graded: {}", .0.cause)]
    Failed(Failure),
    /// Somebody stopped it.
    #[error("the grading was stopped")]
    Cancelled,
}

impl From<Failure> for GradeError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Who hears what a grading does.
pub type Listener<'a> = &'a (dyn Fn(GradeEvent) + Sync);

/// Grades the work in preview `id` by the checks of `bundle`.
///
/// The grader is removed again whatever happens, except when the program is killed; then `down` removes it.
///
/// # Errors
/// When the grader cannot be started, or somebody cancels.
pub async fn grade(
    host: &Host,
    bundle: &Bundle,
    id: &PreviewId,
    cancel: &CancellationToken,
    listener: Listener<'_>,
) -> Result<Grade, GradeError> {
    listener(GradeEvent::began(id, bundle));
    let api = crate::connect(&host.cluster, id).await.map_err(|error| {
        Failure::of(Cause::Unreachable {
            api: "the vCluster's API".to_owned(),
            message: error.to_string(),
        })
    })?;
    let plan = grader::plan(host, bundle, id).await?;
    let graded = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(GradeError::Cancelled),
        graded = Box::pin(checked(host, bundle, id, &plan, &api, listener)) => graded,
    };
    // What was graded counts also when the grader cannot be removed; `down` finds it.
    if let Err(error) = grader::remove(&host.cluster, id, &plan).await {
        tracing::warn!(preview = %id, %error, "the grader could not be removed");
    }
    let grade = graded?;
    listener(GradeEvent::Finished { grade: grade.clone() });
    Ok(grade)
}

async fn checked(
    host: &Host,
    bundle: &Bundle,
    id: &PreviewId,
    plan: &grader::Grader,
    api: &Cluster,
    listener: Listener<'_>,
) -> Result<Grade, GradeError> {
    grader::start(&host.cluster, id, plan, |doing| {
        listener(GradeEvent::Preparing { doing });
    })
    .await?;
    let tampered = integrity::tampered(api).await?;
    let room = runner::Room {
        host: &host.cluster,
        api,
        namespace: &plan.plan.namespace,
        listener,
    };
    let mut results: Vec<CheckResult> = Vec::new();
    for check in &bundle.checks {
        listener(GradeEvent::CheckStarted {
            name: check.name.to_string(),
        });
        let result = match (&tampered, unmet(check, &results)) {
            (Some(reason), _) => CheckResult::broken(check, reason.clone()),
            (None, Some(need)) => {
                CheckResult::failed(check, format!("it needs `{need}`, which did not pass"))
            }
            (None, None) => room.run(check).await,
        };
        listener(GradeEvent::CheckFinished {
            result: result.clone(),
        });
        results.push(result);
    }
    Ok(Grade::of(id, bundle, results))
}

/// A check that this one needs and that did not pass.
fn unmet<'c>(check: &'c Check, results: &[CheckResult]) -> Option<&'c str> {
    let passed = |name: &str| {
        results
            .iter()
            .any(|result| result.name == name && result.outcome == CheckOutcome::Pass)
    };
    check.needs.iter().map(Name::as_str).find(|need| !passed(need))
}
