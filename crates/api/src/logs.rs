//! The log of a container of the task, followed across its restarts.

mod lines;
mod place;

use std::pin::pin;
use std::time::Duration;

use cluster::{ApiError, Cluster, LogRequest, Selector, Watched};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use ts_rs::TS;

use crate::hosts::Host;
use crate::seats::Connections;
use crate::{Code, Error};
use lines::Lines;
use place::Place;

/// A container can write without end; batches are not told faster than this.
const PACE: Duration = Duration::from_millis(40);
/// Before a log that was lost is asked for again: that it can be had again is nothing that could be watched.
const PAUSE: Duration = Duration::from_secs(1);
/// More lines of the past than this are not given.
const LONGEST_TAIL: u32 = 10_000;

/// Which log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedLog {
    /// Namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container; the one that the pod names, or its first, when absent.
    pub container: Option<String>,
    /// The log of the container's run before the present one.
    pub previous: bool,
    /// So many lines of the past.
    pub tail: u32,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LogLine {
    /// When it was written, as RFC 3339.
    pub at: Option<String>,
    /// The line, without its end.
    pub text: String,
}

/// Tells a log in batches of lines until nobody listens, that of each run of the container after the other, and goes on
/// when the pod is made anew. A lost connection is made again; no line is told twice. Of the previous run only what is
/// there is told.
///
/// # Errors
/// When there is no such pod, container or log.
pub async fn follow(
    connections: &Connections,
    host: &Host,
    preview: &str,
    wanted: WantedLog,
    items: mpsc::Sender<Vec<LogLine>>,
) -> Result<(), Error> {
    let connection = connections.get(host, preview).await?;
    let task = &connection.task;
    let pods = task.watch_json("v1", "Pod", Some(&wanted.namespace), Selector::name(&wanted.pod));
    let mut pods = pods.await?.boxed();
    let work = async {
        let place = find(&mut pods, &wanted).await?;
        let is_previous = wanted.previous;
        let mut follower = Follower::new(task, wanted, place, pods, items.clone());
        if is_previous {
            follower.previous().await
        } else {
            follower.follow().await
        }
    };
    tokio::select! {
        done = work => done,
        () = items.closed() => Ok(()),
    }
}

/// Where the log is when the pod is seen first.
async fn find(pods: &mut Pods, wanted: &WantedLog) -> Result<Place, Error> {
    let gone = || {
        Error::new(
            Code::NotFound,
            format!("there is no pod {}/{}", wanted.namespace, wanted.pod),
        )
    };
    let mut place = Place::Absent;
    while let Some(change) = pods.next().await {
        match change {
            Ok(Watched::Applied(pod)) => {
                place::check(&pod, wanted)?;
                place = Place::of(&pod, wanted.container.as_deref());
            }
            Ok(Watched::Deleted(_)) => place = Place::Absent,
            Ok(Watched::Synced) if place == Place::Absent => return Err(gone()),
            Ok(Watched::Synced) => return Ok(place),
            Err(error) if error.is_passing() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(gone())
}

type Pods = BoxStream<'static, Result<Watched<Value>, ApiError>>;

/// Reads one run of a container after the other.
struct Follower<'a> {
    task: &'a Cluster,
    wanted: WantedLog,
    place: Place,
    pods: Pods,
    items: mpsc::Sender<Vec<LogLine>>,
    lines: Lines,
    /// When the next batch may be told.
    due: Instant,
    /// The run whose lines were told last.
    run: Option<String>,
    /// Whether all of that run was told.
    is_read_out: bool,
}

impl<'a> Follower<'a> {
    fn new(
        task: &'a Cluster,
        wanted: WantedLog,
        place: Place,
        pods: Pods,
        items: mpsc::Sender<Vec<LogLine>>,
    ) -> Self {
        Self {
            task,
            wanted,
            place,
            pods,
            items,
            lines: Lines::default(),
            due: Instant::now(),
            run: None,
            is_read_out: false,
        }
    }

    async fn previous(&mut self) -> Result<(), Error> {
        let container = self.place.container().unwrap_or_default().to_owned();
        let request = self.request(&container);
        let chunks = self
            .task
            .pod_log_chunks(&request)
            .await
            .map_err(|error| no_previous(error, &container))?;
        Ok(self.read(chunks, true).await?)
    }

    async fn follow(&mut self) -> Result<(), Error> {
        loop {
            let (container, run, was_running) = self.next_run().await?;
            if self.run.as_ref() != Some(&run) {
                // Another run, maybe on a node with another clock.
                self.lines = Lines::default();
                self.is_read_out = false;
            }
            let is_first = self.run.is_none();
            let request = self.request(&container);
            let read = match self.task.pod_log_chunks(&request).await {
                Ok(chunks) => self.read(chunks, !was_running).await,
                Err(error) if is_first && !error.is_passing() => return Err(error.into()),
                Err(error) => Err(error),
            };
            self.run = Some(run);
            match read {
                // A log that ends while its container runs may have been cut off.
                Ok(()) => self.is_read_out = !was_running,
                Err(error) if is_final(&error) => return Err(error.into()),
                Err(_) => {}
            }
            if !self.is_read_out {
                self.pause().await?;
            }
        }
    }

    fn request(&self, container: &str) -> LogRequest {
        let since = self.lines.last();
        let tail = self.wanted.tail.min(LONGEST_TAIL);
        LogRequest {
            namespace: self.wanted.namespace.clone(),
            pod: self.wanted.pod.clone(),
            container: Some(container.to_owned()),
            previous: self.wanted.previous,
            // What was missed in a gap is told, however much it is; of a later run as much as anybody may ask for.
            tail_lines: match (since, &self.run) {
                (Some(_), _) => None,
                (None, None) => Some(tail.into()),
                (None, Some(_)) => Some(LONGEST_TAIL.into()),
            },
            since,
        }
    }

    /// Waits for a run whose log was not told to its end: its container, its id, and whether it is still running.
    async fn next_run(&mut self) -> Result<(String, String, bool), Error> {
        loop {
            if let Place::Run {
                container,
                id,
                is_running,
            } = &self.place
                && !(self.is_read_out && self.run.as_ref() == Some(id))
            {
                return Ok((container.clone(), id.clone(), *is_running));
            }
            let change = self.pods.next().await;
            self.see(change)?;
        }
    }

    /// Lets some time pass, with an eye on the pod.
    async fn pause(&mut self) -> Result<(), Error> {
        let mut pause = pin!(sleep(PAUSE));
        loop {
            tokio::select! {
                () = &mut pause => return Ok(()),
                change = self.pods.next() => self.see(change)?,
            }
        }
    }

    fn see(&mut self, change: Option<Result<Watched<Value>, ApiError>>) -> Result<(), ApiError> {
        match change {
            Some(Ok(Watched::Applied(pod))) => self.place = Place::of(&pod, self.wanted.container.as_deref()),
            Some(Ok(Watched::Deleted(_))) => self.place = Place::Absent,
            Some(Err(error)) if is_final(&error) => return Err(error),
            // The watch begins again by itself, and has no end.
            Some(Ok(Watched::Synced) | Err(_)) | None => {}
        }
        Ok(())
    }

    /// Tells what comes until there is no more. Of a run that `has_ended` the last line may be without an end.
    async fn read(
        &mut self,
        chunks: impl Stream<Item = Result<Vec<u8>, ApiError>>,
        has_ended: bool,
    ) -> Result<(), ApiError> {
        let mut chunks = pin!(chunks);
        loop {
            tokio::select! {
                () = sleep_until(self.due), if self.lines.has_some() => self.tell().await,
                change = self.pods.next() => self.see(change)?,
                chunk = chunks.next(), if !self.lines.is_full() => match chunk {
                    Some(Ok(chunk)) => self.lines.push(&chunk),
                    end => {
                        self.lines.end(has_ended && end.is_none());
                        self.tell_rest().await;
                        return end.map_or(Ok(()), |end| end.map(drop));
                    }
                },
            }
        }
    }

    async fn tell_rest(&mut self) {
        while self.lines.has_some() {
            sleep_until(self.due).await;
            self.tell().await;
        }
    }

    async fn tell(&mut self) {
        // That nobody listens any more is seen by whoever holds the follower.
        let _ = self.items.send(self.lines.batch()).await;
        self.due = Instant::now() + PACE;
    }
}

/// Whether it makes no sense to try again: not what happens while a pod is made anew, or its node is busy.
fn is_final(error: &ApiError) -> bool {
    !error.is_passing()
        && error
            .refusal()
            .is_none_or(|refusal| matches!(refusal.code, 401 | 403))
}

fn no_previous(error: ApiError, container: &str) -> Error {
    let is_missing = error
        .refusal()
        .is_some_and(|refusal| matches!(refusal.code, 400 | 404));
    if !is_missing {
        return error.into();
    }
    Error::new(
        Code::NotFound,
        format!("container {container} has no previous run whose log is kept"),
    )
    .hint("it was not restarted yet; show the present log instead")
}
