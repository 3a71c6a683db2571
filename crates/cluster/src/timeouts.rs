//! Every deadline of this crate, in one visible place; waits for a state of the cluster have none, they are the caller's.

use std::time::Duration;

/// To reach an API server: name, TCP and TLS together.
pub const CONNECT: Duration = Duration::from_secs(10);

/// For an API server to answer the first request after the connection stands.
pub const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// For a credential plugin of a kubeconfig to print its credential.
pub const CREDENTIAL_PLUGIN: Duration = Duration::from_secs(20);

/// For the person's login shell to say its `PATH`.
pub const LOGIN_SHELL: Duration = Duration::from_secs(3);

/// For an exec or port-forward request to be upgraded: the kubelet may have to start the process first.
pub const UPGRADE: Duration = Duration::from_secs(30);

/// Between two pings on a WebSocket or an HTTP/2 connection.
pub const PING: Duration = Duration::from_secs(15);

/// Silence after which an HTTP/2 peer that owes a ping answer is dead.
pub const PING_ANSWER: Duration = Duration::from_secs(10);

/// Silence after which a WebSocket peer is dead: two pings went unanswered.
pub const DEAD_PEER: Duration = Duration::from_secs(40);

/// First and longest pause between two attempts of anything that is repeated.
pub const RETRY_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));

/// For `helm template` to render one chart.
pub const HELM_RENDER: Duration = Duration::from_mins(2);

/// For helm to fetch one chart.
pub const CHART_PULL: Duration = Duration::from_mins(1);

/// For `kubectl kustomize` to build one kustomization.
pub const KUSTOMIZE: Duration = Duration::from_mins(1);

/// Pauses that double from the first to the longest of [`RETRY_PAUSE`].
#[derive(Debug, Clone)]
pub(crate) struct Pauses(Duration);

impl Pauses {
    pub(crate) fn new() -> Self {
        Self(RETRY_PAUSE.0)
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.0;
        self.0 = (pause * 2).min(RETRY_PAUSE.1);
        Some(pause)
    }
}

impl kube::runtime::utils::Backoff for Pauses {
    fn reset(&mut self) {
        self.0 = RETRY_PAUSE.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<u128> = Pauses::new().take(7).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3000, 3000]);
    }
}
