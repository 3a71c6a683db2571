//! One case: a boot of its own, what is played in it, its grade, and its removal.

use bundle::proof::{BootStep, Case, CaseCheck, CaseKind, Peaks, Played};
use futures::StreamExt;
use plan::PreviewId;

use super::peaks::Sampler;
use super::{Planned, ProveEvent, Proving, expect, leaks, play, statement};
use crate::boot::BootOptions;
use crate::event::What;
use crate::failure::Failure;
use crate::grade::{self, GradeError};
use crate::timeline::{Outcome, Timeline};

/// A case on its way, and what it has come to so far.
struct Course<'a> {
    proving: &'a Proving<'a>,
    case: usize,
    planned: Planned<'a>,
    id: PreviewId,
    timeline: Timeline,
    played: Option<Played>,
    checks: Vec<CaseCheck>,
    problem: Option<String>,
    evidence: Vec<String>,
    notes: Vec<String>,
}

/// Runs a case; `None` when somebody stopped the proof. What was booted is removed in every case.
pub(super) async fn run(proving: &Proving<'_>, case: usize, planned: Planned<'_>) -> Option<Case> {
    if proving.cancel.is_cancelled() {
        return None;
    }
    let mut course = Course::new(proving, case, planned);
    (proving.listener)(ProveEvent::CaseStarted {
        case,
        preview: course.id.to_string(),
    });
    let sampler = Sampler::start(&proving.host.cluster, proving.bundle, &course.id);
    let outcome = tokio::select! {
        biased;
        () = proving.cancel.cancelled() => None,
        outcome = Box::pin(course.go()) => Some(outcome),
    };
    let peaks = sampler.end();
    (proving.listener)(ProveEvent::Removing { case });
    if let Err(error) = crate::down(&proving.host.cluster, &course.id, |_| {}).await {
        course
            .problem
            .get_or_insert(format!("its environment could not be removed: {error}"));
    }
    outcome?;
    let result = course.end(peaks);
    (proving.listener)(ProveEvent::CaseFinished {
        case,
        result: Box::new(result.clone()),
    });
    Some(result)
}

impl<'a> Course<'a> {
    fn new(proving: &'a Proving<'a>, case: usize, planned: Planned<'a>) -> Self {
        Self {
            proving,
            case,
            planned,
            id: (proving.new_id)(),
            timeline: Timeline::default(),
            played: None,
            checks: Vec::new(),
            problem: None,
            evidence: Vec::new(),
            notes: Vec::new(),
        }
    }

    async fn go(&mut self) {
        if let Err(problem) = self.try_to().await {
            self.problem = Some(problem);
        }
    }

    async fn try_to(&mut self) -> Result<(), String> {
        self.boot().await?;
        let pod = crate::terminal::seat_pod(&self.proving.host.cluster, &self.id)
            .await
            .map_err(|error| error.to_string())?;
        if let Some(solution) = self.planned.solution {
            let namespace = self.id.namespace();
            self.played = Some(play::play(self.proving, self.case, solution, &namespace, &pod).await);
        } else {
            // Once is enough: every case boots the same.
            self.look_around(&pod).await?;
        }
        self.grade().await
    }

    async fn boot(&mut self) -> Result<(), String> {
        let (host, bundle) = (self.proving.host.clone(), self.proving.bundle.clone());
        let mut boot = crate::boot(host, bundle, self.id.clone(), BootOptions::default());
        let mut failed: Option<Failure> = None;
        while let Some(event) = boot.next().await {
            self.timeline.push(&event);
            if let What::Failed { failure, .. } = &event.what {
                failed.get_or_insert(failure.clone());
            }
            (self.proving.listener)(ProveEvent::Boot {
                case: self.case,
                boot: event,
            });
        }
        match (self.timeline.outcome, failed) {
            (Some(Outcome::Ready), _) => Ok(()),
            (_, Some(failure)) => {
                self.evidence = failure.evidence;
                Err(format!("it did not boot: {}", failure.cause))
            }
            (_, None) => Err("it did not boot".to_owned()),
        }
    }

    /// Looks for restricted files where the candidate could find them, and for all that the statement names.
    async fn look_around(&mut self, pod: &str) -> Result<(), String> {
        let (host, bundle, namespace) = (
            &self.proving.host.cluster,
            self.proving.bundle,
            self.id.namespace(),
        );
        let api = crate::connect(host, &self.id)
            .await
            .map_err(|error| error.to_string())?;
        self.notes = statement::unfounded(host, &api, &namespace, pod, &bundle.statement).await?;
        let canaries = bundle::leak::canaries(&bundle.files);
        let found = leaks::search(host, &api, &namespace, pod, &canaries).await?;
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

    async fn grade(&mut self) -> Result<(), String> {
        let (proving, case) = (self.proving, self.case);
        let listener = |grade| (proving.listener)(ProveEvent::Grade { case, grade });
        let graded = grade::grade(proving.host, proving.bundle, &self.id, proving.cancel, &listener).await;
        let grade = graded.map_err(|error: GradeError| error.to_string())?;
        let checks = proving.bundle.checks.iter().zip(grade.checks);
        self.checks = checks
            .map(|(check, result)| expect::judged(check, self.planned.solution, result))
            .collect();
        Ok(())
    }

    fn end(mut self, peaks: Peaks) -> Case {
        let problem = self.problem.take().or_else(|| self.trouble());
        Case {
            name: self.planned.name().to_owned(),
            kind: self.planned.kind(),
            round: self.planned.round,
            passed: problem.is_none() && self.checks.iter().all(CaseCheck::is_right),
            problem,
            evidence: self.evidence,
            notes: self.notes,
            boot_ms: self.timeline.now,
            timeline: steps(&self.timeline),
            played: self.played,
            checks: self.checks,
            peaks,
        }
    }

    /// What is wrong beside the checks: a solution that does not run to its end shows nothing, also when it is a wrong one.
    fn trouble(&self) -> Option<String> {
        let played = self.played.as_ref().filter(|played| !played.succeeded)?;
        Some(match self.planned.kind() {
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
            failed: bar.failure.is_some(),
        })
    });
    ended.collect()
}
