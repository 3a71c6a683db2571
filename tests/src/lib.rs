//! What the end-to-end journeys share: the built binary as a user has it, small bundles, previews that are
//! removed when a test ends, and a look at the host that does not go through Taskwright.
//!
//! The journeys need a sandbox that is up; `scripts/e2e.sh` sees to that and names the binary.

pub mod bundle;
pub mod host;
pub mod pty;
pub mod registry;
pub mod window;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};
use preview::{BootEvent, Cause, What};

/// The built binary, as `scripts/e2e.sh` names it.
///
/// # Panics
/// When it is not named: these tests are about the binary, so without one there is nothing to test.
#[must_use]
pub fn binary() -> PathBuf {
    let named = std::env::var_os("TASKWRIGHT_BIN")
        .expect("TASKWRIGHT_BIN names the built binary; run scripts/e2e.sh");
    PathBuf::from(named)
}

/// A command of Taskwright on the sandbox, with nothing of the caller's terminal.
#[must_use]
pub fn taskwright(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).stdin(Stdio::null()).env("NO_COLOR", "1");
    command
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its status.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Fails unless the command ended with `code`.
    ///
    /// # Errors
    /// With everything it printed.
    pub fn expect(self, code: i32) -> Result<Self> {
        ensure!(
            self.status.code() == Some(code),
            "expected exit code {code}, got {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.status.code(),
            self.stdout,
            self.stderr
        );
        Ok(self)
    }
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot be started.
pub fn run(mut command: Command) -> Result<Outcome> {
    let output = command.output().with_context(|| format!("start {command:?}"))?;
    Ok(Outcome {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// A booted preview; removed when dropped.
#[derive(Debug)]
pub struct Preview {
    /// Its id.
    pub id: String,
    /// The log of its boot.
    pub events: Vec<BootEvent>,
}

impl Preview {
    /// Boots a bundle to the prompt.
    ///
    /// # Errors
    /// When the boot does not end in a prompt; with everything it printed.
    pub fn boot(bundle: &Path) -> Result<Self> {
        let (preview, outcome) = Self::start(bundle)?;
        outcome.expect(0)?;
        ensure!(
            preview.ended_with(&What::Ready),
            "the log does not end with ready: {:?}",
            preview.events.last()
        );
        Ok(preview)
    }

    /// Boots a bundle that is expected to fail, and gives the step and the cause.
    ///
    /// # Errors
    /// When it does not fail.
    pub fn boot_to_failure(bundle: &Path) -> Result<(Self, String, preview::Failure)> {
        let (preview, outcome) = Self::start(bundle)?;
        outcome.expect(1)?;
        ensure!(
            preview.ended_with(&What::Stopped),
            "the log does not end with stopped"
        );
        let (step, failure) = failed(&preview.events)?;
        Ok((preview, step, failure))
    }

    /// Boots a bundle, however that ends. The preview is there before anything is asserted, so that it is removed
    /// whatever the assertion says.
    fn start(bundle: &Path) -> Result<(Self, Outcome)> {
        let bundle = bundle.to_string_lossy();
        let outcome = run(taskwright(&[
            "preview",
            &bundle,
            "--host",
            host::CONTEXT,
            "--output",
            "json",
        ]))?;
        let events = events(&outcome.stdout);
        let id = id_of(&events)?;
        Ok((Self { id, events }, outcome))
    }

    /// Runs a line of shell in the seat.
    ///
    /// # Errors
    /// When it cannot be run, or ends with another code than 0.
    pub fn sh(&self, line: &str) -> Result<String> {
        Ok(self.try_sh(line)?.expect(0)?.stdout)
    }

    /// Runs a line of shell in the seat, whatever its exit code.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn try_sh(&self, line: &str) -> Result<Outcome> {
        run(taskwright(&[
            "shell",
            &self.id,
            "--host",
            host::CONTEXT,
            "--exec",
            "bash",
            "-c",
            line,
        ]))
    }

    /// Its namespace on the host.
    #[must_use]
    pub fn namespace(&self) -> String {
        format!("task-{}", self.id)
    }

    fn ended_with(&self, what: &What) -> bool {
        self.events.last().is_some_and(|event| event.what == *what)
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let removed = run(taskwright(&["down", &self.id, "--host", host::CONTEXT]));
        if std::thread::panicking() {
            return;
        }
        let removed = removed.and_then(|outcome| outcome.expect(0));
        assert!(removed.is_ok(), "{} cannot be removed: {removed:?}", self.id);
    }
}

/// The log in what `--output json` printed; other lines are skipped.
#[must_use]
pub fn events(stdout: &str) -> Vec<BootEvent> {
    stdout
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// The id in a log.
///
/// # Errors
/// When the boot did not even begin.
pub fn id_of(events: &[BootEvent]) -> Result<String> {
    let began = events.iter().find_map(|event| match &event.what {
        What::Began { preview, .. } => Some(preview.clone()),
        _ => None,
    });
    began.context("the log has no beginning")
}

/// The step that failed first, and why.
///
/// # Errors
/// When none did.
pub fn failed(events: &[BootEvent]) -> Result<(String, preview::Failure)> {
    let failed = events.iter().find_map(|event| match &event.what {
        What::Failed { step, failure } => Some((step.to_string(), failure.clone())),
        _ => None,
    });
    failed.context("no step failed")
}

/// When a step started and ended, in milliseconds since the boot began.
///
/// # Errors
/// When it did not run to its end.
pub fn span(events: &[BootEvent], step: &str) -> Result<(u64, u64)> {
    let timeline = preview::Timeline::of(events);
    let bar = timeline.bars.iter().find(|bar| bar.step.to_string() == step);
    let bar = bar.with_context(|| format!("there is no step {step}"))?;
    Ok((
        bar.started.context("it did not start")?,
        bar.ended.context("it did not end")?,
    ))
}

/// Fails unless `cause` is what is expected.
///
/// # Errors
/// With the cause there is.
pub fn expect_cause(failure: &preview::Failure, expected: impl Fn(&Cause) -> bool) -> Result<()> {
    ensure!(expected(&failure.cause), "another cause: {failure:?}");
    Ok(())
}

/// A running command that is killed when dropped.
#[derive(Debug)]
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
