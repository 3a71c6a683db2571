//! The controllers of the cluster. Pod ranges of nodes are not theirs to hand out: routes follow our own plan.

use super::{Authority, Invocation, Site, Tool, flags, shown};
use crate::pki::TOKENS;

pub(super) fn invocation(site: &Site) -> Invocation {
    let kubeconfig = site.layout.plane().join("controller-manager.kubeconfig");
    let authority = site.authority(Authority::Cluster);
    let args = flags([
        ("kubeconfig", shown(&kubeconfig)),
        ("bind-address", "127.0.0.1".into()),
        ("leader-elect", "false".into()),
        ("use-service-account-credentials", "true".into()),
        ("service-account-private-key-file", site.key(TOKENS)),
        ("root-ca-file", authority.clone()),
        ("cluster-signing-cert-file", authority),
        ("cluster-signing-key-file", site.key(Authority::Cluster.name())),
        ("allocate-node-cidrs", "false".into()),
        ("cluster-cidr", site.state.addresses.pods().to_string()),
        ("kube-api-qps", "200".into()),
        ("kube-api-burst", "400".into()),
        ("profiling", "false".into()),
    ]);
    let mut invocation = Invocation::new(Tool::KubeControllerManager, args);
    invocation.files = vec![(kubeconfig, site.kubeconfig("controller-manager"))];
    invocation
}
