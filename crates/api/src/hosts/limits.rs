//! How long each question to a host may take, in one place; the credential plugin has the limit of `cluster::timeouts`.

use std::time::Duration;

/// Limits of the steps that look at a host.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Finding an address by name.
    pub(super) name: Duration,
    /// Opening a connection, through the proxy if there is one.
    pub(super) tcp: Duration,
    /// The same with the TLS handshake.
    pub(super) tls: Duration,
    /// The first answer of the API server, connection included.
    pub(super) api: Duration,
    /// One call to an API server that has answered.
    pub(super) call: Duration,
    /// All access reviews, and all facts of a host.
    pub(super) review: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            name: seconds(5),
            tcp: seconds(10),
            tls: seconds(10),
            api: seconds(20),
            call: seconds(10),
            review: seconds(15),
        }
    }
}
