//! Enforces network policies on a node.

use super::{Invocation, NodeSite, Tool, shown};

pub(super) fn invocation(node: &NodeSite) -> Invocation {
    let (kubeconfig, credentials) = node.kubeconfig("calico", "calico.kubeconfig");
    let mut invocation = Invocation::new(Tool::CalicoFelix, Vec::new());
    let state = shown(&node.layout.felix());
    invocation.env = vec![
        ("KUBECONFIG".into(), shown(&kubeconfig)),
        ("FELIX_FELIXHOSTNAME".into(), node.name.into()),
        ("FELIX_ENDPOINTSTATUSPATHPREFIX".into(), state),
    ];
    invocation
        .env
        .extend(SETTINGS.map(|(name, value)| (format!("FELIX_{name}"), value.into())));
    invocation.files = vec![(kubeconfig, credentials)];
    invocation
}

const SETTINGS: [(&str, &str); 17] = [
    ("DATASTORETYPE", "kubernetes"),
    ("LOGFILEPATH", "none"),
    ("LOGSEVERITYFILE", "none"),
    ("LOGSEVERITYSYS", "none"),
    ("LOGSEVERITYSCREEN", "Warning"),
    ("IPTABLESBACKEND", "NFT"),
    ("IPV6SUPPORT", "false"),
    ("IPINIPENABLED", "false"),
    ("VXLANENABLED", "false"),
    ("WIREGUARDENABLED", "false"),
    ("BPFENABLED", "false"),
    ("XDPENABLED", "false"),
    // Built without cgo it cannot look for eBPF programs of earlier versions, and would not start. This one
    // name is read as it is written.
    ("DebugSkipCTLBCleanup", "true"),
    // What a pod may send to its own node is decided by policy, see the manifests; the rest is let through.
    ("DEFAULTENDPOINTTOHOSTACTION", "ACCEPT"),
    ("USAGEREPORTINGENABLED", "false"),
    ("HEALTHENABLED", "false"),
    ("PROMETHEUSMETRICSENABLED", "false"),
];
