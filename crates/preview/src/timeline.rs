//! The boot's log folded into bars: what a CLI draws, what the app draws, what a report keeps.

use std::collections::BTreeMap;

use plan::StepId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::event::{BootEvent, Detail, What};
use crate::failure::Failure;

/// All bars of a boot so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// Id of the preview, once it has one.
    pub preview: Option<String>,
    /// One bar for each step, in the order of the plan.
    pub bars: Vec<Bar>,
    /// The last event's time, in milliseconds since the boot began.
    pub now: u64,
    /// How the boot ended, once it has.
    pub outcome: Option<Outcome>,
}

/// One step of a boot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Which step.
    pub step: StepId,
    /// What it waits for.
    pub needs: Vec<StepId>,
    /// When it began to work, in milliseconds.
    pub started: Option<u64>,
    /// When it ended, in milliseconds.
    pub ended: Option<u64>,
    /// What it is doing right now.
    pub doing: Option<Detail>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
}

/// How a boot ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The prompt is there.
    Ready,
    /// A step failed.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl Timeline {
    /// Folds a whole log.
    #[must_use]
    pub fn of<'a>(events: impl IntoIterator<Item = &'a BootEvent>) -> Self {
        let mut timeline = Self::default();
        events.into_iter().for_each(|event| timeline.push(event));
        timeline
    }

    /// Takes in one more event.
    pub fn push(&mut self, event: &BootEvent) {
        self.now = event.at;
        match &event.what {
            What::Began { preview, .. } => self.preview = Some(preview.clone()),
            What::Planned { steps, .. } => self.plan(steps),
            What::Started { step } => self.bar(step).started = Some(event.at),
            What::Doing { step, detail } => self.bar(step).doing = Some(detail.clone()),
            What::Output { .. } => {}
            What::Finished { step } => self.end(step, event.at, None),
            What::Failed { step, failure } => self.end(step, event.at, Some(failure.clone())),
            What::Ready => self.outcome = Some(Outcome::Ready),
            What::Stopped => self.outcome = Some(Outcome::Failed),
            What::Cancelled => self.outcome = Some(Outcome::Cancelled),
        }
    }

    /// The steps that had to be done one after another for the boot to take as long as it did, first to last.
    ///
    /// Found from the end: the step that ended last, then whichever of its needs ended last, and so on.
    #[must_use]
    pub fn longest_chain(&self) -> Vec<StepId> {
        let by_id: BTreeMap<&StepId, &Bar> = self.bars.iter().map(|bar| (&bar.step, bar)).collect();
        let last_of = |bars: &mut dyn Iterator<Item = &Bar>| {
            bars.filter(|bar| bar.ended.is_some())
                .max_by_key(|bar| bar.ended)
                .map(|bar| bar.step.clone())
        };
        let mut chain = Vec::new();
        let mut next = last_of(&mut self.bars.iter());
        while let Some(step) = next {
            let needs = by_id
                .get(&step)
                .map(|bar| bar.needs.as_slice())
                .unwrap_or_default();
            next = last_of(&mut needs.iter().filter_map(|need| by_id.get(need).copied()));
            chain.push(step);
        }
        chain.reverse();
        chain
    }

    fn plan(&mut self, steps: &[plan::Step]) {
        for step in steps {
            let needs = step.needs.clone();
            self.bar(&step.id).needs = needs;
        }
        let order = |id: &StepId| steps.iter().position(|step| step.id == *id);
        self.bars.sort_by_key(|bar| order(&bar.step));
    }

    fn end(&mut self, step: &StepId, at: u64, failure: Option<Failure>) {
        let bar = self.bar(step);
        bar.ended = Some(at);
        bar.doing = None;
        bar.failure = failure;
    }

    fn bar(&mut self, step: &StepId) -> &mut Bar {
        let index = self
            .bars
            .iter()
            .position(|bar| bar.step == *step)
            .unwrap_or_else(|| {
                self.bars.push(Bar::new(step.clone()));
                self.bars.len() - 1
            });
        &mut self.bars[index]
    }
}

impl Bar {
    fn new(step: StepId) -> Self {
        Self {
            step,
            needs: Vec::new(),
            started: None,
            ended: None,
            doing: None,
            failure: None,
        }
    }

    /// The steps it waits for that are not done, given all bars.
    #[must_use]
    pub fn waits_for<'a>(&'a self, bars: &'a [Bar]) -> Vec<&'a StepId> {
        if self.started.is_some() {
            return Vec::new();
        }
        let done = |need: &StepId| bars.iter().any(|bar| bar.step == *need && bar.ended.is_some());
        self.needs.iter().filter(|need| !done(need)).collect()
    }
}

#[cfg(test)]
mod tests {
    use plan::Phase;
    use plan::Step;

    use super::*;

    fn log(events: &[(u64, What)]) -> Timeline {
        let events: Vec<BootEvent> = events
            .iter()
            .map(|(at, what)| BootEvent {
                at: *at,
                what: what.clone(),
            })
            .collect();
        Timeline::of(&events)
    }

    fn step(id: &StepId, needs: &[&StepId]) -> Step {
        Step {
            id: id.clone(),
            needs: needs.iter().map(|need| (*need).clone()).collect(),
        }
    }

    #[test]
    fn the_longest_chain_follows_what_ended_last() {
        let control = StepId::Phase(Phase::ControlPlane);
        let (slow, fast) = (
            StepId::Dependency("slow".into()),
            StepId::Dependency("fast".into()),
        );
        let seed = StepId::Init("seed".into());
        let steps = vec![
            step(&control, &[]),
            step(&slow, &[&control]),
            step(&fast, &[&control]),
            step(&seed, &[&slow, &fast]),
        ];
        let mut events = vec![(0, What::Planned { steps, notes: vec![] })];
        for (id, from, to) in [
            (&control, 0, 10),
            (&fast, 10, 12),
            (&slow, 10, 20),
            (&seed, 20, 25),
        ] {
            events.push((from, What::Started { step: id.clone() }));
            events.push((to, What::Finished { step: id.clone() }));
        }
        events.sort_by_key(|(at, _)| *at);
        assert_eq!(log(&events).longest_chain(), [control, slow, seed]);
    }

    #[test]
    fn a_bar_says_what_it_waits_for() {
        let (control, tty) = (StepId::Phase(Phase::ControlPlane), StepId::Phase(Phase::Tty));
        let steps = vec![step(&control, &[]), step(&tty, &[&control])];
        let planned = log(&[(
            0,
            What::Planned {
                steps: steps.clone(),
                notes: vec![],
            },
        )]);
        assert_eq!(planned.bars[1].waits_for(&planned.bars), [&control]);
        let done = log(&[
            (0, What::Planned { steps, notes: vec![] }),
            (5, What::Finished { step: control }),
        ]);
        assert!(done.bars[1].waits_for(&done.bars).is_empty());
    }
}
