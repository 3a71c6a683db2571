//! What a receiver takes, and how long it waits. docs/platform-api.yaml states the same figures.

use std::time::Duration;

/// The limits of a receiver.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest bundle, in bytes.
    pub bundle: u64,
    /// The largest chunk, in bytes.
    pub chunk: u64,
    /// The largest JSON body, in bytes.
    pub body: usize,
    /// Uploads that one token may have begun and not published.
    pub open_uploads: u32,
    /// Connections served at a time.
    pub connections: usize,
    /// For the headers of a request.
    pub headers: Duration,
    /// For the next bytes of a body.
    pub silence: Duration,
    /// For a chunk as a whole.
    pub chunk_time: Duration,
    /// For the next chunk of an upload; then it is forgotten.
    pub expiry: Duration,
    /// For what is being answered when the receiver is asked to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bundle: 1 << 30,
            chunk: 16 << 20,
            body: 16 << 10,
            open_uploads: 16,
            connections: 256,
            headers: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            chunk_time: Duration::from_mins(10),
            expiry: Duration::from_hours(24),
            grace: Duration::from_secs(20),
        }
    }
}
