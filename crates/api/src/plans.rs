//! What a boot would do, for reading: steps in order, and every object as it would be applied.

use bundle::Bundle;
use bundle::model::Readiness;
use plan::{Apply, HostProfile, InitPlace, Plan, PreviewId, Step, StepId};
use serde::Serialize;
use serde_json::Value;

use crate::hosts::Host;
use crate::{Code, Error};

/// A plan as front ends show it.
#[derive(Debug, Clone, Serialize)]
pub struct PlanView {
    /// What the preview would be called; a boot chooses another ending.
    pub id: String,
    /// Title of the task.
    pub title: String,
    /// Context of the host.
    pub host: String,
    /// The boot budget in milliseconds.
    pub budget: u64,
    /// Things the creator should know.
    pub notes: Vec<String>,
    /// Every step, what it needs, and what it does.
    pub steps: Vec<StepView>,
}

/// One step of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct StepView {
    /// Which.
    pub step: StepId,
    /// What it needs.
    pub needs: Vec<StepId>,
    /// What it does, where objects do not tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub does: Vec<String>,
    /// The objects it applies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Value>,
}

/// Plans the boot of a bundle on a host, and renders the vCluster's chart.
pub async fn plan(bundle: &Bundle, host: &Host) -> Result<PlanView, Error> {
    let facts = preview::host_facts(host.cluster()).await?;
    let profile = HostProfile::new(&host.inner.settings, facts);
    let id = PreviewId::new(bundle.name.as_str(), 0);
    let plan = plan::plan(bundle, &profile, &id).map_err(|problems| {
        let message = format!("`{}` does not fit host `{}`", bundle.name, host.context());
        problems
            .iter()
            .fold(Error::new(Code::Boot, message), |error, problem| {
                error.hint(problem.to_string())
            })
    })?;
    let rendered = preview::vcluster_objects(&host.inner.helm, &plan).await;
    let mut vcluster = plan.host_objects.clone();
    vcluster.extend(rendered.map_err(|error| Error::of(Code::Boot, &error))?);
    let steps = plan::steps(bundle)
        .into_iter()
        .map(|step| view(step, &plan, &vcluster))
        .collect();
    Ok(PlanView {
        id: id.to_string(),
        title: plan.title.clone(),
        host: host.context().to_owned(),
        budget: u64::try_from(bundle.environment.boot_budget.as_millis()).unwrap_or(u64::MAX),
        notes: [plan::notes(bundle), plan::host_notes(bundle, &profile)].concat(),
        steps,
    })
}

fn view(step: Step, plan: &Plan, vcluster: &[Value]) -> StepView {
    let (does, objects) = match &step.id {
        StepId::Phase(phase) => of_phase(*phase, plan, vcluster),
        StepId::Dependency(name) => of_dependency(name, plan),
        StepId::Init(name) => (of_init(name, plan), Vec::new()),
    };
    StepView {
        step: step.id,
        needs: step.needs,
        does,
        objects,
    }
}

fn of_phase(phase: plan::Phase, plan: &Plan, vcluster: &[Value]) -> (Vec<String>, Vec<Value>) {
    use plan::Phase;
    match phase {
        Phase::Preflight => (vec!["reads what the host has and allows".to_owned()], Vec::new()),
        Phase::Nodes => (vec!["looks for nodes in the pools".to_owned()], Vec::new()),
        Phase::ControlPlane => (vec!["waits for the vCluster's API".to_owned()], vcluster.to_vec()),
        Phase::Dns => (vec!["waits for the vCluster's DNS".to_owned()], Vec::new()),
        Phase::Tty => (
            vec!["waits for the candidate's pod".to_owned()],
            plan.seat.objects.clone(),
        ),
        Phase::Dependencies | Phase::Init | Phase::Prune => (Vec::new(), Vec::new()),
    }
}

fn of_dependency(name: &str, plan: &Plan) -> (Vec<String>, Vec<Value>) {
    let Some(dependency) = plan
        .dependencies
        .iter()
        .find(|dependency| dependency.name == name)
    else {
        return (Vec::new(), Vec::new());
    };
    let gates = dependency
        .ready
        .iter()
        .map(|gate| format!("waits for {}", gate_name(&gate.until)));
    match &dependency.apply {
        Apply::Objects(objects) => (gates.collect(), objects.clone()),
        Apply::Chart(chart) => {
            let renders = format!(
                "renders chart {} as release {}/{}",
                chart.chart, chart.namespace, chart.release
            );
            (std::iter::once(renders).chain(gates).collect(), Vec::new())
        }
        Apply::Release(chart) => {
            let installs = format!(
                "installs chart {} with its hooks as release {}/{}",
                chart.chart, chart.namespace, chart.release
            );
            (std::iter::once(installs).chain(gates).collect(), Vec::new())
        }
        Apply::Locked(locked) => {
            let says = "applies what was rendered when the bundle was locked".to_owned();
            (
                std::iter::once(says).chain(gates).collect(),
                locked.objects.clone(),
            )
        }
    }
}

fn gate_name(gate: &Readiness) -> String {
    match gate {
        Readiness::Rollout {
            kind,
            name,
            namespace,
        } => {
            format!(
                "rollout {}/{name} in {namespace}",
                format!("{kind:?}").to_lowercase()
            )
        }
        Readiness::Condition {
            resource,
            name,
            condition,
            ..
        } => format!("{condition} of {resource}/{name}"),
        Readiness::Crd { name } => format!("crd {name}"),
        Readiness::Job { name, namespace } => format!("job {name} in {namespace}"),
        Readiness::DryRun { manifest } => format!("dry run of {}", manifest.path),
        Readiness::ApiService { name } => format!("API service {name}"),
        Readiness::Exists { object } => format!("{object} in {}", object.namespace),
        Readiness::Cel { object, expression } => format!("`{}` of {object}", expression.as_str()),
        Readiness::Tcp { address } => format!("a connection to {address} from the seat"),
        Readiness::Http { url, status } => format!("status {status} of {url} from the seat"),
    }
}

fn of_init(name: &str, plan: &Plan) -> Vec<String> {
    let step = plan.init.iter().find(|step| step.name == name);
    step.map(|step| {
        let place = match &step.place {
            InitPlace::Seat => "in the seat".to_owned(),
            InitPlace::Pod { image } => format!("in a pod of its own from {image}"),
        };
        format!(
            "runs {} {place}, for at most {} s",
            step.path,
            step.timeout.as_secs()
        )
    })
    .into_iter()
    .collect()
}

/// Objects as YAML documents.
pub fn objects_to_yaml(objects: &[Value]) -> Result<String, Error> {
    let documents: Result<Vec<String>, Error> = objects
        .iter()
        .map(|object| serde_yaml::to_string(object).map_err(|error| Error::of(Code::Boot, &error)))
        .collect();
    Ok(documents?.join("---\n"))
}

/// All objects of a plan as YAML documents, each with the step it belongs to. JSON is YAML, but people read this.
pub fn to_yaml(view: &PlanView) -> Result<String, Error> {
    let objects = view
        .steps
        .iter()
        .flat_map(|step| step.objects.iter().map(move |object| (&step.step, object)));
    objects
        .map(|(step, object)| {
            let yaml = serde_yaml::to_string(object).map_err(|error| Error::of(Code::Boot, &error))?;
            Ok(format!("---\n# step: {step}\n{yaml}"))
        })
        .collect()
}

/// Kind, namespace and name of an object, for lists.
pub fn name_of(object: &Value) -> String {
    let name = plan::object_name(object);
    match object["metadata"]["namespace"].as_str() {
        Some(namespace) if !namespace.is_empty() => format!("{name} in {namespace}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_named_as_people_name_them() {
        assert_eq!(
            name_of(&json!({ "kind": "Namespace", "metadata": { "name": "a" } })),
            "Namespace/a"
        );
        let pod = json!({ "kind": "Pod", "metadata": { "name": "web", "namespace": "shop" } });
        assert_eq!(name_of(&pod), "Pod/web in shop");
    }
}
