//! A stand-in for an API server with its exec and port-forward, for faults that a real one cannot be asked for.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "support of tests, each of which uses a part of it"
)]

use std::future::Future;
use std::net::SocketAddr;

use cluster::Cluster;
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// Serves `/version` and hands every WebSocket to a handler.
pub(crate) struct Fake {
    address: SocketAddr,
    acceptor: AbortHandle,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

impl Fake {
    pub(crate) async fn serve<F: Future<Output = ()> + Send + 'static>(
        protocol: &'static str,
        handler: impl Fn(Socket) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(answer(stream, protocol, handler.clone()));
            }
        };
        Self {
            address,
            acceptor: tokio::spawn(accepting).abort_handle(),
        }
    }

    pub(crate) async fn connect(&self) -> Cluster {
        let kubeconfig = format!(
            "{{current-context: c, contexts: [{{name: c, context: {{cluster: c, user: u}}}}], \
             users: [{{name: u, user: {{}}}}], clusters: [{{name: c, cluster: {{server: 'http://{}'}}}}]}}",
            self.address
        );
        Cluster::from_kubeconfig_yaml(&kubeconfig).await.unwrap()
    }
}

async fn answer<F: Future<Output = ()>>(
    mut stream: TcpStream,
    protocol: &'static str,
    handler: impl Fn(Socket) -> F,
) {
    stream.set_nodelay(true).unwrap();
    let mut head = [0; 12];
    stream.peek(&mut head).await.unwrap();
    if head.starts_with(b"GET /version") {
        let body = r#"{"major":"1","minor":"36","gitVersion":"v1.36.0","gitCommit":"","gitTreeState":"","buildDate":"","goVersion":"","compiler":"","platform":"p"}"#;
        let reply = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        stream.write_all(reply.as_bytes()).await.unwrap();
        return;
    }
    #[expect(clippy::result_large_err, reason = "the callback's type")]
    let choose = |_: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
        response
            .headers_mut()
            .insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
        Ok(response)
    };
    let socket = tokio_tungstenite::accept_hdr_async(stream, choose).await.unwrap();
    handler(socket).await;
}

/// A port-forward that leads to a TCP address.
pub(crate) async fn forward_to(socket: Socket, address: String, port: u16) {
    let mut far = TcpStream::connect(address).await.unwrap();
    far.set_nodelay(true).unwrap();
    let (mut from_far, mut to_far) = far.split();
    let (mut sink, mut stream) = socket.split();
    for channel in [0, 1] {
        let [low, high] = port.to_le_bytes();
        sink.send(Message::binary(vec![channel, low, high]))
            .await
            .unwrap();
    }
    let outward = async {
        while let Some(Ok(message)) = stream.next().await {
            if let Message::Binary(data) = message {
                to_far.write_all(&data[1..]).await.unwrap();
            }
        }
    };
    let inward = async {
        let mut data = vec![0; 32 * 1024];
        loop {
            let count = from_far.read(&mut data[1..]).await.unwrap_or(0);
            if count == 0 || sink.send(Message::binary(data[..=count].to_vec())).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = outward => {}
        () = inward => {}
    }
}
