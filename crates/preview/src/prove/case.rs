//! One case: a boot of its own, what is played in it, its grade, and its removal.

use bundle::proof::{BootStep, Case, CaseCheck, CaseKind, Peaks, Played};
use futures::StreamExt;
use plan::PreviewId;

use super::peaks::Sampler;
use super::{Planned, ProveEvent, Proving, expect, leaks, play};
use crate::boot::BootOptions;
use crate::event::What;
use crate::failure::Failure;
use crate::grade::{self, GradeError};
use crate::timeline::{Outcome, Timeline};

/// What a case has come to so far.
#[derive(Default)]
struct Course {
    timeline: Timeline,
    played: Option<Played>,
    checks: Vec<CaseCheck>,
    problem: Option<String>,
}

/// Runs a case; `None` when somebody stopped the proof. What was booted is removed in every case.
pub(super) async fn run(proving: &Proving<'_>, case: usize, planned: Planned<'_>) -> Option<Case> {
    if proving.cancel.is_cancelled() {
        return None;
    }
    let id = (proving.new_id)();
    (proving.listener)(ProveEvent::CaseStarted {
        case,
        preview: id.to_string(),
    });
    let sampler = Sampler::start(&proving.host.cluster, proving.bundle, &id);
    let mut course = Course::default();
    let outcome = tokio::select! {
        biased;
        () = proving.cancel.cancelled() => None,
        outcome = Box::pin(course.go(proving, case, planned, &id)) => Some(outcome),
    };
    let peaks = sampler.end();
    (proving.listener)(ProveEvent::Removing { case });
    if let Err(error) = crate::down(&proving.host.cluster, &id, |_| {}).await {
        course
            .problem
            .get_or_insert(format!("its environment could not be removed: {error}"));
    }
    outcome?;
    let result = course.end(planned, peaks);
    (proving.listener)(ProveEvent::CaseFinished {
        case,
        result: Box::new(result.clone()),
    });
    Some(result)
}

impl Course {
    async fn go(&mut self, proving: &Proving<'_>, case: usize, planned: Planned<'_>, id: &PreviewId) {
        if let Err(problem) = self.try_to(proving, case, planned, id).await {
            self.problem = Some(problem);
        }
    }

    async fn try_to(
        &mut self,
        proving: &Proving<'_>,
        case: usize,
        planned: Planned<'_>,
        id: &PreviewId,
    ) -> Result<(), String> {
        self.boot(proving, case, id).await?;
        let host = &proving.host.cluster;
        let pod = crate::terminal::seat_pod(host, id)
            .await
            .map_err(|error| error.to_string())?;
        if let Some(solution) = planned.solution {
            self.played = Some(play::play(proving, case, solution, &id.namespace(), &pod).await);
        } else {
            // Once is enough: every case boots the same.
            self.leaks(proving, id, &pod).await?;
        }
        self.grade(proving, case, planned, id).await
    }

    async fn boot(&mut self, proving: &Proving<'_>, case: usize, id: &PreviewId) -> Result<(), String> {
        let bundle = proving.bundle.clone();
        let mut boot = crate::boot(proving.host.clone(), bundle, id.clone(), BootOptions::default());
        let mut failed: Option<Failure> = None;
        while let Some(event) = boot.next().await {
            self.timeline.push(&event);
            if let What::Failed { failure, .. } = &event.what {
                failed.get_or_insert(failure.clone());
            }
            (proving.listener)(ProveEvent::Boot { case, boot: event });
        }
        match (self.timeline.outcome, failed) {
            (Some(Outcome::Ready), _) => Ok(()),
            (_, Some(failure)) => Err(format!("it did not boot: {}", failure.cause)),
            (_, None) => Err("it did not boot".to_owned()),
        }
    }

    /// Looks for restricted files where the candidate could find them.
    async fn leaks(&mut self, proving: &Proving<'_>, id: &PreviewId, pod: &str) -> Result<(), String> {
        let host = &proving.host.cluster;
        let api = crate::connect(host, id)
            .await
            .map_err(|error| error.to_string())?;
        let canaries = bundle::leak::canaries(&proving.bundle.files);
        let found = leaks::search(host, &api, &id.namespace(), pod, &canaries).await?;
        if let Some(first) = found.first() {
            let more = match found.len() {
                1 => String::new(),
                count => format!(", and {} more places", count - 1),
            };
            let leak = format!(
                "the candidate can read `{}`: lines of it lie in {}{more}",
                first.file, first.place
            );
            self.problem = Some(leak);
        }
        Ok(())
    }

    async fn grade(
        &mut self,
        proving: &Proving<'_>,
        case: usize,
        planned: Planned<'_>,
        id: &PreviewId,
    ) -> Result<(), String> {
        let listener = |grade| (proving.listener)(ProveEvent::Grade { case, grade });
        let (host, bundle) = (proving.host, proving.bundle);
        let graded = grade::grade(host, bundle, id, proving.cancel, &listener).await;
        let grade = graded.map_err(|error: GradeError| error.to_string())?;
        let checks = bundle.checks.iter().zip(grade.checks);
        self.checks = checks
            .map(|(check, result)| expect::judged(check, planned.solution, result))
            .collect();
        Ok(())
    }

    fn end(mut self, planned: Planned<'_>, peaks: Peaks) -> Case {
        let problem = self.problem.take().or_else(|| self.trouble(planned.kind()));
        Case {
            name: planned.name().to_owned(),
            kind: planned.kind(),
            round: planned.round,
            passed: problem.is_none() && self.checks.iter().all(CaseCheck::is_right),
            problem,
            boot_ms: self.timeline.now,
            timeline: steps(&self.timeline),
            played: self.played,
            checks: self.checks,
            peaks,
        }
    }

    /// What is wrong beside the checks: a solution that does not run to its end shows nothing, also when it is a wrong one.
    fn trouble(&self, kind: CaseKind) -> Option<String> {
        let played = self.played.as_ref().filter(|played| !played.succeeded)?;
        Some(match kind {
            CaseKind::WrongSolution => {
                format!("the wrong solution has to run to its end, too: {}", played.how)
            }
            CaseKind::Untouched | CaseKind::Solution => {
                format!("the solution did not end well: {}", played.how)
            }
        })
    }
}

fn steps(timeline: &Timeline) -> Vec<BootStep> {
    let ended = timeline.bars.iter().filter_map(|bar| {
        Some(BootStep {
            step: bar.step.to_string(),
            started: bar.started?,
            ended: bar.ended?,
        })
    });
    ended.collect()
}
