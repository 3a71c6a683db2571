//! The app's own log: one file in the folder that the system has for logs, begun anew when it is large.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// Above this the file is begun anew; the one before is kept.
const LARGE: u64 = 4 << 20;

/// Starts to write the log. Without a folder to write to there is none; that keeps nobody from working.
pub(crate) fn start() {
    let Some(file) = open().ok().flatten() else { return };
    let filter = EnvFilter::try_from_env("TASKWRIGHT_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // Only a second start in one process could fail, and there is none.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .try_init();
}

fn open() -> io::Result<Option<File>> {
    let Some(folder) = api::window::logs_folder() else {
        return Ok(None);
    };
    fs::create_dir_all(&folder)?;
    let path = folder.join("taskwright.log");
    if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LARGE) {
        fs::rename(&path, folder.join("taskwright.log.1"))?;
    }
    OpenOptions::new().create(true).append(true).open(path).map(Some)
}
