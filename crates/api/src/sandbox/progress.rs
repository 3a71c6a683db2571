//! What a window is told while a sandbox changes: steps with how many are done, and notes between them.

use std::collections::BTreeSet;

use serde::Serialize;
use ts_rs::TS;

use super::{SandboxEvent, Step, words};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SandboxProgress {
    /// Milliseconds since the start.
    pub at: u64,
    /// In words.
    pub text: String,
    /// The step it belongs to.
    pub step: Option<String>,
    /// What it is.
    pub state: ProgressState,
    /// Steps that are done; notes do not count.
    pub done: Option<usize>,
    /// Steps there are, as far as is known.
    pub of: Option<usize>,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum ProgressState {
    /// A step began.
    Began,
    /// A step ended well.
    Ended,
    /// Something worth a line.
    Note,
}

/// The steps of a change so far.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    known: BTreeSet<Step>,
    done: BTreeSet<Step>,
}

impl Progress {
    /// Of starting a sandbox.
    pub fn of_up() -> Self {
        Self::of([
            Step::Preflight,
            Step::Tools,
            Step::Ground,
            Step::ApiServer,
            Step::Images,
            Step::Objects,
            Step::Nodes,
            Step::Addons,
        ])
    }

    /// Of removing one.
    pub fn of_down() -> Self {
        Self::of([Step::Processes, Step::Verify])
    }

    fn of(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            known: steps.into_iter().collect(),
            done: BTreeSet::new(),
        }
    }

    /// Takes in an event that happened so many milliseconds after the start; nothing when it is no news.
    pub fn take(&mut self, at: u64, event: &SandboxEvent) -> Option<SandboxProgress> {
        let (state, text) = match event {
            SandboxEvent::Began(step) => {
                self.known.insert(*step);
                self.done.remove(step);
                (ProgressState::Began, words::about(*step).to_owned())
            }
            SandboxEvent::Ended(step) => {
                self.done.insert(*step);
                (ProgressState::Ended, words::about(*step).to_owned())
            }
            other if words::is_tick(other) => return None,
            other => (ProgressState::Note, words::event(other)?),
        };
        let counts = state != ProgressState::Note;
        Some(SandboxProgress {
            at,
            text: capitalised(&text),
            step: words::step_of(event).map(words::step_id),
            state,
            done: counts.then_some(self.done.len()),
            of: counts.then_some(self.known.len()),
        })
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let head = letters.next().map(|letter| letter.to_uppercase().to_string());
    head.unwrap_or_default() + letters.as_str()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sandbox::{Pool, ToolEvent};

    fn told(progress: &mut Progress, event: &SandboxEvent) -> Option<String> {
        let item = progress.take(7, event)?;
        let of = item
            .done
            .zip(item.of)
            .map(|(done, of)| format!(" {done}/{of}"))
            .unwrap_or_default();
        Some(format!(
            "{:?} {}{of}: {}",
            item.state,
            item.step.unwrap_or_default(),
            item.text
        ))
    }

    #[test]
    fn steps_are_counted_and_notes_are_not() {
        let mut progress = Progress::of_up();
        let building = |seconds| {
            SandboxEvent::Tool(ToolEvent::Building {
                tools: vec![::sandbox::tools::Tool::Etcd],
                done: 0,
                of: 1,
                elapsed: Duration::from_secs(seconds),
            })
        };
        let ready = SandboxEvent::NodeReady {
            name: "task-1".to_owned(),
            pool: Pool::Task,
        };
        for (event, expected) in [
            (
                SandboxEvent::Began(Step::Tools),
                Some("Began programs 0/8: Finding or building the programs of the cluster"),
            ),
            (
                building(0),
                Some("Note programs: Building etcd; 0 of 1 done; for 0.0 s"),
            ),
            (building(1), None),
            (
                SandboxEvent::Began(Step::Debian),
                Some("Began debian 0/9: Unpacking Debian for the images"),
            ),
            (
                SandboxEvent::Ended(Step::Tools),
                Some("Ended programs 1/9: Finding or building the programs of the cluster"),
            ),
            (ready, Some("Note nodes: Node task-1 of the task pool takes pods")),
        ] {
            assert_eq!(told(&mut progress, &event).as_deref(), expected, "{event:?}");
        }
    }

    #[test]
    fn a_step_that_begins_again_is_not_done() {
        let mut progress = Progress::of_down();
        let (began, ended) = (
            SandboxEvent::Began(Step::Verify),
            SandboxEvent::Ended(Step::Verify),
        );
        let counts: Vec<_> = [&began, &ended, &began]
            .map(|event| progress.take(0, event).unwrap().done)
            .into();
        assert_eq!(counts, [Some(0), Some(1), Some(0)]);
    }
}
