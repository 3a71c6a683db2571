//! The cause card: what failed, why we think so, and what to do about it.

use api::boot::{Failure, Phase, StepId};

use super::story::{State, Story, state, worked};
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
    let all = folded(raw.iter().flat_map(|text| text.lines()));
    let hidden = all.len().saturating_sub(EVIDENCE);
    let mut lines = Vec::new();
    if hidden > 0 {
        let text = format!("  │ … {} before these", words::count(hidden, "line"));
        lines.push(Line::default().tone(Tone::Faint, text));
    }
    lines.extend(
        all[hidden..]
            .iter()
            .map(|line| Line::default().tone(Tone::Faint, format!("  │ {line}"))),
    );
    lines
}

/// The lines with repetitions counted instead of shown.
fn folded<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut folded: Vec<(String, usize)> = Vec::new();
    for line in lines.map(clean) {
        match folded.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => folded.push((line, 1)),
        }
    }
    let told = |(line, times): (String, usize)| {
        if times == 1 {
            line
        } else {
            format!("{line}  ({times} times)")
        }
    };
    folded.into_iter().map(told).collect()
}

fn next_steps(story: &Story) -> Vec<Line> {
    let id = story.id();
    if id.is_empty() {
        return Vec::new();
    }
    let seat = StepId::Phase(Phase::Tty);
    // An update does not make it: there it was before.
    let mut seats = story.timeline.bars.iter().filter(|bar| bar.step == seat);
    let has_seat = seats.all(|bar| state(bar) == State::Done);
    let look = if has_seat {
        format!("taskwright shell {id}")
    } else {
        format!("kubectl --context {} -n task-{id} get pods,events", story.host)
    };
    vec![
        Line::plain("  what exists is kept:"),
        Line::plain(format!("    look around  {look}")),
        Line::plain(format!("    remove it    taskwright down {id}")),
    ]
}
