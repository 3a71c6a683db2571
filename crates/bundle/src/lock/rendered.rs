//! Rendered manifests as they lie in `lock/`: one document for each object, keys in order, for people to read and compare.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// More objects, or larger ones, than any chart renders to.
const LIMIT: usize = 16 << 20;

/// The digest of bytes, as registries write it.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// Objects as YAML documents. The same objects give the same bytes, in whichever order their keys came.
///
/// # Errors
/// When the writer refuses, in its words.
pub fn to_yaml(objects: &[Value]) -> Result<String, String> {
    let mut text = String::from("# Rendered by `taskwright lock`; applied as it is when the bundle boots.\n");
    for object in objects {
        let document = serde_yaml::to_string(&sorted(object)).map_err(|error| error.to_string())?;
        text.push_str("---\n");
        text.push_str(document.trim_end());
        text.push('\n');
    }
    Ok(text)
}

/// The objects of a file that [`to_yaml`] wrote.
///
/// # Errors
/// When it is no such file, in words.
pub fn from_yaml(bytes: &[u8]) -> Result<Vec<Value>, String> {
    if bytes.len() > LIMIT {
        return Err(format!("it has {} bytes, at most {LIMIT} are read", bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_nodes: 2_000_000,
            max_events: 8_000_000,
            max_documents: 5_000,
            max_total_scalar_bytes: 64 * 1024 * 1024,
        },
    };
    let documents: Vec<Value> =
        serde_yaml::from_multiple_with_options(text, options).map_err(|error| error.to_string())?;
    let objects: Vec<Value> = documents
        .into_iter()
        .filter(|document| !document.is_null())
        .collect();
    match objects.iter().position(|object| !object.is_object()) {
        Some(place) => Err(format!("document {} is not an object", place + 1)),
        None => Ok(objects),
    }
}

/// Whether a map keeps its order depends on how the program was built; the file must not.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            entries
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_survive_being_written_and_read() {
        let objects = vec![
            json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"},
                "data": {"on": "yes", "mode": "0644", "time": "12:30", "number": "1e3", "empty": "", "null": "null",
                    "lines": "a\n  b\n\nc\n", "tail": "a\n\n", "space": " x ", "colon": "a: b", "tab": "\ta",
                    "umlaut": "ü😀", "cr": "a\r\nb", "dashes": "---\nx: y\n", "hash": "a # b", "tilde": "~"}}),
            json!({"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "b"}, "spec": {"count": 3, "ratio": 0.5,
                "large": 9_007_199_254_740_993_i64, "no": null, "list": [], "map": {}, "flag": true, "nested": [[1], {"a": [{}]}]}}),
        ];
        let text = to_yaml(&objects).unwrap();
        assert_eq!(from_yaml(text.as_bytes()).unwrap(), objects, "{text}");
        assert_eq!(to_yaml(&objects).unwrap(), text);
    }

    #[test]
    fn what_was_not_written_here_is_an_error_and_no_panic() {
        for text in ["just text", "- a", "{", "&a [*a]", "a: &x [1,1]\nb: [*x, *x"] {
            assert!(from_yaml(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(from_yaml(b"\xff").is_err());
        assert_eq!(from_yaml(b"# nothing\n").unwrap(), Vec::<Value>::new());
    }
}
