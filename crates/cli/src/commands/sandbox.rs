//! `sandbox`: a host cluster on this machine.

use api::sandbox::{self, Consent, DownReport, Egress, Keep, Place, Program, SandboxInfo, Status, UpOptions};
use api::{Code, Error};
use serde_json::{Value, json};

use super::Outcome;
use crate::args::{NodeAct, PathOf, SandboxAct};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;
use crate::sandbox::{addon as addon_name, pool_of_nodes, remains, run as show};
use crate::style::{Paint, Tone};
use crate::table::table;
use crate::terminal::unix::Ends;
use crate::words::{duration, size};

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
            let info = start(
                console,
                UpOptions {
                    nodes,
                    network,
                    egress,
                    consent,
                    ..UpOptions::default()
                },
            )
            .await?;
            console.result(&info_json(&info), |_| info_lines(&info))?;
            Ok(Exit::Done)
        }
        SandboxAct::Status => status(console).await,
        SandboxAct::Down { purge } => down(console, if purge { Keep::Nothing } else { Keep::Caches }).await,
        SandboxAct::Node { act } => node(console, act).await,
        SandboxAct::Images => images(console),
        SandboxAct::Path { what } => path(console, what).await,
    }
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

/// Starts the sandbox, showing what happens.
pub(super) async fn start(console: Console, options: UpOptions) -> Result<SandboxInfo, Halt> {
    let mut ends = Ends::listen()?;
    let started = show(console, &mut ends, |events| sandbox::up(options, events)).await;
    if matches!(started, Err(Halt::Signal(_))) {
        console.error_line(
            "stopped half-way; `taskwright sandbox up` goes on, `taskwright sandbox down` removes it",
        )?;
    }
    started
}

fn info_json(info: &SandboxInfo) -> Value {
    let nodes: Vec<Value> = info
        .nodes
        .iter()
        .map(|(name, pool)| json!({ "name": name, "pool": pool.to_string() }))
        .collect();
    json!({
        "context": info.context, "kubeconfig": info.kubeconfig, "server": info.server,
        "registry": info.registry, "nodes": nodes,
    })
}

fn info_lines(info: &SandboxInfo) -> Vec<String> {
    vec![
        format!("the sandbox is up: {}", pool_of_nodes(&info.nodes)),
        format!("  context     {}", info.context),
        format!("  kubeconfig  {}", info.kubeconfig.display()),
        format!("  API server  {}", info.server),
        format!("  registry    {}", info.registry),
    ]
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

fn status_json(status: &Status) -> Value {
    let processes = status.processes.iter().map(|process| {
        json!({
            "name": process.name, "version": process.version, "pid": process.pid, "running": process.running,
            "rss": process.memory.rss, "pss": process.memory.pss, "log": process.log,
        })
    });
    let nodes = status.nodes.iter().map(|node| {
        json!({
            "name": node.name, "pool": node.pool.to_string(), "address": node.address, "ready": node.ready,
            "reason": node.reason, "rss": node.memory.rss, "pss": node.memory.pss,
        })
    });
    let addons = status
        .addons
        .iter()
        .map(|(addon, works)| json!({ "name": addon_name(*addon), "works": works }));
    json!({
        "healthy": status.healthy(),
        "sandbox": info_json(&status.info),
        "network": status.network.to_string(),
        "egress": status.open,
        "version": status.server.as_ref().ok(),
        "problem": status.server.as_ref().err(),
        "processes": processes.collect::<Vec<_>>(),
        "nodes": nodes.collect::<Vec<_>>(),
        "addons": addons.collect::<Vec<_>>(),
        "memory": { "rss": status.memory.rss, "pss": status.memory.pss },
        "disk": { "registry": status.disk.registry, "nodes": status.disk.nodes, "rest": status.disk.rest },
    })
}

fn status_lines(status: &Status, paint: Paint) -> Vec<String> {
    let server = match &status.server {
        Ok(version) => format!("Kubernetes {version} at {}", status.info.server),
        Err(problem) => format!("{} {}: {problem}", paint.tone(Tone::Bad, "✗"), status.info.server),
    };
    let disk = status.disk.registry + status.disk.nodes + status.disk.rest;
    let egress = if status.open { "open" } else { "closed" };
    let mut lines = vec![
        server,
        format!(
            "context {}, kubeconfig {}",
            status.info.context,
            status.info.kubeconfig.display()
        ),
        format!(
            "registry {}, network {}, egress {egress}",
            status.info.registry, status.network
        ),
        format!("memory {}, disk {}", size(status.memory.pss), size(disk)),
        String::new(),
    ];
    lines.extend(node_table(status, paint));
    lines.push(String::new());
    lines.extend(process_table(status, paint));
    let broken = status.addons.iter().filter(|(_, works)| !works);
    lines.extend(broken.map(|(addon, _)| {
        format!(
            "{} {} does not work",
            paint.tone(Tone::Bad, "✗"),
            addon_name(*addon)
        )
    }));
    if !status.healthy() {
        lines.push(format!(
            "{} `taskwright sandbox up` repairs what is broken",
            paint.tone(Tone::Active, "hint:")
        ));
    }
    lines
}

fn node_table(status: &Status, paint: Paint) -> Vec<String> {
    let row = |node: &sandbox::NodeStatus| {
        let state = match (&node.ready, &node.reason) {
            (true, _) => "✓ ready".to_owned(),
            (false, reason) => format!("✗ {}", reason.as_deref().unwrap_or("not ready")),
        };
        vec![
            node.name.clone(),
            node.pool.to_string(),
            node.address.clone(),
            size(node.memory.pss),
            state,
        ]
    };
    table(
        &["NODE", "POOL", "ADDRESS", "MEMORY", "STATE"],
        &status.nodes.iter().map(row).collect::<Vec<_>>(),
        paint,
    )
}

fn process_table(status: &Status, paint: Paint) -> Vec<String> {
    let row = |process: &sandbox::ProcessStatus| {
        let state = match (process.running, process.pid) {
            (true, Some(pid)) => format!("✓ {pid}"),
            (true, None) => "✓".to_owned(),
            (false, _) => format!("✗ see {}", process.log.display()),
        };
        vec![
            process.name.clone(),
            process.version.to_owned(),
            size(process.memory.pss),
            state,
        ]
    };
    table(
        &["PROCESS", "VERSION", "MEMORY", "STATE"],
        &status.processes.iter().map(row).collect::<Vec<_>>(),
        paint,
    )
}

async fn down(console: Console, keep: Keep) -> Outcome {
    let report = show(console, &mut Ends::listen()?, |events| {
        sandbox::down(keep, events)
    })
    .await?;
    console.result(&report_json(&report), |_| report_lines(&report))?;
    if report.left.is_empty() {
        return Ok(Exit::Done);
    }
    let left: Vec<String> = report.left.iter().map(remains).collect();
    let error = Error::new(
        Code::Sandbox,
        format!("something of the sandbox is left: {}", left.join(", ")),
    );
    Err(error
        .hint("`taskwright sandbox down` can be repeated; `--output json` names each thing")
        .into())
}

fn report_json(report: &DownReport) -> Value {
    let named = |all: &[sandbox::Remains]| all.iter().map(|one| format!("{one:?}")).collect::<Vec<_>>();
    json!({
        "removed": named(&report.removed), "left": named(&report.left), "kept": report.kept,
        "took": u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
    })
}

fn report_lines(report: &DownReport) -> Vec<String> {
    let took = duration(u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX));
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
    let mut ends = Ends::listen()?;
    let (name, sentence) = match act {
        NodeAct::Add { pool } => {
            let name = show(console, &mut ends, |events| sandbox::node_add(pool, events)).await?;
            let sentence = format!("added node {name} to the {pool} pool");
            (name, sentence)
        }
        NodeAct::Remove { name } => {
            show(console, &mut ends, |events| sandbox::node_remove(&name, events)).await?;
            let sentence = format!("removed node {name}");
            (name, sentence)
        }
    };
    console.result(&json!({ "node": name }), |_| vec![sentence])?;
    Ok(Exit::Done)
}

fn images(console: Console) -> Outcome {
    let images = sandbox::images();
    console.result(&images, |paint| {
        let mut lines = vec![
            "what the sandbox serves under public names, made here and not the published images:".to_owned(),
        ];
        for image in &images {
            lines.push(String::new());
            lines.extend(image.names.iter().map(|name| paint.tone(Tone::Strong, name)));
            lines.push(format!("  made of {}", image.made_of.join(", ")));
        }
        lines
    })?;
    Ok(Exit::Done)
}
