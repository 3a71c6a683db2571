//! What happens to a sandbox as lines of JSON, for programs: each with its time and one word for what it is.

use api::sandbox::{ImageEvent, Remains, SandboxEvent, SandboxInfo, StartCause, ToolEvent, words};
use serde_json::{Value, json};

/// An event that happened so many milliseconds after the start.
pub(super) fn entry(at: u64, event: &SandboxEvent) -> Value {
    let (name, detail) = told(event);
    with(at, name, detail)
}

/// The last line of a change that went well.
pub fn ending(at: u64, name: &str, result: Value) -> Value {
    with(at, name, result)
}

fn with(at: u64, name: &str, detail: Value) -> Value {
    let mut entry = json!({ "at": at, "event": name });
    if let (Value::Object(entry), Value::Object(detail)) = (&mut entry, detail) {
        entry.extend(detail);
    }
    entry
}

/// A sandbox that is up.
pub fn info(info: &SandboxInfo) -> Value {
    let nodes = info
        .nodes
        .iter()
        .map(|(name, pool)| json!({ "name": name, "pool": pool.to_string() }));
    json!({
        "context": info.context, "kubeconfig": info.kubeconfig, "server": info.server,
        "registry": info.registry, "nodes": nodes.collect::<Vec<_>>(), "surplus": info.surplus,
    })
}

fn told(event: &SandboxEvent) -> (&'static str, Value) {
    match event {
        SandboxEvent::InstallingPackages(packages) => {
            ("installing-packages", json!({ "packages": packages }))
        }
        SandboxEvent::Tool(event) => tool(event),
        SandboxEvent::Image(event) => image(event),
        SandboxEvent::Began(step) => ("began", json!({ "step": words::step_id(*step) })),
        SandboxEvent::Ended(step) => ("ended", json!({ "step": words::step_id(*step) })),
        SandboxEvent::Started { process, cause } => (
            "process-started",
            json!({ "process": process, "cause": why(*cause) }),
        ),
        SandboxEvent::EndedEarly {
            process,
            time,
            of,
            reason,
        } => (
            "process-ended-early",
            json!({ "process": process, "time": time, "of": of, "reason": reason }),
        ),
        SandboxEvent::NodeReady { name, pool } => {
            ("node-ready", json!({ "node": name, "pool": pool.to_string() }))
        }
        SandboxEvent::AddonReady(addon) => ("addon-ready", json!({ "addon": words::addon(*addon) })),
        SandboxEvent::Removed(remains) => (
            "removed",
            json!({ "kind": kind(remains), "count": remains.count() }),
        ),
    }
}

fn tool(event: &ToolEvent) -> (&'static str, Value) {
    match event {
        ToolEvent::Cached { tool } => ("program-cached", json!({ "program": tool.name() })),
        ToolEvent::Broken { tool } => ("program-broken", json!({ "program": tool.name() })),
        ToolEvent::Building {
            tools,
            done,
            of,
            elapsed,
        } => {
            let names: Vec<_> = tools.iter().map(|tool| tool.name()).collect();
            let elapsed = words::whole(*elapsed);
            (
                "programs-building",
                json!({ "programs": names, "done": done, "of": of, "elapsed": elapsed }),
            )
        }
        ToolEvent::Built { tool, n, of, elapsed } => {
            let elapsed = words::whole(*elapsed);
            (
                "program-built",
                json!({ "program": tool.name(), "n": n, "of": of, "elapsed": elapsed }),
            )
        }
    }
}

fn image(event: &ImageEvent) -> (&'static str, Value) {
    let making = |image: &api::sandbox::Image, n: &usize, of: &usize, elapsed: &std::time::Duration| {
        let elapsed = words::whole(*elapsed);
        json!({ "image": image.to_string(), "n": n, "of": of, "elapsed": elapsed })
    };
    match event {
        ImageEvent::Cached { image } => ("image-cached", json!({ "image": image.to_string() })),
        ImageEvent::Rooting {
            image,
            n,
            of,
            elapsed,
        } => ("debian-unpacking", making(image, n, of, elapsed)),
        ImageEvent::Making {
            image,
            n,
            of,
            elapsed,
        } => ("image-making", making(image, n, of, elapsed)),
        ImageEvent::Made { image, elapsed } => {
            let elapsed = words::whole(*elapsed);
            (
                "image-made",
                json!({ "image": image.to_string(), "elapsed": elapsed }),
            )
        }
    }
}

fn why(cause: StartCause) -> &'static str {
    match cause {
        StartCause::First => "first",
        StartCause::Ended => "ended",
        StartCause::Changed => "changed",
        StartCause::CutOff => "cut-off",
    }
}

fn kind(remains: &Remains) -> &'static str {
    match remains {
        Remains::Processes(_) => "processes",
        Remains::Mounts(_) => "mounts",
        Remains::Namespaces(_) => "namespaces",
        Remains::Links(_) => "links",
        Remains::Rules(_) => "rules",
        Remains::Cgroups(_) => "cgroups",
        Remains::Files(_) => "files",
    }
}

#[cfg(test)]
mod tests {
    use api::sandbox::Step;

    use super::*;

    #[test]
    fn an_entry_has_its_time_its_word_and_its_details() {
        let started = SandboxEvent::Started {
            process: "task-1/felix".to_owned(),
            cause: StartCause::CutOff,
        };
        assert_eq!(
            entry(7, &started),
            json!({ "at": 7, "event": "process-started", "process": "task-1/felix", "cause": "cut-off" })
        );
        assert_eq!(
            entry(8, &SandboxEvent::Began(Step::ApiServer)),
            json!({ "at": 8, "event": "began", "step": "api-server" })
        );
    }
}
