//! Checks by example: objects of the task that hold at least what a manifest says.
//!
//! A map holds another when it holds each of its entries. An item of a list has to be in the list, wherever; a map with
//! numbers as keys stands for single items of a list by their places. `null` is what is not there.

use bundle::model::ManifestFile;
use cluster::{Cluster, ObjectRef};
use serde_json::Value;

/// Whether every object of the manifest is there with all that it says; `Ok(Err(…))` says what is not.
pub(super) async fn hold(api: &Cluster, manifest: &ManifestFile) -> Result<Result<(), String>, String> {
    for expected in plan::objects(manifest) {
        if let Err(reason) = found(api, &expected).await? {
            return Ok(Err(reason));
        }
    }
    Ok(Ok(()))
}

async fn found(api: &Cluster, expected: &Value) -> Result<Result<(), String>, String> {
    let text = |pointer: &str| {
        expected
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let (api_version, kind) = (
        text("/apiVersion").unwrap_or_default(),
        text("/kind").unwrap_or_default(),
    );
    let namespace = text("/metadata/namespace").unwrap_or_else(|| "default".to_owned());
    let Some(name) = text("/metadata/name") else {
        return any_of(api, &api_version, &kind, text("/metadata/namespace"), expected).await;
    };
    let object = ObjectRef {
        api_version,
        kind: kind.clone(),
        namespace: Some(namespace),
        name: name.clone(),
    };
    Ok(match api.get_json(&object).await {
        Ok(Some(actual)) => {
            differs(&actual, expected, "").map_or(Ok(()), |what| Err(format!("{kind}/{name}: {what}")))
        }
        Ok(None) | Err(cluster::ApiError::UnknownKind { .. }) => Err(format!("{kind}/{name} does not exist")),
        Err(error) => return Err(error.to_string()),
    })
}

/// An example without a name: one object of the kind has to be like it.
async fn any_of(
    api: &Cluster,
    api_version: &str,
    kind: &str,
    namespace: Option<String>,
    expected: &Value,
) -> Result<Result<(), String>, String> {
    let all = match api.list_json(api_version, kind, namespace.as_deref(), None).await {
        Ok(all) => all,
        Err(cluster::ApiError::UnknownKind { .. }) => Vec::new(),
        Err(error) => return Err(error.to_string()),
    };
    if all.iter().any(|actual| differs(actual, expected, "").is_none()) {
        return Ok(Ok(()));
    }
    Ok(Err(format!(
        "none of {} {kind} objects is like the example",
        all.len()
    )))
}

/// What of `expected` the actual value does not hold, with its place.
fn differs(actual: &Value, expected: &Value, at: &str) -> Option<String> {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected.iter().find_map(|(key, value)| {
            differs(actual.get(key).unwrap_or(&Value::Null), value, &below(at, key))
        }),
        (Value::Array(actual), Value::Object(places)) => places.iter().find_map(|(place, value)| {
            let item = place.parse().ok().and_then(|place: usize| actual.get(place));
            differs(item.unwrap_or(&Value::Null), value, &below(at, place))
        }),
        (Value::Array(actual), Value::Array(expected)) => expected.iter().find_map(|wanted| {
            let is_there = actual.iter().any(|item| differs(item, wanted, at).is_none());
            (!is_there).then(|| format!("{at} holds nothing like {}", short(wanted)))
        }),
        (actual, expected) if actual == expected || same_number(actual, expected) => None,
        (Value::Null, expected) => Some(format!("{at} is missing, {} is expected", short(expected))),
        (actual, expected) => Some(format!("{at} is {}, not {}", short(actual), short(expected))),
    }
}

fn same_number(actual: &Value, expected: &Value) -> bool {
    actual.is_number() && expected.is_number() && actual.as_f64() == expected.as_f64()
}

fn below(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

/// A value in one short line.
fn short(value: &Value) -> String {
    const LIMIT: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn examples_are_compared_with_what_is_there() {
        let actual = json!({
            "metadata": {"name": "web", "labels": {"app": "web"}},
            "spec": {"replicas": 2, "containers": [
                {"name": "proxy", "image": "envoy"}, {"name": "web", "image": "nginx", "args": []}]},
        });
        let cases = [
            (json!({"spec": {"replicas": 2}}), None),
            (json!({"spec": {"replicas": 2.0}}), None),
            (
                json!({"spec": {"containers": [{"name": "web"}, {"image": "envoy"}]}}),
                None,
            ),
            (json!({"spec": {"containers": {"1": {"image": "nginx"}}}}), None),
            (json!({"spec": {"paused": null}}), None),
            (
                json!({"spec": {"replicas": 3}}),
                Some("spec.replicas is 2, not 3"),
            ),
            (
                json!({"spec": {"paused": true}}),
                Some("spec.paused is missing, true is expected"),
            ),
            (
                json!({"spec": {"containers": {"0": {"image": "nginx"}}}}),
                Some("spec.containers.0.image is \"envoy\", not \"nginx\""),
            ),
            (
                json!({"spec": {"containers": {"7": {"image": "nginx"}}}}),
                Some("spec.containers.7 is missing, {\"image\":\"nginx\"} is expected"),
            ),
            (
                json!({"spec": {"containers": [{"name": "db"}]}}),
                Some("spec.containers holds nothing like {\"name\":\"db\"}"),
            ),
            (
                json!({"metadata": {"labels": "web"}}),
                Some("metadata.labels is {\"app\":\"web\"}, not \"web\""),
            ),
        ];
        for (expected, reason) in cases {
            assert_eq!(differs(&actual, &expected, "").as_deref(), reason, "{expected}");
        }
    }
}
