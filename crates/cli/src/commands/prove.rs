//! `prove`: shows that a task can be solved, and is graded rightly.

use std::sync::Mutex;

use api::grading::{self, CancellationToken, ProveOptions};

use super::grade::cancel_at_signal;
use super::host::{self, Consent};
use super::{Outcome, bundle};
use crate::args::{Output, Prove};
use crate::console::Console;
use crate::exit::Exit;
use crate::proof::{self, Course};
use crate::terminal::unix::Ends;

/// Proves, writes `proof.json`, and exits with 1 unless everything came out as it has to.
pub(super) async fn run(console: Console, args: Prove) -> Outcome {
    let Some(bundle) = bundle::open(console, &args.bundle)? else {
        return Ok(Exit::Problem);
    };
    let consent = if args.yes { Consent::Given } else { Consent::Ask };
    let host = host::choose(console, &args.host, consent).await?;
    let cancel = CancellationToken::new();
    let _stop = cancel_at_signal(Ends::listen()?, cancel.clone());
    let course = Mutex::new(Course::default());
    let says = |event| {
        let lines = course
            .lock()
            .map(|mut course| course.take(&event))
            .unwrap_or_default();
        if console.output == Output::Text {
            // A line less of progress is no reason to stop.
            let _ = lines.iter().try_for_each(|line| console.error_line(line));
        }
    };
    let options = ProveOptions {
        repeat: args.repeat,
        jobs: usize::from(args.jobs),
    };
    let proof = grading::prove(&host, &args.bundle, &bundle, options, &cancel, &says).await?;
    if let Some(file) = &args.junit {
        std::fs::write(file, proof::junit(&proof))?;
    }
    console.result(&proof, |paint| proof::matrix(&proof, paint))?;
    Ok(if proof.passed { Exit::Done } else { Exit::Problem })
}
