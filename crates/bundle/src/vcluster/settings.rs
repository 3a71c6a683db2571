//! Which settings of the chart a task may not change, which ones the open-source build lacks,
//! and which ones open a boundary.

use crate::diagnostic::Code;
use crate::report::Report;
use crate::text::TextFile;
use crate::yaml::{Node, Resolved};

/// Settings that Taskwright makes itself, with what to use instead.
pub const OWNED: &[(&str, &str)] = &[
    (
        "controlPlane.statefulSet.image",
        "the host profile names the image",
    ),
    (
        "controlPlane.distro.k8s.image",
        "the host profile names the image",
    ),
    (
        "controlPlane.distro.k8s.version",
        "use `environment.kubernetesVersion` in task.yaml",
    ),
    (
        "controlPlane.coredns.deployment.image",
        "the host profile names the image",
    ),
    (
        "controlPlane.advanced.defaultImageRegistry",
        "the host profile names images",
    ),
    (
        "controlPlane.advanced.globalMetadata",
        "the platform labels what it makes",
    ),
    (
        "controlPlane.statefulSet.scheduling.nodeSelector",
        "the host profile names the pools",
    ),
    ("sync.fromHost.nodes.selector", "the host profile names the pools"),
    (
        "policies.podSecurityStandard",
        "use `environment.podSecurity` in task.yaml",
    ),
    (
        "policies.resourceQuota",
        "use `environment.resources` in task.yaml",
    ),
    (
        "policies.networkPolicy.workload.publicEgress",
        "use `environment.egress` in task.yaml",
    ),
    (
        "exportKubeConfig",
        "the platform makes the candidate's kubeconfig",
    ),
    ("telemetry", "the platform switches telemetry off"),
    ("pro", "tasks run on the open-source vCluster"),
];

/// What stops the open-source build at its start when it is switched on.
const REFUSED: &[&str] = &[
    "controlPlane.backingStore.etcd.embedded.enabled",
    "controlPlane.backingStore.database.external.enabled",
    "controlPlane.coredns.embedded",
    "controlPlane.standalone.enabled",
    "controlPlane.advanced.kubeVip.enabled",
    "sync.toHost.namespaces.enabled",
    "sync.toHost.pods.hybridScheduling.enabled",
    "privateNodes.enabled",
    "experimental.proxy.customResources",
];

/// What the open-source build silently leaves out.
const IGNORED: &[&str] = &[
    "policies.centralAdmission",
    "experimental.denyProxyRequests",
    "networking.resolveDNS",
    "sync.toHost.customResources",
    "sync.fromHost.customResources",
    "integrations.istio",
    "integrations.certManager",
    "integrations.externalSecrets",
    "integrations.kubeVirt",
    "sleep",
    "snapshots",
    "deletion",
    "platform",
];

/// What opens a boundary, with what it opens.
const OPENING: &[(&str, &str)] = &[
    (
        "rbac.role.extraRules",
        "gives the vCluster more rights in its host namespace",
    ),
    (
        "rbac.clusterRole.extraRules",
        "gives the vCluster more rights on the host",
    ),
    (
        "sync.fromHost.secrets",
        "shows secrets of the host to the candidate",
    ),
    (
        "sync.fromHost.configMaps",
        "shows config maps of the host to the candidate",
    ),
    ("experimental.deploy.host", "creates objects on the host"),
    (
        "networking.replicateServices",
        "connects services of the host and the task",
    ),
    (
        "sync.toHost.pods.enforceTolerations",
        "lets the task's pods onto tainted nodes",
    ),
    ("plugins", "runs more code beside the control plane"),
    ("controlPlane.hostPathMapper.enabled", "mounts host paths"),
];

/// Boundaries that are closed unless they are switched off.
const CLOSED: &[&str] = &["policies.networkPolicy.enabled", "policies.limitRange.enabled"];

/// Reports the settings that mean something else than they say.
pub(super) fn check(root: &Node, file: &TextFile<'_>, report: &mut Report) {
    owned(root, file, report);
    missing(root, file, report);
    patches(root, file, report);
    opening(root, file, report);
}

fn owned(root: &Node, file: &TextFile<'_>, report: &mut Report) {
    for (path, instead) in OWNED {
        let what = "is set by the platform";
        found(root, path, file, report, Code::OwnedSetting, [what, instead]);
    }
}

const OF_PRO: &str = "it belongs to vCluster Pro; remove it";

fn missing(root: &Node, file: &TextFile<'_>, report: &mut Report) {
    for path in REFUSED.iter().filter(|path| is_on(root, path)) {
        let what = "stops the open-source vCluster at its start";
        found(root, path, file, report, Code::NotInOpenSource, [what, OF_PRO]);
    }
    for path in IGNORED {
        let what = "does nothing in the open-source vCluster";
        found(root, path, file, report, Code::NotInOpenSource, [what, OF_PRO]);
    }
}

fn opening(root: &Node, file: &TextFile<'_>, report: &mut Report) {
    let hint = "make sure that the task needs it";
    for (path, what) in OPENING.iter().filter(|(path, _)| is_on(root, path)) {
        found(root, path, file, report, Code::WeakensBoundary, [what, hint]);
    }
    for path in CLOSED.iter().filter(|path| is_off(root, path)) {
        let what = "opens a boundary of the task";
        found(root, path, file, report, Code::WeakensBoundary, [what, hint]);
    }
}

/// Patches of synced objects fail on each sync.
fn patches(root: &Node, file: &TextFile<'_>, report: &mut Report) {
    for direction in ["toHost", "fromHost"] {
        let kinds = root
            .get("sync")
            .and_then(|sync| sync.get(direction))
            .and_then(Node::entries);
        for (kind, _) in kinds.into_iter().flatten() {
            let path = format!("sync.{direction}.{}.patches", kind.text().unwrap_or_default());
            let what = "makes every sync fail in the open-source vCluster";
            found(root, &path, file, report, Code::NotInOpenSource, [what, OF_PRO]);
        }
    }
}

fn found(
    root: &Node,
    path: &str,
    file: &TextFile<'_>,
    report: &mut Report,
    code: Code,
    [what, hint]: [&str; 2],
) {
    if let Some((key, _)) = entry(root, path) {
        report.push(
            file.diagnostic(code, key.marks, format!("`{path}` {what}"))
                .hint(hint),
        );
    }
}

fn entry<'a>(root: &'a Node, path: &str) -> Option<(&'a Node, &'a Node)> {
    let (parent, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut node = root;
    for key in parent.split('.').filter(|key| !key.is_empty()) {
        node = node.get(key)?;
    }
    node.entry(last)
        .map(|(key, value)| (key.as_ref(), value.as_ref()))
}

/// Whether a setting asks for something: not off, not empty, not `enabled: false`.
fn is_on(root: &Node, path: &str) -> bool {
    let Some((_, value)) = entry(root, path) else {
        return false;
    };
    let enabled = value.get("enabled").unwrap_or(value);
    let is_empty = |node: &Node| {
        node.items().is_some_and(<[_]>::is_empty) || node.entries().is_some_and(<[_]>::is_empty)
    };
    let is_off = enabled
        .scalar()
        .is_some_and(|scalar| matches!(scalar.resolve(), Resolved::Bool(false) | Resolved::Null));
    !is_off && !is_empty(value)
}

fn is_off(root: &Node, path: &str) -> bool {
    let value = entry(root, path).and_then(|(_, value)| value.scalar());
    value.is_some_and(|scalar| scalar.resolve() == Resolved::Bool(false))
}

/// Whether setting this would be an error: it belongs to the platform, or to another build.
pub(crate) fn is_refused(path: &str) -> bool {
    let owned = OWNED.iter().map(|(path, _)| path);
    owned
        .chain(REFUSED)
        .chain(IGNORED)
        .any(|refused| *refused == path)
}

#[cfg(test)]
pub(super) fn all_paths() -> Vec<&'static str> {
    let owned = OWNED.iter().map(|(path, _)| *path);
    let opening = OPENING.iter().map(|(path, _)| *path);
    owned
        .chain(opening)
        .chain([REFUSED, IGNORED, CLOSED].concat())
        .collect()
}
