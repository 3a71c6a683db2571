//! Runs a script of the bundle in a pod and streams what it prints. Nothing of it stays in the pod.

use std::collections::BTreeMap;

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
    let mut last = LastLines::default();
    let read = async {
        let mut lines = [Lines::default(), Lines::default()];
        while let Some(chunk) = output.next().await {
            let (stream, bytes) = match &chunk {
                Chunk::Stdout(bytes) => (Stream::Stdout, bytes),
                Chunk::Stderr(bytes) => (Stream::Stderr, bytes),
            };
            lines[stream as usize].take(bytes, |text| last.hear(stream, text, &mut line));
        }
        for (stream, rest) in [Stream::Stdout, Stream::Stderr].into_iter().zip(lines) {
            rest.end(|text| last.hear(stream, text, &mut line));
        }
    };
    let (written, ()) = futures::join!(feed, read);
    match status.await {
        ExitStatus::Exit { code: 0 } => written.map_err(|error| lost_to(&error)),
        ExitStatus::Exit { code } => Err(last.failure(Cause::Script {
            path: script.path.to_owned(),
            code,
        })),
        ExitStatus::Failed { message: reason } | ExitStatus::Lost { reason } => {
            Err(last.failure(Cause::Lost {
                pod: script.pod.to_owned(),
                message: reason,
            }))
        }
    }
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

/// The last lines of both streams, for the failure.
#[derive(Default)]
struct LastLines(std::collections::VecDeque<String>);

impl LastLines {
    fn hear(&mut self, stream: Stream, text: &str, line: &mut impl FnMut(Stream, &str)) {
        if self.0.len() == LAST_LINES {
            self.0.pop_front();
        }
        self.0.push_back(text.to_owned());
        line(stream, text);
    }

    fn failure(self, cause: Cause) -> Failure {
        Failure {
            cause,
            evidence: self.0.into(),
        }
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
