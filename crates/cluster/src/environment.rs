//! The one place of this crate that reads environment variables.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

use crate::timeouts;

/// The value of a variable, when it is set and not empty.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The user's home directory.
pub(crate) fn home() -> Option<PathBuf> {
    std::env::home_dir()
}

/// `PATH` as text for a message.
pub(crate) fn path_for_humans() -> String {
    variable("PATH").map_or_else(|| "(unset)".into(), |path| path.to_string_lossy().into_owned())
}

/// The first executable of this name on `PATH`.
pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    find_in(name, &variable("PATH")?)
}

/// The first executable of this name in a list of folders such as `PATH`.
pub(crate) fn find_in(name: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// The `PATH` of the person's login shell: a program that was started from a desktop has another one.
pub(crate) async fn login_path() -> Option<String> {
    let mut shell = Command::new(variable("SHELL")?);
    // What a profile prints by itself comes before, and is not the last line.
    shell.args(["-l", "-c", "printf '\\n%s' \"$PATH\""]);
    shell
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    // A shell that cannot be asked leaves only the advice out.
    let output = tokio::time::timeout(timeouts::LOGIN_SHELL, shell.output())
        .await
        .ok()?
        .ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    printed
        .lines()
        .last()
        .map(str::to_owned)
        .filter(|path| !path.is_empty())
}
