//! Boots that this app has started.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use api::boot::{Boot, BootEvent, Outcome, What};
use api::{Code, Error};
use futures::StreamExt;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use crate::runs::{Run, Runs, Teller};

/// How a boot ended.
#[derive(Debug, Clone, Serialize, TS)]
pub(crate) struct BootResult {
    /// Id of the preview.
    pub(crate) preview: String,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

type Running = Run<BootEvent, BootResult>;

/// The boots of this app, by the ids of their previews.
#[derive(Default)]
pub(crate) struct Boots {
    runs: Runs<String, BootEvent, BootResult>,
    folders: Mutex<BTreeMap<String, String>>,
}

impl Boots {
    /// Takes a boot over, so that it goes on whoever follows it. `folder` is where its bundle lies.
    pub(crate) fn add(&self, folder: &Path, boot: Boot) -> Arc<Running> {
        let preview = boot.id().to_string();
        self.folders()
            .insert(preview.clone(), folder.display().to_string());
        self.runs
            .add(preview, Run::start(|teller, cancel| drive(boot, teller, cancel)))
    }

    /// The boot of a preview, if this app started it.
    pub(crate) fn find(&self, preview: &str) -> Result<Arc<Running>, Error> {
        self.runs.find(|id| id == preview).ok_or_else(|| {
            Error::new(
                Code::NotFound,
                format!("this window did not boot `{preview}`, so its log is not here"),
            )
        })
    }

    /// Where the bundle of a preview lies, if this app booted it.
    pub(crate) fn folder(&self, preview: &str) -> Option<String> {
        self.folders().get(preview).cloned()
    }

    fn folders(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        // Nothing that holds the lock can panic half-way.
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn drive(
    mut boot: Boot,
    teller: Arc<Teller<BootEvent, BootResult>>,
    cancel: CancellationToken,
) -> Result<BootResult, Error> {
    let preview = boot.id().to_string();
    let mut outcome = None;
    let mut asked = false;
    loop {
        tokio::select! {
            event = boot.next() => {
                let Some(event) = event else { break };
                outcome = outcome.or(ending(&event));
                teller.tell(event);
            }
            () = cancel.cancelled(), if !asked => {
                asked = true;
                boot.cancel();
            }
        }
    }
    match outcome {
        Some(outcome) => Ok(BootResult { preview, outcome }),
        None => Err(Error::new(Code::Boot, "the boot ended without saying how")),
    }
}

fn ending(event: &BootEvent) -> Option<Outcome> {
    match event.what {
        What::Ready => Some(Outcome::Ready),
        What::Stopped => Some(Outcome::Failed),
        What::Cancelled => Some(Outcome::Cancelled),
        _ => None,
    }
}
