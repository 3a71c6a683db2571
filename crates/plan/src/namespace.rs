//! The host namespace of a preview.

use bundle::Bundle;
use bundle::model::PodSecurity;
use serde_json::{Map, Value, json};

use crate::{PreviewId, labels, seat};

/// The objects applied to the host before the vCluster.
///
/// The namespace carries everything a later session needs to find the preview, attach to it and remove it.
pub(crate) fn objects(bundle: &Bundle, id: &PreviewId) -> Vec<Value> {
    let ours = labels::of_preview(id, bundle.name.as_str());
    let mut labels = ours.clone();
    labels.insert(
        "pod-security.kubernetes.io/enforce".to_owned(),
        json!(enforced(bundle)),
    );
    let shell = serde_json::to_string(&seat::shell(bundle)).unwrap_or_default();
    let annotations = json!({
        labels::TITLE: bundle.title,
        labels::TIME_LIMIT: labels::duration(bundle.time_limit),
        labels::SHELL: shell,
        labels::STATE: "booting",
    });
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": { "name": id.namespace(), "labels": labels, "annotations": annotations },
    });
    vec![namespace, applied(id, &ours)]
}

/// Where it is kept what the dependencies of a preview consist of, empty at first.
fn applied(id: &PreviewId, labels: &Map<String, Value>) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "name": labels::APPLIED, "namespace": id.namespace(), "labels": labels },
    })
}

/// The control plane itself runs as root, which `restricted` refuses; the vCluster enforces that level on the
/// task's own pods before they reach the host.
fn enforced(bundle: &Bundle) -> &'static str {
    match bundle.environment.pod_security {
        PodSecurity::Privileged => "privileged",
        PodSecurity::Baseline | PodSecurity::Restricted => "baseline",
    }
}
