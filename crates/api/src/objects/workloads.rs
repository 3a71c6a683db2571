//! What makes pods: Deployments, `StatefulSets`, Jobs.

use serde_json::Value;

use super::Tone;
use super::row::{Look, is_leaving};
use crate::json::{condition, has_condition, number, some_text, text};

pub(super) fn deployment(object: &Value) -> Look {
    let wanted = replicas(object);
    let updated = number(object, "/status/updatedReplicas");
    let available = number(object, "/status/availableReplicas");
    let look = if let Some(reason) = trouble(object) {
        Look::new(reason, Tone::Bad)
    } else if wanted == 0 {
        Look::new("Scaled to 0", Tone::None)
    } else if available < wanted {
        Look::new(format!("{available} of {wanted} available"), Tone::Busy)
    } else if updated < wanted || !is_observed(object) {
        Look::new(format!("{updated} of {wanted} up to date"), Tone::Busy)
    } else {
        Look::new("Available", Tone::Ok)
    };
    look.with(
        "Ready",
        &format!("{}/{wanted}", number(object, "/status/readyReplicas")),
    )
    .with("Up to date", &updated)
}

/// Why a Deployment does not get on, in its controller's word.
fn trouble(object: &Value) -> Option<&str> {
    let failing = condition(object, "ReplicaFailure").filter(|one| text(one, "/status") == "True");
    let stuck = condition(object, "Progressing").filter(|one| text(one, "/status") == "False");
    // While paused it is nobody's failure that it does not get on.
    let stuck = stuck.filter(|one| text(one, "/reason") != "DeploymentPaused");
    failing
        .or(stuck)
        .map(|one| some_text(one, "/reason").unwrap_or("Failing"))
}

pub(super) fn stateful_set(object: &Value) -> Look {
    let wanted = replicas(object);
    let ready = number(object, "/status/readyReplicas");
    let look = if wanted == 0 {
        Look::new("Scaled to 0", Tone::None)
    } else if ready < wanted || !is_observed(object) {
        Look::new(format!("{ready} of {wanted} ready"), Tone::Busy)
    } else {
        Look::new("Ready", Tone::Ok)
    };
    look.with("Ready", &format!("{ready}/{wanted}"))
        .with("Service", text(object, "/spec/serviceName"))
}

/// Without a number it is one.
fn replicas(object: &Value) -> i64 {
    object
        .pointer("/spec/replicas")
        .and_then(Value::as_i64)
        .unwrap_or(1)
}

/// Whether the status is about what is wanted now.
fn is_observed(object: &Value) -> bool {
    number(object, "/status/observedGeneration") >= number(object, "/metadata/generation")
}

pub(super) fn job(object: &Value) -> Look {
    let is = |kind| has_condition(object, kind, "True");
    let look = if is("Complete") {
        Look::new("Complete", Tone::Ok)
    } else if is("Failed") {
        Look::new("Failed", Tone::Bad)
    } else if is_leaving(object) {
        Look::new("Terminating", Tone::Busy)
    } else if is("Suspended") {
        Look::new("Suspended", Tone::None)
    } else if is("FailureTarget") || number(object, "/status/failed") > 0 {
        Look::new("Failing", Tone::Bad)
    } else {
        Look::new("Running", Tone::Busy)
    };
    look.with("Completions", &completions(object))
}

fn completions(object: &Value) -> String {
    let done = number(object, "/status/succeeded");
    let parallel = number(object, "/spec/parallelism");
    match object.pointer("/spec/completions").and_then(Value::as_i64) {
        Some(wanted) => format!("{done}/{wanted}"),
        None if parallel > 1 => format!("{done}/1 of {parallel}"),
        None => format!("{done}/1"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{ObjectKind, row};
    use super::*;

    fn check(kind: ObjectKind, spec: &Value, status: &Value, expected: &str) {
        let object = json!({"metadata": {"generation": 2}, "spec": spec, "status": status});
        assert_eq!(row::line(kind, &object), expected, "{object}");
    }

    fn is(kind: &str, status: &str, reason: &str) -> Value {
        json!({"type": kind, "status": status, "reason": reason})
    }

    #[test]
    fn deployments() {
        let counts = |ready, updated, generation| {
            json!({"readyReplicas": ready, "availableReplicas": ready, "updatedReplicas": updated,
                "observedGeneration": generation})
        };
        let of = |conditions: &[Value]| json!({"updatedReplicas": 1, "conditions": conditions});
        let cases = [
            (
                json!({"replicas": 2}),
                counts(2, 2, 2),
                "Available, ok | Ready: 2/2 | Up to date: 2",
            ),
            (
                json!({"replicas": 2}),
                counts(1, 2, 2),
                "1 of 2 available, busy | Ready: 1/2 | Up to date: 2",
            ),
            (
                json!({"replicas": 2}),
                counts(2, 1, 2),
                "1 of 2 up to date, busy | Ready: 2/2 | Up to date: 1",
            ),
            (
                json!({"replicas": 2}),
                counts(2, 2, 1),
                "2 of 2 up to date, busy | Ready: 2/2 | Up to date: 2",
            ),
            (
                json!({"replicas": 0}),
                json!({}),
                "Scaled to 0, none | Ready: 0/0 | Up to date: 0",
            ),
            (
                json!({}),
                json!({}),
                "0 of 1 available, busy | Ready: 0/1 | Up to date: 0",
            ),
            (
                json!({}),
                of(&[is("Progressing", "False", "ProgressDeadlineExceeded")]),
                "ProgressDeadlineExceeded, bad | Ready: 0/1 | Up to date: 1",
            ),
            (
                json!({}),
                of(&[
                    is("Progressing", "True", "ReplicaSetUpdated"),
                    is("ReplicaFailure", "True", "FailedCreate"),
                ]),
                "FailedCreate, bad | Ready: 0/1 | Up to date: 1",
            ),
        ];
        for (spec, status, expected) in &cases {
            check(ObjectKind::Deployments, spec, status, expected);
        }
    }

    #[test]
    fn stateful_sets() {
        let spec = json!({"replicas": 3, "serviceName": "orders"});
        let ready = |ready, generation| json!({"readyReplicas": ready, "observedGeneration": generation});
        let cases = [
            (ready(3, 2), "Ready, ok | Ready: 3/3 | Service: orders"),
            (ready(1, 2), "1 of 3 ready, busy | Ready: 1/3 | Service: orders"),
            (ready(3, 1), "3 of 3 ready, busy | Ready: 3/3 | Service: orders"),
        ];
        for (status, expected) in &cases {
            check(ObjectKind::StatefulSets, &spec, status, expected);
        }
    }

    #[test]
    fn jobs() {
        let with = |kind, counts: Value| {
            let mut status = counts;
            status["conditions"] = json!([is(kind, "True", "")]);
            status
        };
        let cases = [
            (
                json!({"completions": 1}),
                with("Complete", json!({"succeeded": 1})),
                "Complete, ok | Completions: 1/1",
            ),
            (
                json!({"completions": 3}),
                with("Failed", json!({"succeeded": 1})),
                "Failed, bad | Completions: 1/3",
            ),
            (
                json!({"completions": 1}),
                with("Suspended", json!({})),
                "Suspended, none | Completions: 0/1",
            ),
            (
                json!({"completions": 1}),
                with("FailureTarget", json!({})),
                "Failing, bad | Completions: 0/1",
            ),
            (
                json!({"completions": 1}),
                json!({"active": 1}),
                "Running, busy | Completions: 0/1",
            ),
            (
                json!({"completions": 1}),
                json!({"active": 1, "failed": 2}),
                "Failing, bad | Completions: 0/1",
            ),
            (
                json!({"parallelism": 4}),
                json!({"active": 4}),
                "Running, busy | Completions: 0/1 of 4",
            ),
            (
                json!({"parallelism": 1}),
                json!({"active": 1}),
                "Running, busy | Completions: 0/1",
            ),
        ];
        for (spec, status, expected) in &cases {
            check(ObjectKind::Jobs, spec, status, expected);
        }
    }
}
