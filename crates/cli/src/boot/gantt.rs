//! Bars on a time axis in block characters, and the summary that a boot ends with.

use api::boot::{Bar, Outcome, StepId};

use super::story::{State, Story, state, worked};
use crate::line::{Line, width};
use crate::style::{Paint, Tone};
use crate::words;

/// The time axis: so many milliseconds on so many columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) span: u64,
    pub(super) columns: usize,
}

impl Axis {
    /// An axis for a running boot: it doubles when it is full, so bars grow steadily in between.
    pub(super) fn running(now: u64, columns: usize) -> Self {
        let mut span = 10_000;
        while span < now {
            span *= 2;
        }
        Self { span, columns }
    }

    /// The half columns that a stretch of time covers, at least one.
    fn halves(self, from: u64, to: u64) -> (u64, u64) {
        let halves = self.columns as u64 * 2;
        let span = self.span.max(1);
        let start = (from * halves / span).min(halves.saturating_sub(1));
        let end = (to * halves).div_ceil(span).min(halves);
        (start, end.max(start + 1))
    }

    /// A bar: dots while it waits, blocks while it works.
    pub(super) fn draw(self, bar: &Bar, now: u64) -> Line {
        let waited_to = bar.started.unwrap_or_else(|| bar.ended.unwrap_or(now));
        let (work_start, work_end) = match bar.started {
            Some(started) => self.halves(started, bar.ended.unwrap_or(now)),
            None => (u64::MAX, u64::MAX),
        };
        let waited = (waited_to * self.columns as u64 / self.span.max(1)).min(self.columns as u64);
        let cell = |column: u64| {
            let covers = |half: u64| (work_start..work_end).contains(&half);
            match (covers(column * 2), covers(column * 2 + 1)) {
                (true, true) => '█',
                (true, false) => '▌',
                (false, true) => '▐',
                (false, false) if column < waited => '·',
                (false, false) => ' ',
            }
        };
        let cells: String = (0..self.columns as u64).map(cell).collect();
        let (dots, rest) = cells.split_at(cells.find(|c| c != '·').unwrap_or(cells.len()));
        Line::default()
            .tone(Tone::Faint, dots)
            .tone(tone(state(bar)), rest)
    }
}

/// The symbol of a state: shape first, colour second.
pub(super) fn symbol(state: State) -> &'static str {
    match state {
        State::Waiting => "○",
        State::Working => "●",
        State::Done => "✓",
        State::Failed => "✗",
    }
}

pub(super) fn tone(state: State) -> Tone {
    match state {
        State::Waiting => Tone::Faint,
        State::Working => Tone::Active,
        State::Done => Tone::Good,
        State::Failed => Tone::Bad,
    }
}

/// Columns that step names take, within reason.
pub(super) fn name_columns(bars: &[Bar], columns: usize) -> usize {
    let longest = bars
        .iter()
        .map(|bar| width(&words::step(&bar.step)))
        .max()
        .unwrap_or(0);
    longest.min(columns / 3)
}

/// The finished timeline: every step with its bar and duration, the longest chain marked, the budget, and a
/// line that names the chain.
pub fn summary(story: &Story, columns: usize, paint: Paint) -> Vec<String> {
    let timeline = &story.timeline;
    let chain = match timeline.outcome {
        // What would have taken longest is not known.
        Some(Outcome::Cancelled) => Vec::new(),
        Some(Outcome::Ready | Outcome::Failed) | None => timeline.longest_chain(),
    };
    let names = name_columns(&timeline.bars, columns);
    let axis = Axis {
        span: timeline.now,
        columns: columns.saturating_sub(names + 27).min(60),
    };
    let rows = timeline
        .bars
        .iter()
        .map(|bar| row(bar, &chain, names, axis, timeline.now));
    let mut lines: Vec<Line> = rows.collect();
    lines.push(total(story, names));
    if !chain.is_empty() {
        let steps: Vec<String> = chain.iter().map(words::step).collect();
        lines.push(
            Line::default()
                .tone(Tone::Strong, "▸")
                .text(format!(" longest chain: {}", steps.join(" → "))),
        );
    }
    lines.into_iter().map(|line| line.paint(paint)).collect()
}

fn row(bar: &Bar, chain: &[StepId], names: usize, axis: Axis, now: u64) -> Line {
    let longest = chain.contains(&bar.step);
    let name = words::step(&bar.step);
    let mut line = if longest {
        Line::default().tone(Tone::Strong, "▸ ")
    } else {
        Line::plain("  ")
    };
    line = if longest {
        line.tone(Tone::Strong, name)
    } else {
        line.text(name)
    };
    line = line.fit(names + 2).pad(names + 4);
    let drawn = axis.draw(bar, now).pad(axis.columns);
    let time = worked(bar, now).map_or_else(|| "–".to_owned(), words::duration);
    let line = line.join(drawn).text(format!("{time:>11}"));
    match state(bar) {
        State::Failed => line.tone(Tone::Bad, "  ✗ failed"),
        State::Working => line.tone(Tone::Faint, "  – stopped"),
        State::Waiting | State::Done => line,
    }
}

fn total(story: &Story, names: usize) -> Line {
    let now = words::duration(story.timeline.now);
    let line = Line::plain("  total").pad(names + 4).tone(Tone::Strong, now);
    match story.budget {
        0 => line,
        budget if story.timeline.now > budget => line.tone(
            Tone::Warning,
            format!(", over the budget of {}", words::duration(budget)),
        ),
        budget => line.tone(
            Tone::Faint,
            format!(" of a budget of {}", words::duration(budget)),
        ),
    }
}
