//! What only a program with a window can do: dialogs of the system, its browser, its own window.

use std::path::PathBuf;

use api::{Code, Error};
use futures::FutureExt;
use futures::future::BoxFuture;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tauri_plugin_opener::OpenerExt;
use tokio::sync::oneshot;

/// The system that the app runs on.
pub(crate) struct Native {
    app: AppHandle,
}

impl Native {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app }
    }
}

impl bridge::Desktop for Native {
    fn pick_folder(&self, title: String) -> BoxFuture<'_, Result<Option<PathBuf>, Error>> {
        let (tell, chosen) = oneshot::channel();
        let dialog = self.app.dialog().file().set_title(title);
        // Whoever asked may have gone away.
        dialog.pick_folder(move |folder| drop(tell.send(folder)));
        path_of(chosen).boxed()
    }

    fn pick_file(&self, title: String) -> BoxFuture<'_, Result<Option<PathBuf>, Error>> {
        let (tell, chosen) = oneshot::channel();
        let dialog = self.app.dialog().file().set_title(title);
        dialog.pick_file(move |file| drop(tell.send(file)));
        path_of(chosen).boxed()
    }

    fn open_url(&self, url: &str) -> Result<(), Error> {
        self.app
            .opener()
            .open_url(url, None::<&str>)
            .map_err(|error| Error::new(Code::Usage, format!("the browser cannot be started: {error}")))
    }
}

/// What was chosen in a dialog.
async fn path_of(chosen: oneshot::Receiver<Option<FilePath>>) -> Result<Option<PathBuf>, Error> {
    let chosen = chosen.await.ok().flatten();
    chosen
        .map(FilePath::into_path)
        .transpose()
        .map_err(|error| Error::new(Code::Disk, format!("what was chosen cannot be used: {error}")))
}

/// Fills a screen that is smaller than the window would be.
pub(crate) fn fit(app: &AppHandle) -> tauri::Result<()> {
    let Some(window) = app.get_webview_window("main") else {
        return Ok(());
    };
    let Some(monitor) = window.current_monitor()? else {
        return Ok(());
    };
    let (size, room) = (window.outer_size()?, monitor.size());
    if size.width > room.width || size.height > room.height {
        window.set_position(*monitor.position())?;
        window.set_size(*room)?;
    }
    Ok(())
}

/// Shows the window that is there, after somebody started the app again.
pub(crate) fn raise(app: &AppHandle) {
    let Some(window) = app.get_webview_window("main") else {
        return;
    };
    for done in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = done {
            tracing::warn!(%error, "the window could not be shown");
        }
    }
}
