//! The container runtime of a node, with a store of its own, pulling every known registry from ours.

use std::fmt::Write;
use std::path::PathBuf;

use super::{Invocation, NodeSite, REGISTRY_PORT, Tool, shown};

/// Registries whose images ours serves. Each has a folder of its own there, named like it, so that
/// `docker.io/library/nginx` and `quay.io/library/nginx` stay two things.
pub(super) const MIRRORED: [(&str, &str); 7] = [
    ("docker.elastic.co", "https://docker.elastic.co"),
    ("docker.io", "https://registry-1.docker.io"),
    ("ghcr.io", "https://ghcr.io"),
    ("mirror.gcr.io", "https://mirror.gcr.io"),
    ("quay.io", "https://quay.io"),
    ("registry.k8s.io", "https://registry.k8s.io"),
    ("registry.taskwright.dev", "https://registry.taskwright.dev"),
];

/// The pod's first container; its image is ours under its public name.
const PAUSE: &str = "registry.k8s.io/pause:3.10.2";

pub(super) fn invocation(node: &NodeSite) -> Invocation {
    let file = node.layout.containerd_config();
    let shim = (node.site.tool)(Tool::ContainerdShim);
    let mut invocation = Invocation::new(Tool::Containerd, vec!["--config".into(), shown(&file)]);
    invocation.files = vec![(file, configuration(node, &shown(&shim)))];
    invocation
        .files
        .extend(MIRRORED.map(|(registry, origin)| mirror(node, registry, origin)));
    invocation.files.push(pod_network(node));
    invocation
        .files
        .push(node.kubeconfig("calico", "calico.kubeconfig"));
    invocation
}

fn configuration(node: &NodeSite, shim: &str) -> String {
    let layout = &node.layout;
    format!(
        r#"version = 3
root = "{root}"
state = "{state}"
oom_score = 0
# NRI has one socket per machine, and nobody here listens to it.
disabled_plugins = ["io.containerd.nri.v1.nri"]

[grpc]
address = "{socket}"

[debug]
level = "warn"

[plugins.'io.containerd.internal.v1.opt']
path = "{root}/opt"

[plugins.'io.containerd.shim.v1.manager']
socket_dir = "{shims}"

# A crash of this process loses nothing by this; a power cut may cost the store, which is filled anew.
[plugins.'io.containerd.metadata.v1.bolt']
no_sync = true

[plugins.'io.containerd.cri.v1.images']
snapshotter = "overlayfs"
discard_unpacked_layers = true
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "{PAUSE}"
[plugins.'io.containerd.cri.v1.images'.registry]
config_path = "{mirrors}"

[plugins.'io.containerd.cri.v1.runtime']
# Without CAP_SYS_RESOURCE no process may lower its score, and every pod would die of it.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
enable_criu = false
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["{cni_bin}", "/usr/lib/cni", "/opt/cni/bin"]
conf_dir = "{cni_config}"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
runtime_path = "{shim}"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
Root = "{runc}"
"#,
        root = shown(&layout.containerd_root()),
        state = shown(&layout.containerd_run()),
        socket = shown(&layout.containerd_socket()),
        shims = shown(&layout.shim_sockets()),
        mirrors = shown(&layout.mirrors()),
        cni_bin = shown(&layout.cni_bin()),
        cni_config = shown(&layout.cni_config()),
        runc = shown(&layout.runc()),
    )
}

/// Leads one registry to ours. A closed sandbox names no origin: an image we lack is then missing at once,
/// instead of after a minute of trying to reach the world.
fn mirror(node: &NodeSite, registry: &str, origin: &str) -> (PathBuf, String) {
    let ours = format!(
        "http://{}:{REGISTRY_PORT}/v2/{registry}",
        node.site.state.addresses.plane()
    );
    let mut text = if node.site.state.egress {
        format!("server = \"{origin}\"\n")
    } else {
        format!("server = \"{ours}\"\noverride_path = true\n")
    };
    let _infallible = write!(
        text,
        "\n[host.\"{ours}\"]\ncapabilities = [\"pull\", \"resolve\"]\noverride_path = true\ndial_timeout = \"2s\"\n"
    );
    (node.layout.mirrors().join(registry).join("hosts.toml"), text)
}

/// Calico makes the pod's cable and its policies, `host-local` its address, from the node's own range.
fn pod_network(node: &NodeSite) -> (PathBuf, String) {
    let layout = &node.layout;
    let configuration = serde_json::json!({
        "cniVersion": "1.0.0",
        "name": "taskwright",
        "plugins": [
            {
                "type": "calico",
                "log_level": "warning",
                "log_file_path": shown(&node.site.layout.log(&format!("{}/cni", node.name))),
                "datastore_type": "kubernetes",
                "nodename": node.name,
                "nodename_file_optional": true,
                "mtu": 1500,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": node.site.state.addresses.node_pods(node.record.number).to_string()}]],
                    "dataDir": shown(&layout.cni_data()),
                },
                "policy": {"type": "k8s"},
                "kubernetes": {"kubeconfig": shown(&layout.config().join("calico.kubeconfig"))},
            },
            {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}},
        ],
    });
    (
        layout.cni_config().join("10-taskwright.conflist"),
        configuration.to_string(),
    )
}
