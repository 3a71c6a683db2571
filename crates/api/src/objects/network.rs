//! How pods are reached: Services, Ingresses, `NetworkPolicies`.

use serde_json::Value;

use super::Tone;
use super::row::Look;
use crate::json::{list, number, some_text, text};

/// Hosts of an Ingress that are named; of more only their number is.
const HOSTS: usize = 3;

pub(super) fn service(object: &Value) -> Look {
    let kind = text(object, "/spec/type");
    let external = external(object);
    let look = if kind == "LoadBalancer" && external.is_empty() {
        Look::new("Pending", Tone::Busy)
    } else {
        Look::plain()
    };
    let ports: Vec<String> = list(object, "/spec/ports").iter().map(port).collect();
    look.with("Type", kind)
        .with("Cluster IP", text(object, "/spec/clusterIP"))
        .with_some("External", &external)
        .with("Ports", &ports.join(", "))
}

fn external(object: &Value) -> String {
    if text(object, "/spec/type") == "ExternalName" {
        return text(object, "/spec/externalName").to_owned();
    }
    let given = addresses(object);
    let named = list(object, "/spec/externalIPs").iter().filter_map(Value::as_str);
    given.into_iter().chain(named).collect::<Vec<_>>().join(", ")
}

/// The addresses that a load balancer gave.
fn addresses(object: &Value) -> Vec<&str> {
    let given = list(object, "/status/loadBalancer/ingress").iter();
    given
        .filter_map(|one| some_text(one, "/ip").or(some_text(one, "/hostname")))
        .collect()
}

fn port(port: &Value) -> String {
    let protocol = some_text(port, "/protocol").unwrap_or("TCP");
    match (number(port, "/port"), number(port, "/nodePort")) {
        (port, 0) => format!("{port}/{protocol}"),
        (port, node) => format!("{port}:{node}/{protocol}"),
    }
}

pub(super) fn ingress(object: &Value) -> Look {
    Look::plain()
        .with("Class", text(object, "/spec/ingressClassName"))
        .with("Hosts", &hosts(object))
        .with("Address", &addresses(object).join(", "))
}

fn hosts(object: &Value) -> String {
    let rules = list(object, "/spec/rules").iter();
    let hosts: Vec<&str> = rules.filter_map(|rule| some_text(rule, "/host")).collect();
    match hosts.len() {
        0 => "*".to_owned(),
        count if count > HOSTS => format!("{} and {} more", hosts[..HOSTS].join(", "), count - HOSTS),
        _ => hosts.join(", "),
    }
}

pub(super) fn policy(object: &Value) -> Look {
    let types = list(object, "/spec/policyTypes").iter().filter_map(Value::as_str);
    let pods = object
        .pointer("/spec/podSelector")
        .map(selector)
        .unwrap_or_default();
    let pods = Some(pods)
        .filter(|pods| !pods.is_empty())
        .unwrap_or_else(|| "all pods".to_owned());
    Look::plain()
        .with("Pods", &pods)
        .with("Types", &types.collect::<Vec<_>>().join(", "))
}

/// A selector as kubectl takes it: `app=web,tier in (a,b),!canary`.
fn selector(selector: &Value) -> String {
    let labels = selector.pointer("/matchLabels").and_then(Value::as_object);
    let labels = labels.into_iter().flatten();
    let equal = labels.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    let others = list(selector, "/matchExpressions").iter().map(expression);
    equal.chain(others).collect::<Vec<_>>().join(",")
}

fn expression(expression: &Value) -> String {
    let key = text(expression, "/key");
    let values = list(expression, "/values").iter().filter_map(Value::as_str);
    let values = values.collect::<Vec<_>>().join(",");
    match text(expression, "/operator") {
        "In" => format!("{key} in ({values})"),
        "NotIn" => format!("{key} notin ({values})"),
        "DoesNotExist" => format!("!{key}"),
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{ObjectKind, row};
    use super::*;

    fn check(kind: ObjectKind, object: &Value, expected: &str) {
        assert_eq!(row::line(kind, object), expected, "{object}");
    }

    #[test]
    fn services() {
        let ports = json!([{"port": 53, "protocol": "UDP"}, {"port": 80, "nodePort": 30080}]);
        let cases = [
            (
                json!({"spec": {"type": "ClusterIP", "clusterIP": "10.96.0.10", "ports": ports}}),
                ", none | Type: ClusterIP | Cluster IP: 10.96.0.10 | Ports: 53/UDP, 80:30080/TCP",
            ),
            (
                json!({"spec": {"type": "LoadBalancer", "clusterIP": "10.96.0.11"}}),
                "Pending, busy | Type: LoadBalancer | Cluster IP: 10.96.0.11 | Ports: ",
            ),
            (
                json!({"spec": {"type": "LoadBalancer", "clusterIP": "10.96.0.11", "externalIPs": ["192.0.2.9"]},
                    "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}, {"hostname": "lb.example"}]}}}),
                ", none | Type: LoadBalancer | Cluster IP: 10.96.0.11 | External: 192.0.2.1, lb.example, 192.0.2.9 | Ports: ",
            ),
            (
                json!({"spec": {"type": "ExternalName", "externalName": "db.example"}}),
                ", none | Type: ExternalName | Cluster IP:  | External: db.example | Ports: ",
            ),
        ];
        for (object, expected) in &cases {
            check(ObjectKind::Services, object, expected);
        }
    }

    #[test]
    fn ingresses() {
        let rules = |hosts: &[&str]| hosts.iter().map(|host| json!({"host": host})).collect::<Vec<_>>();
        let cases = [
            (
                json!({"spec": {"rules": [{}]}}),
                ", none | Class:  | Hosts: * | Address: ",
            ),
            (
                json!({"spec": {"ingressClassName": "nginx", "rules": rules(&["a", "b"])},
                    "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}),
                ", none | Class: nginx | Hosts: a, b | Address: 192.0.2.1",
            ),
            (
                json!({"spec": {"rules": rules(&["a", "b", "c", "d", "e"])}}),
                ", none | Class:  | Hosts: a, b, c and 2 more | Address: ",
            ),
        ];
        for (object, expected) in &cases {
            check(ObjectKind::Ingresses, object, expected);
        }
    }

    #[test]
    fn network_policies() {
        let expressions = json!([
            {"key": "tier", "operator": "In", "values": ["a", "b"]},
            {"key": "zone", "operator": "NotIn", "values": ["c"]},
            {"key": "old", "operator": "Exists"},
            {"key": "canary", "operator": "DoesNotExist"},
        ]);
        let cases = [
            (
                json!({"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}),
                ", none | Pods: all pods | Types: Ingress, Egress",
            ),
            (
                json!({"spec": {"podSelector": {"matchLabels": {"app": "web"}, "matchExpressions": expressions}}}),
                ", none | Pods: app=web,tier in (a,b),zone notin (c),old,!canary | Types: ",
            ),
        ];
        for (object, expected) in &cases {
            check(ObjectKind::NetworkPolicies, object, expected);
        }
    }
}
