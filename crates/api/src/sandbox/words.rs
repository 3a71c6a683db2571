//! The words for what happens to a sandbox, the same in every front end.

use std::collections::BTreeMap;

use super::{Addon, ImageEvent, Pool, Remains, SandboxEvent, StartCause, Step, ToolEvent};

use crate::words::{count, duration};

/// A step's name.
pub fn step(step: Step) -> &'static str {
    match step {
        Step::Preflight => "preflight",
        Step::Tools => "programs",
        Step::Debian => "Debian",
        Step::Ground => "ground",
        Step::ApiServer => "API server",
        Step::Images => "images",
        Step::Objects => "objects",
        Step::Nodes => "nodes",
        Step::Addons => "addons",
        Step::Drain => "drain",
        Step::Processes => "processes",
        Step::Verify => "verify",
    }
}

/// A step's name for programs.
pub fn step_id(of: Step) -> String {
    step(of).to_lowercase().replace(' ', "-")
}

/// The step an event belongs to, when several are at work.
pub fn step_of(event: &SandboxEvent) -> Option<Step> {
    match event {
        SandboxEvent::Began(step) | SandboxEvent::Ended(step) => Some(*step),
        SandboxEvent::InstallingPackages(_) => Some(Step::Preflight),
        SandboxEvent::Tool(_) => Some(Step::Tools),
        SandboxEvent::Image(ImageEvent::Rooting { .. }) => Some(Step::Debian),
        SandboxEvent::Image(_) => Some(Step::Images),
        SandboxEvent::NodeReady { .. } => Some(Step::Nodes),
        SandboxEvent::AddonReady(_) => Some(Step::Addons),
        SandboxEvent::Started { .. } | SandboxEvent::EndedEarly { .. } | SandboxEvent::Removed(_) => None,
    }
}

/// What a long step is about, for those who see it for the first time.
pub fn about(step: Step) -> &'static str {
    match step {
        Step::Preflight => "looking at this machine",
        Step::Tools => "finding or building the programs of the cluster",
        Step::Debian => "unpacking Debian for the images",
        Step::Ground => "keys, bridge, network namespaces, cgroups",
        Step::ApiServer => "etcd and the API server",
        Step::Images => "making and serving images",
        Step::Objects => "what nodes need",
        Step::Nodes => "waiting for nodes",
        Step::Addons => "DNS, storage, metrics",
        Step::Drain => "moving pods away",
        Step::Processes => "ending processes",
        Step::Verify => "looking whether anything is left",
    }
}

/// What an event says in one line; nothing for those that only tell of steps.
pub fn event(event: &SandboxEvent) -> Option<String> {
    match event {
        SandboxEvent::Began(_) | SandboxEvent::Ended(_) => None,
        SandboxEvent::InstallingPackages(packages) => Some(format!("installing {}", packages.join(", "))),
        SandboxEvent::Tool(tool) => tool_event(tool),
        SandboxEvent::Image(image) => image_event(image),
        SandboxEvent::Started { process, cause } => Some(format!("started {process}{}", why(*cause))),
        SandboxEvent::EndedEarly {
            process,
            time,
            of,
            reason,
        } => Some(format!(
            "{process} ended early, {time} of {of} times allowed, and is started again: {reason}"
        )),
        SandboxEvent::NodeReady { name, pool } => Some(format!("node {name} of the {pool} pool takes pods")),
        SandboxEvent::AddonReady(ready) => Some(format!("{} ready", addon(*ready))),
        SandboxEvent::Removed(removed) => Some(format!("removed {}", remains(removed))),
    }
}

fn tool_event(event: &ToolEvent) -> Option<String> {
    match event {
        ToolEvent::Cached { .. } => None,
        ToolEvent::Broken { tool } => Some(format!(
            "{} in the cache is not all there and is built again",
            tool.name()
        )),
        ToolEvent::Building {
            tools,
            done,
            of,
            elapsed,
        } => Some(format!(
            "building {}; {done} of {of} done; for {}",
            some_of(tools.iter().map(|tool| tool.name())),
            milliseconds(*elapsed)
        )),
        ToolEvent::Built { tool, n, of, elapsed } => Some(format!(
            "built {}, {n} of {of}, after {}",
            tool.name(),
            milliseconds(*elapsed)
        )),
    }
}

/// The first few names, and how many more there are.
fn some_of<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 3;
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = names.take(SHOWN).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn image_event(event: &ImageEvent) -> Option<String> {
    match event {
        ImageEvent::Cached { .. } => None,
        ImageEvent::Rooting {
            image,
            n,
            of,
            elapsed,
        } => Some(format!(
            "unpacking Debian for {image}, {n} of {of}, for {}",
            milliseconds(*elapsed)
        )),
        ImageEvent::Making {
            image,
            n,
            of,
            elapsed,
        } => Some(format!(
            "making {image}, {n} of {of}, for {}",
            milliseconds(*elapsed)
        )),
        ImageEvent::Made { image, elapsed } => Some(format!("made {image} in {}", milliseconds(*elapsed))),
    }
}

/// Whether an event only repeats, with a later time, what an earlier one said.
pub fn is_tick(event: &SandboxEvent) -> bool {
    let (SandboxEvent::Tool(ToolEvent::Building { elapsed, .. })
    | SandboxEvent::Image(ImageEvent::Making { elapsed, .. } | ImageEvent::Rooting { elapsed, .. })) = event
    else {
        return false;
    };
    // Once at the start and then every half minute is enough for a log.
    elapsed.as_secs() % 30 != 0
}

fn milliseconds(elapsed: std::time::Duration) -> String {
    duration(whole(elapsed))
}

/// In whole milliseconds.
pub fn whole(elapsed: std::time::Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

fn why(cause: StartCause) -> &'static str {
    match cause {
        StartCause::First => "",
        StartCause::Ended => " again: it had ended",
        StartCause::Changed => " again: its version or settings changed",
        StartCause::CutOff => " again: its network was gone",
    }
}

/// An addon's name.
pub fn addon(addon: Addon) -> &'static str {
    match addon {
        Addon::CalicoKinds => "Calico's kinds",
        Addon::Calico => "Calico's settings",
        Addon::Isolation => "isolation",
        Addon::Dns => "DNS",
        Addon::Storage => "storage",
        Addon::Metrics => "metrics",
    }
}

/// Things by kind and number, as in `14 processes`.
pub fn remains(remains: &Remains) -> String {
    let number = remains.count();
    match remains {
        Remains::Processes(_) if number == 1 => "1 process".to_owned(),
        Remains::Processes(_) => format!("{number} processes"),
        Remains::Mounts(_) => count(number, "mount"),
        Remains::Namespaces(_) => count(number, "network namespace"),
        Remains::Links(_) => count(number, "network link"),
        Remains::Rules(_) => count(number, "packet filter rule"),
        Remains::Cgroups(_) => count(number, "cgroup"),
        Remains::Files(_) => count(number, "file or folder").replace("folders", "folder"),
    }
}

/// `1 control node, 2 task nodes`.
pub fn pool_of_nodes(nodes: &BTreeMap<String, Pool>) -> String {
    let of = |pool: Pool| nodes.values().filter(|one| **one == pool).count();
    let parts: Vec<String> = Pool::ALL
        .into_iter()
        .map(|pool| count(of(pool), &format!("{pool} node")))
        .collect();
    parts.join(", ")
}
