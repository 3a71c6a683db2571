//! Connections to the inside of previews: one for each preview, shared by all who look into it at the same time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use cluster::Cluster;

use crate::Error;
use crate::hosts::Host;

/// The connections that somebody uses; each is closed when its last user leaves.
#[derive(Default)]
pub struct Connections {
    open: Mutex<BTreeMap<Key, Arc<Slot>>>,
}

/// A context and the id of a preview on it.
type Key = (String, String);
/// Held while connecting, so that those who come meanwhile wait for the same connection.
type Slot = tokio::sync::Mutex<Weak<Connection>>;

/// The way into a preview, and to what carries it.
pub(crate) struct Connection {
    /// The API of its vCluster.
    pub(crate) task: Cluster,
    /// Its host.
    pub(crate) host: Cluster,
    /// Its namespace on the host.
    pub(crate) namespace: String,
}

impl Connections {
    /// The connection to a preview, whose id may be shortened.
    pub(crate) async fn get(&self, host: &Host, preview: &str) -> Result<Arc<Connection>, Error> {
        let found = preview::find(host.cluster(), preview).await?;
        let slot = self.slot((host.context().to_owned(), found.id.to_string()));
        let mut shared = slot.lock().await;
        if let Some(connection) = shared.upgrade() {
            return Ok(connection);
        }
        let connection = Arc::new(Connection {
            task: preview::connect(host.cluster(), &found.id).await?,
            host: host.cluster().clone(),
            namespace: found.namespace,
        });
        *shared = Arc::downgrade(&connection);
        Ok(connection)
    }

    fn slot(&self, key: Key) -> Arc<Slot> {
        let mut open = self.lock();
        open.retain(|_, slot| is_used(slot));
        open.entry(key).or_default().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<Slot>>> {
        // Nothing that holds the lock can panic half-way.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether somebody has the connection, or waits for it.
fn is_used(slot: &Arc<Slot>) -> bool {
    Arc::strong_count(slot) > 1 || slot.try_lock().is_ok_and(|shared| shared.strong_count() > 0)
}

/// Namespace and name of the object inside a preview that an object of the host carries. The syncer writes them; a
/// candidate cannot.
pub(crate) fn carried(object: &serde_json::Value) -> Option<(String, String)> {
    let annotations = object.pointer("/metadata/annotations")?;
    let (namespace, name) = preview::carried(|key| annotations.get(key)?.as_str())?;
    Some((namespace.to_owned(), name.to_owned()))
}
