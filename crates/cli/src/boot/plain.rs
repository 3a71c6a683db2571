//! A boot as plain lines with times, for streams that are no terminal.

use api::boot::{BootEvent, What};

use super::story::{Story, worked};
use crate::line::clean;
use crate::words;

/// The line that tells of `event`, if it is news. `story` is all that came before it.
pub fn line(story: &Story, event: &BootEvent) -> Option<String> {
    let text = match &event.what {
        What::Began {
            preview, title, host, ..
        } => format!("{preview}: {title}, on {host}"),
        What::Planned { steps, notes } => planned(steps.len(), notes),
        What::Started { step } => format!("{}: started", words::step(step)),
        What::Doing { step, detail } => {
            let before = bar(story, step).and_then(|bar| bar.doing.as_ref());
            if before == Some(detail) {
                return None;
            }
            format!("{}: {}", words::step(step), clean(&words::detail(detail)))
        }
        What::Output { step, line, .. } => format!("{} │ {}", words::step(step), clean(line)),
        What::Finished { step } => {
            let took = bar(story, step)
                .and_then(|bar| worked(bar, event.at))
                .unwrap_or(0);
            format!("{}: done in {}", words::step(step), words::duration(took))
        }
        What::Failed { step, failure } => format!("{}: failed: {}", words::step(step), failure.cause),
        What::Ready => "ready".to_owned(),
        What::Stopped => "stopped: what exists is kept for inspection".to_owned(),
        What::Cancelled => "cancelled".to_owned(),
    };
    Some(format!("[{:>10}] {text}", words::duration(event.at)))
}

fn planned(steps: usize, notes: &[String]) -> String {
    let mut text = words::count(steps, "step");
    for note in notes {
        text.push_str("; note: ");
        text.push_str(note);
    }
    text
}

fn bar<'a>(story: &'a Story, step: &api::boot::StepId) -> Option<&'a api::boot::Bar> {
    story.timeline.bars.iter().find(|bar| bar.step == *step)
}
