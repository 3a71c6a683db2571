//! What a proof reports while it is made: one log for every front end.

use bundle::proof::{Case, CaseKind};
use serde::Serialize;
use ts_rs::TS;

use crate::event::BootEvent;
use crate::grade::GradeEvent;

/// A case as it is called before it has come to anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CaseTitle {
    /// `untouched`, or the name of a solution.
    pub name: String,
    /// What is tried.
    pub kind: CaseKind,
    /// Which repetition, from 1.
    pub round: u32,
}

/// What a proof does. `case` is a place in the list of `began`.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum ProveEvent {
    /// It is known what will be tried.
    Began {
        /// The task's name.
        task: String,
        /// Every case.
        cases: Vec<CaseTitle>,
        /// The names of the checks.
        checks: Vec<String>,
    },
    /// A case begins with a boot.
    CaseStarted {
        /// Which.
        case: usize,
        /// Its preview.
        preview: String,
    },
    /// Something happened in the boot of a case.
    Boot {
        /// Which.
        case: usize,
        /// What.
        boot: BootEvent,
    },
    /// The solution is played from the candidate's seat.
    Playing {
        /// Which.
        case: usize,
    },
    /// A line that the solution printed.
    Output {
        /// Which.
        case: usize,
        /// The line.
        line: String,
    },
    /// Something happened while the work was graded.
    Grade {
        /// Which.
        case: usize,
        /// What.
        grade: GradeEvent,
    },
    /// The case's environment is being removed.
    Removing {
        /// Which.
        case: usize,
    },
    /// A case is done.
    CaseFinished {
        /// Which.
        case: usize,
        /// What it came to.
        result: Box<Case>,
    },
}
