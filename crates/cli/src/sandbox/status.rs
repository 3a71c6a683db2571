//! What `sandbox status` shows: first whether all is well, then where it is, then every node and part.

use api::sandbox::words::{addon, pool_of_nodes};
use api::sandbox::{Memory, NodeStatus, ProcessStatus, Status};
use serde_json::{Value, json};

use crate::line::Line;
use crate::style::{Paint, Tone};
use crate::table::table;
use crate::words::{count, size};

/// Everything about a sandbox, for programs.
pub fn status_json(status: &Status) -> Value {
    let addons = status
        .addons
        .iter()
        .map(|(which, works)| json!({ "name": addon(*which), "works": works }));
    json!({
        "healthy": status.healthy(),
        "sandbox": super::log::info(&status.info),
        "network": status.network.to_string(),
        "egress": status.open,
        "version": status.server.as_ref().ok(),
        "problem": status.server.as_ref().err(),
        "processes": status.processes.iter().map(process_json).collect::<Vec<_>>(),
        "nodes": status.nodes.iter().map(node_json).collect::<Vec<_>>(),
        "addons": addons.collect::<Vec<_>>(),
        "memory": {
            "rss": status.memory.rss, "pss": status.memory.pss,
            "parts": { "rss": parts(status).rss, "pss": parts(status).pss },
        },
        "disk": { "registry": status.disk.registry, "nodes": status.disk.nodes, "rest": status.disk.rest },
    })
}

fn process_json(process: &ProcessStatus) -> Value {
    json!({
        "name": process.name, "version": process.version, "pid": process.pid, "running": process.running,
        "rss": process.memory.rss, "pss": process.memory.pss, "log": process.log,
    })
}

fn node_json(node: &NodeStatus) -> Value {
    json!({
        "name": node.name, "pool": node.pool.to_string(), "address": node.address, "ready": node.ready,
        "reason": node.reason, "rss": node.memory.rss, "pss": node.memory.pss,
    })
}

/// Everything about a sandbox, for people.
pub fn status_lines(status: &Status, paint: Paint) -> Vec<String> {
    let mut lines = vec![verdict(status).paint(paint), String::new()];
    lines.extend(facts(status).into_iter().map(|(name, fact)| {
        Line::plain("  ")
            .tone(Tone::Faint, name)
            .pad(14)
            .join(fact)
            .paint(paint)
    }));
    lines.push(String::new());
    lines.extend(node_table(status, paint));
    lines.push(String::new());
    lines.extend(part_table(status, paint));
    lines.extend(remedy(status, paint));
    lines
}

fn verdict(status: &Status) -> Line {
    if status.healthy() {
        let nodes = pool_of_nodes(&status.info.nodes);
        return Line::default()
            .tone(Tone::Good, "✓")
            .text(format!(" the sandbox is up: {nodes}"));
    }
    let stopped = stopped(status).count();
    let waiting = status.nodes.iter().filter(|node| !node.ready).count();
    let mut troubles = Vec::new();
    if stopped > 0 {
        troubles.push(format!("{} stopped", count(stopped, "part")));
    }
    if status.server.is_err() {
        troubles.push("the API server does not answer".to_owned());
    } else if waiting > 0 {
        troubles.push(format!("{} not ready", count(waiting, "node")));
    }
    if troubles.is_empty() {
        troubles.push("an addon does not work".to_owned());
    }
    Line::default()
        .tone(Tone::Bad, "✗")
        .text(format!(" the sandbox needs repair: {}", troubles.join(", ")))
}

fn facts(status: &Status) -> Vec<(&'static str, Line)> {
    let version = match &status.server {
        Ok(version) => version.clone(),
        Err(_) => "no answer".to_owned(),
    };
    let world = if status.open {
        "open to the world"
    } else {
        "closed to the world"
    };
    let disk = status.disk.registry + status.disk.nodes + status.disk.rest;
    let plain = |text: String| Line::plain(text);
    vec![
        (
            "Kubernetes",
            plain(format!("{version} at {}", status.info.server)),
        ),
        ("context", plain(status.info.context.to_owned())),
        ("kubeconfig", plain(status.info.kubeconfig.display().to_string())),
        ("registry", plain(status.info.registry.clone())),
        ("network", plain(format!("{}, {world}", status.network))),
        ("addons", addons(status)),
        (
            "memory",
            plain(format!("{} with all pods", size(status.memory.pss))),
        ),
        (
            "disk",
            plain(format!(
                "{}: images {}, nodes {}, the rest {}",
                size(disk),
                size(status.disk.registry),
                size(status.disk.nodes),
                size(status.disk.rest)
            )),
        ),
    ]
}

fn addons(status: &Status) -> Line {
    if status.addons.is_empty() {
        return Line::plain("unknown");
    }
    let mut line = Line::default();
    for (place, (which, works)) in status.addons.iter().enumerate() {
        let (tone, symbol) = if *works {
            (Tone::Good, "✓")
        } else {
            (Tone::Bad, "✗")
        };
        line = line
            .text(if place == 0 { "" } else { "  " })
            .tone(tone, symbol)
            .text(format!(" {}", addon(*which)));
    }
    line
}

fn node_table(status: &Status, paint: Paint) -> Vec<String> {
    let row = |node: &NodeStatus| {
        let state = match (&node.ready, &node.reason) {
            (true, _) => "✓ ready".to_owned(),
            (false, reason) => format!("✗ {}", reason.as_deref().unwrap_or("not ready")),
        };
        let memory = size(node.memory.pss);
        vec![
            node.name.clone(),
            node.pool.to_string(),
            node.address.clone(),
            memory,
            state,
        ]
    };
    let rows: Vec<_> = status.nodes.iter().map(row).collect();
    table(&["NODE", "POOL", "ADDRESS", "MEMORY", "STATE"], &rows, paint)
}

fn part_table(status: &Status, paint: Paint) -> Vec<String> {
    let row = |process: &ProcessStatus| {
        let (memory, state) = match (process.running, process.pid) {
            (true, Some(pid)) => (size(process.memory.pss), format!("✓ process {pid}")),
            (true, None) => (size(process.memory.pss), "✓ runs".to_owned()),
            (false, Some(_)) => ("-".to_owned(), "✗ stopped".to_owned()),
            (false, None) => ("-".to_owned(), "✗ never started".to_owned()),
        };
        vec![process.name.clone(), process.version.to_owned(), memory, state]
    };
    let mut rows: Vec<_> = status.processes.iter().map(row).collect();
    let sum = size(parts(status).pss);
    rows.push(vec!["all parts".to_owned(), String::new(), sum, String::new()]);
    table(&["PART", "VERSION", "MEMORY", "STATE"], &rows, paint)
        .into_iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn remedy(status: &Status, paint: Paint) -> Vec<String> {
    if status.healthy() {
        return Vec::new();
    }
    let hint = paint.tone(Tone::Active, "hint:");
    let mut lines = vec![
        String::new(),
        format!("{hint} `taskwright sandbox up` starts what is stopped and repairs the rest"),
    ];
    lines.extend(
        stopped(status)
            .take(3)
            .map(|process| format!("{hint} why {} stopped: {}", process.name, process.log.display())),
    );
    lines
}

fn stopped(status: &Status) -> impl Iterator<Item = &ProcessStatus> {
    status.processes.iter().filter(|process| !process.running)
}

fn parts(status: &Status) -> Memory {
    let each = status.processes.iter().map(|process| process.memory);
    each.fold(Memory::default(), std::ops::Add::add)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use api::sandbox::{Addon, Disk, Pool, SandboxInfo};

    use super::*;

    fn memory(megabytes: u64) -> Memory {
        Memory {
            rss: megabytes * 1_100_000,
            pss: megabytes * 1_000_000,
        }
    }

    fn part(name: &str, version: &'static str, running: bool) -> ProcessStatus {
        ProcessStatus {
            name: name.to_owned(),
            version,
            pid: Some(4242),
            running,
            memory: if running { memory(30) } else { Memory::default() },
            log: format!("/state/logs/{}.log", name.replace('/', "-")).into(),
        }
    }

    fn status(kubelet_runs: bool) -> Status {
        let node = NodeStatus {
            name: "task-1".to_owned(),
            pool: Pool::Task,
            address: "10.213.0.12".to_owned(),
            ready: kubelet_runs,
            reason: (!kubelet_runs).then(|| "Kubelet stopped posting node status.".to_owned()),
            memory: memory(140),
        };
        Status {
            info: SandboxInfo {
                kubeconfig: "/state/kubeconfig".into(),
                context: "taskwright-sandbox",
                server: "https://10.213.0.2:6443".to_owned(),
                registry: "10.213.0.2:5000".to_owned(),
                nodes: BTreeMap::from([("task-1".to_owned(), Pool::Task)]),
                surplus: Vec::new(),
            },
            network: "10.213.0.0/16".parse().unwrap(),
            open: false,
            server: Ok("v1.36.3".to_owned()),
            processes: vec![
                part("plane/kube-apiserver", "v1.36.3", true),
                part("task-1/kubelet", "v1.36.3", kubelet_runs),
            ],
            nodes: vec![node],
            addons: vec![(Addon::Dns, true), (Addon::Metrics, kubelet_runs)],
            memory: memory(1200),
            disk: Disk {
                registry: 900_000_000,
                nodes: 1_000_000_000,
                rest: 70_000_000,
            },
            images: Vec::new(),
        }
    }

    #[test]
    fn all_is_well() {
        insta::assert_snapshot!(status_lines(&status(true), Paint::PLAIN).join("\n"));
    }

    #[test]
    fn a_stopped_part_is_shown_with_what_to_do() {
        insta::assert_snapshot!(status_lines(&status(false), Paint::PLAIN).join("\n"));
    }
}
