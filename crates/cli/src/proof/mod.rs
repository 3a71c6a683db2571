//! A proof as people and other programs read it: progress, the matrix, `JUnit`.

mod junit;
mod matrix;

use api::boot::What;
use api::grading::{CaseTitle, ProveEvent};

pub(crate) use junit::junit;
pub(crate) use matrix::matrix;

/// The cases of a proof on its way.
#[derive(Default)]
pub(crate) struct Course {
    cases: Vec<CaseTitle>,
    done: usize,
}

impl Course {
    /// Takes an event in and gives what a person is told of it.
    pub(crate) fn take(&mut self, event: &ProveEvent) -> Vec<String> {
        match event {
            ProveEvent::Began { cases, checks, .. } => {
                self.cases.clone_from(cases);
                vec![format!("{} cases with {} checks each", cases.len(), checks.len())]
            }
            ProveEvent::CaseStarted { case, preview } => self.says(*case, &format!("booting as {preview}")),
            ProveEvent::Boot { case, boot } if boot.what == What::Ready => {
                self.says(*case, &format!("booted in {}", crate::words::duration(boot.at)))
            }
            ProveEvent::Playing { case } => self.says(*case, "played from the candidate's seat"),
            ProveEvent::CaseFinished { case, result } => {
                self.done += 1;
                let outcome = if result.passed {
                    "as it has to be"
                } else {
                    "NOT as it has to be"
                };
                let problem = result.problem.iter().map(|problem| format!(": {problem}"));
                let text = format!(
                    "{outcome}{} ({} of {})",
                    problem.collect::<String>(),
                    self.done,
                    self.cases.len()
                );
                self.says(*case, &text)
            }
            _ => Vec::new(),
        }
    }

    fn says(&self, case: usize, text: &str) -> Vec<String> {
        let name = self.cases.get(case).map(|title| match title.round {
            1 => title.name.clone(),
            round => format!("{} ({round})", title.name),
        });
        vec![format!("{}: {text}", name.unwrap_or_default())]
    }
}
