//! What it would take to start a sandbox on this machine, for a person who is asked first. Nothing is touched.

use std::path::{Path, PathBuf};

use crate::options::UpOptions;
use crate::preflight::{Problem, preflight};
use crate::tools::{Tool, Toolchain};

/// Minutes that one processor takes to build one program, on average over all of them, rounded up.
const MINUTES_PER_TOOL: f32 = 1.5;

/// What starting takes.
#[derive(Debug, Default)]
pub struct Needs {
    /// Whether somebody else than root asks.
    pub is_root_missing: bool,
    /// Packages of the system that would be installed.
    pub packages: Vec<String>,
    /// About how long it takes to build the programs that are not there.
    pub build_minutes: Option<u32>,
    /// What has to be solved by a person first.
    pub obstacles: Vec<Problem>,
}

/// What starting a sandbox with this cache would take.
pub async fn needs(cache: &Path) -> Needs {
    let options = UpOptions {
        cache: Some(PathBuf::from(cache)),
        ..UpOptions::default()
    };
    let mut needs = sorted(preflight(&options).await);
    // Without a toolchain there is nothing to build with, which is one of the obstacles.
    if let Ok(toolchain) = Toolchain::locate(cache).await {
        let missing = Tool::needed()
            .into_iter()
            .filter(|tool| !toolchain.has(*tool))
            .count();
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        needs.build_minutes = minutes(missing, processors);
    }
    needs
}

fn sorted(problems: Vec<Problem>) -> Needs {
    let mut needs = Needs::default();
    for problem in problems {
        match problem {
            Problem::NotRoot => needs.is_root_missing = true,
            Problem::MissingPackages(packages) => needs.packages = packages,
            other => needs.obstacles.push(other),
        }
    }
    needs
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some twenty programs on some processors"
)]
fn minutes(missing: usize, processors: usize) -> Option<u32> {
    let minutes = (missing as f32 * MINUTES_PER_TOOL / processors as f32).ceil();
    (missing > 0).then_some(minutes as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_consent_solves_is_no_obstacle() {
        let packages = vec!["runc".to_owned()];
        let problems = vec![
            Problem::NotRoot,
            Problem::MissingPackages(packages.clone()),
            Problem::NoCgroups,
        ];
        let needs = sorted(problems);
        assert!(needs.is_root_missing);
        assert_eq!(needs.packages, packages);
        assert!(matches!(needs.obstacles[..], [Problem::NoCgroups]));
    }

    #[test]
    fn a_build_is_estimated_by_what_is_missing() {
        assert_eq!(minutes(0, 2), None);
        assert_eq!(minutes(21, 2), Some(16));
        assert_eq!(minutes(1, 8), Some(1));
    }
}
