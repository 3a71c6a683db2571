//! The WebSocket below exec and port-forward: opened with a deadline, pinged, and known dead when it stays silent.

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::SplitStream;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::client::Cluster;
use crate::error::ApiError;
use crate::link::LinkProblem;
use crate::timeouts;

/// What the upgraded connection carries.
pub(crate) type WebSocket = WebSocketStream<TokioIo<Upgraded>>;

/// One read takes this much from the connection, so that floods need few wake-ups.
const READ_BUFFER: usize = 256 * 1024;

/// An opened WebSocket.
pub(crate) struct Socket {
    pub(crate) stream: WebSocket,
    /// Whether one direction can be closed alone (protocol v5).
    pub(crate) half_close: bool,
}

pub(crate) async fn open(
    cluster: &Cluster,
    action: &str,
    request: http::Request<Vec<u8>>,
) -> Result<Socket, ApiError> {
    let opened = tokio::time::timeout(timeouts::UPGRADE, cluster.upgrades().connect(request)).await;
    let late = || ApiError::Unreachable {
        action: action.into(),
        server: cluster.server_url().into(),
        problem: LinkProblem::TimedOut,
    };
    let connection = opened
        .map_err(|_| late())?
        .map_err(|error| cluster.failed(action, error))?;
    let half_close = connection.supports_stream_close();
    // Nothing was read yet, so the stream can be wrapped again with a larger buffer.
    let raw = connection.into_stream().into_inner();
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    let stream = WebSocketStream::from_raw_socket(raw, Role::Client, Some(config)).await;
    Ok(Socket { stream, half_close })
}

/// A tick whenever it is time for a ping; the first comes after a whole period.
pub(crate) fn pings() -> Interval {
    let mut ping = tokio::time::interval_at(Instant::now() + timeouts::PING, timeouts::PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping
}

/// The next binary message; `None` when the peer closed, an error when it is dead or the connection was cut.
///
/// The deadline runs only while we wait: a reader that pauses makes nobody dead.
pub(crate) async fn next_binary(stream: &mut SplitStream<WebSocket>) -> Result<Option<Bytes>, String> {
    loop {
        let Ok(next) = tokio::time::timeout(timeouts::DEAD_PEER, stream.next()).await else {
            return Err(format!("no sign of life for {} s", timeouts::DEAD_PEER.as_secs()));
        };
        match next {
            Some(Ok(Message::Binary(data))) => return Ok(Some(data)),
            Some(Ok(Message::Close(_))) | None => return Ok(None),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(LinkProblem::of(&error).to_string()),
        }
    }
}
