//! Gates that are asked from the candidate's seat, again and again: a port that opens can not be watched.

use std::time::Duration;

use plan::seat;

use super::context::Halted;
use super::gate::Around;
use crate::failure::{Cause, Failure};
use crate::probe::{self, Answer, Question};

/// Between two attempts.
const EVERY: Duration = Duration::from_millis(250);

/// Asks until the answer is the one wanted; `report` hears each other one.
pub(super) async fn open(
    around: &Around<'_, '_>,
    question: Question<'_>,
    mut report: impl FnMut(String) + Send,
) -> Result<(), Failure> {
    report("the candidate's pod is not there yet".to_owned());
    let pod = match around.seat.clone().await {
        Ok(pod) => pod,
        // The seat has said why, and the boot is about to end.
        Err(Halted) => std::future::pending().await,
    };
    let namespace = around.context.id.namespace();
    let from = probe::Asker {
        host: &around.context.host.cluster,
        namespace: &namespace,
        pod: &pod,
        container: seat::NAME,
    };
    loop {
        let answer = probe::ask(from, question).await.map_err(|error| Cause::Lost {
            pod: pod.clone(),
            message: error.to_string(),
        })?;
        match answer {
            Answer::Open => return Ok(()),
            Answer::Shut(reason) => report(reason),
            Answer::Never(message) => return Err(Cause::Pod { pod, message }.into()),
        }
        tokio::time::sleep(EVERY).await;
    }
}
