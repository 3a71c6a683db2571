//! The labels and annotations that are Taskwright's only state on a host.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::PreviewId;

/// On every object that belongs to a preview; its value is the preview's id.
pub const PREVIEW: &str = "taskwright.dev/preview";
/// On everything that exists while a preview is graded, instead of [`PREVIEW`]; its value is the preview's id.
pub const GRADER: &str = "taskwright.dev/grader";
/// Name of the bundle a preview was booted from.
pub const BUNDLE: &str = "taskwright.dev/bundle";
/// The standard label that says who made an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// On namespace only: title of the task.
pub const TITLE: &str = "taskwright.dev/title";
/// On namespace only: how long a candidate has, as [`duration`] writes it.
pub const TIME_LIMIT: &str = "taskwright.dev/time-limit";
/// On namespace only: how to open a shell in the seat, as JSON (`seat::Shell`).
pub const SHELL: &str = "taskwright.dev/shell";
/// On namespace only: `booting`, `ready` or `failed`.
pub const STATE: &str = "taskwright.dev/state";
/// On the candidate's pod, in the vCluster and, because vCluster passes pod labels on, on the host.
pub const SEAT: &str = "taskwright.dev/seat";
/// Name of the `ConfigMap` in a preview's namespace that says what its dependencies consist of.
pub const APPLIED: &str = "taskwright-applied";
/// Which pool a node belongs to: `control` or `task`.
pub const POOL: &str = "taskwright.dev/pool";

/// The labels that every object of a preview carries.
#[must_use]
pub fn of_preview(id: &PreviewId, bundle: &str) -> Map<String, Value> {
    let labels = [
        (PREVIEW, id.as_str()),
        (BUNDLE, bundle),
        (MANAGED_BY, "taskwright"),
    ];
    labels
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .into_iter()
        .collect()
}

/// A duration as the value of an annotation, such as `2700s`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}

/// What [`duration`] wrote.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    text.strip_suffix('s')?.parse().ok().map(Duration::from_secs)
}

/// Puts `labels` on a manifest, keeping those it has under other keys.
pub fn put(manifest: &mut Value, labels: &Map<String, Value>) {
    let Some(object) = manifest.as_object_mut() else {
        return;
    };
    let metadata = object.entry("metadata").or_insert_with(|| json!({}));
    let Some(metadata) = metadata.as_object_mut() else {
        return;
    };
    let present = metadata.entry("labels").or_insert_with(|| json!({}));
    if present.is_null() {
        *present = json!({});
    }
    if let Some(present) = present.as_object_mut() {
        present.extend(labels.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_survives_being_read_back() {
        let limit = Duration::from_mins(45);
        assert_eq!(duration(limit), "2700s");
        assert_eq!(parse_duration("2700s"), Some(limit));
        for text in ["", "s", "45m", "2700", "-1s"] {
            assert_eq!(parse_duration(text), None, "{text:?}");
        }
    }
}
