//! The command lines and files of every part, whole, as snapshots.

use super::*;
use crate::addresses::AddressPlan;

fn state() -> State {
    let mut state = State::new(AddressPlan::free_of(&[]).unwrap());
    for pool in [Pool::Control, Pool::Task, Pool::Task] {
        state.add_node(pool).unwrap();
    }
    state
}

fn rendered(member: &str, part: Part, egress: bool) -> String {
    let layout = Layout::default();
    let mut state = state();
    state.egress = egress;
    let cgroups = Cgroups::mounted("1 1 0:1 / /cgroup rw - cgroup2 cgroup2 rw\n").unwrap();
    let tool = |tool: Tool| PathBuf::from("/cache").join(tool.name());
    let site = Site {
        layout: &layout,
        state: &state,
        tool: &tool,
        cgroups: &cgroups,
    };
    let node = |name: &'static str| NodeSite {
        site: &site,
        name,
        record: state.nodes[name],
        layout: layout.node(name),
    };
    let invocation = match (member, part) {
        (_, Part::Etcd) => etcd::invocation(&site),
        (_, Part::Registry) => registry::invocation(&site),
        (_, Part::ApiServer) => api_server::invocation(&site),
        (_, Part::ControllerManager) => controller_manager::invocation(&site),
        (_, Part::Scheduler) => scheduler::invocation(&site),
        ("control-1", Part::Kubelet) => kubelet::invocation(&node("control-1")),
        (_, Part::Containerd) => containerd::invocation(&node("task-1")),
        (_, Part::Kubelet) => kubelet::invocation(&node("task-1")),
        (_, Part::KubeProxy) => kube_proxy::invocation(&node("task-1")),
        (_, Part::Felix) => felix::invocation(&node("task-1")),
    };
    text(&invocation)
}

fn text(invocation: &Invocation) -> String {
    let env = invocation
        .env
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let mut lines: Vec<String> = env.collect();
    lines.push(invocation.tool.to_string());
    lines.extend(invocation.args.iter().map(|argument| format!("  {argument}")));
    for (path, text) in &invocation.files {
        let pretty = serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|value| serde_json::to_string_pretty(&value).ok());
        lines.push(format!(
            "--- {}\n{}",
            path.display(),
            pretty.unwrap_or_else(|| text.clone())
        ));
    }
    lines.join("\n")
}

#[test]
fn parts_beside_the_nodes() {
    for part in Part::PLANE {
        insta::assert_snapshot!(format!("plane-{}", part.name()), rendered(PLANE, part, false));
    }
}

#[test]
fn parts_of_a_node() {
    for part in Part::NODE {
        insta::assert_snapshot!(format!("node-{}", part.name()), rendered("task-1", part, false));
    }
}

#[test]
fn a_control_node_is_tainted() {
    let kubelet = rendered("control-1", Part::Kubelet, false);
    assert!(kubelet.contains("\"effect\": \"NoSchedule\""), "{kubelet}");
    assert!(!rendered("task-1", Part::Kubelet, false).contains("NoSchedule"));
}

#[test]
fn an_open_sandbox_falls_back_to_the_origin_of_an_image() {
    assert!(rendered("task-1", Part::Containerd, true).contains("server = \"https://registry-1.docker.io\""));
    assert!(!rendered("task-1", Part::Containerd, false).contains("registry-1.docker.io"));
}

#[test]
fn every_registry_of_the_catalogue_is_mirrored() {
    for registry in crate::images::registries() {
        assert!(
            containerd::MIRRORED.iter().any(|(name, _)| *name == registry),
            "{registry}"
        );
    }
}
