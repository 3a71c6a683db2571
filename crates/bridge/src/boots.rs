//! Boots that this app has started: each goes on when nobody looks, and its log can be read from the start.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::boot::{Boot, BootEvent, Outcome, What};
use api::{Code, Error};
use futures::StreamExt;
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use ts_rs::TS;

/// How many boots that are over are kept for a window that is reloaded.
const KEPT: usize = 16;

/// How a boot ended.
#[derive(Debug, Clone, Serialize, TS)]
pub(crate) struct BootResult {
    /// Id of the preview.
    pub(crate) preview: String,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

/// The boots of this app, oldest first.
#[derive(Default)]
pub(crate) struct Boots {
    started: Mutex<Vec<(String, Arc<Running>)>>,
    folders: Mutex<BTreeMap<String, String>>,
}

/// A boot and its log so far.
pub(crate) struct Running {
    log: Arc<Mutex<Vec<BootEvent>>>,
    /// How many entries the log has; closed when there will be no more.
    length: watch::Receiver<usize>,
    cancel: CancellationToken,
    _driver: AbortOnDropHandle<()>,
}

impl Boots {
    /// Takes a boot over, so that it goes on whoever follows it. `folder` is where its bundle lies.
    pub(crate) fn add(&self, folder: &Path, boot: Boot) -> Arc<Running> {
        let preview = boot.id().to_string();
        let running = Running::start(boot);
        lock(&self.folders).insert(preview.clone(), folder.display().to_string());
        let mut started = lock(&self.started);
        started.push((preview, running.clone()));
        let over = started.iter().filter(|(_, boot)| boot.is_over()).count();
        if over > KEPT
            && let Some(oldest) = started.iter().position(|(_, boot)| boot.is_over())
        {
            started.remove(oldest);
        }
        running
    }

    /// The boot of a preview, if this app started it.
    pub(crate) fn find(&self, preview: &str) -> Result<Arc<Running>, Error> {
        let started = lock(&self.started);
        let found = started.iter().rev().find(|(id, _)| id == preview);
        found.map(|(_, boot)| boot.clone()).ok_or_else(|| {
            Error::new(
                Code::NotFound,
                format!("this window did not boot `{preview}`, so its log is not here"),
            )
        })
    }

    /// Where the bundle of a preview lies, if this app booted it.
    pub(crate) fn folder(&self, preview: &str) -> Option<String> {
        lock(&self.folders).get(preview).cloned()
    }
}

impl Running {
    fn start(boot: Boot) -> Arc<Self> {
        let (tell, length) = watch::channel(0);
        let log = Arc::new(Mutex::default());
        let cancel = CancellationToken::new();
        let driver = tokio::spawn(drive(boot, log.clone(), cancel.clone(), tell));
        Arc::new(Self {
            log,
            length,
            cancel,
            _driver: AbortOnDropHandle::new(driver),
        })
    }

    fn is_over(&self) -> bool {
        lock(&self.log)
            .last()
            .is_some_and(|event| outcome(event).is_some())
    }

    /// Sends the whole log and what comes to it, until the boot is over. `cancel` stops the boot itself.
    pub(crate) async fn follow(
        &self,
        items: &mpsc::Sender<BootEvent>,
        cancel: &CancellationToken,
    ) -> Result<BootResult, Error> {
        let mut length = self.length.clone();
        let mut sent = 0;
        let mut preview = String::new();
        loop {
            let fresh: Vec<BootEvent> = lock(&self.log).get(sent..).unwrap_or_default().to_vec();
            for event in fresh {
                sent += 1;
                if let What::Began { preview: id, .. } = &event.what {
                    preview.clone_from(id);
                }
                let ended = outcome(&event);
                if items.send(event).await.is_err() {
                    return Err(Error::new(Code::Cancelled, "nobody follows this boot any more"));
                }
                if let Some(outcome) = ended {
                    return Ok(BootResult { preview, outcome });
                }
            }
            tokio::select! {
                grown = length.wait_for(|length| *length > sent) => {
                    grown.map_err(|_| Error::new(Code::Boot, "the boot ended without saying how"))?;
                }
                () = cancel.cancelled(), if !self.cancel.is_cancelled() => self.cancel.cancel(),
            }
        }
    }
}

async fn drive(
    mut boot: Boot,
    log: Arc<Mutex<Vec<BootEvent>>>,
    cancel: CancellationToken,
    tell: watch::Sender<usize>,
) {
    let mut asked = false;
    loop {
        tokio::select! {
            event = boot.next() => {
                let Some(event) = event else { return };
                let mut log = lock(&log);
                log.push(event);
                tell.send_replace(log.len());
            }
            () = cancel.cancelled(), if !asked => {
                asked = true;
                boot.cancel();
            }
        }
    }
}

fn outcome(event: &BootEvent) -> Option<Outcome> {
    match event.what {
        What::Ready => Some(Outcome::Ready),
        What::Stopped => Some(Outcome::Failed),
        What::Cancelled => Some(Outcome::Cancelled),
        _ => None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds one of these locks can panic half-way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
