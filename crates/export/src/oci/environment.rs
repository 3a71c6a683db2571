//! The one place of this crate that reads environment variables.

use std::path::PathBuf;

/// The folder in which `docker login` keeps its settings.
pub(crate) fn docker_folder() -> Option<PathBuf> {
    let named = std::env::var_os("DOCKER_CONFIG").filter(|value| !value.is_empty());
    named
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".docker")))
}
