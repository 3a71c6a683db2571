//! What every step of a boot shares: host, bundle, name, and where it reports to.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bundle::Bundle;
use cluster::ObjectRef;
use plan::{PreviewId, Step, StepId, labels};
use serde_json::json;
use tokio::sync::mpsc;

use super::{BootOptions, Host};
use crate::event::{BootEvent, Detail, What};
use crate::failure::Failure;
use crate::ledger::Ledger;

/// A step failed, which is reported already; the boot ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Halted;

/// What every step of a boot shares.
pub(super) struct BootContext {
    pub(super) host: Host,
    pub(super) bundle: Arc<Bundle>,
    pub(super) id: PreviewId,
    pub(super) options: BootOptions,
    pub(super) ledger: Ledger,
    pub(super) reporter: Reporter,
}

impl BootContext {
    /// Runs a step and reports its start and its end.
    pub(super) async fn step<T>(
        &self,
        step: &StepId,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Halted> {
        self.reporter.report(What::Started { step: step.clone() });
        match work.await {
            Ok(done) => {
                self.reporter.report(What::Finished { step: step.clone() });
                Ok(done)
            }
            Err(failure) => {
                self.reporter.report(What::Failed {
                    step: step.clone(),
                    failure,
                });
                Err(Halted)
            }
        }
    }

    /// Says what a step is doing or waiting for, unless it said just that before.
    pub(super) fn doing(&self, step: &StepId, detail: Detail) {
        if self.reporter.is_news(step, &detail) {
            self.reporter.report(What::Doing {
                step: step.clone(),
                detail,
            });
        }
    }

    /// Writes the state of the preview on its namespace. A preview without one keeps its last state, so a
    /// failure here is worth a log line and nothing more.
    pub(super) async fn mark(&self, state: &str) {
        let namespace = ObjectRef {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            namespace: None,
            name: self.id.namespace(),
        };
        let patch = json!({ "metadata": { "annotations": { labels::STATE: state } } });
        if let Err(error) = self.host.cluster.merge_patch(&namespace, &patch).await {
            tracing::warn!(preview = %self.id, %error, "cannot write the preview's state on its namespace");
        }
    }
}

/// Stamps events with the time since the boot began and hands them to the stream.
#[derive(Clone)]
pub(super) struct Reporter {
    began: Instant,
    events: mpsc::UnboundedSender<BootEvent>,
    /// What each step said last about each thing it waits for.
    said: Arc<Mutex<BTreeMap<(StepId, String), Detail>>>,
}

impl Reporter {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<BootEvent>) {
        let (events, receiver) = mpsc::unbounded_channel();
        (
            Self {
                began: Instant::now(),
                events,
                said: Arc::default(),
            },
            receiver,
        )
    }

    /// Whether `step` has not said `detail` last about the same thing: watches tell of every change of an object,
    /// most of which change nothing for the reader.
    fn is_news(&self, step: &StepId, detail: &Detail) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (step.clone(), detail.subject().to_owned());
        said.insert(key, detail.clone()).as_ref() != Some(detail)
    }

    /// Reports an event. Nobody listens any more when the stream was dropped, and then the driver is being
    /// aborted too.
    pub(super) fn report(&self, what: What) {
        let at = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let _ = self.events.send(BootEvent { at, what });
    }

    /// The first two events of a boot's log.
    pub(super) fn began(&self, context: &BootContext) {
        let bundle = &context.bundle;
        let budget = u64::try_from(bundle.environment.boot_budget.as_millis()).unwrap_or(u64::MAX);
        self.planned(context, budget, plan::steps(bundle), plan::notes(bundle));
    }

    /// The first two events of every log; a budget of 0 is none.
    pub(super) fn planned(&self, context: &BootContext, budget: u64, steps: Vec<Step>, notes: Vec<String>) {
        let bundle = &context.bundle;
        self.report(What::Began {
            preview: context.id.to_string(),
            bundle: bundle.name.to_string(),
            title: bundle.title.clone(),
            host: context.host.context.clone(),
            budget,
        });
        self.report(What::Planned { steps, notes });
    }
}
