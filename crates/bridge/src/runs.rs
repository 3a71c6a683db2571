//! Work that goes on when nobody looks: all that it told can be read from its start, also by a window that was reloaded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::{Code, Error};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// How many that are over are kept.
const KEPT: usize = 16;

/// The runs of one kind that this app has started, each under a key; oldest first.
pub(crate) struct Runs<K, E, R>(Mutex<Vec<Started<K, E, R>>>);

type Started<K, E, R> = (K, Arc<Run<E, R>>);

/// One run with what it has told so far.
pub(crate) struct Run<E, R> {
    told: Arc<Told<E, R>>,
    /// Closed when there will be no more.
    length: watch::Receiver<usize>,
    cancel: CancellationToken,
    _driver: AbortOnDropHandle<()>,
}

struct Told<E, R>(Mutex<Log<E, R>>);

struct Log<E, R> {
    events: Vec<E>,
    result: Option<Result<R, Error>>,
}

/// Where a run says what it does.
pub(crate) struct Teller<E, R> {
    told: Arc<Told<E, R>>,
    length: watch::Sender<usize>,
}

impl<K, E, R> Default for Runs<K, E, R> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone, E, R> Runs<K, E, R> {
    /// Keeps a run, and lets go of the oldest that is over when there are many.
    pub(crate) fn add(&self, key: K, run: Run<E, R>) -> Arc<Run<E, R>> {
        Self::keep(&mut lock(&self.0), key, run)
    }

    /// Starts a run and keeps it, unless one whose key clashes is under way.
    pub(crate) fn start_unless(
        &self,
        clashes: impl Fn(&K) -> bool,
        key: K,
        start: impl FnOnce() -> Run<E, R>,
    ) -> Option<Arc<Run<E, R>>> {
        let mut started = lock(&self.0);
        let is_taken = started.iter().any(|(key, run)| !run.is_over() && clashes(key));
        (!is_taken).then(|| Self::keep(&mut started, key, start()))
    }

    fn keep(started: &mut Vec<Started<K, E, R>>, key: K, run: Run<E, R>) -> Arc<Run<E, R>> {
        let run = Arc::new(run);
        started.push((key, run.clone()));
        let over = started.iter().filter(|(_, run)| run.is_over()).count();
        if over > KEPT
            && let Some(oldest) = started.iter().position(|(_, run)| run.is_over())
        {
            started.remove(oldest);
        }
        run
    }

    /// The newest run whose key is wanted.
    pub(crate) fn find(&self, is_wanted: impl Fn(&K) -> bool) -> Option<Arc<Run<E, R>>> {
        let started = lock(&self.0);
        let found = started.iter().rev().find(|(key, _)| is_wanted(key));
        found.map(|(_, run)| run.clone())
    }

    /// The keys of those that are not over.
    pub(crate) fn under_way(&self) -> Vec<K> {
        let started = lock(&self.0);
        let going = started.iter().filter(|(_, run)| !run.is_over());
        going.map(|(key, _)| key.clone()).collect()
    }
}

impl<E: Clone + Send + 'static, R: Clone + Send + 'static> Run<E, R> {
    /// Starts work, which goes on until it is over, whoever follows it, or until the app ends.
    pub(crate) fn start<W>(work: impl FnOnce(Arc<Teller<E, R>>, CancellationToken) -> W) -> Self
    where
        W: Future<Output = Result<R, Error>> + Send + 'static,
    {
        let (length, heard) = watch::channel(0);
        let told = Arc::new(Told(Mutex::new(Log {
            events: Vec::new(),
            result: None,
        })));
        let teller = Arc::new(Teller {
            told: told.clone(),
            length,
        });
        let cancel = CancellationToken::new();
        let work = work(teller.clone(), cancel.clone());
        let driver = tokio::spawn(async move {
            let result = work.await;
            teller.change(|log| log.result = Some(result));
        });
        Self {
            told,
            length: heard,
            cancel,
            _driver: AbortOnDropHandle::new(driver),
        }
    }

    /// Sends all that was told and what comes to it, until the run is over. `cancel` stops the run itself.
    pub(crate) async fn follow(
        &self,
        items: &mpsc::Sender<E>,
        cancel: &CancellationToken,
    ) -> Result<R, Error> {
        let mut length = self.length.clone();
        let mut sent = 0;
        loop {
            let (fresh, result) = {
                let log = lock(&self.told.0);
                let fresh = log.events.get(sent..).unwrap_or_default().to_vec();
                (fresh, log.result.clone())
            };
            for event in fresh {
                sent += 1;
                if items.send(event).await.is_err() {
                    return Err(Error::new(Code::Cancelled, "nobody follows this any more"));
                }
            }
            if let Some(result) = result {
                return result;
            }
            tokio::select! {
                grown = length.wait_for(|length| *length > sent) => {
                    grown.map_err(|_| Error::new(Code::Boot, "it ended without saying how"))?;
                }
                () = cancel.cancelled(), if !self.cancel.is_cancelled() => self.cancel.cancel(),
            }
        }
    }
}

impl<E, R> Run<E, R> {
    fn is_over(&self) -> bool {
        lock(&self.told.0).result.is_some()
    }
}

impl<E, R> Teller<E, R> {
    /// Says what the run does.
    pub(crate) fn tell(&self, event: E) {
        self.change(|log| log.events.push(event));
    }

    fn change(&self, change: impl FnOnce(&mut Log<E, R>)) {
        let mut log = lock(&self.told.0);
        change(&mut log);
        let length = log.events.len() + usize::from(log.result.is_some());
        self.length.send_replace(length);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds one of these locks can panic half-way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;

    use super::*;

    async fn followed(run: &Run<u32, char>) -> (Vec<u32>, Result<char, Error>) {
        let (items, mut heard) = mpsc::channel(8);
        let result = run.follow(&items, &CancellationToken::new()).await;
        drop(items);
        let mut events = Vec::new();
        while let Some(event) = heard.recv().await {
            events.push(event);
        }
        (events, result)
    }

    #[tokio::test]
    async fn a_run_goes_on_without_a_follower_and_is_told_whole_to_the_next() {
        let go_on = Arc::new(Notify::new());
        let until = go_on.clone();
        let run = Run::start(|teller, _| async move {
            teller.tell(1);
            until.notified().await;
            teller.tell(2);
            Ok('x')
        });
        let (items, mut heard) = mpsc::channel(8);
        let unwatched = CancellationToken::new();
        tokio::select! {
            _ = run.follow(&items, &unwatched) => panic!("it cannot be over"),
            first = heard.recv() => assert_eq!(first, Some(1)),
        }
        go_on.notify_one();
        assert_eq!(followed(&run).await, (vec![1, 2], Ok('x')));
        assert_eq!(followed(&run).await, (vec![1, 2], Ok('x')));
    }

    #[tokio::test]
    async fn whoever_follows_can_stop_the_run() {
        let run: Run<u32, char> = Run::start(|_, cancel| async move {
            cancel.cancelled().await;
            Err(Error::new(Code::Cancelled, "stopped"))
        });
        let (items, _heard) = mpsc::channel(8);
        let cancel = CancellationToken::new();
        cancel.cancel();
        let result = run.follow(&items, &cancel).await;
        assert_eq!(result.map_err(|error| error.code), Err(Code::Cancelled));
    }

    #[tokio::test]
    async fn only_runs_that_are_not_over_are_under_way() {
        let runs: Runs<&str, u32, char> = Runs::default();
        let over = runs.add("over", Run::start(|_, _| async { Ok('x') }));
        followed(&over).await.1.expect("it ended well");
        runs.add("going", Run::start(|_, _| std::future::pending()));
        assert_eq!(runs.under_way(), ["going"]);
        assert!(runs.find(|key| *key == "over").is_some());
        assert!(runs.find(|key| *key == "another").is_none());
    }

    #[tokio::test]
    async fn what_is_under_way_is_not_started_twice_and_what_is_over_is() {
        let runs: Runs<&str, u32, char> = Runs::default();
        let start = || runs.start_unless(|key| *key == "a", "a", || Run::start(|_, _| async { Ok('x') }));
        let first = start().expect("nothing is under way");
        assert!(start().is_none(), "the first has not had a moment to run");
        followed(&first).await.1.expect("it ended well");
        assert!(start().is_some());
    }
}
