//! All that a boot has told so far: its timeline and what goes beside it.

use std::collections::BTreeMap;

use api::boot::{Bar, BootEvent, StepId, Timeline, What};

use crate::line::clean;

/// The log of a boot, folded.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// The bars.
    pub timeline: Timeline,
    /// Title of the task.
    pub title: String,
    /// Context of the host.
    pub host: String,
    /// The boot budget in milliseconds; 0 before it is known.
    pub budget: u64,
    /// Things the creator should know.
    pub notes: Vec<String>,
    last_lines: BTreeMap<StepId, String>,
}

/// What a step is at, for its symbol and tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It waits for other steps.
    Waiting,
    /// It works.
    Working,
    /// It is done.
    Done,
    /// It failed.
    Failed,
}

impl Story {
    /// Takes in one more event.
    pub fn push(&mut self, event: &BootEvent) {
        self.timeline.push(event);
        match &event.what {
            What::Began {
                title, host, budget, ..
            } => {
                self.title.clone_from(title);
                self.host.clone_from(host);
                self.budget = *budget;
            }
            What::Planned { notes, .. } => self.notes.clone_from(notes),
            What::Output { step, line, .. } => {
                self.last_lines.insert(step.clone(), clean(line));
            }
            What::Started { .. }
            | What::Doing { .. }
            | What::Finished { .. }
            | What::Failed { .. }
            | What::Ready
            | What::Stopped
            | What::Cancelled => {}
        }
    }

    /// The preview's id; empty before it has one.
    pub fn id(&self) -> &str {
        self.timeline.preview.as_deref().unwrap_or_default()
    }

    /// The last line a running script printed.
    pub fn last_line(&self, step: &StepId) -> Option<&str> {
        self.last_lines
            .get(step)
            .map(String::as_str)
            .filter(|line| !line.trim().is_empty())
    }
}

/// What a bar is at.
pub(super) fn state(bar: &Bar) -> State {
    match (bar.started, bar.ended, &bar.failure) {
        (_, _, Some(_)) => State::Failed,
        (_, Some(_), None) => State::Done,
        (Some(_), None, None) => State::Working,
        (None, None, None) => State::Waiting,
    }
}

/// How long a bar has worked.
pub(super) fn worked(bar: &Bar, now: u64) -> Option<u64> {
    let end = bar.ended.unwrap_or(now);
    bar.started.map(|started| end.saturating_sub(started))
}
