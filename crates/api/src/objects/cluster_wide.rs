//! What belongs to no namespace: Nodes, Namespaces, `CustomResourceDefinitions`.

use serde_json::Value;

use super::Tone;
use super::row::Look;
use crate::json::{condition, has_condition, is_true, list, some_text, text};

const ROLE: &str = "node-role.kubernetes.io/";

pub(super) fn node(object: &Value) -> Look {
    let (status, tone) = match condition(object, "Ready").map(|ready| text(ready, "/status")) {
        Some("True") => ("Ready", Tone::Ok),
        Some(_) => ("NotReady", Tone::Bad),
        None => ("Unknown", Tone::Bad),
    };
    let look = match (is_true(object, "/spec/unschedulable"), tone) {
        (false, tone) => Look::new(status, tone),
        (true, Tone::Ok) => Look::new("Ready,SchedulingDisabled", Tone::Busy),
        (true, tone) => Look::new(format!("{status},SchedulingDisabled"), tone),
    };
    look.with_some("Roles", &roles(object))
        .with("Version", text(object, "/status/nodeInfo/kubeletVersion"))
}

fn roles(object: &Value) -> String {
    let labels = object.pointer("/metadata/labels").and_then(Value::as_object);
    let roles = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, _)| key.strip_prefix(ROLE));
    roles.collect::<Vec<_>>().join(", ")
}

pub(super) fn namespace(object: &Value) -> Look {
    let phase = text(object, "/status/phase");
    Look::new(phase, if phase == "Active" { Tone::Ok } else { Tone::Busy })
}

pub(super) fn definition(object: &Value) -> Look {
    let refused = condition(object, "NamesAccepted").filter(|one| text(one, "/status") == "False");
    let look = if let Some(refused) = refused {
        Look::new(
            some_text(refused, "/reason").unwrap_or("NamesNotAccepted"),
            Tone::Bad,
        )
    } else if has_condition(object, "Established", "True") {
        Look::new("Established", Tone::Ok)
    } else {
        Look::new("Not established", Tone::Busy)
    };
    let versions = list(object, "/spec/versions")
        .iter()
        .filter(|one| is_true(one, "/served"));
    let versions: Vec<&str> = versions.map(|one| text(one, "/name")).collect();
    look.with("Kind", text(object, "/spec/names/kind"))
        .with("Group", text(object, "/spec/group"))
        .with("Versions", &versions.join(", "))
        .with("Scope", text(object, "/spec/scope"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{ObjectKind, row};
    use super::*;

    fn check(kind: ObjectKind, object: &Value, expected: &str) {
        assert_eq!(row::line(kind, object), expected, "{object}");
    }

    fn is(kind: &str, status: &str, reason: &str) -> Value {
        json!([{"type": kind, "status": status, "reason": reason}])
    }

    #[test]
    fn nodes() {
        let node = |ready: &Value, cordoned: bool| {
            json!({"metadata": {"labels": {"node-role.kubernetes.io/control-plane": "", "zone": "a"}},
                "spec": {"unschedulable": cordoned},
                "status": {"nodeInfo": {"kubeletVersion": "v1.36.3"}, "conditions": ready}})
        };
        let rest = " | Roles: control-plane | Version: v1.36.3";
        let cases = [
            (is("Ready", "True", ""), false, "Ready, ok"),
            (is("Ready", "True", ""), true, "Ready,SchedulingDisabled, busy"),
            (is("Ready", "Unknown", ""), false, "NotReady, bad"),
            (is("Ready", "False", ""), true, "NotReady,SchedulingDisabled, bad"),
            (json!([]), false, "Unknown, bad"),
        ];
        for (ready, cordoned, expected) in &cases {
            check(
                ObjectKind::Nodes,
                &node(ready, *cordoned),
                &format!("{expected}{rest}"),
            );
        }
        check(ObjectKind::Nodes, &json!({}), "Unknown, bad | Version: ");
    }

    #[test]
    fn namespaces_and_definitions() {
        let spec = json!({"group": "example.dev", "scope": "Namespaced", "names": {"kind": "Widget"},
            "versions": [{"name": "v1", "served": true}, {"name": "v1beta1", "served": true}, {"name": "v1alpha1"}]});
        let widget = |conditions: Value| json!({"spec": spec, "status": {"conditions": conditions}});
        let rest = " | Kind: Widget | Group: example.dev | Versions: v1, v1beta1 | Scope: Namespaced";
        check(
            ObjectKind::Namespaces,
            &json!({"status": {"phase": "Active"}}),
            "Active, ok",
        );
        check(
            ObjectKind::Namespaces,
            &json!({"status": {"phase": "Terminating"}}),
            "Terminating, busy",
        );
        let cases = [
            (is("Established", "True", ""), "Established, ok"),
            (
                is("NamesAccepted", "False", "ListKindConflict"),
                "ListKindConflict, bad",
            ),
            (json!([]), "Not established, busy"),
        ];
        for (conditions, expected) in cases {
            check(
                ObjectKind::CustomResourceDefinitions,
                &widget(conditions),
                &format!("{expected}{rest}"),
            );
        }
    }
}
