//! Which images objects name, wherever a pod is described.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::manifest::list_items;
use crate::model::{Bundle, Source, Target};

/// Where a kind keeps the description of its pods.
const POD_SPECS: [&str; 3] = [
    "/spec/template/spec",
    "/spec/jobTemplate/spec/template/spec",
    "/spec",
];
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// The full names of the images of objects.
pub fn images_of<'a>(objects: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for object in objects {
        match list_items(object) {
            Some(items) => found.extend(images_of(items)),
            None => found.extend(of_object(object)),
        }
    }
    found
}

fn of_object(object: &Value) -> impl Iterator<Item = String> + '_ {
    let specs = POD_SPECS.iter().filter_map(|pointer| object.pointer(pointer));
    let containers = specs.flat_map(|spec| CONTAINERS.iter().filter_map(move |key| spec[*key].as_array()));
    containers
        .flatten()
        .filter_map(|container| container["image"].as_str())
        .map(full_name)
}

/// The images that a bundle names itself: in its manifests, its terminal and its init steps.
pub fn images_of_bundle(bundle: &Bundle) -> BTreeSet<String> {
    let manifests = bundle
        .dependencies
        .iter()
        .filter_map(|dependency| match &dependency.source {
            Source::Manifests { files } => Some(files),
            Source::Helm { .. } | Source::Kustomize { .. } => None,
        });
    let documents = manifests.flatten().flat_map(|file| &file.documents);
    let mut found = images_of(documents.map(|document| &document.value));
    let of_init = bundle.init.iter().filter_map(|step| match &step.target {
        Target::Job { image } => image.as_ref(),
        Target::Tty => None,
    });
    found.extend(
        bundle
            .tty
            .image
            .iter()
            .chain(of_init)
            .map(|image| full_name(image.as_str())),
    );
    found
}

/// `redis` stands for `docker.io/library/redis:latest`.
fn full_name(image: &str) -> String {
    let (first, rest) = image.split_once('/').unwrap_or(("", image));
    let is_host = first.contains(['.', ':']) || first == "localhost";
    let named = match (first.is_empty(), is_host) {
        (true, _) => format!("docker.io/library/{rest}"),
        (false, true) => image.to_owned(),
        (false, false) => format!("docker.io/{image}"),
    };
    let last = named.rsplit('/').next().unwrap_or_default();
    if last.contains([':', '@']) {
        named
    } else {
        format!("{named}:latest")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn images_are_found_wherever_pods_are_described() {
        let pod =
            |image: &str| json!({"containers": [{"image": image}], "initContainers": [{"image": "init:1"}]});
        let objects = [
            json!({"kind": "Pod", "spec": pod("quay.io/a/b:1")}),
            json!({"kind": "Deployment", "spec": {"template": {"spec": pod("redis")}}}),
            json!({"kind": "List", "items": [
                {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": pod("a/b@sha256:00")}}}}}]}),
            json!({"kind": "ConfigMap", "data": {"image": "not:this"}}),
        ];
        let found: Vec<String> = images_of(&objects).into_iter().collect();
        let expected = [
            "docker.io/a/b@sha256:00",
            "docker.io/library/init:1",
            "docker.io/library/redis:latest",
            "quay.io/a/b:1",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn short_names_mean_what_container_runtimes_take_them_for() {
        for (short, full) in [
            ("redis", "docker.io/library/redis:latest"),
            ("bitnami/redis:7", "docker.io/bitnami/redis:7"),
            ("localhost:5000/a", "localhost:5000/a:latest"),
            ("ghcr.io/a/b@sha256:1", "ghcr.io/a/b@sha256:1"),
        ] {
            assert_eq!(full_name(short), full);
        }
    }
}
