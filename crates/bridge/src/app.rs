//! Everything that lives as long as the app.

use std::path::PathBuf;

use api::Error;
use api::seats::Connections;
use api::terminals::TerminalSize;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;

use crate::boots::Boots;
use crate::grading::Proofs;
use crate::hosts::Hosts;
use crate::jobs::Jobs;
use crate::terminals::{Open, Sink, Terminals};
use crate::{commands, streams};

/// What only the program that shows the window can do.
pub trait Desktop: Send + Sync + 'static {
    /// Lets the person choose a folder; nothing if they chose none.
    fn pick_folder(&self, title: String) -> BoxFuture<'_, Result<Option<PathBuf>, Error>>;
    /// Lets the person choose a file; nothing if they chose none.
    fn pick_file(&self, title: String) -> BoxFuture<'_, Result<Option<PathBuf>, Error>>;
    /// Opens an address in the person's browser.
    fn open_url(&self, url: &str) -> Result<(), Error>;
}

/// What a message comes to. Boxed, so that what stands behind it is compiled here once, and not in each program again.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// Takes the items of a stream in order, and says whether anybody still wants them.
pub type Items<'a> = Box<dyn Fn(Value) -> bool + Send + Sync + 'a>;

/// The app behind one window.
pub struct App {
    pub(crate) desktop: Box<dyn Desktop>,
    pub(crate) hosts: Hosts,
    /// The ways into previews that somebody looks into.
    pub(crate) connections: Connections,
    pub(crate) boots: Boots,
    pub(crate) proofs: Proofs,
    pub(crate) jobs: Jobs,
    /// The shells that are open.
    pub terminals: Terminals,
}

impl App {
    /// An app with nothing under way.
    pub fn new(desktop: impl Desktop) -> Self {
        Self {
            desktop: Box::new(desktop),
            hosts: Hosts::default(),
            connections: Connections::default(),
            boots: Boots::default(),
            proofs: Proofs::default(),
            jobs: Jobs::default(),
            terminals: Terminals::default(),
        }
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// Whatever the command says; and when there is no such command, or its arguments are not understood.
    pub fn call<'a>(&'a self, command: &'a str, arguments: Value) -> Answer<'a, Value> {
        commands::call(self, command, arguments).boxed()
    }

    /// Carries out a stream; `item` takes its items.
    ///
    /// `job` is the caller's name for it, by which [`Self::cancel`] stops it.
    ///
    /// # Errors
    /// As [`Self::call`]; and [`api::Code::Cancelled`] when it was cancelled.
    pub fn stream<'a>(
        &'a self,
        stream: &'a str,
        arguments: Value,
        job: &str,
        item: Items<'a>,
    ) -> Answer<'a, Value> {
        let cancel = self.jobs.begin(job);
        async move { streams::run(self, stream, arguments, cancel.token(), &*item).await }.boxed()
    }

    /// Opens a shell, or shows one that is there in this window; frames go to `sink`. Gives its id.
    ///
    /// # Errors
    /// When the host, the preview or the shell does not answer, or the shell that was there has ended.
    pub fn open_terminal(&self, what: Open, sink: Sink) -> Answer<'_, String> {
        let open = async move {
            match what {
                Open::Attach {
                    attach,
                    columns,
                    rows,
                } => self
                    .terminals
                    .attach(&attach, TerminalSize { rows, columns }, sink),
                Open::New {
                    host,
                    preview,
                    columns,
                    rows,
                } => {
                    let size = TerminalSize { rows, columns };
                    let open = async |host| self.terminals.open(host, &preview, size, sink).await;
                    self.hosts.with(&host, open).await
                }
            }
        };
        open.boxed()
    }

    /// Asks a stream to stop; one that is over is none to stop.
    pub fn cancel(&self, job: &str) {
        self.jobs.cancel(job);
    }
}
