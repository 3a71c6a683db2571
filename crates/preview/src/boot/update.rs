//! Brings a preview that runs up to date with its bundle: its dependencies are applied again, and what has left the bundle
//! is removed. The candidate's pod and what init scripts did stay as they are.

use std::collections::{BTreeMap, HashSet};
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use bundle::Bundle;
use bundle::model::Step as BundleStep;
use cluster::{ApiError, Cluster, ObjectRef};
use futures::future::{FutureExt, try_join_all};
use plan::{Phase, Plan, PreviewId, Step, StepId};
use tokio_util::sync::CancellationToken;

use super::context::{BootContext, Halted};
use super::control_plane::connect_failure;
use super::{
    Boot, BootOptions, Done, Host, dependency, id_of, launch, needs_of, payload_step, preflight, refusal,
};
use crate::connect;
use crate::event::{Detail, What};
use crate::failure::{Cause, Failure, within};
use crate::ledger::{Ledger, Part, Release};

/// How long what has left the bundle may take to go.
const GONE_WITHIN: Duration = Duration::from_mins(2);
/// What an update does not do.
const NOTE: &str = "only dependencies that have changed are brought up to date; for init scripts and the candidate's pod, boot anew";

/// Brings preview `id` on `host` up to date with the dependencies of `bundle`, in the order and with the gates of a boot.
#[must_use]
pub fn update(host: Host, bundle: Arc<Bundle>, id: PreviewId) -> Boot {
    launch(host, bundle, id, BootOptions::default(), drive)
}

async fn drive(mut context: BootContext, cancel: CancellationToken) {
    let steps = plan::update_steps(&context.bundle);
    context
        .reporter
        .planned(&context, 0, steps.clone(), vec![NOTE.to_owned()]);
    let reporter = context.reporter.clone();
    let outcome = tokio::select! {
        biased;
        () = cancel.cancelled() => What::Cancelled,
        outcome = run(&mut context, &steps) => match outcome {
            Ok(()) => What::Ready,
            Err(Halted) => What::Stopped,
        },
    };
    reporter.report(outcome);
}

/// What an update works with.
struct Found {
    plan: Plan,
    api: Cluster,
    pod: String,
    ledger: Ledger,
}

async fn run(context: &mut BootContext, all: &[Step]) -> Result<(), Halted> {
    let id = StepId::Phase(Phase::Preflight);
    let found = Box::pin(context.step(&id, look(context, &id))).await?;
    context.ledger = found.ledger;
    let (context, plan) = (&*context, &found.plan);
    let api: Done<'_, Cluster> = ready(Ok(found.api.clone())).boxed().shared();
    let pod: Done<'_, String> = ready(Ok(found.pod)).boxed().shared();
    let mut steps: BTreeMap<StepId, Done<'_, ()>> = BTreeMap::new();
    for step in context.bundle.order().into_iter().flatten() {
        let BundleStep::Dependency(_) = step else { continue };
        let id = id_of(step);
        let needs = needs_of(all, &id, &steps);
        let work = payload_step(context, plan, id.clone(), api.clone(), pod.clone(), needs);
        steps.insert(id, work.boxed().shared());
    }
    try_join_all(steps.into_values()).await?;
    let id = StepId::Phase(Phase::Prune);
    context.step(&id, prune(context, &id, &found.api)).await
}

/// Looks at the host and at the preview.
async fn look(context: &BootContext, step: &StepId) -> Result<Found, Failure> {
    let (_, plan) = preflight::run(context, step).await?;
    let (host, id) = (&context.host.cluster, &context.id);
    let api = crate::connect(host, id)
        .await
        .map_err(|error| connect_failure(&error))?;
    let pod = crate::terminal::seat_pod(host, id).await.map_err(|error| {
        Failure::of(Cause::Unreachable {
            api: "the candidate's pod".to_owned(),
            message: error.to_string(),
        })
    })?;
    let kept = Ledger::open(host, id).await.map_err(|error| unreadable(&error))?;
    let ledger = if let Some(ledger) = kept {
        ledger
    } else {
        // It was booted before this was written down: what has left its bundle until now stays.
        let place: Vec<_> = plan
            .host_objects
            .iter()
            .filter(|object| object["kind"] == "ConfigMap")
            .cloned()
            .collect();
        dependency::apply_to(host, dependency::DEFAULT_NAMESPACE, context, step, &place).await?;
        Ledger::default()
    };
    Ok(Found {
        plan,
        api,
        pod,
        ledger,
    })
}

fn unreadable(error: &ApiError) -> Failure {
    refusal::explain("what the preview consists of", error)
}

/// Removes what has left the bundle.
async fn prune(context: &BootContext, step: &StepId, api: &Cluster) -> Result<(), Failure> {
    let (left, releases) = context.ledger.left();
    uninstall(context, step, &releases).await?;
    let asked = |error: ApiError| refusal::explain("what has left the bundle", &error);
    let left = gone_for_good(api, left, context.ledger.objects())
        .await
        .map_err(asked)?;
    remove(context, step, api, &left).await?;
    let closed = context.ledger.close(&context.host.cluster, &context.id).await;
    closed.map_err(|error| unreadable(&error))
}

/// Removes releases of helm, with all that they consist of.
pub(super) async fn uninstall(
    context: &BootContext,
    step: &StepId,
    releases: &[Release],
) -> Result<(), Failure> {
    if releases.is_empty() {
        return Ok(());
    }
    let access = connect::access(&context.host.cluster, &context.id).await;
    let access = access.map_err(|error| connect_failure(&error))?;
    for Release { name, namespace } in releases {
        context.doing(
            step,
            leaving(
                &format!("release {name} in {namespace}"),
                "helm removes it".to_owned(),
            ),
        );
        let removed = context
            .host
            .helm
            .uninstall(name, namespace, &access.kubeconfig, GONE_WITHIN)
            .await;
        removed.map_err(|error| {
            Failure::of(Cause::Chart {
                chart: name.clone(),
                message: error.to_string(),
            })
        })?;
    }
    Ok(())
}

async fn remove(
    context: &BootContext,
    step: &StepId,
    api: &Cluster,
    left: &[ObjectRef],
) -> Result<(), Failure> {
    for object in left {
        context.doing(
            step,
            leaving(&object.to_string(), "it is no longer in the bundle".to_owned()),
        );
    }
    let mut last = BTreeMap::new();
    let removed = api.remove(left, |event| {
        let object = event.object.to_string();
        last.insert(object.clone(), event.reason.clone());
        context.doing(step, leaving(&object, event.reason));
    });
    let removed = async {
        removed
            .await
            .map_err(|error| refusal::explain("what has left the bundle", &error))
    };
    let mut removed = within(GONE_WITHIN, "what has left the bundle to be gone", removed).await;
    if let Err(failure) = &mut removed
        && matches!(failure.cause, Cause::TimedOut { .. })
    {
        failure.evidence.extend(
            last.into_iter()
                .map(|(object, reason)| format!("{object}: {reason}")),
        );
    }
    removed
}

fn leaving(object: &str, reason: String) -> Detail {
    Detail::Gate {
        gate: format!("removal of {object}"),
        reason,
    }
}

/// What has left, without what is still there under another version of its kind, or is of a kind that is gone itself.
async fn gone_for_good(api: &Cluster, left: Vec<Part>, kept: Vec<Part>) -> Result<Vec<ObjectRef>, ApiError> {
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = HashSet::new();
    for part in kept {
        known.extend(served(api, &part).await?.map(|object| identity(&object)));
    }
    let mut gone = Vec::new();
    for part in left {
        let object = served(api, &part).await?;
        // The set also holds what was found before, which another dependency may have had, too.
        gone.extend(object.filter(|object| known.insert(identity(object))));
    }
    Ok(gone)
}

/// The object as the cluster knows it: without a namespace if its kind lives in none, and nothing if its kind is not there.
async fn served(api: &Cluster, part: &Part) -> Result<Option<ObjectRef>, ApiError> {
    let mut object = part.reference();
    match api.kind(&object.api_version, &object.kind).await {
        Ok(kind) if kind.namespaced => Ok(Some(object)),
        Ok(_) => {
            object.namespace = None;
            Ok(Some(object))
        }
        Err(ApiError::UnknownKind { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What makes an object the same one, whatever the version it is written in.
fn identity(object: &ObjectRef) -> (String, String, Option<String>, String) {
    let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
    (
        group.to_owned(),
        object.kind.clone(),
        object.namespace.clone(),
        object.name.clone(),
    )
}
