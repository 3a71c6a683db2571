//! The picture of a running boot for a window of a certain size.

use api::boot::Bar;

use super::gantt::{Axis, name_columns, symbol, tone};
use super::story::{State, Story, state, worked};
use crate::line::Line;
use crate::screen::Size;
use crate::style::{Paint, Tone};
use crate::words;

/// Below this many columns there is no room for bars on an axis.
const COLUMNS_FOR_BARS: usize = 72;

/// Every line of the picture, none wider than the window, never more than the window has rows.
pub fn frame(story: &Story, now: u64, size: Size, paint: Paint) -> Vec<String> {
    let columns = usize::from(size.columns).saturating_sub(1);
    let rows = usize::from(size.rows).saturating_sub(1);
    let mut lines = vec![headline(story)];
    let steps = Steps { story, now, columns };
    lines.extend(steps.fitted(rows.saturating_sub(2).max(1)));
    lines.push(footline(story, now));
    lines.truncate(rows.max(1));
    lines
        .into_iter()
        .map(|line| line.fit(columns).paint(paint))
        .collect()
}

fn headline(story: &Story) -> Line {
    let line = Line::default().tone(Tone::Strong, story.id());
    let line = if story.title.is_empty() {
        line
    } else {
        line.text(format!("  {}", story.title))
    };
    if story.host.is_empty() {
        line
    } else {
        line.tone(Tone::Faint, format!("  on {}", story.host))
    }
}

fn footline(story: &Story, now: u64) -> Line {
    let line = Line::plain("  ").tone(Tone::Strong, words::duration(now));
    let budget = match story.budget {
        0 => String::new(),
        budget => format!(" of {}", words::duration(budget)),
    };
    let over = if story.budget > 0 && now > story.budget {
        Tone::Warning
    } else {
        Tone::Faint
    };
    line.tone(over, budget)
        .tone(Tone::Faint, "  Ctrl-C stops the boot and removes what it made")
}

struct Steps<'a> {
    story: &'a Story,
    now: u64,
    columns: usize,
}

impl Steps<'_> {
    /// The steps in at most `rows` lines: output goes first, then what is done, then what waits.
    fn fitted(&self, rows: usize) -> Vec<Line> {
        let bars = &self.story.timeline.bars;
        let full: Vec<Line> = bars.iter().flat_map(|bar| self.with_output(bar)).collect();
        if full.len() <= rows {
            return full;
        }
        if bars.len() <= rows {
            return bars.iter().map(|bar| self.row(bar)).collect();
        }
        self.folded(rows)
    }

    fn folded(&self, rows: usize) -> Vec<Line> {
        let of = |wanted: State| {
            self.story
                .timeline
                .bars
                .iter()
                .filter(move |bar| state(bar) == wanted)
        };
        let busy: Vec<&Bar> = of(State::Failed).chain(of(State::Working)).collect();
        let (done, waiting) = (of(State::Done).count(), of(State::Waiting).count());
        let room = rows.saturating_sub(usize::from(done > 0) + usize::from(waiting > 0));
        let (shown, hidden) = if busy.len() <= room {
            (busy.len(), 0)
        } else {
            let shown = room.saturating_sub(1);
            (shown, busy.len() - shown)
        };
        let mut lines = many(done, State::Done, "done");
        lines.extend(busy[..shown].iter().map(|bar| self.row(bar)));
        lines.extend(many(hidden, State::Working, "more at work"));
        lines.extend(many(waiting, State::Waiting, "waiting"));
        lines.truncate(rows);
        lines
    }

    fn with_output(&self, bar: &Bar) -> Vec<Line> {
        let mut lines = vec![self.row(bar)];
        if state(bar) == State::Working
            && let Some(last) = self.story.last_line(&bar.step)
        {
            lines.push(Line::plain("    ").tone(Tone::Faint, format!("│ {last}")));
        }
        lines
    }

    fn row(&self, bar: &Bar) -> Line {
        let bars = &self.story.timeline.bars;
        let names = name_columns(bars, self.columns);
        let at = state(bar);
        let mut line = Line::default().tone(tone(at), symbol(at)).text(" ");
        line = line.text(words::step(&bar.step)).fit(names + 2).pad(names + 3);
        if self.columns >= COLUMNS_FOR_BARS {
            let axis = Axis::running(self.now, (self.columns / 4).min(30));
            line = line.join(axis.draw(bar, self.now).pad(axis.columns));
        }
        let time = worked(bar, self.now).map(words::duration).unwrap_or_default();
        line.text(format!("{time:>10}  ")).join(self.note(bar, at))
    }

    fn note(&self, bar: &Bar, at: State) -> Line {
        match at {
            State::Waiting => {
                let needs = bar.waits_for(&self.story.timeline.bars);
                let names: Vec<String> = needs.into_iter().map(words::step).collect();
                let text = if names.is_empty() {
                    String::new()
                } else {
                    format!("waits for {}", words::list(&names))
                };
                Line::default().tone(Tone::Faint, text)
            }
            State::Working => Line::plain(bar.doing.as_ref().map(words::detail).unwrap_or_default()),
            State::Done => Line::default(),
            State::Failed => Line::default().tone(Tone::Bad, "failed"),
        }
    }
}

fn many(number: usize, at: State, what: &str) -> Vec<Line> {
    let line = || {
        Line::default()
            .tone(tone(at), symbol(at))
            .text(format!(" {} {what}", words::count(number, "step")))
    };
    if number == 0 { Vec::new() } else { vec![line()] }
}
