//! The sandbox as a window shows it: whether it is up, what it is made of, and what it would take to start it.

use ::sandbox::{Needs, SandboxError, default_cache};
use serde::Serialize;
use ts_rs::TS;

use super::{NodeStatus, ProcessStatus, Status};

/// The sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SandboxView {
    /// In one word.
    pub state: SandboxState,
    /// Why it is not up, when there is more to say than that.
    pub why: Option<String>,
    /// What it would take to start it.
    pub needs: NeedsView,
    /// Its processes.
    pub parts: Vec<PartView>,
    /// Its nodes.
    pub nodes: Vec<NodeView>,
    /// Memory of everything in it.
    pub memory_bytes: u64,
    /// Disk of everything in it.
    pub disk_bytes: u64,
    /// Its kubeconfig, while it is up.
    pub kubeconfig: Option<String>,
}

/// Whether the sandbox is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum SandboxState {
    /// Nothing of it runs.
    Down,
    /// All of it works.
    Up,
    /// Some of it does not work.
    Partly,
    /// It cannot be started on this machine as it is.
    Unsupported,
}

/// What starting takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NeedsView {
    /// Whether we would have to be root, and are not.
    pub root: bool,
    /// Packages of the system that would be installed.
    pub packages: Vec<String>,
    /// About how many minutes it takes to build what is not there.
    pub build_minutes: Option<u32>,
}

/// One process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PartView {
    /// Such as `kubelet`.
    pub name: String,
    /// The node it belongs to; nothing for the control plane.
    pub node: Option<String>,
    /// Whether it runs.
    pub running: bool,
    /// Its version.
    pub version: Option<String>,
    /// Its memory, while it runs.
    pub memory_bytes: Option<u64>,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NodeView {
    /// Its name.
    pub name: String,
    /// `control` or `task`.
    pub pool: String,
    /// Whether it takes pods.
    pub ready: bool,
}

/// Looks at the sandbox.
pub async fn view() -> SandboxView {
    let cache = default_cache();
    let (status, needs) = futures::join!(::sandbox::status(), ::sandbox::needs(&cache));
    of(status, needs)
}

fn of(status: Result<Status, SandboxError>, needs: Needs) -> SandboxView {
    let offer = |state: SandboxState, why: Option<String>, needs: Needs| SandboxView {
        state,
        why,
        needs: needs_view(needs),
        parts: Vec::new(),
        nodes: Vec::new(),
        memory_bytes: 0,
        disk_bytes: 0,
        kubeconfig: None,
    };
    match status {
        Ok(status) => running(&status, needs),
        Err(SandboxError::NotUp) if needs.obstacles.is_empty() => offer(SandboxState::Down, None, needs),
        Err(SandboxError::NotUp) => {
            let obstacles: Vec<String> = needs.obstacles.iter().map(ToString::to_string).collect();
            offer(SandboxState::Unsupported, Some(obstacles.join("; ")), needs)
        }
        Err(error) => offer(SandboxState::Unsupported, Some(error.to_string()), needs),
    }
}

fn running(status: &Status, needs: Needs) -> SandboxView {
    let stopped = status.processes.iter().all(|process| !process.running);
    let (state, why) = match &status.server {
        _ if stopped => (
            SandboxState::Down,
            Some("its processes have ended, as they do with the machine"),
        ),
        _ if status.healthy() => (SandboxState::Up, None),
        Err(why) => (SandboxState::Partly, Some(why.as_str())),
        Ok(_) => (SandboxState::Partly, None),
    };
    SandboxView {
        state,
        why: why.map(str::to_owned),
        needs: needs_view(needs),
        parts: status.processes.iter().map(part).collect(),
        nodes: status.nodes.iter().map(node).collect(),
        memory_bytes: status.memory.pss,
        disk_bytes: status.disk.registry + status.disk.nodes + status.disk.rest,
        kubeconfig: (!stopped).then(|| status.info.kubeconfig.display().to_string()),
    }
}

fn needs_view(needs: Needs) -> NeedsView {
    NeedsView {
        root: needs.is_root_missing,
        packages: needs.packages,
        build_minutes: needs.build_minutes,
    }
}

fn part(process: &ProcessStatus) -> PartView {
    let (member, name) = process.name.split_once('/').unwrap_or(("", &process.name));
    PartView {
        name: name.to_owned(),
        node: Some(member.to_owned()).filter(|member| member != ::sandbox::PLANE),
        running: process.running,
        version: Some(process.version.to_owned()),
        memory_bytes: process.running.then_some(process.memory.pss),
    }
}

fn node(node: &NodeStatus) -> NodeView {
    NodeView {
        name: node.name.clone(),
        pool: node.pool.to_string(),
        ready: node.ready,
    }
}

#[cfg(test)]
mod tests {
    use ::sandbox::Problem;

    use super::*;

    fn needs(obstacles: Vec<Problem>) -> Needs {
        Needs {
            is_root_missing: true,
            packages: vec!["runc".to_owned()],
            build_minutes: Some(15),
            obstacles,
        }
    }

    #[test]
    fn a_sandbox_that_is_down_says_what_it_takes() {
        let view = of(Err(SandboxError::NotUp), needs(Vec::new()));
        assert_eq!((view.state, view.why), (SandboxState::Down, None));
        let expected = NeedsView {
            root: true,
            packages: vec!["runc".to_owned()],
            build_minutes: Some(15),
        };
        assert_eq!(view.needs, expected);
    }

    #[test]
    fn a_machine_that_cannot_run_it_says_why() {
        let view = of(Err(SandboxError::NotUp), needs(vec![Problem::NoCgroups]));
        assert_eq!(view.state, SandboxState::Unsupported);
        assert_eq!(view.why, Some(Problem::NoCgroups.to_string()));
    }

    #[test]
    fn a_part_names_its_node() {
        let process = |name: &str, running| ProcessStatus {
            name: name.to_owned(),
            version: "1.36.3",
            pid: Some(1),
            running,
            memory: crate::sandbox::Memory { rss: 9, pss: 7 },
            log: "/log".into(),
        };
        let etcd = part(&process("plane/etcd", true));
        assert_eq!(
            (etcd.name.as_str(), etcd.node, etcd.memory_bytes),
            ("etcd", None, Some(7))
        );
        let kubelet = part(&process("task-1/kubelet", false));
        assert_eq!(
            (kubelet.node.as_deref(), kubelet.memory_bytes),
            (Some("task-1"), None)
        );
    }
}
