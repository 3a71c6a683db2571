//! Makes Services work on a node.

use serde_json::json;

use super::{Invocation, NodeSite, Tool, flags, shown};

pub(super) fn invocation(node: &NodeSite) -> Invocation {
    let settings = node.layout.config().join("kube-proxy.json");
    let (kubeconfig, credentials) = node.kubeconfig("kube-proxy", "kube-proxy.kubeconfig");
    let configuration = json!({
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": shown(&kubeconfig)},
        "hostnameOverride": node.name,
        "clusterCIDR": node.site.state.addresses.pods().to_string(),
        "mode": "iptables",
        "iptables": {"minSyncPeriod": "200ms", "syncPeriod": "30s"},
        // Connection tracking limits belong to the machine and cannot be set from a namespace.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "oomScoreAdj": 0,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
    });
    let mut invocation = Invocation::new(Tool::KubeProxy, flags([("config", shown(&settings))]));
    invocation.files = vec![(settings, configuration.to_string()), (kubeconfig, credentials)];
    invocation
}
