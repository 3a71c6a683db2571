//! The host cluster on this machine: starting it, looking at it, changing it, removing it.

mod progress;
mod view;
pub mod words;

use std::path::{Path, PathBuf};

use cluster::{Helm, HostContext, Kubectl};
use plan::{ChartLocation, HostSettings};
use serde::Serialize;
use tokio::sync::mpsc::UnboundedSender;

pub use ::sandbox::images::{Entry, Extra, Image, ImageEvent};
pub use ::sandbox::tools::ToolEvent;
use ::sandbox::tools::{Tool, Toolchain, vcluster_chart};
pub use ::sandbox::{
    AddReport, Addon, BuildReport, CONTEXT, Consent, Disk, DownReport, Egress, Keep, Memory, NodeCounts,
    NodeStatus, Pool, ProcessStatus, Remains, SandboxEvent, SandboxInfo, StartCause, Status, Step, Subnet,
    UpOptions,
};
use ::sandbox::{Layout, default_cache};
pub use progress::{Progress, ProgressState, SandboxProgress};
pub use view::{SandboxView, view};

use crate::{Code, Error};

/// Where events go.
pub type Events = UnboundedSender<SandboxEvent>;

/// Starts the sandbox, or whatever is missing of it.
pub async fn up(options: UpOptions, events: Events) -> Result<SandboxInfo, Error> {
    Ok(::sandbox::up(options, tell(events)).await?)
}

/// Builds everything a sandbox is made of, and starts nothing.
pub async fn build(options: UpOptions, events: Events) -> Result<BuildReport, Error> {
    Ok(::sandbox::build(&options, tell(events)).await?)
}

/// Looks at the sandbox.
pub async fn status() -> Result<Status, Error> {
    Ok(::sandbox::status().await?)
}

/// Removes the sandbox and looks whether anything is left.
pub async fn down(keep: Keep, events: Events) -> Result<DownReport, Error> {
    Ok(::sandbox::down(keep, &default_cache(), tell(events)).await?)
}

/// Says so when something is left that should not be.
pub fn check_gone(report: &DownReport) -> Result<(), Error> {
    if report.left.is_empty() {
        return Ok(());
    }
    let left: Vec<String> = report.left.iter().map(words::remains).collect();
    let message = format!("something of the sandbox is left: {}", left.join(", "));
    Err(Error::new(Code::Sandbox, message)
        .hint("`taskwright sandbox down` can be repeated; `--output json` names each thing"))
}

/// Adds a node and gives its name.
pub async fn node_add(pool: Pool, events: Events) -> Result<String, Error> {
    let (name, _) = ::sandbox::node_add(pool, &UpOptions::default(), tell(events)).await?;
    Ok(name)
}

/// Removes a node.
pub async fn node_remove(name: &str, events: Events) -> Result<(), Error> {
    Ok(::sandbox::node_remove(name, tell(events)).await?)
}

/// Something that the sandbox serves, or would when asked to.
#[derive(Debug, Clone, Serialize)]
pub struct ImageView {
    /// The full names it is served under.
    pub names: Vec<&'static str>,
    /// What it is made of.
    pub made_of: Vec<String>,
    /// What has to be added for it to be served; nothing for what every sandbox serves.
    pub extra: Option<&'static str>,
    /// Whether the registry serves it now; nothing when no sandbox is up.
    pub served: Option<bool>,
}

/// What the sandbox serves in place of public images and charts, always or when asked.
pub async fn images() -> Vec<ImageView> {
    let served = ::sandbox::served().await;
    let view = |entry: Entry| ImageView {
        served: served
            .as_ref()
            .map(|served| entry.references.iter().all(|name| served.contains(name))),
        names: entry.references.to_vec(),
        made_of: entry.made_of,
        extra: entry.extra.map(Extra::name),
    };
    ::sandbox::images::catalogue().into_iter().map(view).collect()
}

/// Adds images and charts to the sandbox that is up.
pub async fn images_add(extras: &[Extra], events: Events) -> Result<AddReport, Error> {
    Ok(::sandbox::extras_add(extras, None, tell(events)).await?)
}

/// Something of the sandbox that other programs may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Its kubeconfig.
    Kubeconfig,
    /// The vCluster chart.
    Chart,
    /// One of its programs.
    Program(Program),
}

/// A program of the sandbox that a person may want, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `kubectl`.
    Kubectl,
    /// `helm`.
    Helm,
    /// The `vcluster` command line, which the sandbox itself does not need.
    Vclusterctl,
}

/// Where something of the sandbox lies; a program that was not built yet is built first.
pub async fn path(place: Place) -> Result<PathBuf, Error> {
    let failed = |error: ::sandbox::tools::ToolsError| Error::of(Code::Sandbox, &error);
    match place {
        Place::Kubeconfig => Ok(Layout::default().kubeconfig()),
        Place::Chart => {
            let toolchain = Toolchain::locate(&default_cache()).await.map_err(failed)?;
            vcluster_chart(&toolchain).await.map_err(failed)
        }
        Place::Program(program) => {
            let tool = match program {
                Program::Kubectl => Tool::Kubectl,
                Program::Helm => Tool::Helm,
                Program::Vclusterctl => Tool::Vclusterctl,
            };
            let toolchain = Toolchain::ensure(&default_cache(), &[tool], &|_| {})
                .await
                .map_err(failed)?;
            Ok(toolchain.path(tool))
        }
    }
}

/// Somebody who has gone away needs no events; the work goes on or is dropped by whoever owns it.
fn tell(events: Events) -> impl Fn(SandboxEvent) + Send + Sync {
    move |event| {
        let _ = events.send(event);
    }
}

/// The kubeconfig of the sandbox, if it was ever started.
pub(crate) fn kubeconfig() -> Option<PathBuf> {
    Some(kubeconfig_place()).filter(|file| file.is_file())
}

/// Where the kubeconfig of the sandbox lies while it is up.
pub(crate) fn kubeconfig_place() -> PathBuf {
    Layout::default().kubeconfig()
}

/// What was set for a context; for the sandbox, also what only its cache can give: the vCluster chart.
pub(crate) async fn settings_for(context: &HostContext, set: HostSettings) -> Result<HostSettings, Error> {
    if context.name != CONTEXT || set.chart.is_some() {
        return Ok(set);
    }
    let failed = |error: ::sandbox::tools::ToolsError| Error::of(Code::Sandbox, &error);
    let toolchain = Toolchain::locate(&default_cache()).await.map_err(failed)?;
    let path = vcluster_chart(&toolchain).await.map_err(failed)?;
    Ok(HostSettings {
        chart: Some(ChartLocation::Path {
            path: path.display().to_string(),
        }),
        ..set
    })
}

/// The helm program: the one that was set, else the sandbox's own, else the one on PATH.
pub(crate) async fn helm(set: Option<&str>) -> Result<Helm, Error> {
    let own = match set {
        Some(path) => Some(PathBuf::from(path)),
        None => own_program(Tool::Helm).await,
    };
    Helm::find(own.as_deref().map(Path::new))
        .await
        .map_err(|error| Error::of(Code::Host, &error))
}

/// The kubectl program: the sandbox's own, else the one on PATH.
pub(crate) async fn kubectl() -> Result<Kubectl, Error> {
    let own = own_program(Tool::Kubectl).await;
    Kubectl::find(own.as_deref())
        .await
        .map_err(|error| Error::of(Code::Host, &error))
}

/// Where the sandbox's registry answers, if there is a sandbox.
pub(crate) fn mirror() -> Option<String> {
    ::sandbox::mirror()
}

async fn own_program(tool: Tool) -> Option<PathBuf> {
    let toolchain = Toolchain::locate(&default_cache()).await.ok()?;
    Some(toolchain.path(tool)).filter(|path| path.is_file())
}
