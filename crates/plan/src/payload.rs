//! What the task itself brings: dependencies and init steps, as a boot applies them.

use std::collections::BTreeMap;
use std::time::Duration;

use bundle::files::Content;
use bundle::lock::{self, LockState};
use bundle::model::{ChartSource, Dependency, Engine, Gate, InitStep, ManifestFile, Source, Target};
use bundle::{Bundle, BundleFiles, list_items};
use serde_json::Value;

use crate::{HostProfile, PlanProblem, seat};

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
    /// A chart in the bundle that helm installs as a release, with its hooks.
    Release(ChartPlan),
    /// What was rendered when the bundle was locked.
    Locked(LockedPlan),
}

/// Rendered manifests of the lock.
#[derive(Debug, Clone)]
pub struct LockedPlan {
    /// The objects.
    pub objects: Vec<Value>,
    /// Where those go that name no namespace; created if it is not there.
    pub namespace: String,
}

/// A chart with what it is rendered with.
#[derive(Debug, Clone)]
pub struct ChartPlan {
    /// Where it comes from.
    pub chart: ChartSource,
    /// Release name.
    pub release: String,
    /// Namespace of the release; created if it is not there.
    pub namespace: String,
    /// The texts of its values, later ones winning.
    pub values: Vec<String>,
}

/// The objects of each dependency, as far as they are known without rendering a chart; each names its namespace, if it
/// is not the default one.
#[must_use]
pub fn dependency_objects(bundle: &Bundle) -> Vec<(String, Vec<Value>)> {
    let known = |plan: DependencyPlan| match plan.apply {
        Apply::Objects(objects) => (plan.name, objects),
        Apply::Locked(locked) => (plan.name, placed(locked)),
        Apply::Chart(_) | Apply::Release(_) => (plan.name, Vec::new()),
    };
    dependencies(bundle)
        .unwrap_or_default()
        .into_iter()
        .map(known)
        .collect()
}

fn placed(locked: LockedPlan) -> Vec<Value> {
    let mut objects = locked.objects;
    for object in &mut objects {
        if object.pointer("/metadata/namespace").is_none()
            && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.insert("namespace".to_owned(), Value::from(locked.namespace.as_str()));
        }
    }
    objects
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
    /// How often it is run again when it fails.
    pub retries: u32,
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

/// The dependencies of `bundle`, in its order; or every reason why one of them cannot be applied.
pub(crate) fn dependencies(bundle: &Bundle) -> Result<Vec<DependencyPlan>, Vec<PlanProblem>> {
    let mut planned = Vec::new();
    let mut problems = Vec::new();
    for dependency in &bundle.dependencies {
        match apply(bundle, dependency) {
            Ok(apply) => planned.push(DependencyPlan {
                name: dependency.name.to_string(),
                apply,
                ready: dependency.ready.clone(),
            }),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(planned)
    } else {
        Err(problems)
    }
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
        retries: step.retries,
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

/// Kind and name of an object, as in `Deployment/web`.
#[must_use]
pub fn object_name(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{}/{}", text(&object["kind"]), text(&object["metadata"]["name"]))
}

/// The objects of a document: itself, or the items of a `List`.
pub(crate) fn objects_of(document: &Value) -> Vec<Value> {
    list_items(document)
        .cloned()
        .unwrap_or_else(|| vec![document.clone()])
}

/// A release is always installed from its chart. What was locked is applied as long as it is what the bundle says. A
/// chart of the bundle that has changed since is rendered at boot; what would have to be fetched, or built by kubectl, is
/// applied as it was locked.
fn apply(bundle: &Bundle, dependency: &Dependency) -> Result<Apply, PlanProblem> {
    if let Source::Manifests { files } = &dependency.source {
        return Ok(Apply::Objects(files.iter().flat_map(objects).collect()));
    }
    if let Source::Helm {
        engine: Engine::Helm, ..
    } = &dependency.source
        && let Some(plan) = chart(bundle, dependency)
    {
        return Ok(Apply::Release(plan));
    }
    let at_boot = chart(bundle, dependency).filter(|plan| matches!(plan.chart, ChartSource::Bundle(_)));
    match (lock::state(bundle, dependency), at_boot) {
        (LockState::Locked { manifests, is_fresh }, at_boot) if is_fresh || at_boot.is_none() => {
            locked(dependency, &manifests)
        }
        (_, Some(plan)) => Ok(Apply::Chart(plan)),
        (LockState::Broken(drift), None) => Err(PlanProblem::BrokenLock {
            name: dependency.name.to_string(),
            problem: drift.to_string(),
        }),
        (_, None) => Err(PlanProblem::NotLocked {
            name: dependency.name.to_string(),
        }),
    }
}

fn locked(dependency: &Dependency, manifests: &[u8]) -> Result<Apply, PlanProblem> {
    let namespace = match &dependency.source {
        Source::Helm { namespace, .. } => namespace.to_string(),
        Source::Manifests { .. } | Source::Kustomize { .. } => "default".to_owned(),
    };
    match lock::from_yaml(manifests) {
        Ok(objects) => Ok(Apply::Locked(LockedPlan { objects, namespace })),
        Err(problem) => Err(PlanProblem::BrokenLock {
            name: dependency.name.to_string(),
            problem: format!(
                "`{}` cannot be read: {problem}",
                lock::manifests_path(dependency.name.as_str())
            ),
        }),
    }
}

/// What the chart of a dependency is rendered with; nothing for one that is no chart.
#[must_use]
pub fn chart(bundle: &Bundle, dependency: &Dependency) -> Option<ChartPlan> {
    let Source::Helm {
        chart,
        namespace,
        release,
        values,
        preset,
        engine: _,
    } = &dependency.source
    else {
        return None;
    };
    let of_preset = preset.map(|preset| preset.recipe().values.to_string());
    let files = values
        .iter()
        .filter_map(|path| bundle.files.content(path.as_str()).ok());
    let of_files = files.map(|content| String::from_utf8_lossy(content).into_owned());
    Some(ChartPlan {
        chart: chart.clone(),
        release: release.to_string(),
        namespace: namespace.to_string(),
        values: of_preset.into_iter().chain(of_files).collect(),
    })
}

/// The files of a chart of the bundle: all below its folder, or the archive itself.
#[must_use]
pub fn chart_files<'a>(files: &'a BundleFiles, chart: &'a str) -> Vec<(&'a str, &'a [u8])> {
    let mut found: Vec<(&str, &[u8])> = files
        .below(chart)
        .filter_map(|(path, _)| Some((path.as_str(), files.content(path.as_str()).ok()?.as_ref())))
        .collect();
    found.extend(files.content(chart).ok().map(|archive| (chart, archive.as_ref())));
    found
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
