//! An object as YAML for people: without the managers of its fields, and without secrets.

use serde_json::{Map, Value};

use crate::{Code, Error};

/// As much of an object is shown, in bytes; more is not read by people.
const LONGEST: usize = 512 * 1024;

/// Repeats the whole object, with the values of a Secret.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub(super) fn text(mut object: Value) -> Result<String, Error> {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    if object["kind"] == "Secret" {
        hide(&mut object);
    }
    let text = serde_yaml::to_string(&object).map_err(|error| Error::of(Code::Host, &error))?;
    Ok(cut(text))
}

/// At most [`LONGEST`] bytes in whole lines, or as near as long lines allow.
fn cut(mut text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let all = text.len();
    let end = text.floor_char_boundary(LONGEST);
    let line = text[..end].rfind('\n').map_or(0, |at| at + 1);
    // A single line may be longer than all that is shown.
    let end = if line > LONGEST / 2 { line } else { end };
    text.truncate(end);
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{newline}# {} more bytes are left out\n", all - end)
}

/// Puts the size of every value in its place.
fn hide(secret: &mut Value) {
    if let Some(data) = map(secret, "/data") {
        for value in data.values_mut() {
            *value = size(value.as_str().map_or(0, decoded_size)).into();
        }
    }
    if let Some(data) = map(secret, "/stringData") {
        for value in data.values_mut() {
            *value = size(value.as_str().map_or(0, str::len)).into();
        }
    }
    if let Some(annotations) = map(secret, "/metadata/annotations") {
        annotations.remove(LAST_APPLIED);
    }
}

fn map<'a>(object: &'a mut Value, pointer: &str) -> Option<&'a mut Map<String, Value>> {
    object.pointer_mut(pointer)?.as_object_mut()
}

fn size(bytes: usize) -> String {
    format!("({bytes} byte{})", if bytes == 1 { "" } else { "s" })
}

/// How many bytes a text in base64 stands for.
fn decoded_size(text: &str) -> usize {
    let letters = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=');
    letters.count() * 3 / 4
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn managers_of_fields_are_left_out() {
        let object =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "managedFields": [{}]}});
        assert_eq!(
            text(object).unwrap(),
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"
        );
    }

    #[test]
    fn of_an_enormous_object_the_end_is_left_out() {
        let data: Map<String, Value> = (0..40_000)
            .map(|index| (format!("key-{index:05}"), "value".into()))
            .collect();
        let shown = text(json!({"data": data})).unwrap();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(shown.len() < LONGEST + 40, "{}", shown.len());
        assert_eq!(lines[lines.len() - 2], "  key-27592: value");
        assert_eq!(lines[lines.len() - 1], "# 235733 more bytes are left out");
        let line = text(json!({"data": {"one": "ü".repeat(LONGEST)}})).unwrap();
        assert!(
            line.len() < LONGEST + 60 && line.ends_with("more bytes are left out\n"),
            "{}",
            line.len()
        );
    }

    #[test]
    fn a_secret_shows_sizes_and_no_value() {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": "s", "annotations": {LAST_APPLIED: "aHVudGVyMg=="}},
            "data": {"password": "aHVudGVyMg==", "empty": "", "one": "eA=="},
            "stringData": {"plain": "hunter2"},
        });
        let text = text(secret).unwrap();
        for shown in [
            "password: (7 bytes)",
            "empty: (0 bytes)",
            "one: (1 byte)",
            "plain: (7 bytes)",
        ] {
            assert!(text.contains(shown), "{text}");
        }
        assert!(
            !text.contains("hunter2") && !text.contains("aHVudGVyMg"),
            "{text}"
        );
    }
}
