//! docs/platform-api.yaml and the receiver say the same.

use std::collections::BTreeSet;

use receiver::{Kind, Limits};
use serde_json::Value;

fn document() -> Value {
    serde_yaml::from_str(include_str!("../../../../docs/platform-api.yaml")).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    let texts = value.as_array().unwrap().iter();
    texts.map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_call_is_described_and_each_description_is_a_call() {
    let document = document();
    let described = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item
                .as_object()
                .unwrap()
                .keys()
                .filter(|key| *key != "parameters");
            methods.map(move |method| (method.clone(), path.clone()))
        });
    let described: BTreeSet<_> = described.collect();
    let served = receiver::calls().into_iter();
    let served: BTreeSet<_> = served
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(described, served);
}

#[test]
fn each_problem_is_described() {
    let described = texts(&document()["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]);
    assert_eq!(described, Kind::ALL.map(Kind::uri));
}

#[test]
fn limits_are_those_that_are_stated() {
    let (document, limits) = (document(), Limits::default());
    let chunk =
        &document["paths"]["/v1/uploads/{id}"]["patch"]["requestBody"]["content"]["application/octet-stream"];
    assert_eq!(chunk["schema"]["maxLength"], limits.chunk);
    let schemas = &document["components"]["schemas"];
    assert_eq!(
        schemas["NewUpload"]["properties"]["size"]["maximum"],
        limits.bundle
    );
    let words = document["info"]["description"].as_str().unwrap();
    for row in [
        format!("| a bundle | {} GiB |", limits.bundle >> 30),
        format!("| a chunk | {} MiB ", limits.chunk >> 20),
        format!("| a JSON body | {} KiB |", limits.body >> 10),
        format!("| open uploads of one token | {} |", limits.open_uploads),
        format!("| connections at a time | {} |", limits.connections),
        format!("| request headers | {} s |", limits.headers.as_secs()),
        format!("| silence within a body | {} s |", limits.silence.as_secs()),
        format!(
            "| a chunk as a whole | {} min |",
            limits.chunk_time.as_secs() / 60
        ),
        format!(
            "| an upload without a new chunk | {} h |",
            limits.expiry.as_secs() / 3600
        ),
    ] {
        assert!(words.contains(&row), "{row}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| match value {
                Value::String(to) if key == "$ref" => found.push(to.clone()),
                value => references(value, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let (document, mut found) = (document(), Vec::new());
    references(&document, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}
