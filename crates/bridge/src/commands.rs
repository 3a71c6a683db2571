//! The commands: what is answered at once.

use std::path::PathBuf;

use api::editor::{self, CheckResult, Completions, Edited, FormEdit, Hover, Overlay, TaskValue};
use api::exports::{self, ExportSurvey};
use api::files::{self, BundleSummary, FileContent, FileNode, TemplateView, Workspace, Written};
use api::host_pods::HostPod;
use api::hosts::{self, HostHealth, HostList};
use api::markdown::{self, Rendered};
use api::objects::{ObjectRef, ObjectText};
use api::previews::PreviewView;
use api::sandbox::{self, SandboxView};
use api::window::{self, AppInfo, Settings};
use api::{Code, Error};

use crate::grading::{ProofRun, ProofView};
use crate::panels;
use crate::plan::PreviewPlan;
use crate::table::commands;
use crate::terminals::TerminalView;

commands! {
    /// What the app is.
    app_info() -> AppInfo = |_app| Ok(window::info());
    get_settings() -> Settings = |_app| window::settings();
    set_settings(settings: Settings) -> () = |_app| window::set_settings(settings);
    pick_folder(title: String) -> Option<PathBuf> = |app| app.desktop.pick_folder(title).await;
    pick_file(title: String) -> Option<PathBuf> = |app| app.desktop.pick_file(title).await;
    open_external(url: String) -> () = |app| app.desktop.open_url(&address(url)?);

    list_templates() -> Vec<TemplateView> = |_app| Ok(files::list_templates());
    new_bundle(parent: PathBuf, template: String, name: String) -> BundleSummary =
        |_app| files::new_bundle(parent, template, name).await;
    open_workspace(folder: PathBuf) -> Workspace = |_app| {
        let workspace = files::open_workspace(folder).await?;
        window::remember(&workspace.folder, &workspace.name)?;
        Ok(workspace)
    };
    list_files(bundle: PathBuf) -> Vec<FileNode> = |_app| files::list_files(bundle).await;
    read_file(bundle: PathBuf, path: String) -> FileContent = |_app| files::read_file(bundle, path).await;
    write_file(bundle: PathBuf, path: String, text: String, expected: Option<String>) -> Written =
        |_app| files::write_file(bundle, path, text, expected).await;
    rename_file(bundle: PathBuf, from: String, to: String) -> () =
        |_app| files::rename_file(bundle, from, to).await;
    delete_file(bundle: PathBuf, path: String) -> () = |_app| files::delete_file(bundle, path).await;

    check_bundle(bundle: PathBuf, overlays: Vec<Overlay>) -> CheckResult =
        |_app| editor::check_bundle(bundle, overlays).await;
    complete(bundle: PathBuf, path: String, text: String, offset: usize) -> Option<Completions> =
        |_app| editor::complete(bundle, path, text, offset).await;
    hover(path: String, text: String, offset: usize) -> Option<Hover> = |_app| Ok(editor::hover(&path, &text, offset));
    task_value(text: String) -> TaskValue = |_app| Ok(editor::task_value(&text));
    edit_task(text: String, edits: Vec<FormEdit>) -> Edited = |_app| editor::edit_task(&text, edits);
    render_markdown(text: String) -> Rendered = |_app| Ok(markdown::render_markdown(&text));

    plan_preview(bundle: PathBuf, context: String) -> PreviewPlan = |app| {
        let bundle = crate::bundle::open(&bundle)?;
        app.hosts.with(&context, async |host| crate::plan::plan(&bundle, &host).await).await
    };

    proof_state(bundle: PathBuf) -> ProofView = |_app| crate::grading::proof_state(&bundle);
    list_proofs() -> Vec<ProofRun> = |app| Ok(app.proofs.under_way());
    survey_export(bundle: PathBuf, to: Option<String>) -> ExportSurvey =
        |_app| exports::survey(&crate::bundle::open(&bundle)?, to.as_deref()).await;

    list_hosts() -> HostList = |_app| hosts::list();
    probe_host(context: String) -> HostHealth = |_app| hosts::probe(&context).await;
    sandbox_status() -> SandboxView = |_app| Ok(sandbox::view().await);
    list_previews(context: String) -> Vec<PreviewView> = |app| crate::previews::list(app, &context).await;

    list_terminals() -> Vec<TerminalView> = |app| Ok(app.terminals.list());

    object_yaml(context: String, preview: String, kind: String, api_version: String, namespace: Option<String>, name: String) -> ObjectText =
        |app| panels::object_yaml(app, &context, &preview, ObjectRef { api_version, kind, namespace, name }).await;
    host_pod(context: String, preview: String, namespace: String, name: String) -> HostPod =
        |app| panels::host_pod(app, &context, &preview, &namespace, &name).await;
}

/// Only addresses of the web are opened: others start programs.
fn address(url: String) -> Result<String, Error> {
    let is_web = ["https://", "http://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    if is_web && !url.chars().any(char::is_control) {
        return Ok(url);
    }
    Err(Error::new(
        Code::Usage,
        "only http and https addresses are opened",
    ))
}
