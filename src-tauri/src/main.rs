//! The desktop app: a window, and every message of it handed to the bridge.

// A console window beside the app helps nobody.
#![cfg_attr(windows, windows_subsystem = "windows")]

mod desktop;
#[cfg(target_os = "linux")]
mod environment;
mod logs;
mod messages;

use std::process::ExitCode;
use std::sync::Arc;

use tauri::Manager;
use tracing::error;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    environment::prepare();
    logs::start();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            error!(%problem, "the window could not be opened");
            #[expect(clippy::print_stderr, reason = "there is no window to say it in")]
            {
                eprintln!("error: the window could not be opened: {problem}");
            }
            ExitCode::from(4)
        }
    }
}

fn run() -> tauri::Result<()> {
    tauri::Builder::default()
        // First, as it says itself: a second start must not do anything else.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            desktop::raise(app);
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .setup(|app| {
            let desktop = desktop::Native::new(app.handle().clone());
            app.manage(Arc::new(bridge::App::new(desktop)));
            desktop::fit(app.handle())?;
            Ok(())
        })
        .invoke_handler(messages::handle)
        .run(tauri::generate_context!())
}
