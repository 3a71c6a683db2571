//! The one place of this crate that reads environment variables.

use std::ffi::OsString;
use std::path::PathBuf;

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
    let path = variable("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}
