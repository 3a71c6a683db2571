//! The agent of a node: runs its pods.

use serde_json::{Value, json};

use super::{Authority, Invocation, NodeSite, POOL_LABEL, Tool, flags, shown};
use crate::addresses::AddressPlan;
use crate::cgroup::TREE;

/// Enough for a database and a shell in one pod; a fork bomb ends here.
const PIDS_PER_POD: u32 = 2048;

pub(super) fn invocation(node: &NodeSite) -> Invocation {
    let config = node.layout.config();
    let (kubeconfig, credentials) = node.kubeconfig(&format!("kubelet-{}", node.name), "kubelet.kubeconfig");
    let settings = config.join("kubelet.json");
    let resolver = config.join("resolv.conf");
    let args = flags([
        ("config", shown(&settings)),
        ("kubeconfig", shown(&kubeconfig)),
        ("root-dir", shown(&node.layout.kubelet_root())),
        ("hostname-override", node.name.into()),
        ("node-ip", node.address()),
        ("node-labels", labels(node)),
    ]);
    let mut invocation = Invocation::new(Tool::Kubelet, args);
    let names = format!("nameserver {}\n", AddressPlan::dns());
    invocation.files = vec![
        (settings, configuration(node).to_string()),
        (kubeconfig, credentials),
        (resolver, names),
    ];
    invocation
}

/// Every node is a zone: what has to be spread is spread over nodes.
fn labels(node: &NodeSite) -> String {
    format!(
        "{POOL_LABEL}={},topology.kubernetes.io/zone={}",
        node.record.pool, node.name
    )
}

fn configuration(node: &NodeSite) -> Value {
    let mut all = json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node.address(),
        "readOnlyPort": 0,
        "clusterDNS": [AddressPlan::dns().to_string()],
        "clusterDomain": "cluster.local",
        // Pods that ask for the node's resolver get the cluster's: a node has no other.
        "resolvConf": shown(&node.layout.config().join("resolv.conf")),
        "failSwapOn": false,
        "oomScoreAdj": 0,
        "podPidsLimit": PIDS_PER_POD,
        "podLogsDir": shown(&node.layout.pod_logs()),
        "volumePluginDir": shown(&node.layout.kubelet_root().join("volume-plugins")),
        "serializeImagePulls": false,
        "registerWithTaints": taints(node),
    });
    for section in [identity(node), cgroups(node), thresholds()] {
        merge(&mut all, section);
    }
    all
}

fn taints(node: &NodeSite) -> Value {
    if node.tainted() {
        json!([{"key": POOL_LABEL, "value": node.record.pool, "effect": "NoSchedule"}])
    } else {
        json!([])
    }
}

fn identity(node: &NodeSite) -> Value {
    let serving = format!("kubelet-{}-serving", node.name);
    json!({
        "authentication": {
            "anonymous": {"enabled": false},
            "webhook": {"enabled": true},
            "x509": {"clientCAFile": node.site.authority(Authority::Cluster)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": node.site.certificate(&serving),
        "tlsPrivateKeyFile": node.site.key(&serving),
    })
}

fn cgroups(node: &NodeSite) -> Value {
    let socket = format!("unix://{}", shown(&node.layout.containerd_socket()));
    json!({
        "containerRuntimeEndpoint": socket,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": format!("/{TREE}/{}", node.name),
        "failCgroupV1": false,
    })
}

/// A node shares this machine's memory and disk with everything else on it, so thresholds are absolute: ten
/// percent of a large disk is a lot. Images are never collected, a sandbox lives for days.
fn thresholds() -> Value {
    json!({
        "evictionHard": {"memory.available": "300Mi", "nodefs.available": "1Gi", "imagefs.available": "1Gi"},
        "systemReserved": {"memory": "1Gi"},
        "imageGCHighThresholdPercent": 100,
        "containerLogMaxSize": "10Mi",
    })
}

fn merge(into: &mut Value, section: Value) {
    if let (Value::Object(all), Value::Object(section)) = (into, section) {
        all.extend(section);
    }
}
