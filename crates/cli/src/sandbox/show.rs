//! Shows a change of the sandbox while it runs.

use std::future::Future;
use std::io;
use std::time::{Duration, Instant};

use api::sandbox::{SandboxEvent, words};
use tokio::sync::mpsc;

use super::Story;
use crate::console::Console;
use crate::halt::Halt;
use crate::terminal::unix::Ends;
use crate::way::Way;

/// How often the picture is drawn anew for the times in it.
const TICK: Duration = Duration::from_millis(200);

/// One way to show a change.
#[derive(Debug)]
pub struct Show {
    console: Console,
    started: Instant,
    story: Story,
    way: Way,
}

impl Show {
    fn new(console: Console) -> Self {
        Self {
            console,
            started: Instant::now(),
            story: Story::default(),
            way: Way::of(console),
        }
    }

    fn now(&self) -> u64 {
        words::whole(self.started.elapsed())
    }

    fn event(&mut self, event: &SandboxEvent) -> io::Result<()> {
        let now = self.now();
        let told = match self.way {
            Way::Live(_) => Ok(()),
            Way::Plain => self
                .story
                .line(now, event)
                .map_or(Ok(()), |line| self.console.error_line(&line)),
            Way::Json if words::is_tick(event) => Ok(()),
            Way::Json => self.console.log_line(&super::log::entry(now, event)),
        };
        self.story.push(now, event);
        told.and_then(|()| self.draw())
    }

    fn draw(&mut self) -> io::Result<()> {
        let (now, columns, paint) = (
            self.now(),
            usize::from(self.console.size().columns),
            self.console.paint_err,
        );
        match &mut self.way {
            Way::Live(screen) => screen.draw(self.story.frame(now, columns, paint)),
            Way::Plain | Way::Json => Ok(()),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        let (now, columns, paint) = (
            self.now(),
            usize::from(self.console.size().columns),
            self.console.paint_err,
        );
        match &mut self.way {
            Way::Live(screen) => screen.replace(&self.story.summary(now, columns, paint)),
            Way::Plain | Way::Json => Ok(()),
        }
    }
}

/// Runs a change of the sandbox, showing its events. A signal drops the work where it is; the next command finds
/// what it has left.
pub async fn run<T, W, F>(console: Console, ends: &mut Ends, work: W) -> Result<T, Halt>
where
    W: FnOnce(mpsc::UnboundedSender<SandboxEvent>) -> F,
    F: Future<Output = Result<T, api::Error>>,
{
    let (sender, mut events) = mpsc::unbounded_channel();
    let mut show = Show::new(console);
    let mut tick = tokio::time::interval(TICK);
    let work = work(sender);
    tokio::pin!(work);
    let result = loop {
        tokio::select! {
            Some(event) = events.recv() => show.event(&event)?,
            _ = tick.tick(), if matches!(show.way, Way::Live(_)) => show.draw()?,
            result = &mut work => break result,
            signal = ends.next() => {
                show.end()?;
                return Err(Halt::Signal(signal));
            }
        }
    };
    while let Ok(event) = events.try_recv() {
        show.event(&event)?;
    }
    show.end()?;
    Ok(result?)
}
