//! The cause card: what failed, why we think so, and what to do about it.

use api::boot::Failure;

use super::story::{Story, worked};
use crate::line::{Line, clean};
use crate::style::{Paint, Tone};
use crate::words;

/// Lines of raw text that are shown; the rest is folded away.
const EVIDENCE: usize = 12;

/// One card for each step that failed.
pub fn card(story: &Story, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for bar in &story.timeline.bars {
        if let Some(failure) = &bar.failure {
            let after = worked(bar, story.timeline.now).unwrap_or(0);
            let title = format!(
                "{} failed after {}",
                words::step(&bar.step),
                words::duration(after)
            );
            lines.push(Line::default().tone(Tone::Bad, "✗ ").tone(Tone::Strong, title));
            lines.extend(body(failure));
        }
    }
    lines.extend(next_steps(story));
    lines.into_iter().map(|line| line.paint(paint)).collect()
}

fn body(failure: &Failure) -> Vec<Line> {
    let cause = failure.cause.to_string();
    let mut lines: Vec<Line> = cause
        .lines()
        .map(|line| Line::plain(format!("  {}", clean(line))))
        .collect();
    lines.push(
        Line::plain("  ")
            .tone(Tone::Active, "fix: ")
            .text(failure.cause.remedy()),
    );
    lines.extend(evidence(&failure.evidence));
    lines
}

fn evidence(raw: &[String]) -> Vec<Line> {
    let all: Vec<&str> = raw.iter().flat_map(|text| text.lines()).collect();
    let hidden = all.len().saturating_sub(EVIDENCE);
    let mut lines = Vec::new();
    if hidden > 0 {
        let text = format!("  │ … {} before these", words::count(hidden, "line"));
        lines.push(Line::default().tone(Tone::Faint, text));
    }
    lines.extend(
        all[hidden..]
            .iter()
            .map(|line| Line::default().tone(Tone::Faint, format!("  │ {}", clean(line)))),
    );
    lines
}

fn next_steps(story: &Story) -> Vec<Line> {
    let id = story.id();
    if id.is_empty() {
        return Vec::new();
    }
    vec![
        Line::plain("  what exists is kept:"),
        Line::plain(format!("    look around  taskwright shell {id}")),
        Line::plain(format!("    remove it    taskwright down {id}")),
    ]
}
