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
    /// The system refused.
    #[error(
        "failed to write the settings to `{path}`; check the permissions of its folder and the room on the disk"
    )]
    Write {
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
    set("TASKWRIGHT_CONFIG").or_else(|| folder().map(|folder| folder.join("config.yaml")))
}

/// The file in which the window keeps what was chosen in it: beside the settings, and `window.json` there.
pub fn window_path() -> Option<PathBuf> {
    let beside = set("TASKWRIGHT_CONFIG").and_then(|file| file.parent().map(Path::to_owned));
    Some(beside.or_else(folder)?.join("window.json"))
}

/// The folder for logs, if the system names one.
pub fn logs_folder() -> Option<PathBuf> {
    let state = || absolute("HOME").map(|home| home.join(".local").join("state"));
    let folder = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library").join("Logs"))
    } else {
        absolute("XDG_STATE_HOME").or_else(state)
    };
    folder.map(|folder| folder.join("taskwright").join("logs"))
}

/// The person's own folder.
pub fn home() -> Option<PathBuf> {
    absolute("HOME").or_else(|| absolute("USERPROFILE"))
}

fn folder() -> Option<PathBuf> {
    let folder = absolute("XDG_CONFIG_HOME")
        .or_else(|| if cfg!(windows) { absolute("APPDATA") } else { None })
        .or_else(|| absolute("HOME").map(|home| home.join(".config")));
    folder.map(|folder| folder.join("taskwright"))
}

fn set(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

fn absolute(name: &str) -> Option<PathBuf> {
    set(name).filter(|path| path.is_absolute())
}

/// Writes a settings file whole or not at all.
pub fn save(path: &Path, text: &str) -> Result<(), SettingsError> {
    let write_error = |source| SettingsError::Write {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(write_error)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(write_error)?;
    io::Write::write_all(&mut file, text.as_bytes()).map_err(write_error)?;
    file.as_file().sync_all().map_err(write_error)?;
    file.persist(path).map_err(|error| write_error(error.error))?;
    Ok(())
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
    fn what_is_saved_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("taskwright").join("window.json");
        save(&file, "hosts: {kind: {storage: fast}}").unwrap();
        save(&file, "hosts: {kind: {storage: slow}}").unwrap();
        assert_eq!(
            load::<Settings>(&file).unwrap().hosts["kind"].storage.as_deref(),
            Some("slow")
        );
        assert_eq!(
            fs::read_dir(file.parent().unwrap()).unwrap().count(),
            1,
            "nothing else is left"
        );
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
