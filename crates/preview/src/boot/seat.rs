//! The tty step: the candidate's pod, until a shell can be opened in it.

use cluster::Cluster;
use plan::{Plan, StepId, labels, seat};
use std::time::Duration;

use super::context::BootContext;
use super::control_plane::host_pod;
use super::dependency::apply_to;
use super::trouble;
use crate::event::Detail;
use crate::failure::{Failure, within};

/// How long the candidate's pod may take; a cold image pull included.
const READY_WITHIN: Duration = Duration::from_mins(5);

/// Makes the seat and gives the name of its pod on the host.
pub(super) async fn run(
    context: &BootContext,
    step: &StepId,
    plan: &Plan,
    api: &Cluster,
) -> Result<String, Failure> {
    apply_to(api, seat::NAMESPACE, context, step, &plan.seat.objects).await?;
    let watched = [seat::NAMESPACE.to_owned()];
    let selector = format!("{}={}", labels::SEAT, seat::NAME);
    let ready = async {
        tokio::select! {
            pod = host_pod(context, &selector) => {
                pod.map(|pod| pod.metadata.name.unwrap_or_default())
            }
            failure = trouble::watch(api, &watched, None, |pod, state| {
                context.doing(step, Detail::Pod { pod: pod.to_owned(), state: state.to_owned() });
            }) => Err(failure),
        }
    };
    within(READY_WITHIN, "the candidate's pod", ready).await
}
