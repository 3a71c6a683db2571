//! Gates that are asked from inside the candidate's seat: whether a port takes connections, whether an address answers.
//!
//! From the seat, because what matters is what the candidate will reach: with its DNS, its network policies, its mesh. It
//! is asked again and again, as a port that opens cannot be watched.

use std::time::Duration;

use bundle::name::{HostPort, HttpUrl};
use cluster::{ExecError, ExitStatus, Output};
use plan::seat;

use super::context::Halted;
use super::gate::Around;
use crate::failure::{Cause, Failure};

/// Between two attempts.
const EVERY: Duration = Duration::from_millis(250);
/// What the script exits with when the image has no program that could ask.
const NO_PROGRAM: i32 = 127;

/// Connects to `$1` port `$2`.
const TCP: &str = r#"
if command -v nc >/dev/null 2>&1; then exec nc -z -w 2 "$1" "$2"; fi
if command -v bash >/dev/null 2>&1; then exec timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"' tcp "$1" "$2"; fi
exit 127
"#;
/// Asks `$1` and prints the status. Certificates inside a task are often signed by itself, and whether they are right is
/// the candidate's business.
const HTTP: &str = r#"
if command -v curl >/dev/null 2>&1; then exec curl -sSk -o /dev/null -w '%{http_code}' --max-time 3 "$1"; fi
if command -v wget >/dev/null 2>&1; then
  said=$(wget -q -S -T 3 -O /dev/null "$1" 2>&1)
  status=$(printf '%s\n' "$said" | sed -n 's#.*HTTP/[0-9.]* \([0-9][0-9][0-9]\).*#\1#p' | head -n 1)
  if [ -n "$status" ]; then printf '%s' "$status"; exit 0; fi
  printf '%s\n' "$said" >&2; exit 1
fi
exit 127
"#;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Question<'a> {
    /// Whether a port takes connections.
    Tcp(&'a HostPort),
    /// Whether an address answers with a status.
    Http { url: &'a HttpUrl, status: u16 },
}

/// Asks until the answer is the one wanted; `report` hears each other one.
pub(super) async fn open(
    around: &Around<'_, '_>,
    question: Question<'_>,
    mut report: impl FnMut(String) + Send,
) -> Result<(), Failure> {
    report("the candidate's pod is not there yet".to_owned());
    let pod = match around.seat.clone().await {
        Ok(pod) => pod,
        // The seat has said why, and the boot is about to end.
        Err(Halted) => std::future::pending().await,
    };
    loop {
        let answer = ask(around, question, &pod)
            .await
            .map_err(|error| lost(&pod, &error))?;
        match read(question, &answer) {
            Answer::Open => return Ok(()),
            Answer::Shut(reason) => report(reason),
            Answer::Never(message) => return Err(Cause::Pod { pod, message }.into()),
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn ask(around: &Around<'_, '_>, question: Question<'_>, pod: &str) -> Result<Output, ExecError> {
    let (script, words) = match question {
        Question::Http { url, .. } => (HTTP, vec![url.as_str()]),
        Question::Tcp(address) => {
            let address = address.as_str();
            let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
            (TCP, vec![host, port])
        }
    };
    let command = [vec!["/bin/sh", "-c", script, "probe"], words].concat();
    let host = &around.context.host.cluster;
    let namespace = around.context.id.namespace();
    host.run(&namespace, pod, seat::NAME, &command, None).await
}

/// What an attempt came to.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Open,
    Shut(String),
    Never(String),
}

fn read(question: Question<'_>, output: &Output) -> Answer {
    let printed = String::from_utf8_lossy(&output.stdout);
    match (&output.status, question) {
        (ExitStatus::Exit { code: NO_PROGRAM }, Question::Tcp(_)) => {
            Answer::Never("its image has neither nc nor bash to open a connection with".to_owned())
        }
        (ExitStatus::Exit { code: NO_PROGRAM }, _) => {
            Answer::Never("its image has neither curl nor wget to ask with".to_owned())
        }
        (ExitStatus::Exit { code: 0 }, Question::Http { status, .. })
            if printed.trim() != status.to_string() =>
        {
            Answer::Shut(format!("it answers with status {}", printed.trim()))
        }
        (ExitStatus::Exit { code: 0 }, _) => Answer::Open,
        _ => Answer::Shut(why(output)),
    }
}

fn why(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    match said.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => line.trim().to_owned(),
        None => "no connection".to_owned(),
    }
}

fn lost(pod: &str, error: &ExecError) -> Failure {
    let message = error.to_string();
    Cause::Lost {
        pod: pod.to_owned(),
        message,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(code: i32, stdout: &str, stderr: &str) -> Output {
        Output {
            status: ExitStatus::Exit { code },
            stdout: stdout.into(),
            stderr: stderr.into(),
            truncated: false,
        }
    }

    #[test]
    fn answers_are_read() {
        let (url, address) = (
            HttpUrl::new("http://web").unwrap(),
            HostPort::new("web:80").unwrap(),
        );
        let http = Question::Http {
            url: &url,
            status: 204,
        };
        let tcp = Question::Tcp(&address);
        let shut = |reason: &str| Answer::Shut(reason.to_owned());
        for (question, output, expected) in [
            (http, output(0, "204", ""), Answer::Open),
            (http, output(0, "503", ""), shut("it answers with status 503")),
            (
                http,
                output(7, "000", "curl: (7) refused\n"),
                shut("curl: (7) refused"),
            ),
            (tcp, output(0, "", ""), Answer::Open),
            (tcp, output(1, "", ""), shut("no connection")),
        ] {
            assert_eq!(read(question, &output), expected, "{output:?}");
        }
        assert!(matches!(read(tcp, &output(127, "", "")), Answer::Never(_)));
    }
}
