//! The streams under way, by the name that the window gave them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// All that are under way.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    running: Mutex<BTreeMap<String, CancellationToken>>,
}

/// One that is under way; over when dropped.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    jobs: &'a Jobs,
    name: String,
    token: CancellationToken,
}

impl Jobs {
    pub(crate) fn begin(&self, name: &str) -> Job<'_> {
        let token = CancellationToken::new();
        self.lock().insert(name.to_owned(), token.clone());
        Job {
            jobs: self,
            name: name.to_owned(),
            token,
        }
    }

    pub(crate) fn cancel(&self, name: &str) {
        if let Some(token) = self.lock().get(name) {
            token.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, CancellationToken>> {
        // Nothing that holds the lock can panic half-way.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job<'_> {
    pub(crate) fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        self.jobs.lock().remove(&self.name);
    }
}
