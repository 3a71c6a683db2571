//! A terminal in the candidate's seat: the bytes of the shell, untouched, in both directions.

use std::collections::VecDeque;

use bytes::Bytes;
use cluster::{
    ApiError, Chunk, Cluster, ExecError, ExecInput, ExecOutput, ExecRequest, ExecStatus, ExitStatus,
    TerminalSize,
};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use plan::seat::{self, Shell};
use plan::{PreviewId, labels};

use crate::carried;
use crate::inventory::PreviewInfo;
use crate::session::{Keeper, Session};

/// A terminal that could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TerminalError {
    /// The host did not tell where the seat is.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// There is no candidate's pod.
    #[error("preview `{preview}` has no running seat; wait until it is ready, or boot it again")]
    NoSeat {
        /// The preview.
        preview: String,
    },
    /// The shell could not be started.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The shell ended before it began.
    #[error(
        "`{program}` did not start in the seat: {reason}; check `tty.shell` and `tty.image` in task.yaml"
    )]
    NotStarted {
        /// The shell.
        program: String,
        /// What the runtime said.
        reason: String,
    },
}

/// A shell in the seat.
#[derive(Debug)]
pub struct Terminal {
    input: TerminalInput,
    output: TerminalOutput,
    keeper: TerminalKeeper,
}

/// What we type.
#[derive(Debug, Clone)]
pub struct TerminalInput {
    input: ExecInput,
}

/// What the shell prints, and how it ends.
#[derive(Debug)]
pub struct TerminalOutput {
    /// What came together with the line that tells the shell's process id.
    early: VecDeque<Chunk>,
    output: ExecOutput,
    status: ExecStatus,
    place: Place,
}

/// Ends everything that the session started. Dropping it does so too, but without waiting.
#[derive(Debug)]
pub struct TerminalKeeper {
    keeper: Keeper,
}

impl Terminal {
    /// The three sides of the terminal, for separate owners.
    #[must_use]
    pub fn split(self) -> (TerminalInput, TerminalOutput, TerminalKeeper) {
        (self.input, self.output, self.keeper)
    }
}

impl TerminalInput {
    /// Types bytes.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn write(&self, bytes: &[u8]) -> Result<(), ExecError> {
        self.input.write(bytes).await
    }

    /// Tells the terminal's new size.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn resize(&self, size: TerminalSize) -> Result<(), ExecError> {
        self.input.resize(size).await
    }
}

impl TerminalOutput {
    /// The next bytes; `None` when the shell has ended and all was read.
    pub async fn next(&mut self) -> Option<Bytes> {
        if let Some(chunk) = self.early.pop_front() {
            return Some(bytes_of(chunk));
        }
        self.output.next().await.map(bytes_of)
    }

    /// The next bytes if they are here already.
    pub fn try_next(&mut self) -> Option<Bytes> {
        let chunk = self.early.pop_front().or_else(|| self.output.try_next());
        chunk.map(bytes_of)
    }

    /// How the shell ended; to be asked when `next` gave `None`. A shell that was killed because its pod or its
    /// container ended has not exited by itself: it is lost, and the reason says what happened to the pod.
    pub async fn exit(self) -> ExitStatus {
        match self.status.await {
            ExitStatus::Exit { code } if code > KILLED => match self.place.fate().await {
                Some(reason) => ExitStatus::Lost { reason },
                None => ExitStatus::Exit { code },
            },
            other => other,
        }
    }
}

impl TerminalKeeper {
    /// Ends every process of the session and waits until they are gone.
    pub async fn close(self) -> ExitStatus {
        self.keeper.end().await
    }
}

fn bytes_of(chunk: Chunk) -> Bytes {
    match chunk {
        Chunk::Stdout(bytes) | Chunk::Stderr(bytes) => bytes,
    }
}

/// Sets the size before anything is printed, tells the process id in the first line, greets, and becomes the
/// shell. Arguments: rows, columns, message of the day, then the command.
const START: &str = "stty rows \"$1\" cols \"$2\" 2>/dev/null; echo $$; \
                     if [ -n \"$3\" ]; then printf '%s\\n' \"$3\"; fi; shift 3; exec env \"$@\"";

/// Opens a shell in the seat of `preview`.
///
/// # Errors
/// When there is no seat, or the shell does not start.
pub async fn open(
    host: &Cluster,
    preview: &PreviewInfo,
    size: TerminalSize,
) -> Result<Terminal, TerminalError> {
    let shell = &preview.shell;
    let place = Place::find(host, &preview.id).await?;
    let pod = place.name.clone();
    let session = Session::new();
    let exec = host.exec(request(preview, &pod, &session, size)).await?;
    let (input, mut output, status) = exec.split();
    let Some((pid, early)) = first_line(&mut output).await else {
        return Err(not_started(shell, status).await);
    };
    let keeper = Keeper::start(host, &session, &preview.namespace, &pod, seat::NAME, &pid).await?;
    Ok(Terminal {
        input: TerminalInput { input },
        output: TerminalOutput {
            early,
            output,
            status,
            place,
        },
        keeper: TerminalKeeper { keeper },
    })
}

/// Name of the seat's pod on the host.
pub(crate) async fn seat_pod(host: &Cluster, id: &PreviewId) -> Result<String, TerminalError> {
    Ok(Place::find(host, id).await?.name)
}

/// Runs one command in the seat without a terminal, as the candidate would.
///
/// # Errors
/// When there is no seat, or the command does not start.
pub async fn exec(
    host: &Cluster,
    preview: &PreviewInfo,
    command: &[String],
) -> Result<SeatCommand, TerminalError> {
    let pod = Place::find(host, &preview.id).await?.name;
    let session = Session::new();
    let mut all: Vec<String> = ["/bin/sh", "-c", "echo $$; exec env \"$@\"", "seat"]
        .map(str::to_owned)
        .to_vec();
    all.push(session.variable());
    all.extend(command.iter().cloned());
    let request = ExecRequest {
        namespace: preview.namespace.clone(),
        pod: pod.clone(),
        container: seat::NAME.to_owned(),
        command: all,
        tty: false,
        stdin: false,
        size: None,
    };
    let (_, mut output, status) = host.exec(request).await?.split();
    let Some((pid, early)) = first_line(&mut output).await else {
        return Err(not_started(&preview.shell, status).await);
    };
    let keeper = Keeper::start(host, &session, &preview.namespace, &pod, seat::NAME, &pid).await?;
    Ok(SeatCommand {
        early,
        output,
        status,
        keeper: TerminalKeeper { keeper },
    })
}

/// A command in the seat without a terminal.
#[derive(Debug)]
pub struct SeatCommand {
    early: VecDeque<Chunk>,
    output: ExecOutput,
    status: ExecStatus,
    keeper: TerminalKeeper,
}

impl SeatCommand {
    /// The next piece of standard output or standard error; `None` when all was read.
    pub async fn next(&mut self) -> Option<Chunk> {
        match self.early.pop_front() {
            Some(chunk) => Some(chunk),
            None => self.output.next().await,
        }
    }

    /// How it ended, once nothing that it started is left.
    pub async fn exit(self) -> ExitStatus {
        let status = self.status.await;
        self.keeper.close().await;
        status
    }
}

/// Exit codes above this one mean that a signal ended the shell.
const KILLED: i32 = 128;

/// The seat's pod on the host, as it was when the shell was opened.
#[derive(Debug)]
struct Place {
    host: Cluster,
    namespace: String,
    name: String,
    uid: Option<String>,
    restarts: i32,
}

impl Place {
    async fn find(host: &Cluster, id: &PreviewId) -> Result<Self, TerminalError> {
        let selector = format!("{}={}", labels::SEAT, seat::NAME);
        let namespace = id.namespace();
        let pods: Vec<Pod> = host.list(Some(&namespace), Some(&selector)).await?;
        let seat = pods
            .into_iter()
            .find(|pod| is_seat(pod) && cluster::wait::pod_ready(pod).is_ready());
        let place = seat.and_then(|pod| {
            Some(Self {
                host: host.clone(),
                namespace,
                restarts: container(&pod).map_or(0, |status| status.restart_count),
                name: pod.metadata.name?,
                uid: pod.metadata.uid,
            })
        });
        place.ok_or_else(|| TerminalError::NoSeat {
            preview: id.to_string(),
        })
    }

    /// What happened to the pod since, if anything did.
    async fn fate(&self) -> Option<String> {
        // Without an answer the shell's own exit code is all that is known.
        let pod: Option<Pod> = self.host.get(Some(&self.namespace), &self.name).await.ok()?;
        let Some(pod) = pod.filter(|pod| pod.metadata.uid == self.uid) else {
            return Some("the candidate's pod was deleted".to_owned());
        };
        if pod.metadata.deletion_timestamp.is_some() {
            return Some("the candidate's pod is being deleted".to_owned());
        }
        let status = pod.status.as_ref();
        if status.and_then(|status| status.phase.as_deref()) == Some("Failed") {
            let message = status.and_then(|status| status.message.as_deref().or(status.reason.as_deref()));
            return Some(format!(
                "the candidate's pod was ended: {}",
                message.unwrap_or("no reason given")
            ));
        }
        let container = container(&pod)?;
        let ended = container
            .state
            .as_ref()
            .and_then(|state| state.terminated.as_ref());
        let ended = ended.or_else(|| {
            let last = container.last_state.as_ref()?;
            (container.restart_count > self.restarts).then_some(last.terminated.as_ref()?)
        })?;
        Some(format!(
            "the candidate's container was ended: {}",
            ended.reason.as_deref().unwrap_or("no reason given")
        ))
    }
}

fn container(pod: &Pod) -> Option<&ContainerStatus> {
    let all = pod.status.as_ref()?.container_statuses.as_ref()?;
    all.iter().find(|status| status.name == seat::NAME)
}

fn is_seat(pod: &Pod) -> bool {
    let annotations = pod.metadata.annotations.as_ref();
    carried(|key| annotations?.get(key).map(String::as_str)) == Some((seat::NAMESPACE, seat::NAME))
}

fn request(preview: &PreviewInfo, pod: &str, session: &Session, size: TerminalSize) -> ExecRequest {
    let shell = &preview.shell;
    let mut command: Vec<String> = ["/bin/sh", "-c", START, "seat"].map(str::to_owned).to_vec();
    command.extend([
        size.rows.to_string(),
        size.columns.to_string(),
        shell.motd.clone().unwrap_or_default(),
    ]);
    command.extend([
        session.variable(),
        "TERM=xterm-256color".to_owned(),
        shell.program.clone(),
        "-l".to_owned(),
    ]);
    ExecRequest {
        namespace: preview.namespace.clone(),
        pod: pod.to_owned(),
        container: seat::NAME.to_owned(),
        command,
        tty: true,
        stdin: true,
        size: Some(size),
    }
}

/// Reads the line with the process id; gives what came with it, too. Standard error has a pipe of its own, so what
/// a quick command says there can come first.
async fn first_line(output: &mut ExecOutput) -> Option<(String, VecDeque<Chunk>)> {
    let mut seen = Vec::new();
    let mut early = VecDeque::new();
    loop {
        match output.next().await? {
            Chunk::Stdout(bytes) => seen.extend_from_slice(&bytes),
            chunk @ Chunk::Stderr(_) => early.push_back(chunk),
        }
        let Some(end) = seen.iter().position(|byte| *byte == b'\n') else {
            continue;
        };
        let rest = Bytes::from(seen.split_off(end + 1));
        let line = String::from_utf8_lossy(&seen).trim().to_owned();
        if !rest.is_empty() {
            early.push_back(Chunk::Stdout(rest));
        }
        let is_pid = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
        return is_pid.then_some((line, early));
    }
}

async fn not_started(shell: &Shell, status: ExecStatus) -> TerminalError {
    let reason = match status.await {
        ExitStatus::Exit { code } => format!("it ended with exit code {code}"),
        ExitStatus::Failed { message: reason } | ExitStatus::Lost { reason } => reason,
    };
    TerminalError::NotStarted {
        program: shell.program.clone(),
        reason,
    }
}
