//! Shows a boot while it runs, in the way that suits where it is shown.

use std::io;

use api::boot::BootEvent;

use super::{Story, card, frame, line, summary};
use crate::console::Console;
use crate::screen::Size;
use crate::way::Way;

/// One way to show a boot.
#[derive(Debug)]
pub struct Show {
    way: Way,
    console: Console,
    story: Story,
}

/// What a boot shows when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The timeline.
    Timeline,
    /// The timeline and why it failed.
    Failure,
}

impl Show {
    /// The way that suits a console.
    pub fn new(console: Console) -> Self {
        Self {
            way: Way::of(console),
            console,
            story: Story::default(),
        }
    }

    /// All that was told so far.
    pub fn story(&self) -> &Story {
        &self.story
    }

    /// Whether time alone changes what is shown.
    pub fn is_live(&self) -> bool {
        matches!(self.way, Way::Live(_))
    }

    /// Takes in an event and shows it, unless the next picture will.
    pub fn event(&mut self, event: &BootEvent) -> io::Result<()> {
        let told = match self.way {
            Way::Live(_) => None,
            Way::Plain => line(&self.story, event).map(|line| self.console.error_line(&line)),
            Way::Json => Some(self.console.log_line(event)),
        };
        self.story.push(event);
        told.unwrap_or(Ok(()))
    }

    /// Draws the picture of this moment.
    pub fn draw(&mut self, now: u64) -> io::Result<()> {
        let size = self.console.size();
        match &mut self.way {
            Way::Live(screen) => screen.draw(frame(&self.story, now, size, self.console.paint_err)),
            Way::Plain | Way::Json => Ok(()),
        }
    }

    /// A word beside the picture, such as that somebody pressed Ctrl-C.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        match &mut self.way {
            Way::Live(screen) => screen.replace(&[text.to_owned()]),
            Way::Plain | Way::Json => self.console.error_line(text),
        }
    }

    /// Leaves the timeline, and the cards of what failed, in place of the picture.
    pub fn end(&mut self, shown: Shown) -> io::Result<()> {
        let (console, story) = (self.console, &self.story);
        let lines = ending(story, shown, console.size(), console);
        match &mut self.way {
            Way::Live(screen) => screen.replace(&lines),
            Way::Plain => lines.iter().try_for_each(|line| console.error_line(line)),
            Way::Json => Ok(()),
        }
    }
}

fn ending(story: &Story, shown: Shown, size: Size, console: Console) -> Vec<String> {
    let mut lines: Vec<String> = story.notes.iter().map(|note| format!("note: {note}")).collect();
    if !story.timeline.bars.is_empty() {
        lines.extend(summary(story, usize::from(size.columns), console.paint_err));
    }
    if shown == Shown::Failure {
        lines.push(String::new());
        lines.extend(card(story, console.paint_err));
    }
    lines
}
