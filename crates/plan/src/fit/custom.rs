//! Custom resources: definitions that are too large for `kubectl apply`, and versions that a definition does not serve.

use bundle::diagnostic::Code;
use bundle::{Bundle, Diagnostic};
use serde_json::Value;

use super::Placed;
use super::workload::list;

/// What all annotations of an object may hold together, in bytes. Client-side apply keeps the whole object in one.
const ANNOTATIONS: usize = 256 * 1024;

pub(super) fn refused(bundle: &Bundle, objects: &[Placed]) -> Vec<Diagnostic> {
    let definitions: Vec<&Placed> = objects
        .iter()
        .filter(|placed| placed.object["kind"] == "CustomResourceDefinition")
        .collect();
    let large = definitions.iter().filter_map(|placed| too_large(bundle, placed));
    let unserved = objects
        .iter()
        .filter_map(|placed| unserved(bundle, placed, &definitions));
    large.chain(unserved).collect()
}

fn too_large(bundle: &Bundle, placed: &Placed) -> Option<Diagnostic> {
    let size = placed.object.to_string().len();
    (size > ANNOTATIONS).then(|| {
        let message = format!(
            "{} has {size} bytes: a boot applies it, but `kubectl apply` refuses more than {ANNOTATIONS}",
            placed.name()
        );
        placed.problem(bundle, Code::LargeDefinition, message).hint(
            "a candidate who is to change it needs `kubectl apply --server-side`; say so in the statement",
        )
    })
}

/// A custom resource of a version that the bundle's own definition of its kind does not serve.
fn unserved(bundle: &Bundle, placed: &Placed, definitions: &[&Placed]) -> Option<Diagnostic> {
    let (group, version) = placed.object["apiVersion"].as_str()?.split_once('/')?;
    let definition = definitions.iter().find(|definition| {
        let spec = &definition.object["spec"];
        spec["group"] == group && spec["names"]["kind"] == placed.object["kind"]
    })?;
    let served: Vec<&str> = list(&definition.object["spec"]["versions"])
        .iter()
        .filter(|one| one["served"] == Value::Bool(true))
        .filter_map(|one| one["name"].as_str())
        .collect();
    (!served.contains(&version)).then(|| {
        let message = format!(
            "{} is of {group}/{version}, but its definition serves {}",
            placed.name(),
            served.join(", ")
        );
        placed.problem(bundle, Code::VersionNotServed, message).related(
            definition.file.clone(),
            definition.span(bundle),
            "the definition",
        )
    })
}
