//! The user's settings on disk: where they are, and errors that show the line.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;

/// Settings are written by hand.
const LIMIT: u64 = 1 << 20;

/// Why the settings could not be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The system refused.
    #[error("failed to read the settings in `{path}`; check its permissions")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is too large to be settings.
    #[error("`{path}` has {size} bytes, too many for settings; is it the right file?")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
    },
    /// It does not say what settings say.
    #[error("failed to understand the settings in `{path}`:\n{problem}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        problem: String,
    },
}

/// The file with the user's settings: `TASKWRIGHT_CONFIG`, or `taskwright/config.yaml` in the user's
/// folder for settings. Nothing if the system names no such folder.
pub fn path() -> Option<PathBuf> {
    let set = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let absolute = |name| set(name).filter(|path| path.is_absolute());
    let folder = || {
        absolute("XDG_CONFIG_HOME")
            .or_else(|| if cfg!(windows) { absolute("APPDATA") } else { None })
            .or_else(|| absolute("HOME").map(|home| home.join(".config")))
    };
    set("TASKWRIGHT_CONFIG").or_else(|| folder().map(|folder| folder.join("taskwright").join("config.yaml")))
}

/// Reads settings; a file that is not there, or empty, means the defaults.
pub fn load<T: DeserializeOwned + Default>(path: &Path) -> Result<T, SettingsError> {
    let read_error = |source| SettingsError::Read {
        path: path.to_owned(),
        source,
    };
    let text = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
        Err(error) => return Err(read_error(error)),
        Ok(metadata) if metadata.len() > LIMIT => {
            return Err(SettingsError::TooLarge {
                path: path.to_owned(),
                size: metadata.len(),
            });
        }
        Ok(_) => fs::read_to_string(path).map_err(read_error)?,
    };
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_blank) {
        return Ok(T::default());
    }
    serde_yaml::from_str(&text).map_err(|error| SettingsError::Parse {
        path: path.to_owned(),
        problem: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Settings {
        hosts: BTreeMap<String, Host>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Host {
        storage: Option<String>,
    }

    fn load_text(text: &str) -> Result<Settings, SettingsError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        load(file.path())
    }

    #[test]
    fn no_settings_are_the_defaults() {
        assert_eq!(
            load::<Settings>(Path::new("/nowhere/config.yaml")).unwrap(),
            Settings::default()
        );
        assert_eq!(load_text("").unwrap(), Settings::default());
        assert_eq!(load_text("# nothing yet\n").unwrap(), Settings::default());
    }

    #[test]
    fn settings_are_read() {
        let settings = load_text("hosts:\n  kind: {storage: fast}\n").unwrap();
        assert_eq!(settings.hosts["kind"].storage.as_deref(), Some("fast"));
    }

    #[test]
    fn a_mistake_shows_its_line() {
        let error = load_text("hosts:\n  kind:\n    storrage: fast\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("storrage") && error.contains('3'), "{error}");
    }
}
