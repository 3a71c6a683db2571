//! The grader: a pod on the host, out of the candidate's reach, that is there only while work is graded.
//!
//! It has a namespace of its own beside the preview's. The vCluster's syncer sees only the preview's namespace, so nothing
//! of the grader shows inside the task, and no quota that a candidate has used up keeps it from starting.

use std::time::Duration;

use bundle::Bundle;
use serde_json::{Map, Value, json};

use crate::limits::GRADER;
use crate::{HostProfile, PreviewId, labels, seat};

/// Name of the pod, its only container and its `ServiceAccount`, and of the policy that lets it reach the task.
pub const NAME: &str = "grader";
/// Where the kubeconfig and the scripts lie: in memory.
pub const FOLDER: &str = "/grader";
/// The kubeconfig that scripts use.
pub const KUBECONFIG: &str = "/grader/kubeconfig";
/// What all checks together may take on top of their own timeouts, before the pod ends by itself.
const BESIDE_THE_CHECKS: Duration = Duration::from_mins(10);

/// One grading: the objects it needs on the host.
#[derive(Debug, Clone)]
pub struct GraderPlan {
    /// Its own namespace.
    pub namespace: String,
    /// What is created, in this order: namespace, policies, account, pod.
    pub objects: Vec<Value>,
}

/// What is known of the preview that is graded.
#[derive(Debug, Clone, Copy)]
pub struct Graded<'a> {
    /// Its id.
    pub id: &'a PreviewId,
    /// Address of the vCluster's DNS, so that names mean what they mean inside the task.
    pub dns: &'a str,
    /// Tells this grading from another of the same preview: a few letters.
    pub run: &'a str,
}

/// Plans the grader for one grading.
#[must_use]
pub fn plan(bundle: &Bundle, profile: &HostProfile, graded: Graded<'_>) -> GraderPlan {
    let task = graded.id.namespace();
    let namespace = format!("{task}-{NAME}-{}", graded.run);
    let mut marks = labels::of_preview(graded.id, bundle.name.as_str());
    marks.remove(labels::PREVIEW);
    marks.insert(labels::GRADER.to_owned(), json!(graded.id.as_str()));
    let mut objects = vec![
        namespace_object(&namespace, &marks),
        own_policy(&namespace, &task),
        door(&namespace, &task, graded.run),
        json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "automountServiceAccountToken": false,
            "metadata": { "name": NAME, "namespace": namespace },
        }),
        pod(bundle, profile, &namespace, graded.dns),
    ];
    for object in &mut objects {
        labels::put(object, &marks);
    }
    GraderPlan { namespace, objects }
}

/// The name of the policy in the preview's namespace that lets a grading in.
#[must_use]
pub fn door_name(run: &str) -> String {
    format!("{NAME}-{run}")
}

fn namespace_object(namespace: &str, marks: &Map<String, Value>) -> Value {
    let mut labels = marks.clone();
    labels.insert(
        "pod-security.kubernetes.io/enforce".to_owned(),
        json!("restricted"),
    );
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace, "labels": labels } })
}

/// The grader reaches the task and nothing else, and nobody reaches the grader.
fn own_policy(namespace: &str, task: &str) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": NAME, "namespace": namespace },
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [{ "to": [{ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": task } } }] }],
        },
    })
}

/// The task's pods take connections from this grader.
fn door(namespace: &str, task: &str, run: &str) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": door_name(run), "namespace": task },
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress"],
            "ingress": [{ "from": [{
                "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": namespace } } }] }],
        },
    })
}

fn pod(bundle: &Bundle, profile: &HostProfile, namespace: &str, dns: &str) -> Value {
    let image = bundle
        .tty
        .image
        .as_ref()
        .map_or(seat::TTY_IMAGE, |image| image.as_str());
    let variable = |name: &str, value: &str| json!({ "name": name, "value": value });
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": NAME, "namespace": namespace },
        "spec": {
            "serviceAccountName": NAME,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 0,
            // A grading whose program was killed leaves no pod running for ever.
            "activeDeadlineSeconds": deadline(bundle).as_secs(),
            "dnsPolicy": "None",
            "dnsConfig": {
                "nameservers": [dns],
                "searches": ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"],
                "options": [{ "name": "ndots", "value": "5" }],
            },
            // With the control planes, which candidates cannot slow down.
            "nodeSelector": profile.control_pool.node_selector,
            "tolerations": profile.control_pool.tolerations_json(),
            "securityContext": {
                "runAsNonRoot": true, "runAsUser": seat::CANDIDATE_UID, "runAsGroup": seat::CANDIDATE_UID,
                "fsGroup": seat::CANDIDATE_UID, "seccompProfile": { "type": "RuntimeDefault" },
            },
            "containers": [{
                "name": NAME,
                "image": profile.image(image),
                "imagePullPolicy": "IfNotPresent",
                "command": ["/bin/sh", "-c", seat::WAIT],
                "workingDir": FOLDER,
                "env": [variable("HOME", FOLDER), variable("TMPDIR", FOLDER), variable("KUBECONFIG", KUBECONFIG)],
                "resources": GRADER.to_resources(),
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
                "volumeMounts": [{ "name": "memory", "mountPath": FOLDER }],
            }],
            "volumes": [{ "name": "memory", "emptyDir": { "medium": "Memory", "sizeLimit": "64Mi" } }],
        },
    })
}

/// How long a grading may take at most.
#[must_use]
pub fn deadline(bundle: &Bundle) -> Duration {
    let of_checks = bundle
        .checks
        .iter()
        .map(|check| check.timeout * (check.retries + 1));
    of_checks.sum::<Duration>() + BESIDE_THE_CHECKS
}
