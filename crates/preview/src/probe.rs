//! Questions over the network from inside a pod: whether a port takes connections, whether an address answers.

use bundle::name::{HostPort, HttpUrl};
use cluster::{Cluster, ExecError, ExitStatus, Output};

/// What the script exits with when the image has no program that could ask.
const NO_PROGRAM: i32 = 127;
/// The most of an answer that is looked at.
const BODY_LIMIT: &str = "65536";

/// Connects to `$1` port `$2`.
const TCP: &str = r#"
if command -v nc >/dev/null 2>&1; then exec nc -z -w 2 "$1" "$2"; fi
if command -v bash >/dev/null 2>&1; then exec timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"' tcp "$1" "$2"; fi
exit 127
"#;
/// Asks `$1` and prints the status, and below it the first `$2` bytes of the answer. Certificates inside a task are often
/// signed by itself, and whether they are right is the candidate's business.
const HTTP: &str = r#"
if command -v curl >/dev/null 2>&1; then
  said=$(curl -sSk --max-time 3 -w '\n%{http_code}' "$1") || exit $?
  printf '%s\n' "$said" | tail -n 1
  printf '%s\n' "$said" | sed '$d' | head -c "$2"
  exit 0
fi
if command -v wget >/dev/null 2>&1; then
  said=$(wget -q -S -T 3 -O - "$1" 2>&1)
  status=$(printf '%s\n' "$said" | sed -n 's#.*HTTP/[0-9.]* \([0-9][0-9][0-9]\).*#\1#p' | head -n 1)
  if [ -n "$status" ]; then printf '%s\n' "$status"; printf '%s\n' "$said" | head -c "$2"; exit 0; fi
  printf '%s\n' "$said" >&2; exit 1
fi
exit 127
"#;

/// Where it is asked from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) host: &'a Cluster,
    pub(crate) namespace: &'a str,
    pub(crate) pod: &'a str,
    pub(crate) container: &'a str,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question<'a> {
    /// Whether a port takes connections.
    Tcp(&'a HostPort),
    /// Whether an address answers with a status, and with a text in it.
    Http {
        url: &'a HttpUrl,
        status: u16,
        contains: Option<&'a str>,
    },
}

impl<'a> Question<'a> {
    /// Whether an address answers with a status, whatever its answer holds.
    pub(crate) fn status_of(url: &'a HttpUrl, status: u16) -> Self {
        Self::Http {
            url,
            status,
            contains: None,
        }
    }
}

/// What an attempt came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// As wanted.
    Open,
    /// Not, and why.
    Shut(String),
    /// It cannot be asked at all, and why.
    Never(String),
}

/// Asks once.
pub(crate) async fn ask(from: Asker<'_>, question: Question<'_>) -> Result<Answer, ExecError> {
    let (script, words) = match question {
        Question::Http { url, .. } => (HTTP, vec![url.as_str(), BODY_LIMIT]),
        Question::Tcp(address) => {
            let address = address.as_str();
            let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
            (TCP, vec![host, port])
        }
    };
    let command = [vec!["/bin/sh", "-c", script, "probe"], words].concat();
    let output = from
        .host
        .run(from.namespace, from.pod, from.container, &command, None)
        .await?;
    Ok(read(question, &output))
}

fn read(question: Question<'_>, output: &Output) -> Answer {
    match (&output.status, question) {
        (ExitStatus::Exit { code: NO_PROGRAM }, Question::Tcp(_)) => {
            Answer::Never("its image has neither nc nor bash to open a connection with".to_owned())
        }
        (ExitStatus::Exit { code: NO_PROGRAM }, Question::Http { .. }) => {
            Answer::Never("its image has neither curl nor wget to ask with".to_owned())
        }
        (ExitStatus::Exit { code: 0 }, Question::Http { status, contains, .. }) => {
            read_http(&String::from_utf8_lossy(&output.stdout), status, contains)
        }
        (ExitStatus::Exit { code: 0 }, Question::Tcp(_)) => Answer::Open,
        _ => Answer::Shut(why(output)),
    }
}

fn read_http(printed: &str, status: u16, contains: Option<&str>) -> Answer {
    let (answered, body) = printed.split_once('\n').unwrap_or((printed, ""));
    if answered.trim() != status.to_string() {
        return Answer::Shut(format!("it answers with status {}", answered.trim()));
    }
    match contains {
        Some(text) if !body.contains(text) => Answer::Shut(format!("its answer does not hold `{text}`")),
        _ => Answer::Open,
    }
}

fn why(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    match said.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => line.trim().to_owned(),
        None => "no connection".to_owned(),
    }
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
        let http = |contains| Question::Http {
            url: &url,
            status: 204,
            contains,
        };
        let tcp = Question::Tcp(&address);
        let shut = |reason: &str| Answer::Shut(reason.to_owned());
        for (question, output, expected) in [
            (http(None), output(0, "204\n", ""), Answer::Open),
            (
                http(None),
                output(0, "503\nsorry", ""),
                shut("it answers with status 503"),
            ),
            (
                http(None),
                output(7, "", "curl: (7) refused\n"),
                shut("curl: (7) refused"),
            ),
            (
                http(Some("orders")),
                output(0, "204\nall\norders", ""),
                Answer::Open,
            ),
            (
                http(Some("orders")),
                output(0, "204\nnothing", ""),
                shut("its answer does not hold `orders`"),
            ),
            (tcp, output(0, "", ""), Answer::Open),
            (tcp, output(1, "", ""), shut("no connection")),
        ] {
            assert_eq!(read(question, &output), expected, "{output:?}");
        }
        assert!(matches!(read(tcp, &output(127, "", "")), Answer::Never(_)));
    }
}
