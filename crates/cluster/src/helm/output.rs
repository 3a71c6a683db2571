//! What helm and kustomize print, read into JSON objects.

use serde_json::{Map, Number, Value};

/// What a chart renders to, in the order of its documents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rendered {
    /// The objects to apply.
    pub objects: Vec<Value>,
    /// The objects that helm would apply at certain moments only.
    pub hooks: Vec<Hook>,
}

/// An object with the annotation `helm.sh/hook`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    /// When helm would apply it, such as `pre-install` or `test`.
    pub events: Vec<String>,
    /// Its place among the hooks of the same moment.
    pub weight: i64,
    /// The object.
    pub object: Value,
    /// The template it came from, as helm names it: `chart/templates/job.yaml`.
    pub template: Option<String>,
}

/// Helm has decoded these documents as YAML 1.1 before, so numbers with a leading zero are octal here, too.
pub(crate) fn read_rendered(text: &str) -> Result<Rendered, String> {
    let options = serde_yaml::options! {
        legacy_octal_numbers: true,
        budget: serde_yaml::budget! {
            max_nodes: 5_000_000,
            max_events: 20_000_000,
            max_documents: 20_000,
            max_total_scalar_bytes: 256 * 1024 * 1024,
        },
    };
    let documents: Vec<Value> =
        serde_yaml::from_multiple_with_options(text, options).map_err(|error| error.to_string())?;
    let mut rendered = Rendered::default();
    for document in documents {
        take(document, &mut rendered)?;
    }
    let templates = templates_of_hooks(text);
    for hook in &mut rendered.hooks {
        let name = hook.object["metadata"]["name"].as_str().unwrap_or_default();
        let of_name = templates.iter().find(|(_, document)| document.contains(name));
        hook.template = of_name.map(|(template, _)| (*template).to_owned());
    }
    Ok(rendered)
}

/// The documents that are hooks, each with the template that helm names above it.
fn templates_of_hooks(text: &str) -> Vec<(&str, &str)> {
    let documents = text
        .split("\n---")
        .filter(|document| document.contains("helm.sh/hook"));
    let with_template = documents.filter_map(|document| {
        let line = document
            .lines()
            .find_map(|line| line.strip_prefix("# Source: "))?;
        Some((line.trim(), document))
    });
    with_template.collect()
}

fn take(document: Value, rendered: &mut Rendered) -> Result<(), String> {
    let mut object = match document {
        Value::Null => return Ok(()),
        Value::Object(object) if object.is_empty() => return Ok(()),
        Value::Object(object) => object,
        other => {
            return Err(format!(
                "a document is not a mapping: {}",
                shortened(&other.to_string())
            ));
        }
    };
    let kind = object
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if let Some(item_kind) = kind.strip_suffix("List")
        && let Some(Value::Array(items)) = object.remove("items")
    {
        return items
            .into_iter()
            .try_for_each(|item| take(list_item(item, item_kind, &object), rendered));
    }
    if kind.is_empty() {
        return Err(format!(
            "a document has no kind: {}",
            shortened(&Value::Object(object).to_string())
        ));
    }
    let object = like_go(Value::Object(object));
    match hook_of(&object) {
        Some((events, weight)) => rendered.hooks.push(Hook {
            events,
            weight,
            object,
            template: None,
        }),
        None => rendered.objects.push(object),
    }
    Ok(())
}

/// Items of a typed list, such as `RoleList`, may leave out what the list says already.
fn list_item(mut item: Value, item_kind: &str, list: &Map<String, Value>) -> Value {
    if let Some(item) = item.as_object_mut()
        && !item_kind.is_empty()
    {
        item.entry("kind").or_insert_with(|| item_kind.into());
        item.entry("apiVersion")
            .or_insert_with(|| list.get("apiVersion").cloned().unwrap_or_default());
    }
    item
}

fn hook_of(object: &Value) -> Option<(Vec<String>, i64)> {
    let annotations = object.pointer("/metadata/annotations")?;
    let events = annotations.get("helm.sh/hook")?.as_str()?;
    let weight = annotations.get("helm.sh/hook-weight").and_then(Value::as_str);
    let weight = weight.and_then(|weight| weight.trim().parse().ok()).unwrap_or(0);
    Some((
        events.split(',').map(|event| event.trim().to_owned()).collect(),
        weight,
    ))
}

/// Go writes a whole float such as `1e3` or `5.0` as an integer, and the API server expects that of integer fields.
fn like_go(value: Value) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .map(|(key, value)| (key, like_go(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(like_go).collect(),
        Value::Number(number) => Value::Number(whole(number)),
        other => other,
    }
}

fn whole(number: Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return number;
    };
    if float.fract() != 0.0 || float.abs() > EXACT {
        return number;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
    Number::from(float as i64)
}

fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_read_as_helm_meant_them() {
        let text = r#"
# Source: chart/templates/a.yaml
---
# nothing but a comment
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a, annotations: {quoted: "true", number: "0644", text: 'yes'}}
data: {mode: "0777", on: "on", empty: ""}
spec: {defaultMode: 0644, big: 1_000, yes: no, port: 5.0, ratio: 0.5, hex: 0x10, time: 12:30, nothing: ~}
"#;
        let rendered = read_rendered(text).unwrap();
        assert_eq!(
            rendered.objects,
            [json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "a", "annotations": {"quoted": "true", "number": "0644", "text": "yes"}},
                "data": {"mode": "0777", "on": "on", "empty": ""},
                "spec": {"defaultMode": 420, "big": 1000, "yes": false, "port": 5, "ratio": 0.5, "hex": 16,
                    "time": "12:30", "nothing": null},
            })]
        );
    }

    #[test]
    fn lists_are_flattened_and_hooks_kept_apart() {
        let text = r#"
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: a}}
- {apiVersion: v1, kind: Pod, metadata: {name: t, annotations: {"helm.sh/hook": "test, pre-install", "helm.sh/hook-weight": "-5"}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleList
items:
- {metadata: {name: r}}
"#;
        let rendered = read_rendered(text).unwrap();
        let names: Vec<_> = rendered
            .objects
            .iter()
            .map(|object| (object["kind"].clone(), object["apiVersion"].clone()))
            .collect();
        assert_eq!(
            names,
            [
                (json!("Secret"), json!("v1")),
                (json!("Role"), json!("rbac.authorization.k8s.io/v1"))
            ]
        );
        assert_eq!(rendered.hooks.len(), 1);
        assert_eq!(rendered.hooks[0].events, ["test", "pre-install"]);
        assert_eq!(rendered.hooks[0].weight, -5);
    }

    #[test]
    fn what_is_no_object_is_shown() {
        let error = read_rendered("just text").unwrap_err();
        assert!(error.contains("just text"), "{error}");
    }
}
