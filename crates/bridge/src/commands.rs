//! The commands: what is answered at once.

use std::path::PathBuf;

use api::hosts::{self, DoctorReport, HostHealth, HostList};
use api::previews::PreviewView;
use api::sandbox::{self, SandboxView};
use api::window::{self, AppInfo, Settings};
use api::{Code, Error};

use crate::plan::PreviewPlan;
use crate::table::commands;
use crate::terminals::TerminalView;

commands! {
    /// What the app is.
    app_info() -> AppInfo = |_app| Ok(window::info());
    get_settings() -> Settings = |_app| window::settings();
    set_settings(settings: Settings) -> () = |_app| window::set_settings(&settings);
    pick_folder(title: String) -> Option<PathBuf> = |app| app.desktop.pick_folder(title).await;
    open_external(url: String) -> () = |app| app.desktop.open_url(&address(url)?);

    plan_preview(bundle: PathBuf, context: String) -> PreviewPlan = |app| {
        let bundle = crate::bundle::open(&bundle)?;
        app.hosts.with(&context, async |host| crate::plan::plan(&bundle, &host).await).await
    };

    list_hosts() -> HostList = |_app| hosts::list();
    probe_host(context: String) -> HostHealth = |_app| hosts::probe(&context).await;
    doctor(context: String) -> DoctorReport = |_app| hosts::doctor(&context).await;
    sandbox_status() -> SandboxView = |_app| Ok(sandbox::view().await);
    list_previews(context: String) -> Vec<PreviewView> = |app| crate::previews::list(app, &context).await;

    list_terminals() -> Vec<TerminalView> = |app| Ok(app.terminals.list());
}

/// Only addresses of the web are opened: others start programs.
fn address(url: String) -> Result<String, Error> {
    let is_web = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
    if is_web && !url.chars().any(char::is_control) {
        return Ok(url);
    }
    Err(Error::new(Code::Usage, "only http and https addresses are opened"))
}
