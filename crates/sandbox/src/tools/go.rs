//! The Go on this machine: whether it will do, and questions to it.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::{Module, ToolsError};

/// A Go that can build every module.
#[derive(Debug, Clone)]
pub(super) struct Go {
    version: String,
}

impl Go {
    pub(super) async fn find() -> Result<Self, ToolsError> {
        let wanted = wanted();
        let output = command().args(["env", "GOVERSION"]).output().await;
        let output = output.map_err(|_| ToolsError::NoGo {
            wanted: spelled(wanted),
        })?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match parse(version.trim_start_matches("go")) {
            Some(found) if found >= wanted => Ok(Self { version }),
            _ => Err(ToolsError::GoTooOld {
                found: version,
                wanted: spelled(wanted),
            }),
        }
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// The folder that holds the source of the Go module `path`, fetched first if need be.
    pub(super) async fn source_of(folder: &Path, path: &str) -> Result<String, ToolsError> {
        ask(folder, &["mod", "download", path]).await?;
        ask(folder, &["list", "-m", "-f", "{{.Dir}}", path]).await
    }
}

/// `go`, without what a user's settings would change in a build.
pub(super) fn command() -> Command {
    let mut command = Command::new("go");
    command
        .envs([("CGO_ENABLED", "0"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off")])
        .env("GOFLAGS", "-buildvcs=false -mod=readonly")
        .env_remove("GOAMD64")
        .env_remove("GOEXPERIMENT")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn ask(folder: &Path, arguments: &[&str]) -> Result<String, ToolsError> {
    let failed = |output: String| ToolsError::AskGo {
        arguments: arguments.join(" "),
        output,
    };
    let output = command().args(arguments).current_dir(folder).output().await;
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

type Version = (u32, u32, u32);

/// The newest version that any of the modules of every sandbox asks for; Go says so itself where an extra needs more.
fn wanted() -> Version {
    let asked = |module: Module| {
        module
            .go_mod()
            .lines()
            .find_map(|line| parse(line.strip_prefix("go ")?))
    };
    Module::ALL
        .into_iter()
        .filter(|module| !module.is_extra())
        .filter_map(asked)
        .max()
        .unwrap_or_default()
}

pub(super) fn parse(text: &str) -> Option<Version> {
    // "1.26.8", "1.27", "1.27rc1 X:foo"
    let text = text.split_whitespace().next()?;
    let mut parts = text.split('.').map(|part| {
        let digits = part
            .find(|c: char| !c.is_ascii_digit())
            .map_or(part, |end| &part[..end]);
        digits.parse().ok()
    });
    Some((
        parts.next()??,
        parts.next()??,
        parts.next().flatten().unwrap_or(0),
    ))
}

fn spelled((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}
