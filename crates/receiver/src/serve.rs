//! A receiver at work: its folder, its address, and its connections, which end with it.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::files::Files;
use crate::limits::Limits;
use crate::part::Busy;
use crate::platform::{Platform, Shared};
use crate::records::Records;
use crate::routes;
use crate::tokens::Tokens;
use crate::verify::Verify;

/// Before connections are accepted again after it failed, mostly for want of file descriptors.
const BREATH: Duration = Duration::from_millis(100);
/// Between two looks for uploads that expired.
const SWEEP: Duration = Duration::from_mins(10);

/// Where a receiver listens and keeps its files.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of its database, parts and bundles.
    pub data: PathBuf,
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What it takes.
    pub limits: Limits,
}

/// Why a receiver does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its folder cannot be used.
    #[error("the folder {0} cannot be used: {1}")]
    Folder(PathBuf, std::io::Error),
    /// Another receiver has the folder.
    #[error("another receiver works in {0}; stop it first, or choose another folder")]
    InUse(PathBuf),
    /// Its database cannot be opened.
    #[error("the database in {0} cannot be opened: {1}; if it was made by a newer receiver, run that one")]
    Database(PathBuf, sqlx::migrate::MigrateError),
    /// The address cannot be listened on.
    #[error("{0} cannot be listened on: {1}; choose another address with --listen")]
    Listen(SocketAddr, std::io::Error),
}

/// A receiver that listens.
pub struct Receiver {
    listener: TcpListener,
    address: SocketAddr,
    platform: Shared,
    /// Held while the receiver has its folder.
    _lock: File,
}

impl Receiver {
    /// Opens the folder and listens; nothing is answered before [`Receiver::serve`].
    pub async fn start(options: Options, tokens: Tokens, verify: impl Verify) -> Result<Self, StartError> {
        let Options { data, listen, limits } = options;
        let folder = |error| StartError::Folder(data.clone(), error);
        let files = Files::open(&data).map_err(folder)?;
        let lock = File::create(data.join("lock")).map_err(folder)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StartError::InUse(data.clone()),
            TryLockError::Error(error) => folder(error),
        })?;
        let records = Records::open(&files.database())
            .await
            .map_err(|error| StartError::Database(data.clone(), error))?;
        let bound = |error| StartError::Listen(listen, error);
        let listener = TcpListener::bind(listen).await.map_err(bound)?;
        let address = listener.local_addr().map_err(bound)?;
        let platform = Platform {
            records,
            files,
            tokens,
            limits,
            verify: Box::new(verify),
            busy: Busy::default(),
        };
        Ok(Self {
            listener,
            address,
            platform: Arc::new(platform),
            _lock: lock,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is to stop, then ends what is being answered within the grace.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let limits = &self.platform.limits;
        let room = Arc::new(Semaphore::new(limits.connections));
        let router = routes::router(self.platform.clone());
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        let mut sweep = interval(SWEEP.min(limits.expiry));
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                _ = sweep.tick() => self.sweep().await,
                Some(_) = connections.join_next() => {}
                (stream, permit) = accept(&self.listener, &room) => {
                    let connection = connection(stream, router.clone(), limits);
                    let connection = graceful.watch(connection);
                    connections.spawn(async move {
                        let _permit = permit;
                        // A connection that broke is the client's to notice.
                        let _ = connection.await;
                    });
                }
            }
        }
        drop(self.listener);
        tokio::select! {
            () = graceful.shutdown() => {}
            () = sleep(limits.grace) => tracing::warn!("connections were cut; their uploads can be resumed"),
        }
        connections.shutdown().await;
        self.platform.records.close().await;
    }

    async fn sweep(&self) {
        // What failed is in the log, and is tried again the next time.
        let _ = self.platform.sweep().await;
    }
}

/// The next connection, as soon as there is room for one more.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else {
            // Nobody closes it.
            return std::future::pending().await;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return (stream, permit);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                sleep(BREATH).await;
            }
        }
    }
}

type Connection = http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>>;

fn connection(stream: TcpStream, router: Router, limits: &Limits) -> Connection {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers);
    builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
}
