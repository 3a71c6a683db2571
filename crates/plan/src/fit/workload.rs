//! The pods that an object brings: how many, and what is in them.

use serde_json::Value;

/// The pods of one object.
pub(super) struct Pods<'a> {
    /// How many there are at the same time.
    pub(super) count: u64,
    /// What each is made of.
    pub(super) spec: &'a Value,
}

/// The pods that `object` brings, if it brings any.
pub(super) fn pods(object: &Value) -> Option<Pods<'_>> {
    let spec = &object["spec"];
    let number = |value: &Value| value.as_u64().unwrap_or(1);
    let (count, spec) = match object["kind"].as_str()? {
        "Pod" => (1, spec),
        "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController" => {
            (number(&spec["replicas"]), &spec["template"]["spec"])
        }
        // A task sees the nodes that carry its pods; there is at least one.
        "DaemonSet" => (1, &spec["template"]["spec"]),
        "Job" => (number(&spec["parallelism"]), &spec["template"]["spec"]),
        "CronJob" => (1, &spec["jobTemplate"]["spec"]["template"]["spec"]),
        _ => return None,
    };
    spec.is_object().then_some(Pods { count, spec })
}

/// Containers of a pod that run side by side: those that stay, and init containers that never end.
pub(super) fn staying(spec: &Value) -> impl Iterator<Item = &Value> {
    let sidecars = list(&spec["initContainers"]).iter().filter(|one| is_sidecar(one));
    list(&spec["containers"]).iter().chain(sidecars)
}

/// Containers of a pod that run one after the other, before the others.
pub(super) fn passing(spec: &Value) -> impl Iterator<Item = &Value> {
    list(&spec["initContainers"])
        .iter()
        .filter(|one| !is_sidecar(one))
}

/// All containers of a pod.
pub(super) fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    list(&spec["initContainers"])
        .iter()
        .chain(list(&spec["containers"]))
}

/// The storage classes that the claims of an object name.
pub(super) fn storage_classes(object: &Value) -> impl Iterator<Item = &str> {
    let own = (object["kind"] == "PersistentVolumeClaim").then_some(object);
    let templates = list(&object["spec"]["volumeClaimTemplates"]).iter();
    own.into_iter()
        .chain(templates)
        .filter_map(|claim| claim["spec"]["storageClassName"].as_str())
}

fn is_sidecar(container: &Value) -> bool {
    container["restartPolicy"] == "Always"
}

/// The items of a list; none of what is no list.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
