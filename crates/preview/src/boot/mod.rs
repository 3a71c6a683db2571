//! Boots a bundle on a host: runs every step as soon as what it needs is done, and reports each as an event.

mod context;
mod control_plane;
pub(crate) mod dependency;
mod gate;
mod head_start;
mod init;
mod knock;
mod nodes;
mod preflight;
pub(crate) mod refusal;
mod seat;
pub(crate) mod trouble;
mod update;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use bundle::Bundle;
use bundle::model::Step as BundleStep;
use cluster::{Cluster, Helm};
use futures::future::{BoxFuture, FutureExt, Shared, try_join_all};
use futures::stream::Stream;
use plan::{HostSettings, Phase, Plan, PreviewId, Step, StepId};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::event::{BootEvent, What};
use crate::ledger::Ledger;
use context::{BootContext, Halted, Reporter};
pub use control_plane::vcluster_objects;
pub use preflight::facts as host_facts;
pub use update::update;

/// A host with all that is needed to boot on it.
#[derive(Clone)]
pub struct Host {
    /// The connection.
    pub cluster: Cluster,
    /// Name of its context, for people.
    pub context: String,
    /// What the user set for it.
    pub settings: HostSettings,
    /// Renders charts.
    pub helm: Helm,
}

/// A boot, or an update, on its way: a stream of events that ends with exactly one of ready, stopped and cancelled.
///
/// Dropping it stops the work at once and keeps what exists on the host.
pub struct Boot {
    id: PreviewId,
    events: mpsc::UnboundedReceiver<BootEvent>,
    cancel: CancellationToken,
    _driver: AbortOnDropHandle<()>,
}

impl Boot {
    /// The id of the preview that is being booted.
    #[must_use]
    pub fn id(&self) -> &PreviewId {
        &self.id
    }

    /// Stops the boot; the stream ends with `cancelled`. What exists on the host is kept until it is removed.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl Stream for Boot {
    type Item = BootEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<BootEvent>> {
        self.events.poll_recv(cx)
    }
}

/// How to boot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BootOptions {
    /// Run each init script a second time, which shows that it is idempotent.
    pub twice: bool,
}

/// Boots `bundle` on `host` as preview `id`.
#[must_use]
pub fn boot(host: Host, bundle: Arc<Bundle>, id: PreviewId, options: BootOptions) -> Boot {
    launch(host, bundle, id, options, drive)
}

fn launch<F>(
    host: Host,
    bundle: Arc<Bundle>,
    id: PreviewId,
    options: BootOptions,
    drive: impl FnOnce(BootContext, CancellationToken) -> F,
) -> Boot
where
    F: Future<Output = ()> + Send + 'static,
{
    let (reporter, events) = Reporter::new();
    let cancel = CancellationToken::new();
    let context = BootContext {
        host,
        bundle,
        id: id.clone(),
        options,
        ledger: Ledger::default(),
        reporter,
    };
    let driver = tokio::spawn(drive(context, cancel.clone()));
    Boot {
        id,
        events,
        cancel,
        _driver: AbortOnDropHandle::new(driver),
    }
}

async fn drive(context: BootContext, cancel: CancellationToken) {
    context.reporter.began(&context);
    let outcome = tokio::select! {
        biased;
        () = cancel.cancelled() => What::Cancelled,
        outcome = run(&context) => match outcome {
            Ok(()) => What::Ready,
            Err(Halted) => What::Stopped,
        },
    };
    if outcome == What::Stopped {
        context.mark("failed").await;
    }
    context.reporter.report(outcome);
}

async fn run(context: &BootContext) -> Result<(), Halted> {
    let preflight = StepId::Phase(Phase::Preflight);
    let (profile, plan) = Box::pin(context.step(&preflight, preflight::run(context, &preflight))).await?;
    context
        .step(&StepId::Phase(Phase::Nodes), async { nodes::run(&profile) })
        .await?;
    run_plan(context, &plan).await?;
    context.mark("ready").await;
    Ok(())
}

/// A step that several others wait for.
type Done<'a, T> = Shared<BoxFuture<'a, Result<T, Halted>>>;

/// Runs everything behind preflight as a graph: each step is a future that first waits for those it needs.
async fn run_plan(context: &BootContext, plan: &Plan) -> Result<(), Halted> {
    let control_plane = control_plane_step(context, plan).boxed().shared();
    let mut steps: BTreeMap<StepId, Done<'_, ()>> = BTreeMap::new();
    let dns = StepId::Phase(Phase::Dns);
    steps.insert(dns, dns_step(context, control_plane.clone()).boxed().shared());
    let seat = seat_step(context, plan, control_plane.clone()).boxed().shared();
    steps.insert(
        StepId::Phase(Phase::Tty),
        seat.clone().map(|done| done.map(drop)).boxed().shared(),
    );
    let all = plan::steps(&context.bundle);
    for step in context.bundle.order().into_iter().flatten() {
        let id = id_of(step);
        let needs = needs_of(&all, &id, &steps);
        let run = payload_step(
            context,
            plan,
            id.clone(),
            control_plane.clone(),
            seat.clone(),
            needs,
        );
        steps.insert(id, run.boxed().shared());
    }
    try_join_all(steps.into_values()).await.map(drop)
}

fn id_of(step: BundleStep<'_>) -> StepId {
    match step {
        BundleStep::Dependency(dependency) => StepId::Dependency(dependency.name.to_string()),
        BundleStep::Init(init) => StepId::Init(init.name.to_string()),
    }
}

/// The futures of the steps that `id` needs; the order of the bundle has put them into `steps` before it.
fn needs_of<'a>(all: &[Step], id: &StepId, steps: &BTreeMap<StepId, Done<'a, ()>>) -> Vec<Done<'a, ()>> {
    let needs = all
        .iter()
        .filter(|step| step.id == *id)
        .flat_map(|step| &step.needs);
    needs.filter_map(|need| steps.get(need).cloned()).collect()
}

async fn control_plane_step(context: &BootContext, plan: &Plan) -> Result<Cluster, Halted> {
    let id = StepId::Phase(Phase::ControlPlane);
    Box::pin(context.step(&id, control_plane::run(context, &id, plan))).await
}

async fn dns_step(context: &BootContext, control_plane: Done<'_, Cluster>) -> Result<(), Halted> {
    control_plane.await?;
    let id = StepId::Phase(Phase::Dns);
    Box::pin(context.step(&id, control_plane::wait_for_dns(context, &id))).await
}

async fn seat_step(context: &BootContext, plan: &Plan, api: Done<'_, Cluster>) -> Result<String, Halted> {
    let api = api.await?;
    let id = StepId::Phase(Phase::Tty);
    Box::pin(context.step(&id, seat::run(context, &id, plan, &api))).await
}

async fn payload_step(
    context: &BootContext,
    plan: &Plan,
    id: StepId,
    api: Done<'_, Cluster>,
    seat: Done<'_, String>,
    needs: Vec<Done<'_, ()>>,
) -> Result<(), Halted> {
    let api = api.await?;
    try_join_all(needs).await?;
    if let Some(dependency) = plan
        .dependencies
        .iter()
        .find(|one| StepId::Dependency(one.name.clone()) == id)
    {
        return context
            .step(&id, dependency::run(context, &id, plan, dependency, &api, &seat))
            .await;
    }
    let Some(init) = plan.init.iter().find(|one| StepId::Init(one.name.clone()) == id) else {
        return Ok(());
    };
    let pod = seat.await?;
    context.step(&id, init::run(context, &id, init, &api, &pod)).await
}
