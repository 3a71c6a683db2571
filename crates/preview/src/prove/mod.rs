//! Proves a task: boots it afresh for each case, plays what is to be played from the candidate's seat, and grades.
//!
//! Untouched, every check has to fail; each solution has to pass them all; each wrong solution has to fail those it names.

mod case;
mod event;
mod expect;
mod leaks;
mod peaks;
mod play;

use std::sync::Arc;

use bundle::Bundle;
use bundle::model::Solution;
use bundle::proof::{Case, CaseKind};
use futures::future::FutureExt;
use futures::stream::{self, StreamExt};
use plan::PreviewId;
use tokio_util::sync::CancellationToken;

use crate::boot::Host;
pub use event::{CaseTitle, ProveEvent};

/// How to prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProveOptions {
    /// How often each case is tried, to find checks that come out now so, now so.
    pub repeat: u32,
    /// How many cases run at the same time.
    pub jobs: usize,
}

/// Who hears what a proof does; the number is the case's place in the list of `began`.
pub type Listener<'a> = &'a (dyn Fn(ProveEvent) + Sync);

/// A proof on its way: what all cases share.
pub struct Proving<'a> {
    /// Where the cases are booted.
    pub host: &'a Host,
    /// What is proven.
    pub bundle: &'a Arc<Bundle>,
    /// Gives each case's preview an id of its own.
    pub new_id: &'a (dyn Fn() -> PreviewId + Sync),
    /// Stops everything; what was booted is removed.
    pub cancel: &'a CancellationToken,
    /// Hears what happens.
    pub listener: Listener<'a>,
}

/// A case as it is planned.
#[derive(Clone, Copy)]
struct Planned<'a> {
    solution: Option<&'a Solution>,
    round: u32,
}

impl Planned<'_> {
    fn kind(&self) -> CaseKind {
        match self.solution {
            None => CaseKind::Untouched,
            Some(solution) if solution.must_fail.is_empty() => CaseKind::Solution,
            Some(_) => CaseKind::WrongSolution,
        }
    }

    fn name(&self) -> &str {
        self.solution
            .map_or("untouched", |solution| solution.name.as_str())
    }
}

impl Proving<'_> {
    /// Runs every case and gives them in their order; fewer when somebody stopped it.
    pub async fn run(&self, options: ProveOptions) -> Vec<Case> {
        let planned = planned(self.bundle, options.repeat);
        let titles = planned.iter().map(|case| CaseTitle {
            name: case.name().to_owned(),
            kind: case.kind(),
            round: case.round,
        });
        (self.listener)(ProveEvent::Began {
            task: self.bundle.name.to_string(),
            cases: titles.collect(),
            checks: self
                .bundle
                .checks
                .iter()
                .map(|check| check.name.to_string())
                .collect(),
        });
        let runs: Vec<_> = planned
            .into_iter()
            .enumerate()
            .map(|(index, planned)| case::run(self, index, planned).boxed())
            .collect();
        let done: Vec<Option<Case>> = stream::iter(runs).buffered(options.jobs.max(1)).collect().await;
        done.into_iter().flatten().collect()
    }
}

fn planned(bundle: &Bundle, repeat: u32) -> Vec<Planned<'_>> {
    let of_round = |round| {
        let solutions = bundle.solutions.iter().map(Some);
        std::iter::once(None)
            .chain(solutions)
            .map(move |solution| Planned { solution, round })
    };
    (1..=repeat.max(1)).flat_map(of_round).collect()
}
