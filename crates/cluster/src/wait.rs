//! When is an object ready? Pure answers, each with the reason why not (yet).

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Node, Pod};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::Value;

/// Whether an object is as wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It is.
    Ready,
    /// Not yet, with what it waits for.
    NotYet(String),
    /// It will not become so by itself, with the reason.
    Failed(String),
}

impl Readiness {
    /// Whether it is ready.
    pub fn is_ready(&self) -> bool {
        *self == Self::Ready
    }

    fn not_yet(reason: impl Into<String>) -> Self {
        Self::NotYet(reason.into())
    }
}

/// A CRD is established when the API server serves its kind; a name that clashes never will be.
pub fn crd_established(crd: &CustomResourceDefinition) -> Readiness {
    let conditions = crd
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    let mut reason = None;
    for condition in conditions {
        match (condition.type_.as_str(), condition.status.as_str()) {
            ("Established", "True") => return Readiness::Ready,
            ("NamesAccepted", "False") => {
                return Readiness::Failed(
                    condition
                        .message
                        .clone()
                        .unwrap_or_else(|| "its names are taken".into()),
                );
            }
            ("Established", _) => reason.clone_from(&condition.message),
            _ => {}
        }
    }
    Readiness::NotYet(reason.unwrap_or_else(|| "the API server has not looked at it yet".into()))
}

/// A deployment is rolled out when every wanted replica runs the newest version and is available, and no other is left.
pub fn deployment_rolled_out(deployment: &Deployment) -> Readiness {
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let Some(status) = deployment.status.as_ref() else {
        return Readiness::not_yet("not seen by its controller yet");
    };
    if deployment.metadata.generation > status.observed_generation {
        return Readiness::not_yet("its last change is not seen by its controller yet");
    }
    for condition in status.conditions.iter().flatten() {
        let is = |type_: &str, status: &str| {
            condition.type_.as_deref() == Some(type_) && condition.status.as_deref() == Some(status)
        };
        if is("Progressing", "False") || is("ReplicaFailure", "True") {
            return Readiness::Failed(words(condition.reason.as_deref(), condition.message.as_deref()));
        }
    }
    let (updated, total) = (status.updated_replicas.unwrap_or(0), status.replicas.unwrap_or(0));
    let available = status.available_replicas.unwrap_or(0);
    if updated < wanted {
        return Readiness::NotYet(format!("{updated} of {wanted} replicas updated"));
    }
    if total > updated {
        return Readiness::NotYet(format!("{} old replicas still end", total - updated));
    }
    counted(available, wanted, "replicas available")
}

/// A stateful set is rolled out when every wanted replica runs the newest version and is ready.
pub fn stateful_set_rolled_out(set: &StatefulSet) -> Readiness {
    let wanted = set.spec.replicas.unwrap_or(1);
    let Some(status) = set.status.as_ref() else {
        return Readiness::not_yet("not seen by its controller yet");
    };
    if set.metadata.generation > status.observed_generation {
        return Readiness::not_yet("its last change is not seen by its controller yet");
    }
    let strategy = set.spec.update_strategy.as_ref();
    let partition = strategy
        .and_then(|strategy| strategy.rolling_update.as_ref()?.partition)
        .unwrap_or(0);
    let by_hand = strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("OnDelete");
    let to_update = if by_hand { 0 } else { (wanted - partition).max(0) };
    let updated = status.updated_replicas.unwrap_or(0);
    let all_new = status.current_revision == status.update_revision;
    if updated < to_update && !all_new {
        return Readiness::NotYet(format!("{updated} of {to_update} replicas updated"));
    }
    counted(status.ready_replicas.unwrap_or(0), wanted, "replicas ready")
}

/// A daemon set is rolled out when every node it is wanted on runs the newest version, available.
pub fn daemon_set_rolled_out(set: &DaemonSet) -> Readiness {
    let Some(status) = set.status.as_ref() else {
        return Readiness::not_yet("not seen by its controller yet");
    };
    if set.metadata.generation > status.observed_generation {
        return Readiness::not_yet("its last change is not seen by its controller yet");
    }
    let wanted = status.desired_number_scheduled;
    let strategy = set
        .spec
        .update_strategy
        .as_ref()
        .and_then(|strategy| strategy.type_.as_deref());
    let updated = status.updated_number_scheduled.unwrap_or(0);
    if strategy != Some("OnDelete") && updated < wanted {
        return Readiness::NotYet(format!("{updated} of {wanted} nodes updated"));
    }
    counted(status.number_available.unwrap_or(0), wanted, "nodes available")
}

/// A job is ready when it is complete.
pub fn job_complete(job: &Job) -> Readiness {
    let status = job.status.as_ref();
    for condition in status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
    {
        match (condition.type_.as_str(), condition.status.as_str()) {
            ("Complete" | "SuccessCriteriaMet", "True") => return Readiness::Ready,
            ("Failed" | "FailureTarget", "True") => {
                return Readiness::Failed(words(condition.reason.as_deref(), condition.message.as_deref()));
            }
            ("Suspended", "True") => return Readiness::not_yet("it is suspended"),
            _ => {}
        }
    }
    let count =
        |read: fn(&k8s_openapi::api::batch::v1::JobStatus) -> Option<i32>| status.and_then(read).unwrap_or(0);
    let wanted = job.spec.as_ref().and_then(|spec| spec.completions).unwrap_or(1);
    let (done, failed) = (count(|status| status.succeeded), count(|status| status.failed));
    let failures = if failed > 0 {
        format!(", {failed} failed")
    } else {
        String::new()
    };
    Readiness::NotYet(format!("{done} of {wanted} completions{failures}"))
}

/// A pod is ready when its containers are and nothing is deleting it.
pub fn pod_ready(pod: &Pod) -> Readiness {
    if pod.metadata.deletion_timestamp.is_some() {
        return Readiness::not_yet("it is being deleted");
    }
    let status = pod.status.as_ref();
    let phase = status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Pending");
    if phase == "Failed" {
        let reason = status.and_then(|status| status.reason.as_deref());
        return Readiness::Failed(words(reason, status.and_then(|status| status.message.as_deref())));
    }
    if phase == "Succeeded" {
        return Readiness::Failed("all its containers have ended".into());
    }
    let mut conditions = status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    match conditions.find(|condition| condition.type_ == "Ready") {
        Some(ready) if ready.status == "True" => Readiness::Ready,
        Some(ready) => Readiness::NotYet(ready.message.clone().unwrap_or_else(|| phase.to_lowercase())),
        None => Readiness::NotYet(phase.to_lowercase()),
    }
}

/// A service has endpoints when one address in its slices is ready.
pub fn endpoints_ready(slices: &[EndpointSlice]) -> Readiness {
    let endpoints = || slices.iter().flat_map(|slice| slice.endpoints.iter().flatten());
    let is_ready = |conditions: &Option<k8s_openapi::api::discovery::v1::EndpointConditions>| {
        // An unknown state counts as ready, as the API says.
        conditions
            .as_ref()
            .and_then(|conditions| conditions.ready)
            .unwrap_or(true)
    };
    if endpoints().any(|endpoint| is_ready(&endpoint.conditions)) {
        return Readiness::Ready;
    }
    match endpoints().count() {
        0 => Readiness::not_yet("no endpoint yet"),
        count => Readiness::NotYet(format!("none of {count} endpoints is ready")),
    }
}

/// Whether the containers of a pod have been started, which is before the pod is ready.
pub fn pod_running(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    phase == Some("Running")
}

/// Whether a node says that it takes pods.
pub fn node_ready(node: &Node) -> bool {
    let conditions = node
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    conditions
        .into_iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Any object with a `status.conditions` list, by the type and status wanted, such as `Ready` and `True`.
pub fn condition(object: &Value, type_: &str, wanted: &str) -> Readiness {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let found = conditions
        .into_iter()
        .flatten()
        .find(|condition| condition["type"].as_str() == Some(type_));
    let Some(found) = found else {
        return Readiness::NotYet(format!("it has no condition {type_} yet"));
    };
    let observed = found["observedGeneration"].as_i64();
    if observed.is_some_and(|observed| {
        object.pointer("/metadata/generation").and_then(Value::as_i64) > Some(observed)
    }) {
        return Readiness::NotYet(format!("its condition {type_} is about an older version"));
    }
    let status = found["status"].as_str().unwrap_or("Unknown");
    if status.eq_ignore_ascii_case(wanted) {
        return Readiness::Ready;
    }
    let why = words(found["reason"].as_str(), found["message"].as_str());
    Readiness::NotYet(format!("{type_} is {status}: {why}"))
}

fn counted(have: i32, wanted: i32, what: &str) -> Readiness {
    if have >= wanted {
        Readiness::Ready
    } else {
        Readiness::NotYet(format!("{have} of {wanted} {what}"))
    }
}

fn words(reason: Option<&str>, message: Option<&str>) -> String {
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    match (given(reason), given(message)) {
        (Some(reason), Some(message)) => format!("{reason}: {message}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "no reason was given".into(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::needless_pass_by_value, reason = "json! reads better without borrows")]

    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::*;

    fn check<K: DeserializeOwned>(look: impl Fn(&K) -> Readiness, object: Value, expected: &str) {
        let told = match look(&serde_json::from_value(object.clone()).unwrap()) {
            Readiness::Ready => "ready".to_owned(),
            Readiness::NotYet(reason) => format!("not yet: {reason}"),
            Readiness::Failed(reason) => format!("failed: {reason}"),
        };
        assert_eq!(told, expected, "{object}");
    }

    fn with_status(status: Value) -> Value {
        json!({"metadata": {"name": "x", "generation": 2}, "status": status})
    }

    fn workload(status: Value) -> Value {
        let mut object = with_status(status);
        object["spec"] = json!({"replicas": 2, "selector": {}, "serviceName": "x",
            "template": {"spec": {"containers": []}}});
        object
    }

    #[test]
    fn definitions() {
        let conditions = |conditions: Value| with_status(json!({"conditions": conditions}));
        let crd = |conditions: Value| {
            let mut crd = conditions;
            crd["spec"] = json!({"group": "g", "names": {"kind": "K", "plural": "ks"}, "scope": "Cluster", "versions": []});
            crd
        };
        check(
            crd_established,
            crd(with_status(json!({}))),
            "not yet: the API server has not looked at it yet",
        );
        let clash = json!([{"type": "NamesAccepted", "status": "False", "message": "taken by other"}]);
        check(crd_established, crd(conditions(clash)), "failed: taken by other");
        let done =
            json!([{"type": "NamesAccepted", "status": "True"}, {"type": "Established", "status": "True"}]);
        check(crd_established, crd(conditions(done)), "ready");
    }

    #[test]
    fn deployments() {
        let status = |updated: i32, total: i32, available: i32| {
            workload(
                json!({"observedGeneration": 2, "updatedReplicas": updated, "replicas": total,
                "availableReplicas": available}),
            )
        };
        let check = |object, expected| check(deployment_rolled_out, object, expected);
        check(
            workload(json!({"observedGeneration": 1})),
            "not yet: its last change is not seen by its controller yet",
        );
        check(status(1, 2, 2), "not yet: 1 of 2 replicas updated");
        check(status(2, 3, 2), "not yet: 1 old replicas still end");
        check(status(2, 2, 1), "not yet: 1 of 2 replicas available");
        check(status(2, 2, 2), "ready");
        let stuck = json!({"observedGeneration": 2, "conditions": [{"type": "Progressing", "status": "False",
            "reason": "ProgressDeadlineExceeded", "message": "too slow"}]});
        check(workload(stuck), "failed: ProgressDeadlineExceeded: too slow");
    }

    #[test]
    fn stateful_and_daemon_sets() {
        let set = |updated: i32, ready: i32, revision: &str| {
            workload(
                json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": updated, "readyReplicas": ready,
                "currentRevision": "a", "updateRevision": revision}),
            )
        };
        check(
            stateful_set_rolled_out,
            set(1, 2, "b"),
            "not yet: 1 of 2 replicas updated",
        );
        check(
            stateful_set_rolled_out,
            set(2, 1, "b"),
            "not yet: 1 of 2 replicas ready",
        );
        check(stateful_set_rolled_out, set(2, 2, "a"), "ready");
        let nodes = |updated: i32, available: i32| {
            workload(
                json!({"observedGeneration": 2, "desiredNumberScheduled": 3, "currentNumberScheduled": 3,
                "numberMisscheduled": 0, "numberReady": 3, "updatedNumberScheduled": updated, "numberAvailable": available}),
            )
        };
        check(
            daemon_set_rolled_out,
            nodes(2, 3),
            "not yet: 2 of 3 nodes updated",
        );
        check(
            daemon_set_rolled_out,
            nodes(3, 2),
            "not yet: 2 of 3 nodes available",
        );
        check(daemon_set_rolled_out, nodes(3, 3), "ready");
    }

    #[test]
    fn jobs() {
        let check = |status, expected| check(job_complete, with_status(status), expected);
        check(json!({}), "not yet: 0 of 1 completions");
        check(json!({"failed": 2}), "not yet: 0 of 1 completions, 2 failed");
        check(
            json!({"conditions": [{"type": "Complete", "status": "True"}]}),
            "ready",
        );
        let failed = json!([{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "twice"}]);
        check(
            json!({"conditions": failed}),
            "failed: BackoffLimitExceeded: twice",
        );
    }

    #[test]
    fn pods() {
        let check = |status, expected| check(pod_ready, with_status(status), expected);
        check(json!({}), "not yet: pending");
        check(
            json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}),
            "ready",
        );
        let unready =
            json!([{"type": "Ready", "status": "False", "message": "containers with unready status: [a]"}]);
        check(
            json!({"phase": "Running", "conditions": unready}),
            "not yet: containers with unready status: [a]",
        );
        check(
            json!({"phase": "Failed", "reason": "Evicted", "message": "no memory"}),
            "failed: Evicted: no memory",
        );
        check(
            json!({"phase": "Succeeded"}),
            "failed: all its containers have ended",
        );
    }

    #[test]
    fn endpoints() {
        let slices = |ready: &[Option<bool>]| -> Vec<EndpointSlice> {
            let endpoint =
                |ready: &Option<bool>| json!({"addresses": ["10.0.0.1"], "conditions": {"ready": ready}});
            let endpoints: Vec<Value> = ready.iter().map(endpoint).collect();
            vec![
                serde_json::from_value(
                    json!({"addressType": "IPv4", "metadata": {}, "endpoints": endpoints}),
                )
                .unwrap(),
            ]
        };
        assert_eq!(endpoints_ready(&[]), Readiness::NotYet("no endpoint yet".into()));
        assert_eq!(
            endpoints_ready(&slices(&[Some(false)])),
            Readiness::NotYet("none of 1 endpoints is ready".into())
        );
        assert!(endpoints_ready(&slices(&[Some(false), None])).is_ready());
    }

    #[test]
    fn conditions_of_any_object() {
        let look = |object: &Value| condition(object, "Ready", "True");
        let with = |conditions: Value| with_status(json!({"conditions": conditions}));
        check(look, with(json!([])), "not yet: it has no condition Ready yet");
        check(look, with(json!([{"type": "Ready", "status": "true"}])), "ready");
        let old = json!([{"type": "Ready", "status": "True", "observedGeneration": 1}]);
        check(
            look,
            with(old),
            "not yet: its condition Ready is about an older version",
        );
        let no = json!([{"type": "Ready", "status": "False", "reason": "NoDisk", "message": "full"}]);
        check(look, with(no), "not yet: Ready is False: NoDisk: full");
    }
}
