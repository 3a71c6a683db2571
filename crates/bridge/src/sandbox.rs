//! Starting and removing the sandbox, told as it goes.

use std::time::Instant;

use api::sandbox::{
    self, CONTEXT, Consent, Events, Keep, NodeCounts, Progress, SandboxEvent, SandboxProgress, UpOptions,
};
use api::{Code, Error};
use tokio::sync::mpsc;

use crate::App;

type Items = mpsc::Sender<SandboxProgress>;

/// Starts the sandbox. The window has asked the person before, so what is missing is installed.
pub(crate) async fn up(app: &App, nodes: Option<&str>, items: Items) -> Result<(), Error> {
    let nodes: Option<NodeCounts> = nodes
        .map(str::parse)
        .transpose()
        .map_err(|error| Error::of(Code::Usage, &error))?;
    let options = UpOptions {
        nodes,
        consent: Consent::Given,
        ..UpOptions::default()
    };
    let started = told(Progress::of_up(), items, |events| sandbox::up(options, events)).await;
    // Its keys may be others than those of the sandbox that was connected to.
    app.hosts.forget(CONTEXT).await;
    started.map(drop)
}

/// Removes the sandbox and keeps what is slow to make again.
pub(crate) async fn down(app: &App, items: Items) -> Result<(), Error> {
    let report = told(Progress::of_down(), items, |events| {
        sandbox::down(Keep::Caches, events)
    })
    .await;
    app.hosts.forget(CONTEXT).await;
    sandbox::check_gone(&report?)
}

/// Does `work` and tells its events as they come.
async fn told<T, F: Future<Output = Result<T, Error>>>(
    mut progress: Progress,
    items: Items,
    work: impl FnOnce(Events) -> F,
) -> Result<T, Error> {
    let began = Instant::now();
    let (events, mut happened) = mpsc::unbounded_channel::<SandboxEvent>();
    let telling = async {
        while let Some(event) = happened.recv().await {
            let at = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            // Whoever listens no more is told by the end of the job.
            if let Some(item) = progress.take(at, &event) {
                let _gone = items.send(item).await;
            }
        }
    };
    // Starting a sandbox is a large future.
    let (done, ()) = tokio::join!(Box::pin(work(events)), telling);
    done
}

#[cfg(test)]
mod tests {
    use api::sandbox::Step;

    use super::*;

    #[tokio::test]
    async fn what_happens_is_told_in_order_and_the_result_comes_last() {
        let (items, mut told_items) = mpsc::channel(8);
        let work = |events: Events| async move {
            events.send(SandboxEvent::Began(Step::Processes)).unwrap();
            events.send(SandboxEvent::Ended(Step::Processes)).unwrap();
            Ok(7)
        };
        assert_eq!(told(Progress::of_down(), items, work).await.unwrap(), 7);
        let mut counts = Vec::new();
        while let Some(item) = told_items.recv().await {
            counts.push((item.step.unwrap(), item.done, item.of));
        }
        let processes = || "processes".to_owned();
        assert_eq!(
            counts,
            [(processes(), Some(0), Some(2)), (processes(), Some(1), Some(2))]
        );
    }
}
