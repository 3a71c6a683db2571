//! Whether the task's own API server answers: a candidate with full rights could put another server in its place.

use cluster::Cluster;
use serde_json::Value;

use crate::boot::refusal;
use crate::failure::Failure;

/// Groups of Kubernetes itself, without the dot that marks other groups.
const PLAIN: [&str; 5] = ["", "apps", "autoscaling", "batch", "policy"];
/// Groups under `k8s.io` that are served by something beside the API server in any cluster.
const METRICS: &str = "metrics.k8s.io";

/// Says which group of Kubernetes is answered by something else than the API server, if one is.
pub(super) async fn tampered(api: &Cluster) -> Result<Option<String>, Failure> {
    let services = api
        .list_json("apiregistration.k8s.io/v1", "APIService", None, None)
        .await
        .map_err(|error| refusal::explain("the task's API services", &error))?;
    Ok(services.iter().find_map(redirected))
}

fn redirected(service: &Value) -> Option<String> {
    let group = service
        .pointer("/spec/group")
        .and_then(Value::as_str)
        .unwrap_or("");
    let server = service
        .pointer("/spec/service")
        .filter(|server| server.is_object())?;
    let is_own = PLAIN.contains(&group) || (group.ends_with(".k8s.io") && !group.ends_with(METRICS));
    let text = |key: &str| {
        server
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    is_own.then(|| {
        format!(
            "the API group `{group}` is answered by the service {}/{} inside the task instead of the API server, \
             so nothing that it says can be trusted",
            text("namespace"),
            text("name")
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn servers_in_the_place_of_the_api_server_are_found() {
        let service = |group: &str, service: Value| json!({"spec": {"group": group, "service": service}});
        let elsewhere = json!({"namespace": "shop", "name": "fake"});
        for (group, server, expected) in [
            ("apps", Value::Null, false),
            ("apps", elsewhere.clone(), true),
            ("", elsewhere.clone(), true),
            ("rbac.authorization.k8s.io", elsewhere.clone(), true),
            ("metrics.k8s.io", elsewhere.clone(), false),
            ("custom.metrics.k8s.io", elsewhere.clone(), false),
            ("shop.example", elsewhere, false),
        ] {
            assert_eq!(redirected(&service(group, server)).is_some(), expected, "{group}");
        }
    }
}
