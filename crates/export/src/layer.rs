//! The two layers of an exported bundle: what a candidate may see, and what only graders may.

use std::fmt;

use bundle::{BundlePath, proof};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who may see a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// What the candidate may see.
    Candidate,
    /// What grades and solves the task.
    Restricted,
}

/// Files beside `checks/` and `solutions/` that tell how the task is graded or solved.
const RESTRICTED: [&str; 2] = ["task.yaml", proof::FILE];

impl Layer {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Candidate, Self::Restricted];

    /// The layer that a file belongs to.
    pub fn of(path: &BundlePath) -> Self {
        if path.is_restricted() || RESTRICTED.contains(&path.as_str()) {
            Self::Restricted
        } else {
            Self::Candidate
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Candidate => "candidate",
            Self::Restricted => "restricted",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grades_or_solves_is_restricted() {
        for (path, layer) in [
            ("task.yaml", Layer::Restricted),
            ("proof.json", Layer::Restricted),
            ("checks/rows.sh", Layer::Restricted),
            ("solutions/wrong/a.sh", Layer::Restricted),
            ("statement.md", Layer::Candidate),
            ("task.lock", Layer::Candidate),
            ("dependencies/checks/a.yaml", Layer::Candidate),
            ("tty/home/task.yaml", Layer::Candidate),
        ] {
            assert_eq!(Layer::of(&BundlePath::new(path).unwrap()), layer, "{path}");
        }
    }
}
