//! What the task itself brings: dependencies and init steps, as a boot applies them.

use std::collections::BTreeMap;
use std::time::Duration;

use bundle::Bundle;
use bundle::files::Content;
use bundle::model::{Dependency, Gate, InitStep, ManifestFile, Source, Target};
use serde_json::Value;

use crate::{HostProfile, seat};

/// One dependency of the bundle.
#[derive(Debug, Clone)]
pub struct DependencyPlan {
    /// Its name.
    pub name: String,
    /// What to apply.
    pub apply: Apply,
    /// When it counts as ready.
    pub ready: Vec<Gate>,
}

/// Where a dependency's objects come from.
#[derive(Debug, Clone)]
pub enum Apply {
    /// The bundle's own manifests, in order.
    Objects(Vec<Value>),
    /// A chart in the bundle, rendered at boot.
    Chart(ChartPlan),
}

/// A chart of the bundle with what it is rendered with.
#[derive(Debug, Clone)]
pub struct ChartPlan {
    /// Folder or archive in the bundle.
    pub chart: String,
    /// Release name.
    pub release: String,
    /// Namespace of the release; created if it is not there.
    pub namespace: String,
    /// Values files in the bundle, later ones winning.
    pub values: Vec<String>,
}

/// One init step of the bundle.
#[derive(Debug, Clone)]
pub struct InitPlan {
    /// Its name.
    pub name: String,
    /// Path of the script in the bundle.
    pub path: String,
    /// The script.
    pub script: Content,
    /// How long it may take.
    pub timeout: Duration,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// Where it runs.
    pub place: InitPlace,
}

/// Where an init step runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InitPlace {
    /// In the candidate's pod, as the candidate.
    Seat,
    /// In a pod of its own with full rights in the vCluster.
    Pod {
        /// Its image.
        image: String,
    },
}

/// The dependencies of `bundle`, in its order.
pub(crate) fn dependencies(bundle: &Bundle) -> Vec<DependencyPlan> {
    let one = |dependency: &Dependency| DependencyPlan {
        name: dependency.name.to_string(),
        apply: apply(&dependency.source),
        ready: dependency.ready.clone(),
    };
    bundle.dependencies.iter().map(one).collect()
}

/// The init steps of `bundle`, in its order.
pub(crate) fn init(bundle: &Bundle, profile: &HostProfile) -> Vec<InitPlan> {
    let one = |step: &InitStep| InitPlan {
        name: step.name.to_string(),
        path: step.run.to_string(),
        script: step.script.clone(),
        timeout: step.timeout,
        env: step
            .env
            .iter()
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect(),
        place: place(bundle, profile, &step.target),
    };
    bundle.init.iter().map(one).collect()
}

/// Objects of a manifest file, with each `List` taken apart.
#[must_use]
pub fn objects(file: &ManifestFile) -> Vec<Value> {
    let documents = file.documents.iter().map(|document| &document.value);
    documents.flat_map(objects_of).collect()
}

/// The objects of a document: itself, or the items of a `List`.
pub(crate) fn objects_of(document: &Value) -> Vec<Value> {
    items(document).cloned().unwrap_or_else(|| vec![document.clone()])
}

fn items(value: &Value) -> Option<&Vec<Value>> {
    value["kind"]
        .as_str()
        .filter(|kind| kind.ends_with("List"))
        .and(value["items"].as_array())
}

fn apply(source: &Source) -> Apply {
    match source {
        Source::Manifests { files } => Apply::Objects(files.iter().flat_map(objects).collect()),
        Source::Helm {
            chart,
            namespace,
            release,
            values,
        } => Apply::Chart(ChartPlan {
            chart: chart.to_string(),
            release: release.to_string(),
            namespace: namespace.to_string(),
            values: values.iter().map(ToString::to_string).collect(),
        }),
        // Refused as a misfit before anything is planned.
        Source::Kustomize { .. } => Apply::Objects(Vec::new()),
    }
}

fn place(bundle: &Bundle, profile: &HostProfile, target: &Target) -> InitPlace {
    match target {
        Target::Tty => InitPlace::Seat,
        Target::Job { image } => {
            let own = image
                .as_ref()
                .or(bundle.tty.image.as_ref())
                .map_or(seat::TTY_IMAGE, |image| image.as_str());
            InitPlace::Pod {
                image: profile.image(own).to_owned(),
            }
        }
    }
}

/// Writes `class` into the claims of `object` that name no storage class.
pub fn choose_storage_class(object: &mut Value, class: &str) {
    if object["kind"] == "PersistentVolumeClaim" {
        choose(&mut object["spec"], class);
    }
    if object["kind"] == "StatefulSet"
        && let Some(claims) = object["spec"]["volumeClaimTemplates"].as_array_mut()
    {
        for claim in claims {
            choose(&mut claim["spec"], class);
        }
    }
}

fn choose(spec: &mut Value, class: &str) {
    if let Some(spec) = spec.as_object_mut() {
        spec.entry("storageClassName")
            .or_insert_with(|| Value::from(class));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_that_names_a_class_keeps_it() {
        let mut named = json!({ "kind": "PersistentVolumeClaim", "spec": { "storageClassName": "fast" } });
        choose_storage_class(&mut named, "standard");
        assert_eq!(named["spec"]["storageClassName"], "fast");
    }

    #[test]
    fn claim_templates_get_the_class_too() {
        let mut set = json!({ "kind": "StatefulSet", "spec": { "volumeClaimTemplates": [{ "spec": {} }] } });
        choose_storage_class(&mut set, "standard");
        assert_eq!(
            set["spec"]["volumeClaimTemplates"][0]["spec"]["storageClassName"],
            "standard"
        );
    }
}
