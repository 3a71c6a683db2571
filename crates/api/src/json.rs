//! Reads JSON that somebody else shaped: what is missing or of another type is empty, and no text is longer than told.

use serde_json::Value;

/// The text at a pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The text at a pointer, if there is one that says anything.
pub(crate) fn some_text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    Some(text(value, pointer)).filter(|text| !text.is_empty())
}

/// The whole number at a pointer.
pub(crate) fn number(value: &Value, pointer: &str) -> i64 {
    value.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

/// Whether there is `true` at a pointer.
pub(crate) fn is_true(value: &Value, pointer: &str) -> bool {
    value
        .pointer(pointer)
        .and_then(Value::as_bool)
        .unwrap_or_default()
}

/// The list at a pointer.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// How many entries the map at a pointer has.
pub(crate) fn size(value: &Value, pointer: &str) -> usize {
    value
        .pointer(pointer)
        .and_then(Value::as_object)
        .map_or(0, serde_json::Map::len)
}

/// The condition of this type in the status of an object.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    list(object, "/status/conditions")
        .iter()
        .find(|one| text(one, "/type") == kind)
}

/// Whether the status of an object has a condition of this type with this status.
pub(crate) fn has_condition(object: &Value, kind: &str, status: &str) -> bool {
    condition(object, kind).is_some_and(|one| text(one, "/status") == status)
}

/// A text of at most `most` characters; what is cut off leaves a sign.
pub(crate) fn capped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_of_another_type_is_empty() {
        let odd = json!({"text": 1, "number": "1", "list": {}, "map": [], "status": {"conditions": [null, "x", {"type": 1}]}});
        assert_eq!((text(&odd, "/text"), number(&odd, "/number")), ("", 0));
        assert_eq!((list(&odd, "/list").len(), size(&odd, "/map")), (0, 0));
        assert!(!is_true(&odd, "/text") && condition(&odd, "Ready").is_none());
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(capped("grüße", 5), "grüße");
        assert_eq!(capped("grüße", 3), "grü…");
    }
}
