//! Pods that break the pod security standard of the task: the host takes none of them, although the vCluster does.
//!
//! The rules are those of the Pod Security Standards that manifests are likely to break. Options of `SELinux`, addresses in probes,
//! and the capabilities that restricted lets a container add are left to the host.

use bundle::diagnostic::Code;
use bundle::model::PodSecurity;
use bundle::{Bundle, Diagnostic};
use serde_json::Value;

use super::Placed;
use super::workload::{self, containers, list};

/// Capabilities that baseline lets a container add.
const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
const SYSCTLS: [&str; 10] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
];
/// Kinds of volumes that restricted admits.
const VOLUMES: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

pub(super) fn refused(bundle: &Bundle, objects: &[Placed]) -> Vec<Diagnostic> {
    let standard = bundle.environment.pod_security;
    objects
        .iter()
        .filter_map(|placed| {
            let pods = workload::pods(&placed.object)?;
            let broken = broken(pods.spec, standard);
            (!broken.is_empty()).then(|| explain(bundle, placed, standard, &broken))
        })
        .collect()
}

fn explain(bundle: &Bundle, placed: &Placed, standard: PodSecurity, broken: &[String]) -> Diagnostic {
    let (word, way_out) = match standard {
        PodSecurity::Restricted => ("restricted", "`baseline` or `privileged`"),
        _ => ("baseline", "`privileged`"),
    };
    let message = format!(
        "no pod of {} will start under `podSecurity: {word}`: {}",
        placed.name(),
        broken.join("; ")
    );
    let hint = format!("take that out, or set `environment.podSecurity` to {way_out}");
    placed
        .problem(bundle, Code::PodSecurityRefused, message)
        .hint(hint)
}

/// What a pod breaks.
fn broken(spec: &Value, standard: PodSecurity) -> Vec<String> {
    match standard {
        PodSecurity::Privileged => Vec::new(),
        PodSecurity::Baseline => baseline(spec),
        PodSecurity::Restricted => {
            let mut broken = baseline(spec);
            broken.extend(restricted(spec));
            broken
        }
    }
}

fn baseline(spec: &Value) -> Vec<String> {
    let namespaces = ["hostNetwork", "hostPID", "hostIPC"];
    let shared = namespaces.iter().filter(|name| spec[**name] == true);
    let mut broken: Vec<String> = shared.map(|name| format!("it sets `{name}`")).collect();
    broken.extend(host_paths(spec));
    broken.extend(sysctls(spec));
    broken.extend(context(&spec["securityContext"], "the pod"));
    broken.extend(containers(spec).flat_map(container));
    broken
}

fn host_paths(spec: &Value) -> impl Iterator<Item = String> {
    let volumes = list(&spec["volumes"]).iter();
    volumes
        .filter_map(|volume| volume["hostPath"]["path"].as_str())
        .map(|path| format!("it mounts `{path}` of the node"))
}

fn sysctls(spec: &Value) -> impl Iterator<Item = String> {
    list(&spec["securityContext"]["sysctls"])
        .iter()
        .filter_map(|one| one["name"].as_str())
        .filter(|name| !SYSCTLS.contains(name))
        .map(|name| format!("it sets the kernel parameter `{name}`"))
}

/// What pods and containers say in the same words.
fn context(context: &Value, whose: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if context["seccompProfile"]["type"] == "Unconfined" {
        broken.push(format!("{whose} turns seccomp off"));
    }
    if context["appArmorProfile"]["type"] == "Unconfined" {
        broken.push(format!("{whose} turns AppArmor off"));
    }
    if context["windowsOptions"]["hostProcess"] == true {
        broken.push(format!("{whose} is a process of the host"));
    }
    broken
}

fn container(container: &Value) -> Vec<String> {
    let whose = format!("container `{}`", container["name"].as_str().unwrap_or_default());
    let own = &container["securityContext"];
    let mut broken = context(own, &whose);
    if own["privileged"] == true {
        broken.push(format!("{whose} is privileged"));
    }
    if own["procMount"].as_str().is_some_and(|kind| kind != "Default") {
        broken.push(format!("{whose} sees all of /proc"));
    }
    let added = list(&own["capabilities"]["add"]).iter().filter_map(Value::as_str);
    let refused = added.filter(|name| !CAPABILITIES.contains(name));
    broken.extend(refused.map(|name| format!("{whose} adds the capability {name}")));
    let ports = list(&container["ports"])
        .iter()
        .filter_map(|port| port["hostPort"].as_u64());
    broken.extend(
        ports
            .filter(|port| *port != 0)
            .map(|port| format!("{whose} takes port {port} of the node")),
    );
    broken
}

fn restricted(spec: &Value) -> Vec<String> {
    let kinds = list(&spec["volumes"]).iter().filter_map(Value::as_object);
    let foreign = kinds
        .flat_map(serde_json::Map::keys)
        // A volume has its name beside its kind; baseline has told of paths of the node.
        .filter(|kind| !matches!(kind.as_str(), "name" | "hostPath") && !VOLUMES.contains(&kind.as_str()));
    let mut broken: Vec<String> = foreign
        .map(|kind| format!("it has a volume of kind `{kind}`"))
        .collect();
    let pod = &spec["securityContext"];
    broken.extend(containers(spec).flat_map(|one| hardened(one, pod)));
    broken
}

/// What a container does not say that restricted asks for.
fn hardened(container: &Value, pod: &Value) -> Vec<String> {
    let own = &container["securityContext"];
    let either = |key: &str| if own[key].is_null() { &pod[key] } else { &own[key] };
    let dropped = list(&own["capabilities"]["drop"])
        .iter()
        .any(|name| name == "ALL");
    let confined = either("seccompProfile")["type"]
        .as_str()
        .is_some_and(|kind| matches!(kind, "RuntimeDefault" | "Localhost"));
    let asks = [
        (
            own["allowPrivilegeEscalation"] != false,
            "does not set `allowPrivilegeEscalation: false`",
        ),
        (
            either("runAsNonRoot") != true,
            "does not set `runAsNonRoot: true`",
        ),
        (either("runAsUser") == 0, "runs as root"),
        (!confined, "does not set `seccompProfile.type: RuntimeDefault`"),
        (!dropped, "does not drop all capabilities"),
    ];
    let name = container["name"].as_str().unwrap_or_default();
    let missing = asks.iter().filter(|(is_missing, _)| *is_missing);
    missing
        .map(|(_, what)| format!("container `{name}` {what}"))
        .collect()
}
