//! A dependency step: render, apply inside the vCluster, and wait for its gates.

use std::collections::BTreeSet;
use std::time::Duration;

use bundle::model::{ChartSource, Gate};
use cluster::{
    ApiError, ApplyError, ApplyEvent, ApplyOptions, ChartFiles, ChartRef, Cluster, HelmError, InstallRequest,
    RefusalCause, RenderRequest,
};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Namespace;
use plan::{Apply, ChartPlan, DependencyPlan, Plan, StepId};
use serde_json::{Value, json};

use super::context::BootContext;
use super::gate::{self, Around};
use super::{Done, refusal, trouble, update};
use crate::connect;
use crate::event::Detail;
use crate::failure::{Cause, Failure, within};
use crate::ledger::{Parts, Release};

/// How long a gate without a timeout of its own may take.
const GATE_TIMEOUT: Duration = Duration::from_mins(5);
/// How long an object may be refused for reasons that pass, such as a webhook that is still starting.
const PATIENCE: Duration = Duration::from_mins(2);
/// Where objects go that say nothing about it.
pub(super) const DEFAULT_NAMESPACE: &str = "default";

/// Brings one dependency up.
pub(super) async fn run(
    context: &BootContext,
    step: &StepId,
    plan: &Plan,
    dependency: &DependencyPlan,
    api: &Cluster,
    seat: &Done<'_, String>,
) -> Result<(), Failure> {
    let source = source_of(context, dependency);
    if context.ledger.keeps(&dependency.name, source.as_deref()) {
        return Ok(());
    }
    let mut objects = objects(context, step, dependency).await?;
    if let Some(class) = &plan.storage_class {
        for object in &mut objects {
            plan::choose_storage_class(object, class);
        }
    }
    let namespace = match &dependency.apply {
        Apply::Objects(_) => DEFAULT_NAMESPACE,
        Apply::Chart(chart) | Apply::Release(chart) => &chart.namespace,
        Apply::Locked(locked) => &locked.namespace,
    };
    let parts = Parts {
        releases: release_of(dependency).into_iter().collect(),
        ..Parts::of(&objects, namespace)
    };
    // Helm would take with it what another way of applying takes over from it, so it goes first.
    let kept: Vec<Release> = plan.dependencies.iter().filter_map(release_of).collect();
    let replaced = context.ledger.replaced(&dependency.name, &kept);
    context
        .ledger
        .enter(&context.host.cluster, &context.id, &dependency.name, parts)
        .await
        .map_err(|error| unwritten(&error))?;
    update::uninstall(context, step, &replaced).await?;
    let patience = patience(&dependency.ready);
    let mut watched = namespaces(&objects, namespace, &dependency.ready);
    // What helm brings is not known here, but where it goes is.
    if matches!(dependency.apply, Apply::Release(_)) && !watched.iter().any(|one| one == namespace) {
        watched.push(namespace.to_owned());
    }
    let up = async {
        match &dependency.apply {
            Apply::Release(chart) => install(patience, api, context, step, chart).await?,
            _ => apply_within(patience, api, namespace, context, step, &objects).await?,
        }
        let around = Around { api, context, seat };
        let gates = dependency
            .ready
            .iter()
            .map(|gate| open(&around, step, gate, &watched));
        try_join_all(gates).await.map(drop)
    };
    tokio::select! {
        biased;
        up = up => up?,
        failure = trouble::watch(api, &watched, None, |pod, state| {
            context.doing(step, Detail::Pod { pod: pod.to_owned(), state: state.to_owned() });
        }) => return Err(failure),
    }
    context
        .ledger
        .is_up(&context.host.cluster, &context.id, &dependency.name, source)
        .await
        .map_err(|error| unwritten(&error))
}

fn unwritten(error: &ApiError) -> Failure {
    refusal::explain("what the preview consists of", error)
}

/// The digest of what a dependency is made from.
fn source_of(context: &BootContext, dependency: &DependencyPlan) -> Option<String> {
    match &dependency.apply {
        Apply::Objects(objects) => Some(bundle::lock::digest(json!(objects).to_string().as_bytes())),
        Apply::Locked(locked) => Some(bundle::lock::digest(
            json!([locked.namespace, locked.objects]).to_string().as_bytes(),
        )),
        // Rendering may come to something else each time.
        Apply::Chart(_) | Apply::Release(_) => {
            let all = &context.bundle.dependencies;
            let found = all.iter().find(|one| one.name.as_str() == dependency.name)?;
            bundle::lock::inputs(&context.bundle, found)
        }
    }
}

fn release_of(dependency: &DependencyPlan) -> Option<Release> {
    match &dependency.apply {
        Apply::Release(chart) => Some(Release {
            name: chart.release.clone(),
            namespace: chart.namespace.clone(),
        }),
        Apply::Objects(_) | Apply::Chart(_) | Apply::Locked(_) => None,
    }
}

/// How long the objects of a dependency may be refused: as long as its gates may take, if they say so.
fn patience(gates: &[Gate]) -> Duration {
    gates
        .iter()
        .filter_map(|gate| gate.timeout)
        .max()
        .unwrap_or(PATIENCE)
}

/// Applies objects to a cluster; used for the host too. Those that name no namespace go to `namespace`.
pub(super) async fn apply_to(
    cluster: &Cluster,
    namespace: &str,
    context: &BootContext,
    step: &StepId,
    objects: &[Value],
) -> Result<(), Failure> {
    apply_within(PATIENCE, cluster, namespace, context, step, objects).await
}

async fn apply_within(
    patience: Duration,
    cluster: &Cluster,
    namespace: &str,
    context: &BootContext,
    step: &StepId,
    objects: &[Value],
) -> Result<(), Failure> {
    context.doing(
        step,
        Detail::Applying {
            objects: objects.len(),
        },
    );
    let options = ApplyOptions {
        force_conflicts: true,
        default_namespace: Some(namespace.to_owned()),
        patience,
    };
    let report = |event| match event {
        ApplyEvent::Applied { .. } => {}
        ApplyEvent::Retrying { object, detail, .. } => {
            context.doing(
                step,
                Detail::Retrying {
                    object: object.to_string(),
                    reason: detail,
                },
            );
        }
        ApplyEvent::WaitingForCrd { name, detail } => {
            context.doing(
                step,
                Detail::Gate {
                    gate: format!("crd {name}"),
                    reason: detail,
                },
            );
        }
    };
    match cluster.apply(objects, &options, report).await {
        Ok(_) => Ok(()),
        Err(error) => Err(explained(cluster, &error).await),
    }
}

/// The failure behind an apply that was given up; a namespace that does not go away is asked what holds it.
async fn explained(cluster: &Cluster, error: &ApplyError) -> Failure {
    let mut failure = apply_failure(error);
    let namespace = match error.cause() {
        Some(RefusalCause::NamespaceTerminating) => {
            error.object().and_then(|object| object.namespace.clone())
        }
        _ => None,
    };
    if let Some(name) = namespace
        && let Ok(Some(namespace)) = cluster.get::<Namespace>(None, &name).await
    {
        let conditions = namespace
            .status
            .and_then(|status| status.conditions)
            .unwrap_or_default();
        let told = conditions
            .into_iter()
            .filter(|condition| condition.status == "True");
        failure
            .evidence
            .extend(told.filter_map(|condition| condition.message));
    }
    failure
}

pub(crate) fn apply_failure(error: &ApplyError) -> Failure {
    match error {
        ApplyError::Apply { object, source } | ApplyError::GaveUp { object, source, .. } => {
            refusal::explain(&object.to_string(), source)
        }
        ApplyError::NotAnObject { .. } => Cause::Refused {
            object: "object".to_owned(),
            message: error.to_string(),
        }
        .into(),
        ApplyError::CrdNotEstablished { name, problem } => Cause::NotServed {
            crd: name.clone(),
            message: problem.clone(),
        }
        .into(),
        other => Cause::Refused {
            object: "object".to_owned(),
            message: other.to_string(),
        }
        .into(),
    }
}

async fn objects(
    context: &BootContext,
    step: &StepId,
    dependency: &DependencyPlan,
) -> Result<Vec<Value>, Failure> {
    match &dependency.apply {
        Apply::Objects(objects) => Ok(objects.clone()),
        Apply::Chart(chart) => render(context, step, chart).await,
        // Helm brings them.
        Apply::Release(_) => Ok(Vec::new()),
        Apply::Locked(locked) => Ok(in_namespace(locked.objects.clone(), &locked.namespace)),
    }
}

/// Renders a chart of the bundle from a private copy of its checked files: nothing outside the bundle can be
/// reached through it, whatever links the folder holds by now.
async fn render(context: &BootContext, step: &StepId, plan: &ChartPlan) -> Result<Vec<Value>, Failure> {
    context.doing(
        step,
        Detail::Rendering {
            chart: plan.chart.to_string(),
        },
    );
    let failed = |message: String| chart_failure(plan, message);
    let (copy, path) = private_copy(context, plan)?;
    let request = RenderRequest {
        release: &plan.release,
        namespace: &plan.namespace,
        chart: &ChartRef::Path(copy.path(&path)),
        values: &plan.values,
        kube_version: Some(&format!("{}.0", context.bundle.environment.kubernetes_version)),
        api_versions: &[],
        include_crds: true,
    };
    let rendered = context
        .host
        .helm
        .template(&request)
        .await
        .map_err(|error| failed(in_bundle(&copy, &error)))?;
    if let Some(hook) = rendered
        .hooks
        .iter()
        .find(|hook| hook.events.iter().any(|event| event.contains("install")))
    {
        let name = hook.object["metadata"]["name"].as_str().unwrap_or_default();
        return Err(failed(format!(
            "it needs the {} hook `{name}`, and hooks are not run",
            hook.events.join(", ")
        )));
    }
    Ok(in_namespace(rendered.objects, &plan.namespace))
}

/// Has helm install a chart of the bundle as a release, through a loopback port to the vCluster, and run its hooks.
async fn install(
    patience: Duration,
    api: &Cluster,
    context: &BootContext,
    step: &StepId,
    plan: &ChartPlan,
) -> Result<(), Failure> {
    let chart = plan.chart.to_string();
    context.doing(step, Detail::Installing { chart });
    let failed = |message: String| chart_failure(plan, message);
    let (copy, path) = private_copy(context, plan)?;
    let access = connect::access(&context.host.cluster, &context.id).await;
    let access = access.map_err(|error| failed(error.to_string()))?;
    let request = InstallRequest {
        release: &plan.release,
        namespace: &plan.namespace,
        chart: &ChartRef::Path(copy.path(&path)),
        values: &plan.values,
        kubeconfig: &access.kubeconfig,
        timeout: patience,
    };
    match context.host.helm.install(&request).await {
        Ok(()) => Ok(()),
        Err(error) => {
            // Helm says which hook failed, and not why.
            let mut failure = failed(in_bundle(&copy, &error));
            failure.evidence = trouble::last_words(api, &plan.namespace).await;
            Err(failure)
        }
    }
}

/// The checked files of a chart of the bundle, and where in them the chart is.
fn private_copy(context: &BootContext, plan: &ChartPlan) -> Result<(ChartFiles, String), Failure> {
    let ChartSource::Bundle(path) = &plan.chart else {
        let message = "a boot fetches nothing; lock the bundle with `taskwright lock`";
        return Err(chart_failure(plan, message.to_owned()));
    };
    let files = plan::chart_files(&context.bundle.files, path.as_str());
    let copy = ChartFiles::write(files).map_err(|error| chart_failure(plan, error.to_string()))?;
    Ok((copy, path.to_string()))
}

/// What helm said, with paths as they are in the bundle: the private copy is gone by the time that anybody reads it.
fn in_bundle(copy: &ChartFiles, error: &HelmError) -> String {
    error.to_string().replace(
        &format!("{}/", copy.path("").display().to_string().trim_end_matches('/')),
        "",
    )
}

fn chart_failure(plan: &ChartPlan, message: String) -> Failure {
    Failure::of(Cause::Chart {
        chart: plan.chart.to_string(),
        message,
    })
}

/// What `helm install --create-namespace` does.
fn in_namespace(mut objects: Vec<Value>, namespace: &str) -> Vec<Value> {
    if namespace != DEFAULT_NAMESPACE {
        objects.insert(
            0,
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } }),
        );
    }
    objects
}

/// Waits for a gate. One that stays shut fails with what it said last and the warnings of its surroundings.
async fn open(
    around: &Around<'_, '_>,
    step: &StepId,
    gate: &Gate,
    watched: &[String],
) -> Result<(), Failure> {
    let name = gate::name(&gate.until);
    let mut last = None;
    let opened = gate::open(around, &gate.until, |reason| {
        last = Some(reason.clone());
        around.context.doing(
            step,
            Detail::Gate {
                gate: name.clone(),
                reason,
            },
        );
    });
    let mut opened = within(gate.timeout.unwrap_or(GATE_TIMEOUT), &name, opened).await;
    if let Err(failure) = &mut opened
        && matches!(failure.cause, Cause::TimedOut { .. })
    {
        failure.evidence.extend(last);
        failure
            .evidence
            .extend(trouble::warnings(around.api, watched).await);
    }
    opened
}

/// The namespaces in which trouble concerns this dependency.
fn namespaces(objects: &[Value], default: &str, gates: &[Gate]) -> Vec<String> {
    let of_objects = objects.iter().map(|object| {
        object["metadata"]["namespace"]
            .as_str()
            .unwrap_or(default)
            .to_owned()
    });
    let of_gates = gates.iter().filter_map(|gate| gate::namespace(&gate.until));
    of_objects
        .chain(of_gates)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}
