//! What the window keeps for a person: how it looks, their keys, the folders they opened last.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

pub use workspace::settings::{home, logs_folder};

use crate::{Code, Error};

/// How many folders are remembered.
const REMEMBERED: usize = 12;
/// How many exports are.
const EXPORTS: usize = 40;

/// What was chosen in the window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Its colours.
    pub theme: ThemeChoice,
    /// Terminals.
    pub terminal: TerminalSettings,
    /// The editor.
    pub editor: EditorSettings,
    /// Keys of actions that were changed.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Folders, the last one first.
    pub recent: Vec<RecentWorkspace>,
    /// Exports, the last one first; one for each bundle and destination.
    pub exports: Vec<PastExport>,
    /// Sizes of panes and the like.
    #[ts(type = "Record<string, unknown>")]
    pub layout: Map<String, Value>,
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// As the system has them.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// With the most contrast.
    HighContrast,
}

/// Choices for terminals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct TerminalSettings {
    /// The font, if it is not ours.
    pub font_family: Option<String>,
    /// Its size in pixels.
    pub font_size: f64,
    /// Height of a line, in heights of the font.
    pub line_height: f64,
    /// Lines that are kept above the screen.
    pub scrollback: u32,
    /// Whether what is selected is copied at once.
    pub copy_on_select: bool,
    /// Whether the cursor blinks.
    pub cursor_blink: bool,
    /// Whether the screen is told to a screen reader.
    pub screen_reader: bool,
}

impl Default for TerminalSettings {
    fn default() -> Self {
        Self {
            font_family: None,
            font_size: 13.0,
            line_height: 1.2,
            scrollback: 10_000,
            copy_on_select: false,
            cursor_blink: false,
            screen_reader: false,
        }
    }
}

/// Choices for the editor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct EditorSettings {
    /// Size of the font in pixels.
    pub font_size: f64,
    /// Whether the form is shown beside task.yaml.
    pub form_view: bool,
}

impl Default for EditorSettings {
    fn default() -> Self {
        Self {
            font_size: 13.0,
            form_view: false,
        }
    }
}

/// A folder that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecentWorkspace {
    /// The folder.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// When it was opened last, as RFC 3339.
    pub opened_at: String,
}

/// An export that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PastExport {
    /// The folder of the bundle.
    pub bundle: String,
    /// Where it went, as it was written.
    pub to: String,
    /// The file of the key it was signed with.
    pub sign: Option<String>,
    /// The file with the token for the platform.
    pub token_file: Option<String>,
    /// Whether the images were copied, too.
    pub images: bool,
    /// The digest of what is there.
    pub digest: String,
    /// When, as RFC 3339.
    pub exported_at: String,
}

/// What the app is, and where it keeps its things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppInfo {
    /// Its version.
    pub version: String,
    /// The commit it was built from, if the build said so.
    pub commit: Option<String>,
    /// The system it runs on.
    pub platform: String,
    /// Where choices are kept.
    pub settings_file: String,
    /// Where logs are.
    pub logs_folder: String,
    /// The person's own folder.
    pub home_folder: String,
}

/// What the app is.
pub fn info() -> AppInfo {
    let text = |path: Option<PathBuf>| path.map(|path| path.display().to_string()).unwrap_or_default();
    AppInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("TASKWRIGHT_COMMIT").map(str::to_owned),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        settings_file: text(workspace::settings::window_path()),
        logs_folder: text(logs_folder()),
        home_folder: text(home()),
    }
}

/// What was chosen so far.
pub fn settings() -> Result<Settings, Error> {
    workspace::settings::load(&path()?).map_err(|error| {
        Error::of(Code::Usage, &error).hint("correct the file, or remove it to begin with the defaults")
    })
}

/// Keeps what was chosen. Which folders were opened and exported is known here and not in the window, so that stays as
/// it is.
pub fn set_settings(settings: Settings) -> Result<(), Error> {
    change(|kept| {
        let (recent, exports) = (
            std::mem::take(&mut kept.recent),
            std::mem::take(&mut kept.exports),
        );
        *kept = Settings {
            recent,
            exports,
            ..settings
        };
    })
}

/// Remembers that a bundle was exported.
pub fn remember_export(export: PastExport) -> Result<(), Error> {
    change(|kept| {
        kept.exports
            .retain(|past| (&past.bundle, &past.to) != (&export.bundle, &export.to));
        kept.exports.insert(0, export);
        kept.exports.truncate(EXPORTS);
    })
}

/// Remembers that a folder was opened.
pub fn remember(folder: &str, name: &str) -> Result<(), Error> {
    change(|kept| {
        kept.recent.retain(|recent| recent.folder != folder);
        let recent = RecentWorkspace {
            folder: folder.to_owned(),
            name: name.to_owned(),
            opened_at: now(),
        };
        kept.recent.insert(0, recent);
        kept.recent.truncate(REMEMBERED);
    })
}

/// This moment, as RFC 3339.
pub fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// Changes the settings on disk, one change after the other.
fn change(change: impl FnOnce(&mut Settings)) -> Result<(), Error> {
    static CHANGING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut settings = settings()?;
    change(&mut settings);
    save(&settings)
}

fn save(settings: &Settings) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(settings).map_err(|error| Error::of(Code::Usage, &error))?;
    workspace::settings::save(&path()?, &text).map_err(|error| Error::of(Code::Disk, &error))
}

fn path() -> Result<PathBuf, Error> {
    workspace::settings::window_path().ok_or_else(|| {
        Error::new(Code::Usage, "the system names no folder for settings")
            .hint("set HOME or TASKWRIGHT_CONFIG")
    })
}
