//! Runs a script of the bundle in a pod and streams what it prints. Nothing of it stays in the pod.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use cluster::{Chunk, Cluster, ExecError, ExecRequest, ExitStatus};

use crate::event::Stream;
use crate::failure::{Cause, Failure};
use crate::session::Session;

/// Lines kept as evidence when a script fails.
const LAST_LINES: usize = 20;
/// The most that a line may hold before it is cut in two.
const LONGEST_LINE: usize = 16 * 1024;

/// A script and where to run it.
pub(crate) struct Script<'a> {
    pub(crate) path: &'a str,
    pub(crate) content: &'a [u8],
    pub(crate) env: &'a BTreeMap<String, String>,
    pub(crate) namespace: &'a str,
    pub(crate) pod: &'a str,
    pub(crate) container: &'a str,
    pub(crate) session: &'a Session,
}

/// The script arrives on standard input, lies in a file while it runs, and sees no input itself.
const RUN: &str = "f=$(mktemp) || exit 125; cat >\"$f\" && chmod 700 \"$f\" || exit 125; \
                   \"$@\" \"$f\" </dev/null; code=$?; rm -f \"$f\"; exit $code";

/// Runs a script to its end; `line` hears every line it prints.
pub(crate) async fn run(
    host: &Cluster,
    script: &Script<'_>,
    mut line: impl FnMut(Stream, &str),
) -> Result<(), Failure> {
    let lost_to = |error: &ExecError| {
        Failure::of(Cause::Lost {
            pod: script.pod.to_owned(),
            message: error.to_string(),
        })
    };
    let session = host
        .exec(request(script))
        .await
        .map_err(|error| lost_to(&error))?;
    let (input, mut output, status) = session.split();
    let feed = async {
        input.write(script.content).await?;
        input.close().await
    };
    let mut last = LastLines::of(LAST_LINES);
    let mut hear = |stream, text: &str| {
        last.push(text);
        line(stream, text);
    };
    let read = async {
        let mut lines = [Lines::default(), Lines::default()];
        while let Some(chunk) = output.next().await {
            let (stream, bytes) = match &chunk {
                Chunk::Stdout(bytes) => (Stream::Stdout, bytes),
                Chunk::Stderr(bytes) => (Stream::Stderr, bytes),
            };
            lines[stream as usize].take(bytes, |text| hear(stream, text));
        }
        for (stream, rest) in [Stream::Stdout, Stream::Stderr].into_iter().zip(lines) {
            rest.end(|text| hear(stream, text));
        }
    };
    let (written, ()) = futures::join!(feed, read);
    match status.await {
        ExitStatus::Exit { code: 0 } => written.map_err(|error| lost_to(&error)),
        ExitStatus::Exit { code } => Err(Failure {
            cause: Cause::Script {
                path: script.path.to_owned(),
                code,
            },
            evidence: last.into_vec(),
        }),
        ExitStatus::Failed { message: reason } | ExitStatus::Lost { reason } => Err(Failure {
            cause: Cause::Lost {
                pod: script.pod.to_owned(),
                message: reason,
            },
            evidence: last.into_vec(),
        }),
    }
}

/// Runs a script for as long as it may take; whatever it has started is ended then.
pub(crate) async fn run_within(
    host: &Cluster,
    script: &Script<'_>,
    limit: Duration,
    line: impl FnMut(Stream, &str),
) -> Result<(), Failure> {
    let work = Box::pin(run(host, script, line));
    if let Ok(outcome) = tokio::time::timeout(limit, work).await {
        return outcome;
    }
    let mut failure = Failure::of(Cause::TimedOut {
        seconds: limit.as_secs(),
        waiting_for: format!("`{}` to end", script.path),
    });
    let ended = script
        .session
        .end(host, script.namespace, script.pod, script.container);
    if let Err(error) = ended.await {
        failure
            .evidence
            .push(format!("its processes could not be ended: {error}"));
    }
    Err(failure)
}

fn request(script: &Script<'_>) -> ExecRequest {
    let mut command: Vec<String> = ["/bin/sh", "-c", RUN, "script", "env"]
        .map(str::to_owned)
        .to_vec();
    command.push(script.session.variable());
    command.extend(script.env.iter().map(|(name, value)| format!("{name}={value}")));
    ExecRequest {
        namespace: script.namespace.to_owned(),
        pod: script.pod.to_owned(),
        container: script.container.to_owned(),
        command,
        tty: false,
        stdin: true,
        size: None,
    }
}

/// Cuts a stream of bytes into lines.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    fn take(&mut self, bytes: &[u8], mut line: impl FnMut(&str)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.partial.len() >= LONGEST_LINE {
                line(text(&self.partial).as_ref());
                self.partial.clear();
            }
        }
    }

    fn end(self, mut line: impl FnMut(&str)) {
        if !self.partial.is_empty() {
            line(text(&self.partial).as_ref());
        }
    }
}

fn text(line: &[u8]) -> std::borrow::Cow<'_, str> {
    let end = line.strip_suffix(b"\n").unwrap_or(line);
    String::from_utf8_lossy(end.strip_suffix(b"\r").unwrap_or(end))
}

/// The last lines that something printed.
pub(crate) struct LastLines {
    most: usize,
    lines: VecDeque<String>,
}

impl LastLines {
    /// Keeps so many.
    pub(crate) fn of(most: usize) -> Self {
        Self {
            most,
            lines: VecDeque::new(),
        }
    }

    pub(crate) fn push(&mut self, line: &str) {
        if self.lines.len() == self.most {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
    }

    pub(crate) fn into_vec(self) -> Vec<String> {
        self.lines.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_wherever_the_chunks_end() {
        let mut seen = Vec::new();
        let mut lines = Lines::default();
        for chunk in [&b"on"[..], b"e\r\ntwo\nth", b"", b"ree"] {
            lines.take(chunk, |line| seen.push(line.to_owned()));
        }
        lines.end(|line| seen.push(line.to_owned()));
        assert_eq!(seen, ["one", "two", "three"]);
    }

    #[test]
    fn a_line_without_end_does_not_grow_for_ever() {
        let mut seen = 0;
        let mut lines = Lines::default();
        for _ in 0..10 {
            lines.take(&[b'x'; LONGEST_LINE], |_| seen += 1);
        }
        assert_eq!(seen, 10);
    }
}
