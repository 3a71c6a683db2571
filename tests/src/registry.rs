//! The sandbox's registry, and the real `oras`, with which other people move what is in registries.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{run, taskwright};

/// The registry's address.
///
/// # Errors
/// When the sandbox is not up.
pub fn address() -> Result<String> {
    let status = run(taskwright(&["sandbox", "status", "--output", "json"]))?.expect(0)?;
    let status: Value = serde_json::from_str(&status.stdout)?;
    let registry = status["sandbox"]["registry"].as_str();
    registry.map(str::to_owned).context("the sandbox has no registry")
}

/// What `oras`, which `scripts/e2e.sh` builds and names, prints.
///
/// # Errors
/// When it fails, with all it said.
pub fn oras(arguments: &[&str]) -> Result<String> {
    let program = std::env::var_os("TASKWRIGHT_E2E_ORAS");
    let mut command = Command::new(program.context("TASKWRIGHT_E2E_ORAS names oras; run scripts/e2e.sh")?);
    command.args(arguments);
    Ok(run(command)?.expect(0)?.stdout)
}

/// Copies an artifact with all that refers to it.
///
/// # Errors
/// As [`oras`].
pub fn copy(from: &str, to: &str) -> Result<()> {
    let options = ["--recursive", "--from-plain-http", "--to-plain-http"];
    oras(&[&["copy"], &options[..], &[from, to]].concat()).map(drop)
}
