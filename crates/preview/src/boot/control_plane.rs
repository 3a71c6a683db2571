//! The control plane step: namespace, boundaries and the vCluster, until its API answers; and its DNS.

use cluster::{ChartRef, Cluster, Helm, HelmError, RenderRequest, Selector, Watched};
use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use plan::host::ChartLocation;
use plan::{Plan, StepId, labels};
use serde_json::Value;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use super::context::BootContext;
use super::dependency::{DEFAULT_NAMESPACE, apply_to};
use super::{head_start, refusal, trouble};
use crate::event::Detail;
use crate::failure::{Cause, Failure, within};
use crate::inventory::PreviewError;

/// How long a control plane may take from its objects to its API; cold image pulls included.
const READY_WITHIN: Duration = Duration::from_mins(5);

/// Brings the vCluster up and connects to it.
pub(super) async fn run(context: &BootContext, step: &StepId, plan: &Plan) -> Result<Cluster, Failure> {
    let host = &context.host.cluster;
    let (chart, ()) = futures::try_join!(
        render(context, step, plan),
        apply(context, step, &plan.host_objects)
    )?;
    apply(context, step, &chart).await?;
    let ready = async {
        tokio::select! {
            failure = trouble_of(context, step, "app=vcluster") => Err(failure),
            never = Box::pin(head_start::give(host, &context.id)) => match never {},
            connected = crate::connect::when_ready(host, &context.id, |reason| {
                context.doing(step, Detail::Api { reason: reason.to_owned() });
            }) => connected.map_err(|error| connect_failure(&error)),
        }
    };
    within(READY_WITHIN, "the vCluster's API", ready).await
}

pub(super) fn connect_failure(error: &PreviewError) -> Failure {
    let api = "the vCluster's API";
    match error {
        PreviewError::Api(error) => refusal::explain(api, error),
        other => Cause::Unreachable {
            api: api.to_owned(),
            message: other.to_string(),
        }
        .into(),
    }
}

/// Waits until the vCluster's DNS is ready.
pub(super) async fn wait_for_dns(context: &BootContext, step: &StepId) -> Result<(), Failure> {
    let labels = "k8s-app=vcluster-kube-dns";
    let ready = async {
        tokio::select! {
            failure = trouble_of(context, step, labels) => Err(failure),
            ready = host_pod(context, labels) => ready.map(drop),
        }
    };
    within(READY_WITHIN, "the DNS pod", ready).await
}

/// Waits until a pod of the preview with `labels` is Ready on the host, and gives it.
pub(super) async fn host_pod(context: &BootContext, labels: &str) -> Result<Pod, Failure> {
    let namespace = context.id.namespace();
    let mut pods = pin!(
        context
            .host
            .cluster
            .watch::<Pod>(Some(&namespace), Selector::labels(labels))
    );
    while let Some(event) = pods.next().await {
        match event {
            Ok(Watched::Applied(pod)) if cluster::wait::pod_ready(&pod).is_ready() => return Ok(pod),
            Ok(_) => {}
            Err(error) if error.is_passing() => {}
            Err(error) => return Err(refusal::explain("pods", &error)),
        }
    }
    Err(Cause::Unreachable {
        api: "the host".to_owned(),
        message: "the watch ended".to_owned(),
    }
    .into())
}

async fn render(context: &BootContext, step: &StepId, plan: &Plan) -> Result<Vec<Value>, Failure> {
    let chart = "vcluster".to_owned();
    context.doing(step, Detail::Rendering { chart: chart.clone() });
    let objects = vcluster_objects(&context.host.helm, plan).await;
    objects.map_err(|error| {
        let message = error.to_string();
        Failure::of(Cause::Chart { chart, message })
    })
}

/// The objects of the vCluster of a plan, with the preview's labels.
///
/// # Errors
/// When its chart cannot be rendered.
pub async fn vcluster_objects(helm: &Helm, plan: &Plan) -> Result<Vec<Value>, HelmError> {
    let release = &plan.vcluster;
    let chart = match &release.chart {
        ChartLocation::Path { path } => ChartRef::Path(PathBuf::from(path)),
        ChartLocation::Repository { repository } => ChartRef::Repo {
            repo: repository.clone(),
            name: "vcluster".to_owned(),
            version: plan::CHART_VERSION.to_owned(),
        },
    };
    let request = RenderRequest {
        release: &release.name,
        namespace: &release.namespace,
        chart: &chart,
        values: &[release.values.to_string()],
        kube_version: Some(&plan.host_version),
        api_versions: &[],
        include_crds: false,
    };
    let mut objects = helm.template(&request).await?.objects;
    for object in &mut objects {
        labels::put(object, &release.labels);
    }
    Ok(objects)
}

/// Applies objects to the host.
async fn apply(context: &BootContext, step: &StepId, objects: &[Value]) -> Result<(), Failure> {
    apply_to(&context.host.cluster, DEFAULT_NAMESPACE, context, step, objects).await
}

/// Watches the host pods with these labels; ends when one of them is in trouble that does not pass.
async fn trouble_of(context: &BootContext, step: &StepId, labels: &str) -> Failure {
    let namespace = context.id.namespace();
    trouble::watch(&context.host.cluster, &[namespace], Some(labels), |pod, state| {
        context.doing(
            step,
            Detail::Pod {
                pod: pod.to_owned(),
                state: state.to_owned(),
            },
        );
    })
    .await
}
