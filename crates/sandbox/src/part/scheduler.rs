//! Chooses a node for every pod.

use super::{Invocation, Site, Tool, flags, shown};

pub(super) fn invocation(site: &Site) -> Invocation {
    let kubeconfig = site.layout.plane().join("scheduler.kubeconfig");
    let args = flags([
        ("kubeconfig", shown(&kubeconfig)),
        ("authentication-kubeconfig", shown(&kubeconfig)),
        ("authorization-kubeconfig", shown(&kubeconfig)),
        ("bind-address", "127.0.0.1".into()),
        ("leader-elect", "false".into()),
        ("profiling", "false".into()),
    ]);
    let mut invocation = Invocation::new(Tool::KubeScheduler, args);
    invocation.files = vec![(kubeconfig, site.kubeconfig("scheduler"))];
    invocation
}
