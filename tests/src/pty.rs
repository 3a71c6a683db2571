//! A command in a terminal: what a person types and what they see.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A command in a terminal of its own; killed when dropped.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    seen: Vec<u8>,
}

impl Terminal {
    /// Starts the binary with `arguments` in a terminal of this size.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(arguments: &[&str], rows: u16, columns: u16) -> Result<Self> {
        Self::run(&crate::binary().to_string_lossy(), arguments, rows, columns)
    }

    /// Starts any program in a terminal of this size.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(program: &str, arguments: &[&str], rows: u16, columns: u16) -> Result<Self> {
        let pair = native_pty_system().openpty(PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        })?;
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command)?;
        let mut reader = pair.master.try_clone_reader()?;
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer()?;
        let size = |value: u16| std::num::NonZeroU16::new(value).context("a terminal has rows and columns");
        let screen = vt100::Parser::new(size(rows)?, size(columns)?, 0);
        Ok(Self {
            master: pair.master,
            child,
            writer,
            output,
            screen,
            seen: Vec::new(),
        })
    }

    /// Types text.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn type_text(&mut self, text: &str) -> Result<()> {
        self.writer.write_all(text.as_bytes())?;
        Ok(self.writer.flush()?)
    }

    /// Changes the size of the window.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn resize(&mut self, rows: u16, columns: u16) -> Result<()> {
        self.master.resize(PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        })?;
        let size = |value: u16| std::num::NonZeroU16::new(value).context("a terminal has rows and columns");
        self.screen.screen_mut().set_size(size(rows)?, size(columns)?);
        Ok(())
    }

    /// Waits until the screen shows `text`.
    ///
    /// # Errors
    /// When it does not within `limit`; with the screen.
    pub fn wait_for(&mut self, text: &str, limit: Duration) -> Result<()> {
        self.wait_until(&format!("`{text}`"), limit, |screen| screen.contains(text))
    }

    /// Waits until `done` says so of the screen.
    ///
    /// # Errors
    /// When it does not within `limit`; with the screen.
    pub fn wait_until(&mut self, what: &str, limit: Duration, done: impl Fn(&str) -> bool) -> Result<()> {
        let end = Instant::now() + limit;
        loop {
            if done(&self.screen.screen().contents()) {
                return Ok(());
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.seen.extend_from_slice(&bytes);
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("no {what} within {limit:?}; screen:\n{}", self.contents())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("the terminal ended before {what}:\n{}", self.contents())
                }
            }
        }
    }

    /// What the screen shows.
    #[must_use]
    pub fn contents(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until the command ends, and gives its exit code.
    ///
    /// # Errors
    /// When it does not end within `limit`.
    pub fn exit_code(&mut self, limit: Duration) -> Result<u32> {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.exit_code());
            }
            if Instant::now() > end {
                bail!("still running after {limit:?}; screen:\n{}", self.contents());
            }
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(50)) {
                self.screen.process(&bytes);
            }
        }
    }

    /// The command's process id.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.process_id()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
