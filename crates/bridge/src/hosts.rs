//! Connections to hosts, kept while they work.

use std::collections::BTreeMap;

use api::hosts::{self, DoctorStep, Host};
use api::{Code, Error};
use tokio::sync::{Mutex, mpsc};

/// The hosts that were connected to, by context.
#[derive(Default)]
pub(crate) struct Hosts {
    connected: Mutex<BTreeMap<String, Host>>,
}

impl Hosts {
    /// The host with this context; connects if that was not done yet.
    pub(crate) async fn get(&self, context: &str) -> Result<Host, Error> {
        if let Some(host) = self.connected.lock().await.get(context) {
            return Ok(host.clone());
        }
        // The lock is not held meanwhile: one host that does not answer must not keep others waiting.
        let host = hosts::require(Some(context)).await?;
        self.connected
            .lock()
            .await
            .insert(context.to_owned(), host.clone());
        Ok(host)
    }

    /// Forgets the connection to a host, which has changed.
    pub(crate) async fn forget(&self, context: &str) {
        self.connected.lock().await.remove(context);
    }

    /// Does `work` with a host; after a failure of the host itself the next one connects anew, since its kubeconfig
    /// or its credentials may have changed.
    pub(crate) async fn with<T>(
        &self,
        context: &str,
        work: impl AsyncFnOnce(Host) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let host = self.get(context).await?;
        let done = work(host).await;
        if done.as_ref().is_err_and(|error| error.code == Code::Host) {
            self.connected.lock().await.remove(context);
        }
        done
    }
}

/// Looks for what is wrong with the way to a host.
pub(crate) async fn examine(context: &str, items: mpsc::Sender<DoctorStep>) -> Result<(), Error> {
    // There is room for all of them: a report has ten at most.
    hosts::doctor(context, |step| drop(items.try_send(step.clone()))).await?;
    Ok(())
}
