//! API versions of Kubernetes itself that a task's API server does not serve.

use bundle::diagnostic::Code;
use bundle::{Bundle, Diagnostic};

use super::Placed;

/// The API groups that are Kubernetes' own, each with the versions that are served by default, the newest last, and
/// the first minor version that serves them. As `kubectl api-versions` prints them.
const SERVED: [(&str, &[(&str, u16)]); 22] = [
    ("", &[("v1", 0)]),
    ("admissionregistration.k8s.io", &[("v1", 0)]),
    ("apiextensions.k8s.io", &[("v1", 0)]),
    ("apiregistration.k8s.io", &[("v1", 0)]),
    ("apps", &[("v1", 0)]),
    ("authentication.k8s.io", &[("v1", 0)]),
    ("authorization.k8s.io", &[("v1", 0)]),
    ("autoscaling", &[("v1", 0), ("v2", 0)]),
    ("batch", &[("v1", 0)]),
    ("certificates.k8s.io", &[("v1", 0)]),
    ("coordination.k8s.io", &[("v1", 0)]),
    ("discovery.k8s.io", &[("v1", 0)]),
    ("events.k8s.io", &[("v1", 0)]),
    ("extensions", &[]),
    ("flowcontrol.apiserver.k8s.io", &[("v1", 0)]),
    ("networking.k8s.io", &[("v1", 0)]),
    ("node.k8s.io", &[("v1", 0)]),
    ("policy", &[("v1", 0)]),
    ("rbac.authorization.k8s.io", &[("v1", 0)]),
    ("resource.k8s.io", &[("v1", 34)]),
    ("scheduling.k8s.io", &[("v1", 0)]),
    ("storage.k8s.io", &[("v1", 0)]),
];

/// Kinds that live on in another group or not at all.
const MOVED: [(&str, &str, &str); 7] = [
    ("extensions", "Ingress", "networking.k8s.io/v1"),
    ("extensions", "NetworkPolicy", "networking.k8s.io/v1"),
    ("extensions", "Deployment", "apps/v1"),
    ("extensions", "DaemonSet", "apps/v1"),
    ("extensions", "ReplicaSet", "apps/v1"),
    ("policy", "PodSecurityPolicy", ""),
    ("extensions", "PodSecurityPolicy", ""),
];

pub(super) fn refused(bundle: &Bundle, objects: &[Placed]) -> Vec<Diagnostic> {
    objects
        .iter()
        .filter_map(|placed| not_served(bundle, placed))
        .collect()
}

fn not_served(bundle: &Bundle, placed: &Placed) -> Option<Diagnostic> {
    let wanted = placed.object["apiVersion"].as_str()?;
    let kind = placed.object["kind"].as_str()?;
    let (group, version) = wanted.split_once('/').unwrap_or(("", wanted));
    let (_, versions) = SERVED.iter().find(|(name, _)| *name == group)?;
    let kubernetes = bundle.environment.kubernetes_version;
    let served: Vec<&str> = versions
        .iter()
        .filter(|(_, since)| *since <= kubernetes.minor)
        .map(|(name, _)| *name)
        .collect();
    let moved = MOVED
        .iter()
        .find(|(from, moved, _)| *from == group && *moved == kind);
    let is_gone = moved.is_some_and(|(.., to)| to.is_empty());
    if served.contains(&version) && !is_gone {
        return None;
    }
    let message = format!("Kubernetes {kubernetes} does not serve {kind} of {wanted}");
    let problem = placed.problem(bundle, Code::ApiNotServed, message);
    Some(problem.hint(way_out(group, moved.map(|(.., to)| *to), served.last())))
}

fn way_out(group: &str, moved: Option<&str>, newest: Option<&&str>) -> String {
    match (moved, newest) {
        (Some(""), _) => "the kind no longer exists; take it out".to_owned(),
        (Some(to), _) => format!("use `apiVersion: {to}`, and see what changed in its fields"),
        (None, Some(newest)) if group.is_empty() => format!("use `apiVersion: {newest}`"),
        (None, Some(newest)) => {
            format!("use `apiVersion: {group}/{newest}`, and see what changed in its fields")
        }
        (None, None) => "take it out, or choose another `kubernetesVersion`".to_owned(),
    }
}
