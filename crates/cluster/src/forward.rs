//! Byte streams to a port of a pod, and the bottom layer of an HTTP client that opens them as needed.
//!
//! Reading and writing are separate tasks, so that a paused reader never keeps what we write from the pod.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures::future::BoxFuture;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::core::Request;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::PollSender;
use tokio_util::task::AbortOnDropHandle;
use tower::Service;

use crate::client::Cluster;
use crate::error::ApiError;
use crate::link::ForwardProblem;
use crate::socket::{self, Socket};
use crate::timeouts;
use crate::wait::{Readiness, pod_ready, pod_running};

/// Messages on their way in each direction; each is at most what the kubelet sends at once.
const QUEUE: usize = 16;
/// The most that one write puts into a message.
const LARGEST_WRITE: usize = 64 * 1024;

/// The pod behind a forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForwardPod {
    /// Exactly this one.
    Named(String),
    /// The newest ready one with these labels, or else the newest running one, chosen anew for every forward.
    Labelled(String),
}

/// A port of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardTarget {
    /// The pod's namespace.
    pub namespace: String,
    /// Which pod.
    pub pod: ForwardPod,
    /// The port inside the pod.
    pub port: u16,
}

impl fmt::Display for ForwardTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, pod, port } = self;
        match pod {
            ForwardPod::Named(name) => write!(f, "pod {namespace}/{name} port {port}"),
            ForwardPod::Labelled(labels) => write!(f, "pod {namespace}/[{labels}] port {port}"),
        }
    }
}

/// A byte stream to a port of a pod; dropping it closes it.
pub struct ForwardStream {
    incoming: mpsc::Receiver<io::Result<Bytes>>,
    unread: Bytes,
    outgoing: PollSender<Bytes>,
    _reader: AbortOnDropHandle<()>,
    _writer: AbortOnDropHandle<()>,
}

impl Cluster {
    /// Opens a byte stream to a port of a pod.
    pub async fn forward(&self, target: &ForwardTarget) -> Result<ForwardStream, ApiError> {
        let pod = self.forward_pod(target).await?;
        let action = format!("forward to {target}");
        let path = format!("/api/v1/namespaces/{}/pods", target.namespace);
        let request = Request::new(path).portforward(&pod, &[target.port]);
        let request = request.map_err(|error| ApiError::unusable(&action, error))?;
        let socket = socket::open(self, &action, request).await?;
        Ok(ForwardStream::over(socket))
    }

    async fn forward_pod(&self, target: &ForwardTarget) -> Result<String, ApiError> {
        let labels = match &target.pod {
            ForwardPod::Named(name) => return Ok(name.clone()),
            ForwardPod::Labelled(labels) => labels,
        };
        let pods: Vec<Pod> = self.list(Some(&target.namespace), Some(labels)).await?;
        best(pods).ok_or_else(|| ApiError::unusable(format!("forward to {target}"), "no such pod is running"))
    }
}

/// A port can be forwarded to as soon as something listens, which is before the kubelet calls the pod ready.
fn best(pods: Vec<Pod>) -> Option<String> {
    let running = pods
        .into_iter()
        .filter(|pod| pod_running(pod) && pod.metadata.deletion_timestamp.is_none());
    let rank = |pod: &Pod| {
        let created = pod.metadata.creation_timestamp.clone();
        (pod_ready(pod) == Readiness::Ready, created)
    };
    running.max_by_key(rank)?.metadata.name
}

impl ForwardStream {
    fn over(socket: Socket) -> Self {
        let (sink, stream) = socket.stream.split();
        let (to_us, incoming) = mpsc::channel(QUEUE);
        let (outgoing, to_pod) = mpsc::channel(QUEUE);
        Self {
            incoming,
            unread: Bytes::new(),
            outgoing: PollSender::new(outgoing),
            _reader: AbortOnDropHandle::new(tokio::spawn(read_all(stream, to_us))),
            _writer: AbortOnDropHandle::new(tokio::spawn(write_all(sink, to_pod))),
        }
    }
}

/// Each channel opens with the port as two bytes; channel 0 is data, channel 1 an error that ends the forward.
async fn read_all(mut stream: SplitStream<socket::WebSocket>, to_us: mpsc::Sender<io::Result<Bytes>>) {
    let mut opened = [false; 2];
    loop {
        let mut message = match socket::next_binary(&mut stream).await {
            Ok(Some(message)) => message,
            Ok(None) => return,
            Err(problem) => {
                let _ = to_us
                    .send(Err(io::Error::new(io::ErrorKind::ConnectionReset, problem)))
                    .await;
                return;
            }
        };
        if message.is_empty() {
            continue;
        }
        let channel = usize::from(message.get_u8());
        let Some(opened) = opened.get_mut(channel) else {
            return;
        };
        if !std::mem::replace(opened, true) || message.is_empty() {
            continue;
        }
        let item = if channel == 0 {
            Ok(message)
        } else {
            Err(forward_error(&message))
        };
        let ends = item.is_err();
        if to_us.send(item).await.is_err() || ends {
            return;
        }
    }
}

fn forward_error(message: &[u8]) -> io::Error {
    io::Error::other(ForwardProblem(String::from_utf8_lossy(message).trim().to_owned()))
}

async fn write_all(mut sink: SplitSink<socket::WebSocket, Message>, mut to_pod: mpsc::Receiver<Bytes>) {
    let mut ping = socket::pings();
    loop {
        let message = tokio::select! {
            data = to_pod.recv() => match data {
                Some(data) => Message::Binary(data),
                None => break,
            },
            _ = ping.tick() => Message::Ping(Bytes::new()),
        };
        if sink.send(message).await.is_err() {
            return;
        }
    }
    let _ = sink.close().await;
}

impl AsyncRead for ForwardStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unread.is_empty() {
            match ready!(self.incoming.poll_recv(cx)) {
                Some(item) => self.unread = item?,
                None => return Poll::Ready(Ok(())),
            }
        }
        let count = self.unread.len().min(into.remaining());
        into.put_slice(&self.unread.split_to(count));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ForwardStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.outgoing.poll_reserve(cx)).map_err(|_| io::ErrorKind::BrokenPipe)?;
        let count = data.len().min(LARGEST_WRITE);
        let mut message = Vec::with_capacity(count + 1);
        message.push(0);
        message.extend_from_slice(&data[..count]);
        self.outgoing
            .send_item(message.into())
            .map_err(|_| io::ErrorKind::BrokenPipe)?;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.close();
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for ForwardStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForwardStream").finish_non_exhaustive()
    }
}

/// The bottom layer of an HTTP client: every connection is a forward of its own.
#[derive(Clone)]
pub(crate) struct ForwardDial {
    host: Cluster,
    target: ForwardTarget,
}

impl ForwardDial {
    pub(crate) fn new(host: Cluster, target: ForwardTarget) -> Self {
        Self { host, target }
    }
}

impl Service<Uri> for ForwardDial {
    type Response = TokioIo<HttpForward>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let (host, target) = (self.host.clone(), self.target.clone());
        Box::pin(async move {
            let opened = tokio::time::timeout(timeouts::CONNECT, host.forward(&target)).await;
            let opened = opened.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
            let stream = opened.map_err(|error| io::Error::other(ForwardProblem(error.to_string())))?;
            Ok(TokioIo::new(HttpForward(stream)))
        })
    }
}

/// A forward as an HTTP client wants it.
pub(crate) struct HttpForward(ForwardStream);

impl Connection for HttpForward {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for HttpForward {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl AsyncWrite for HttpForward {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
