//! `sandbox`: a host cluster on this machine.

use std::io;
use std::time::Instant;

use api::sandbox::{self, Consent, DownReport, Egress, Keep, Place, Program, SandboxInfo, UpOptions};
use serde_json::{Value, json};

use super::Outcome;
use crate::args::{ImagesAct, NodeAct, Output, PathOf, SandboxAct};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;
use crate::sandbox::{
    ending, info_json, pool_of_nodes, remains, run as show, status_json, status_lines, whole,
};
use crate::terminal::unix::Ends;
use crate::words::duration;

/// Starts it, looks at it, changes it or removes it.
pub(super) async fn run(console: Console, act: SandboxAct) -> Outcome {
    match act {
        SandboxAct::Up {
            nodes,
            network,
            egress,
            yes,
        } => {
            let egress = if egress { Egress::Open } else { Egress::Closed };
            let consent = if yes { Consent::Given } else { Consent::Withheld };
            let options = UpOptions {
                nodes,
                network,
                egress,
                consent,
                ..UpOptions::default()
            };
            let began = Instant::now();
            let info = raise(console, options).await?;
            told(console, began, "up", info_json(&info), || info_lines(&info))?;
            Ok(Exit::Done)
        }
        SandboxAct::Build { yes } => build(console, yes).await,
        SandboxAct::Status => status(console).await,
        SandboxAct::Down { purge } => down(console, if purge { Keep::Nothing } else { Keep::Caches }).await,
        SandboxAct::Node { act } => node(console, act).await,
        SandboxAct::Images { act: None } => super::images::list(console).await,
        SandboxAct::Images {
            act: Some(ImagesAct::Add { extras }),
        } => super::images::add(console, &extras).await,
        SandboxAct::Path { what } => path(console, what).await,
    }
}

async fn build(console: Console, yes: bool) -> Outcome {
    let consent = if yes { Consent::Given } else { Consent::Withheld };
    let options = UpOptions {
        consent,
        ..UpOptions::default()
    };
    let (began, mut ends) = (Instant::now(), Ends::listen()?);
    let report = show(console, &mut ends, |events| sandbox::build(options, events)).await?;
    let value = json!({
        "cache": report.cache, "programs": report.programs, "images": report.images, "took": whole(report.took),
    });
    told(console, began, "built", value, || {
        vec![format!(
            "{} programs and {} images are in {}, after {}",
            report.programs,
            report.images,
            report.cache.display(),
            duration(whole(report.took))
        )]
    })?;
    Ok(Exit::Done)
}

async fn path(console: Console, what: PathOf) -> Outcome {
    let place = match what {
        PathOf::Kubeconfig => Place::Kubeconfig,
        PathOf::Chart => Place::Chart,
        PathOf::Kubectl => Place::Program(Program::Kubectl),
        PathOf::Helm => Place::Program(Program::Helm),
        PathOf::Vclusterctl => Place::Program(Program::Vclusterctl),
    };
    let path = sandbox::path(place).await?.display().to_string();
    console.result(&json!({ "path": path }), |_| vec![path.clone()])?;
    Ok(Exit::Done)
}

/// Says how a change of the sandbox ended: the last line of its log, or a few words.
pub(super) fn told(
    console: Console,
    began: Instant,
    name: &str,
    result: Value,
    lines: impl FnOnce() -> Vec<String>,
) -> io::Result<()> {
    if console.output == Output::Json {
        return console.log_line(&ending(whole(began.elapsed()), name, result));
    }
    console.print(&lines().join("\n"))
}

/// Starts the sandbox for a command that prints a log of its own, showing in words what happens.
pub(super) async fn start(console: Console, options: UpOptions) -> Result<SandboxInfo, Halt> {
    raise(console.with(Output::Text), options).await
}

async fn raise(console: Console, options: UpOptions) -> Result<SandboxInfo, Halt> {
    let mut ends = Ends::listen()?;
    let started = show(console, &mut ends, |events| sandbox::up(options, events)).await;
    if matches!(started, Err(Halt::Signal(_))) {
        console.error_line(
            "stopped half-way; `taskwright sandbox up` goes on, `taskwright sandbox down` removes it",
        )?;
    }
    started
}

fn info_lines(info: &SandboxInfo) -> Vec<String> {
    let mut lines = vec![
        format!("the sandbox is up: {}", pool_of_nodes(&info.nodes)),
        format!("  context     {}", info.context),
        format!("  kubeconfig  {}", info.kubeconfig.display()),
        format!("  API server  {}", info.server),
        format!("  registry    {}", info.registry),
    ];
    if !info.surplus.is_empty() {
        lines.push(format!(
            "kept beyond what --nodes asks for: {}; `taskwright sandbox node remove NAME` takes a node out",
            info.surplus.join(", ")
        ));
    }
    lines
}

async fn status(console: Console) -> Outcome {
    let status = sandbox::status().await?;
    console.result(&status_json(&status), |paint| status_lines(&status, paint))?;
    Ok(if status.healthy() {
        Exit::Done
    } else {
        Exit::Sandbox
    })
}

async fn down(console: Console, keep: Keep) -> Outcome {
    let began = Instant::now();
    let report = show(console, &mut Ends::listen()?, |events| {
        sandbox::down(keep, events)
    })
    .await?;
    told(console, began, "down", report_json(&report), || {
        report_lines(&report)
    })?;
    sandbox::check_gone(&report)?;
    Ok(Exit::Done)
}

fn report_json(report: &DownReport) -> Value {
    let named = |all: &[sandbox::Remains]| all.iter().map(|one| format!("{one:?}")).collect::<Vec<_>>();
    json!({
        "removed": named(&report.removed), "left": named(&report.left), "kept": report.kept,
        "took": whole(report.took),
    })
}

fn report_lines(report: &DownReport) -> Vec<String> {
    let took = duration(whole(report.took));
    let removed: Vec<String> = report
        .removed
        .iter()
        .filter(|one| one.count() > 0)
        .map(remains)
        .collect();
    let mut lines = if removed.is_empty() {
        vec!["there was nothing to remove".to_owned()]
    } else {
        vec![format!("removed {} in {took}", removed.join(", "))]
    };
    if report.left.is_empty() {
        lines.push("looked again: nothing of it is left".to_owned());
    }
    if !report.kept.is_empty() {
        let kept: Vec<String> = report
            .kept
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        lines.push(format!(
            "kept for the next start: {}; `--purge` removes it",
            kept.join(", ")
        ));
    }
    lines
}

async fn node(console: Console, act: NodeAct) -> Outcome {
    let (began, mut ends) = (Instant::now(), Ends::listen()?);
    let (done, name, sentence) = match act {
        NodeAct::Add { pool } => {
            let name = show(console, &mut ends, |events| sandbox::node_add(pool, events)).await?;
            let sentence = format!("added node {name} to the {pool} pool");
            ("node-added", name, sentence)
        }
        NodeAct::Remove { name } => {
            show(console, &mut ends, |events| sandbox::node_remove(&name, events)).await?;
            let sentence = format!("removed node {name}");
            ("node-removed", name, sentence)
        }
    };
    told(console, began, done, json!({ "node": name }), || vec![sentence])?;
    Ok(Exit::Done)
}
