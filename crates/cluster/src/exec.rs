//! Commands in a container over a WebSocket: input, resizing and pings never wait behind a reader that pauses.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::api::AttachParams;
use kube::core::Request;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::task::AbortOnDropHandle;

use crate::client::Cluster;
use crate::error::ApiError;
use crate::socket::{self, Socket, WebSocket};

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
/// Closes the channel named by the next byte (protocol v5).
const CLOSE: u8 = 255;

/// Chunks that wait for a slow reader before the server is made to wait.
const OUTPUT_QUEUE: usize = 16;
/// Messages that wait for a slow server before the writer is made to wait.
const INPUT_QUEUE: usize = 64;
/// The most that one write puts into a message.
const LARGEST_WRITE: usize = 64 * 1024;
/// What `run` keeps of each stream.
pub const LARGEST_OUTPUT: usize = 8 * 1024 * 1024;

/// The size of a terminal in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Cells in a row.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

impl TerminalSize {
    fn message(self) -> Bytes {
        let mut message = vec![RESIZE];
        message.extend(format!(r#"{{"Width":{},"Height":{}}}"#, self.columns, self.rows).into_bytes());
        message.into()
    }
}

/// A command to run in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecRequest {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Whether it gets a terminal; its output is then one stream.
    pub tty: bool,
    /// Whether it gets our input.
    pub stdin: bool,
    /// The terminal's size at the start.
    pub size: Option<TerminalSize>,
}

/// A command that could not be run, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// It was not started.
    #[error(transparent)]
    Start(#[from] ApiError),
    /// It was started, and then the connection was lost.
    #[error("lost the connection to `{command}` in pod {pod}: {reason}; what it does now is unknown")]
    Lost {
        /// The program.
        command: String,
        /// The pod.
        pod: String,
        /// Why.
        reason: String,
    },
    /// The session takes no more input.
    #[error("the session is closed and takes no more input")]
    Closed,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExitStatus {
    /// It ended by itself.
    Exit {
        /// Its exit code.
        code: i32,
    },
    /// It could not be run, for example because there is no such program in the container.
    Failed {
        /// The reason, in the words of the container runtime.
        message: String,
    },
    /// The connection ended first; the command may still be running.
    Lost {
        /// Why.
        reason: String,
    },
}

impl ExitStatus {
    /// Whether it ended with code 0.
    pub fn success(&self) -> bool {
        matches!(self, Self::Exit { code: 0 })
    }

    fn lost(reason: impl Into<String>) -> Self {
        Self::Lost {
            reason: reason.into(),
        }
    }

    fn of(status: &[u8]) -> Self {
        match serde_json::from_slice::<Status>(status) {
            Ok(status) => Self::of_status(&status),
            Err(_) => Self::lost("the server's closing status is not understood"),
        }
    }

    fn of_status(status: &Status) -> Self {
        if status.status.as_deref() == Some("Success") {
            return Self::Exit { code: 0 };
        }
        let causes = status
            .details
            .iter()
            .flat_map(|details| details.causes.iter().flatten());
        let mut exit_codes = causes.filter(|cause| cause.reason.as_deref() == Some("ExitCode"));
        let code = exit_codes.find_map(|cause| cause.message.as_deref()?.parse().ok());
        match code {
            Some(code) => Self::Exit { code },
            None => Self::Failed {
                message: status
                    .message
                    .clone()
                    .unwrap_or_else(|| "no reason was given".into()),
            },
        }
    }
}

/// A piece of a command's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// From its standard output, or its terminal.
    Stdout(Bytes),
    /// From its standard error; never with a terminal.
    Stderr(Bytes),
}

/// A command that runs.
///
/// Dropping its output cuts the connection, which does **not** end the command in the container: who starts a shell
/// has to end it.
#[derive(Debug)]
pub struct ExecSession {
    input: ExecInput,
    output: ExecOutput,
    status: ExecStatus,
}

impl ExecSession {
    /// The three sides of the session, for separate owners.
    pub fn split(self) -> (ExecInput, ExecOutput, ExecStatus) {
        (self.input, self.output, self.status)
    }
}

/// What we send to a command; clones write to the same one. Dropping all of them closes its input.
#[derive(Debug, Clone)]
pub struct ExecInput {
    messages: mpsc::Sender<Outgoing>,
}

impl ExecInput {
    /// Sends input; waits while the server takes none.
    pub async fn write(&self, data: &[u8]) -> Result<(), ExecError> {
        for piece in data.chunks(LARGEST_WRITE) {
            let mut message = Vec::with_capacity(piece.len() + 1);
            message.push(STDIN);
            message.extend_from_slice(piece);
            self.send(Outgoing::Message(message.into())).await?;
        }
        Ok(())
    }

    /// Tells the terminal's new size.
    pub async fn resize(&self, size: TerminalSize) -> Result<(), ExecError> {
        self.send(Outgoing::Message(size.message())).await
    }

    /// Closes the command's input.
    ///
    /// Servers older than Kubernetes 1.30 can only close the whole connection, so output on its way may be lost there.
    pub async fn close(&self) -> Result<(), ExecError> {
        self.send(Outgoing::EndOfInput).await
    }

    async fn send(&self, message: Outgoing) -> Result<(), ExecError> {
        self.messages.send(message).await.map_err(|_| ExecError::Closed)
    }
}

#[derive(Debug)]
enum Outgoing {
    Message(Bytes),
    EndOfInput,
}

/// What a command prints. Not reading makes the command wait, never our input.
pub struct ExecOutput {
    chunks: mpsc::Receiver<Chunk>,
    _reader: AbortOnDropHandle<()>,
    _writer: AbortOnDropHandle<()>,
}

impl ExecOutput {
    /// The next piece; `None` when all has been read, and then the status is known.
    pub async fn next(&mut self) -> Option<Chunk> {
        self.chunks.recv().await
    }

    /// The next piece if it is here already.
    pub fn try_next(&mut self) -> Option<Chunk> {
        self.chunks.try_recv().ok()
    }
}

impl fmt::Debug for ExecOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecOutput").finish_non_exhaustive()
    }
}

/// How the command ends; a future that is done when the output was taken to its end or the connection was lost.
#[derive(Debug)]
pub struct ExecStatus {
    status: oneshot::Receiver<ExitStatus>,
}

impl Future for ExecStatus {
    type Output = ExitStatus;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ExitStatus> {
        let status = Pin::new(&mut self.status).poll(cx);
        status.map(|status| status.unwrap_or_else(|_| ExitStatus::lost("the session was closed here")))
    }
}

/// What a command without a terminal printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output, at most [`LARGEST_OUTPUT`].
    pub stdout: Vec<u8>,
    /// Its standard error, at most [`LARGEST_OUTPUT`].
    pub stderr: Vec<u8>,
    /// Whether it printed more than is kept.
    pub truncated: bool,
}

impl Cluster {
    /// Starts a command and connects to it; the terminal has its size before the command sees anything.
    pub async fn exec(&self, request: ExecRequest) -> Result<ExecSession, ExecError> {
        let action = format!(
            "run `{}` in pod {}/{}",
            program(&request.command),
            request.namespace,
            request.pod
        );
        let http = http_request(&request).map_err(|error| ApiError::unusable(&action, error))?;
        let socket = socket::open(self, &action, http).await?;
        Ok(start(socket, request.size.filter(|_| request.tty)).await)
    }

    /// Runs a command without a terminal to its end.
    pub async fn run(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        command: &[&str],
        stdin: Option<Vec<u8>>,
    ) -> Result<Output, ExecError> {
        let request = ExecRequest {
            namespace: namespace.into(),
            pod: pod.into(),
            container: container.into(),
            command: command.iter().map(|&part| part.into()).collect(),
            tty: false,
            stdin: stdin.is_some(),
            size: None,
        };
        let (input, output, status) = self.exec(request).await?.split();
        let feed = async move {
            // A command may end without reading its input, which is no error of ours.
            if let Some(data) = stdin {
                let _ = input.write(&data).await;
                let _ = input.close().await;
            }
        };
        let ((), kept) = tokio::join!(feed, collect(output));
        match status.await {
            ExitStatus::Lost { reason } => Err(ExecError::Lost {
                command: command.join(" "),
                pod: pod.into(),
                reason,
            }),
            status => Ok(Output { status, ..kept }),
        }
    }
}

fn program(command: &[String]) -> &str {
    command.first().map_or("", String::as_str)
}

fn http_request(request: &ExecRequest) -> Result<http::Request<Vec<u8>>, kube::core::request::Error> {
    let params = AttachParams::default()
        .container(&request.container)
        .stdin(request.stdin)
        .stdout(true)
        .stderr(!request.tty)
        .tty(request.tty);
    let path = format!("/api/v1/namespaces/{}/pods", request.namespace);
    Request::new(path).exec(&request.pod, request.command.iter(), &params)
}

async fn start(socket: Socket, size: Option<TerminalSize>) -> ExecSession {
    let Socket { stream, half_close } = socket;
    let (mut sink, stream) = stream.split();
    if let Some(size) = size {
        // A failure here shows in the reader at once.
        let _ = sink.send(Message::Binary(size.message())).await;
    }
    let (messages, outgoing) = mpsc::channel(INPUT_QUEUE);
    let (to_reader, chunks) = mpsc::channel(OUTPUT_QUEUE);
    let (tell, status) = oneshot::channel();
    let reader = tokio::spawn(async move {
        // The receiver may be gone, when nobody asks how it ended.
        let _ = tell.send(read_to_end(stream, to_reader).await);
    });
    let writer = tokio::spawn(write_to_end(sink, outgoing, half_close));
    ExecSession {
        input: ExecInput { messages },
        output: ExecOutput {
            chunks,
            _reader: AbortOnDropHandle::new(reader),
            _writer: AbortOnDropHandle::new(writer),
        },
        status: ExecStatus { status },
    }
}

async fn read_to_end(mut stream: SplitStream<WebSocket>, to_reader: mpsc::Sender<Chunk>) -> ExitStatus {
    loop {
        let mut message = match socket::next_binary(&mut stream).await {
            Ok(Some(message)) if message.is_empty() => continue,
            Ok(Some(message)) => message,
            Ok(None) => return ExitStatus::lost("the server closed the connection"),
            Err(reason) => return ExitStatus::lost(format!("the server {reason}")),
        };
        let chunk = match message.get_u8() {
            STATUS => return ExitStatus::of(&message),
            _ if message.is_empty() => continue,
            STDOUT => Chunk::Stdout(message),
            STDERR => Chunk::Stderr(message),
            _ => continue,
        };
        if to_reader.send(chunk).await.is_err() {
            return ExitStatus::lost("its output was closed here");
        }
    }
}

/// Ends when the connection does; the reader's owner aborts it. When our input ends, pings go on.
async fn write_to_end(
    mut sink: SplitSink<WebSocket, Message>,
    mut outgoing: mpsc::Receiver<Outgoing>,
    half_close: bool,
) {
    let mut ping = socket::pings();
    let mut open = true;
    loop {
        let next = tokio::select! {
            message = outgoing.recv(), if open => message,
            _ = ping.tick() => Some(Outgoing::Message(Bytes::new())),
        };
        let sent = match next {
            Some(Outgoing::Message(message)) if message.is_empty() => sink.send(Message::Ping(message)).await,
            Some(Outgoing::Message(message)) => sink.send(Message::Binary(message)).await,
            Some(Outgoing::EndOfInput) if !half_close => sink.close().await,
            Some(Outgoing::EndOfInput) | None => {
                open = false;
                end_input(&mut sink, half_close).await
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

async fn end_input(
    sink: &mut SplitSink<WebSocket, Message>,
    half_close: bool,
) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    if half_close {
        sink.send(Message::Binary(Bytes::from_static(&[CLOSE, STDIN])))
            .await
    } else {
        Ok(())
    }
}

async fn collect(mut output: ExecOutput) -> Output {
    let mut kept = Output {
        status: ExitStatus::lost("not known yet"),
        stdout: Vec::new(),
        stderr: Vec::new(),
        truncated: false,
    };
    while let Some(chunk) = output.next().await {
        let (into, data) = match chunk {
            Chunk::Stdout(data) => (&mut kept.stdout, data),
            Chunk::Stderr(data) => (&mut kept.stderr, data),
        };
        let room = LARGEST_OUTPUT - into.len();
        kept.truncated |= data.len() > room;
        into.extend_from_slice(&data[..data.len().min(room)]);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_read_from_the_status() {
        let check =
            |status: &str, expected: ExitStatus| assert_eq!(ExitStatus::of(status.as_bytes()), expected);
        check(
            r#"{"metadata":{},"status":"Success"}"#,
            ExitStatus::Exit { code: 0 },
        );
        check(
            r#"{"status":"Failure","message":"command terminated with non-zero exit code: exit status 7","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}"#,
            ExitStatus::Exit { code: 7 },
        );
        check(
            r#"{"status":"Failure","message":"exec: \"nope\": executable file not found in $PATH","reason":"InternalError"}"#,
            ExitStatus::Failed {
                message: "exec: \"nope\": executable file not found in $PATH".into(),
            },
        );
        check(
            "junk",
            ExitStatus::lost("the server's closing status is not understood"),
        );
    }

    #[test]
    fn the_request_asks_for_exactly_the_streams_wanted() {
        let mut request = ExecRequest {
            namespace: "demo".into(),
            pod: "shell".into(),
            container: "main".into(),
            command: vec!["sh".into(), "-c".into(), "echo a&b".into()],
            tty: true,
            stdin: true,
            size: None,
        };
        let uri = http_request(&request).unwrap().uri().to_string();
        assert!(
            uri.starts_with("/api/v1/namespaces/demo/pods/shell/exec?"),
            "{uri}"
        );
        assert!(
            uri.contains("tty=true") && uri.contains("stdin=true") && !uri.contains("stderr=true"),
            "{uri}"
        );
        assert!(uri.ends_with("command=sh&command=-c&command=echo+a%26b"), "{uri}");
        request.tty = false;
        assert!(
            http_request(&request)
                .unwrap()
                .uri()
                .to_string()
                .contains("stderr=true")
        );
    }

    #[test]
    fn sizes_are_told_as_the_kubelet_reads_them() {
        let size = TerminalSize {
            columns: 132,
            rows: 43,
        };
        assert_eq!(&size.message()[..], b"\x04{\"Width\":132,\"Height\":43}");
    }
}
