//! Plays a solution from the candidate's seat, with the candidate's rights, as a candidate would type it.

use std::time::Instant;

use bundle::model::Solution;
use bundle::proof::Played;
use plan::seat;

use super::{ProveEvent, Proving};
use crate::failure::Failure;
use crate::script::{self, LastLines, Script};
use crate::session::Session;

/// Lines that are kept.
const LINES: usize = 40;

pub(super) async fn play(
    proving: &Proving<'_>,
    case: usize,
    solution: &Solution,
    namespace: &str,
    pod: &str,
) -> Played {
    (proving.listener)(ProveEvent::Playing { case });
    let began = Instant::now();
    let session = Session::new();
    let env = std::collections::BTreeMap::new();
    let script = Script {
        path: solution.run.as_str(),
        content: &solution.script,
        env: &env,
        namespace,
        pod,
        container: seat::NAME,
        session: &session,
    };
    let mut output = LastLines::of(LINES);
    let line = |_, line: &str| {
        output.push(line);
        (proving.listener)(ProveEvent::Output {
            case,
            line: line.to_owned(),
        });
    };
    // A candidate has no longer either.
    let limit = proving.bundle.time_limit;
    let ended = script::run_within(&proving.host.cluster, &script, limit, line).await;
    let output = output.into_vec();
    let how = ended.as_ref().map_or_else(
        |failure| told(failure, &output),
        |()| "it ended with exit code 0".to_owned(),
    );
    Played {
        succeeded: ended.is_ok(),
        how,
        ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        output,
    }
}

/// Why a solution did not end well, with the most likely reason when its output shows one.
fn told(failure: &Failure, output: &[String]) -> String {
    let lacks_rights = output
        .iter()
        .any(|line| line.contains("Error from server (Forbidden)") || line.contains("is forbidden: User"));
    if lacks_rights {
        format!(
            "{}; it needs a right that the candidate does not have",
            failure.cause
        )
    } else {
        failure.cause.to_string()
    }
}
