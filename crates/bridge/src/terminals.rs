//! The shells of the window: each lives on while the window is reloaded, keeps a picture of its screen, never sends
//! more than the window has drawn, and connects again when its connection is lost.

mod flow;
mod picture;
mod session;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::hosts::Host;
use api::terminals::TerminalSize;
use api::{Code, Error, previews};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use session::Session;

/// Takes a frame for the window, and says whether there still is one.
pub type Sink = Arc<dyn Fn(Vec<u8>) -> bool + Send + Sync>;

/// A shell that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TerminalView {
    /// Its id.
    pub id: String,
    /// Context of the host.
    pub host: String,
    /// Id of the preview.
    pub preview: String,
    /// Width in characters.
    pub columns: u16,
    /// Height in lines.
    pub rows: u16,
}

/// What a window is told about a shell between its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum TerminalState {
    /// It is there.
    Open,
    /// The connection was lost.
    Reconnecting {
        /// Why.
        reason: String,
        /// How many attempts were made.
        attempt: u32,
    },
    /// There is a new shell.
    Reconnected,
    /// It is over.
    Ended {
        /// How.
        exit: TerminalExit,
    },
}

/// How a shell ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(untagged)]
pub enum TerminalExit {
    /// By itself.
    Code {
        /// Its exit code.
        code: i32,
    },
    /// Otherwise.
    Reason {
        /// Why.
        reason: String,
    },
}

/// What to open: a new shell, or one that is there.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Open {
    /// One that is there, after the window was reloaded.
    Attach {
        /// Its id.
        attach: String,
        /// Width in characters.
        columns: u16,
        /// Height in lines.
        rows: u16,
    },
    /// A new one.
    New {
        /// Context of the host.
        host: String,
        /// Id of the preview.
        preview: String,
        /// Width in characters.
        columns: u16,
        /// Height in lines.
        rows: u16,
    },
}

/// All shells of the window.
#[derive(Default)]
pub struct Terminals {
    open: Mutex<BTreeMap<String, Arc<Session>>>,
    next: AtomicU64,
}

impl Terminals {
    /// Opens a shell, or takes one up again; frames go to `sink`.
    pub(crate) async fn open(
        &self,
        host: Host,
        preview: &str,
        size: TerminalSize,
        sink: Sink,
    ) -> Result<String, Error> {
        let preview = previews::find(&host, preview).await?;
        let id = format!("terminal-{}", self.next.fetch_add(1, Ordering::Relaxed) + 1);
        let view = TerminalView {
            id: id.clone(),
            host: host.context().to_owned(),
            preview: preview.id.to_string(),
            columns: size.columns,
            rows: size.rows,
        };
        let session = Session::start(host, preview, view, size, sink).await?;
        self.lock().insert(id.clone(), Arc::new(session));
        Ok(id)
    }

    /// Shows a shell that is there in a window: first its screen, then what comes.
    pub(crate) fn attach(&self, id: &str, size: TerminalSize, sink: Sink) -> Result<String, Error> {
        let session = self.find(id)?;
        session.attach(size, sink);
        Ok(id.to_owned())
    }

    /// Sends what was typed. Waits while the shell does not read.
    ///
    /// # Errors
    /// When there is no such shell.
    pub async fn write(&self, id: &str, bytes: Bytes) -> Result<(), Error> {
        self.find(id)?.write(bytes).await;
        Ok(())
    }

    /// Tells the size of the window.
    ///
    /// # Errors
    /// When there is no such shell.
    pub fn resize(&self, id: &str, size: TerminalSize) -> Result<(), Error> {
        self.find(id)?.resize(size);
        Ok(())
    }

    /// Says how many bytes the window has drawn since it last said so.
    ///
    /// # Errors
    /// When there is no such shell.
    pub fn acknowledge(&self, id: &str, bytes: u64) -> Result<(), Error> {
        self.find(id)?.acknowledge(bytes);
        Ok(())
    }

    /// Ends a shell and everything that it started.
    pub async fn close(&self, id: &str) {
        let session = self.lock().remove(id);
        if let Some(session) = session {
            session.close().await;
        }
    }

    /// Those that have not ended.
    pub fn list(&self) -> Vec<TerminalView> {
        let open = self.lock();
        open.values()
            .filter(|session| !session.is_over())
            .map(|session| session.view())
            .collect()
    }

    fn find(&self, id: &str) -> Result<Arc<Session>, Error> {
        self.lock().get(id).cloned().ok_or_else(|| {
            Error::new(Code::NotFound, format!("there is no terminal `{id}` any more")).hint("open a new one")
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Session>>> {
        // Nothing that holds the lock can panic half-way.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
