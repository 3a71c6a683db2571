//! What pods read and keep: `ConfigMaps`, Secrets (of which no value is shown), claims on volumes.

use serde_json::Value;

use super::Tone;
use super::row::Look;
use crate::json::{size, some_text, text};

/// Where the class stood before it had a field.
const OLD_CLASS: &str = "/metadata/annotations/volume.beta.kubernetes.io~1storage-class";

pub(super) fn config_map(object: &Value) -> Look {
    Look::plain().with("Data", &(size(object, "/data") + size(object, "/binaryData")))
}

pub(super) fn secret(object: &Value) -> Look {
    Look::plain()
        .with("Type", text(object, "/type"))
        .with("Data", &size(object, "/data"))
}

pub(super) fn claim(object: &Value) -> Look {
    let phase = text(object, "/status/phase");
    let tone = match phase {
        "Bound" => Tone::Ok,
        "Lost" => Tone::Bad,
        _ => Tone::Busy,
    };
    let class = some_text(object, "/spec/storageClassName").or(some_text(object, OLD_CLASS));
    Look::new(phase, tone)
        .with("Volume", text(object, "/spec/volumeName"))
        .with("Capacity", text(object, "/status/capacity/storage"))
        .with("Class", class.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{ObjectKind, row};

    #[test]
    fn config_and_claims() {
        let old = json!({"volume.beta.kubernetes.io/storage-class": "slow"});
        let cases = [
            (
                ObjectKind::ConfigMaps,
                json!({"data": {"a": "1"}, "binaryData": {"b": "Yg=="}}),
                ", none | Data: 2",
            ),
            (
                ObjectKind::Secrets,
                json!({"type": "Opaque", "data": {"password": "aHVudGVyMg=="}}),
                ", none | Type: Opaque | Data: 1",
            ),
            (
                ObjectKind::PersistentVolumeClaims,
                json!({"spec": {"volumeName": "pvc-1", "storageClassName": "sandbox"},
                    "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}}}),
                "Bound, ok | Volume: pvc-1 | Capacity: 1Gi | Class: sandbox",
            ),
            (
                ObjectKind::PersistentVolumeClaims,
                json!({"metadata": {"annotations": old}, "status": {"phase": "Pending"}}),
                "Pending, busy | Volume:  | Capacity:  | Class: slow",
            ),
            (
                ObjectKind::PersistentVolumeClaims,
                json!({"status": {"phase": "Lost"}}),
                "Lost, bad | Volume:  | Capacity:  | Class: ",
            ),
        ];
        for (kind, object, expected) in &cases {
            assert_eq!(row::line(*kind, object), *expected, "{object}");
        }
    }
}
