//! An object as a row: what names it, how it is, and the columns of its kind.

use serde_json::Value;

use super::{ObjectKind, ObjectRow, ObjectStatus, Tone, cluster_wide, network, pod, storage, workloads};
use crate::json::{capped, some_text, text};

/// A candidate writes what is shown; nobody reads more of it than this in a table.
const LONGEST: usize = 256;

/// How an object looks: its status, and the columns of its kind in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) status: ObjectStatus,
    pub(super) columns: Vec<(&'static str, String)>,
}

impl Look {
    pub(super) fn new(text: impl Into<String>, tone: Tone) -> Self {
        let text = text.into();
        Self {
            status: ObjectStatus { text, tone },
            columns: Vec::new(),
        }
    }

    /// Of a kind that has no state.
    pub(super) fn plain() -> Self {
        Self::new("", Tone::None)
    }

    pub(super) fn with(mut self, column: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.columns.push((column, value.to_string()));
        self
    }

    /// A column that is only there when it says something.
    pub(super) fn with_some(self, column: &'static str, value: &str) -> Self {
        if value.is_empty() {
            self
        } else {
            self.with(column, value)
        }
    }

    fn capped(mut self) -> Self {
        self.status.text = capped(&self.status.text, LONGEST);
        for (_, value) in &mut self.columns {
            *value = capped(value, LONGEST);
        }
        self
    }
}

/// An object of this kind as a row; which pod of the host carries it is not written on it.
pub(super) fn of(kind: ObjectKind, object: &Value) -> ObjectRow {
    let (api_version, name) = kind.resource();
    let Look { status, columns } = look(kind, object).capped();
    ObjectRow {
        uid: capped(text(object, "/metadata/uid"), LONGEST),
        kind: name.to_owned(),
        api_version: api_version.to_owned(),
        namespace: some_text(object, "/metadata/namespace").map(|one| capped(one, LONGEST)),
        name: capped(text(object, "/metadata/name"), LONGEST),
        status,
        age: capped(text(object, "/metadata/creationTimestamp"), LONGEST),
        columns,
        host_pod: None,
    }
}

fn look(kind: ObjectKind, object: &Value) -> Look {
    let mut look = match kind {
        ObjectKind::Pods => return pod::look(object),
        ObjectKind::Jobs => return workloads::job(object),
        ObjectKind::Deployments => workloads::deployment(object),
        ObjectKind::StatefulSets => workloads::stateful_set(object),
        ObjectKind::Services => network::service(object),
        ObjectKind::Ingresses => network::ingress(object),
        ObjectKind::NetworkPolicies => network::policy(object),
        ObjectKind::ConfigMaps => storage::config_map(object),
        ObjectKind::Secrets => storage::secret(object),
        ObjectKind::PersistentVolumeClaims => storage::claim(object),
        ObjectKind::Nodes => cluster_wide::node(object),
        ObjectKind::Namespaces => cluster_wide::namespace(object),
        ObjectKind::CustomResourceDefinitions => cluster_wide::definition(object),
    };
    if is_leaving(object) {
        look.status = ObjectStatus {
            text: "Terminating".to_owned(),
            tone: Tone::Busy,
        };
    }
    look
}

/// Whether somebody deleted it, and it is not gone yet.
pub(super) fn is_leaving(object: &Value) -> bool {
    some_text(object, "/metadata/deletionTimestamp").is_some()
}

/// How an object of a kind looks in the tests: `status, tone | column: value | …`.
#[cfg(test)]
pub(super) fn line(kind: ObjectKind, object: &Value) -> String {
    let row = of(kind, object);
    let columns = row
        .columns
        .iter()
        .map(|(name, value)| format!(" | {name}: {value}"));
    let tone = format!("{:?}", row.status.tone).to_lowercase();
    format!("{}, {tone}{}", row.status.text, columns.collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_says_what_names_the_object() {
        let metadata = json!({"namespace": "shop", "name": "web", "uid": "1", "creationTimestamp": "2026-01-02T03:04:05Z"});
        let object = json!({"metadata": metadata, "spec": {"replicas": 1}});
        let row = serde_json::to_value(of(ObjectKind::Deployments, &object)).unwrap();
        let expected = json!({
            "uid": "1", "kind": "Deployment", "apiVersion": "apps/v1", "namespace": "shop", "name": "web",
            "status": {"text": "0 of 1 available", "tone": "busy"}, "age": "2026-01-02T03:04:05Z",
            "columns": [["Ready", "0/1"], ["Up to date", "0"]], "hostPod": null,
        });
        assert_eq!(row, expected);
    }

    #[test]
    fn what_leaves_says_so() {
        let metadata = json!({"name": "a", "deletionTimestamp": "2026-01-02T03:04:05Z"});
        for kind in ObjectKind::ALL {
            let shown = line(kind, &json!({"metadata": metadata}));
            assert!(shown.starts_with("Terminating, busy"), "{kind:?}: {shown}");
        }
    }

    #[test]
    fn nothing_in_an_object_is_too_odd_or_too_long() {
        let long = "ü".repeat(100_000);
        let odd = [
            json!(null),
            json!([]),
            json!({"metadata": 1, "spec": 1, "status": 1, "data": 1}),
            json!({"metadata": {"name": long, "namespace": long, "uid": long, "creationTimestamp": long},
                "type": long,
                "spec": {"type": long, "nodeName": long, "serviceName": long, "clusterIP": long, "group": long,
                    "replicas": i64::MIN, "completions": i64::MAX, "rules": [{"host": long}, 1, null],
                    "ports": [{"port": i64::MAX, "protocol": long}, 1], "versions": [null, {"name": long}],
                    "podSelector": {"matchLabels": {&long: long}, "matchExpressions": [1, {"key": long, "operator": long}]},
                    "containers": [null], "initContainers": [1]},
                "status": {"phase": long, "replicas": "x", "conditions": [{"type": "Ready"}, 1],
                    "containerStatuses": [{"restartCount": i64::MAX}, {"restartCount": i64::MAX}, 1],
                    "initContainerStatuses": [{"state": {"terminated": {"exitCode": 0}}, "restartCount": i64::MAX}],
                    "loadBalancer": {"ingress": [1, {"ip": long}]}}}),
        ];
        for (object, kind) in odd
            .iter()
            .flat_map(|object| ObjectKind::ALL.map(|kind| (object, kind)))
        {
            let sent = serde_json::to_string(&of(kind, object)).unwrap();
            assert!(sent.len() < 6_000, "{kind:?} is {} bytes long", sent.len());
        }
    }
}
