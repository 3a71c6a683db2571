//! All that a change of the sandbox has told so far, and its picture.

use api::sandbox::{SandboxEvent, Step, words};

use crate::line::{Line, clean};
use crate::style::{Paint, Tone};
use crate::words::duration;

/// The events of a change, folded.
#[derive(Debug, Clone, Default)]
pub struct Story {
    steps: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    step: Step,
    began: u64,
    ended: Option<u64>,
    doing: String,
}

impl Story {
    /// Takes in one more event, which happened so many milliseconds after the start.
    pub fn push(&mut self, at: u64, event: &SandboxEvent) {
        match event {
            SandboxEvent::Began(step) => {
                let doing = words::about(*step).to_owned();
                self.steps.push(Row {
                    step: *step,
                    began: at,
                    ended: None,
                    doing,
                });
            }
            SandboxEvent::Ended(step) => {
                for row in self
                    .steps
                    .iter_mut()
                    .filter(|row| row.step == *step && row.ended.is_none())
                {
                    row.ended = Some(at);
                }
            }
            other => {
                let wanted = words::step_of(other);
                let running = self.steps.iter_mut().rev().filter(|row| row.ended.is_none());
                let row = running.max_by_key(|row| Some(row.step) == wanted);
                if let (Some(row), Some(text)) = (row, words::event(other)) {
                    row.doing = clean(&text);
                }
            }
        }
    }

    /// What an event says in a log, with its time; nothing when it is no news.
    pub fn line(&self, at: u64, event: &SandboxEvent) -> Option<String> {
        let text = match event {
            SandboxEvent::Began(step) => format!("{}: {}", words::step(*step), words::about(*step)),
            SandboxEvent::Ended(step) => {
                let began = self
                    .steps
                    .iter()
                    .rev()
                    .find(|row| row.step == *step)
                    .map_or(at, |row| row.began);
                format!(
                    "{}: done in {}",
                    words::step(*step),
                    duration(at.saturating_sub(began))
                )
            }
            other if words::is_tick(other) => return None,
            other => clean(&words::event(other)?),
        };
        Some(format!("[{:>10}] {text}", duration(at)))
    }

    /// The picture of this moment, in lines no wider than `columns`.
    pub fn frame(&self, now: u64, columns: usize, paint: Paint) -> Vec<String> {
        let columns = columns.saturating_sub(1);
        let mut lines: Vec<Line> = self.steps.iter().map(|row| row.line(now)).collect();
        lines.push(Line::plain("  ").tone(Tone::Strong, duration(now)));
        lines
            .into_iter()
            .map(|line| line.fit(columns).paint(paint))
            .collect()
    }

    /// What is left on the screen when it is over.
    pub fn summary(&self, now: u64, columns: usize, paint: Paint) -> Vec<String> {
        self.frame(now, columns, paint)
    }
}

impl Row {
    fn line(&self, now: u64) -> Line {
        let (symbol, tone) = match self.ended {
            Some(_) => ("✓", Tone::Good),
            None => ("●", Tone::Active),
        };
        let took = duration(self.ended.unwrap_or(now).saturating_sub(self.began));
        let line = Line::default()
            .tone(tone, symbol)
            .text(format!(" {}", words::step(self.step)))
            .pad(14);
        let line = line.text(format!("{took:>10}  "));
        if self.ended.is_some() {
            line
        } else {
            line.text(self.doing.clone())
        }
    }
}
