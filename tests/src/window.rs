//! A window without a screen: its commands and streams as the desktop app carries them out, on the sandbox.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::{Code, Error};
use bridge::{App, Desktop};
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::runtime::Runtime;

/// A window, and what its work runs on.
pub struct Window {
    runtime: Runtime,
    app: App,
}

/// Nobody is there to be asked.
struct Nobody;

impl Desktop for Nobody {
    fn pick_folder(&self, _: String) -> BoxFuture<'_, Result<Option<PathBuf>, Error>> {
        Box::pin(async { Ok(None) })
    }

    fn pick_file(&self, _: String) -> BoxFuture<'_, Result<Option<PathBuf>, Error>> {
        Box::pin(async { Ok(None) })
    }

    fn open_url(&self, _: &str) -> Result<(), Error> {
        Err(Error::new(Code::Usage, "there is no browser"))
    }
}

impl Window {
    /// Opens it.
    ///
    /// # Errors
    /// When it has nothing to run on.
    pub fn open() -> Result<Self> {
        Ok(Self {
            runtime: Runtime::new()?,
            app: App::new(Nobody),
        })
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// What the command says.
    pub fn call(&self, command: &str, arguments: Value) -> Result<Value, Error> {
        self.runtime.block_on(self.app.call(command, arguments))
    }

    /// Follows a stream until what it told is `enough`; gives all of it.
    ///
    /// # Errors
    /// What the stream says, or when it is not so within `limit`.
    pub fn follow(
        &self,
        stream: &str,
        arguments: Value,
        limit: Duration,
        enough: impl Fn(&[Value]) -> bool + Send + Sync,
    ) -> Result<Vec<Value>> {
        let told = Mutex::new(Vec::new());
        let take = |item| {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            told.push(item);
            !enough(&told)
        };
        let work = self.app.stream(stream, arguments, stream, Box::new(take));
        let done = self
            .runtime
            .block_on(async { tokio::time::timeout(limit, work).await });
        let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.with_context(|| format!("{stream} only told {told:#?} in {limit:?}"))??;
        ensure!(enough(&told), "{stream} ended after {told:#?}");
        Ok(told)
    }
}
