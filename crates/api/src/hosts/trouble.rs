//! What is wrong with a connection, in words: what it is, what to do, and what whatever failed said itself.

use cluster::{ConnectError, LinkProblem, PluginError};

/// What to do about a sandbox that does not answer.
pub(super) const RAISE: &str = "Bring the sandbox up: `taskwright sandbox up` starts what is missing.";

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) what: String,
    pub(super) fix: Option<String>,
    pub(super) raw: Option<String>,
}

impl Trouble {
    pub(super) fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            fix: Some(fix.into()),
            raw: None,
        }
    }

    pub(super) fn raw(mut self, raw: impl Into<String>) -> Self {
        self.raw = Some(raw.into());
        self
    }

    /// An API server that could not be connected to.
    pub(super) fn of_connection(error: &ConnectError) -> Self {
        match error {
            ConnectError::Plugin(error) => Self::of_plugin(error),
            ConnectError::Kubeconfig { detail, .. } => Self::new(
                format!("the kubeconfig cannot be used: {detail}"),
                "Correct the file.",
            ),
            ConnectError::Context { problem, .. } => {
                Self::new(problem, "Correct this context in its kubeconfig.")
            }
            ConnectError::Credentials { detail, .. } => {
                Self::new("the credentials cannot be used", "Renew them in the kubeconfig.").raw(detail)
            }
            ConnectError::Unreachable { server, problem } => Self::of_link(server, problem),
            ConnectError::Unauthorized { server, message } => Self::new(
                format!("{server} does not accept the credentials"),
                "Sign in again, or renew the credentials of this context.",
            )
            .raw(message),
            ConnectError::NotAnApiServer { server, detail } => Self::new(
                format!("{server} does not answer like a Kubernetes API server"),
                "Check the server's address in the kubeconfig.",
            )
            .raw(detail),
            other => Self::new(other.to_string(), "See the message."),
        }
    }

    /// A server, or a proxy, that could not be talked to.
    pub(super) fn of_link(server: &str, problem: &LinkProblem) -> Self {
        let what = format!("{server} {problem}");
        let fix = match problem {
            LinkProblem::Refused => "Start the cluster, or correct the address and port in the kubeconfig.",
            LinkProblem::UnknownHost => {
                "Check the server's name in the kubeconfig, and this machine's DNS or VPN."
            }
            LinkProblem::TimedOut | LinkProblem::NoRoute => {
                "Check network, VPN and firewall on the way to this address."
            }
            LinkProblem::CertificateRejected(_) => {
                "Correct certificate-authority-data (or tls-server-name) of this cluster in the kubeconfig."
            }
            LinkProblem::NotTls => {
                "Check the port, and whether the server's address should begin with http://."
            }
            LinkProblem::Tls(_) => "Check the client certificate and its key in the kubeconfig.",
            LinkProblem::Cut => "The server may be restarting: examine it again.",
            LinkProblem::Forward(_) | LinkProblem::Other(_) => {
                "Check the server's address, and the proxy if there is one."
            }
        };
        Self::new(what, fix)
    }

    /// A credential plugin that gave no credential.
    pub(super) fn of_plugin(error: &PluginError) -> Self {
        match error {
            PluginError::Start {
                command,
                is_missing: true,
                path,
                hint,
                ..
            } => {
                let install = "Install it, or add its folder to the PATH that this app is started with.";
                Self::new(
                    format!("`{}` is not on the PATH of this app", program(command)),
                    hint.as_deref().unwrap_or(install),
                )
                .raw(format!("PATH of the app: {path}"))
            }
            PluginError::Start {
                command,
                detail,
                path,
                ..
            } => Self::new(
                format!("`{}` cannot be started: {detail}", program(command)),
                "Check that the file may be executed.",
            )
            .raw(format!("{command}\nPATH of the app: {path}")),
            PluginError::Failed {
                command,
                status,
                stderr,
                path,
            } => Self::new(
                format!("`{}` failed ({status}): {}", program(command), last_line(stderr)),
                format!("Run it in a terminal, it may ask you to sign in: `{command}`"),
            )
            .raw(format!("{stderr}\nPATH of the app: {path}")),
            PluginError::TimedOut {
                command,
                seconds,
                stderr,
                path,
            } => Self::new(
                format!("`{}` did not finish within {seconds} s", program(command)),
                format!("Run it in a terminal, it may be waiting for you: `{command}`"),
            )
            .raw(format!("{stderr}\nPATH of the app: {path}")),
            PluginError::Unusable { command, detail } => Self::new(
                format!("`{}` printed no usable credential: {detail}", program(command)),
                "Check the plugin's version against the kubeconfig.",
            ),
        }
    }

    /// The same for the sandbox, when there is a better remedy.
    pub(super) fn for_sandbox(self, error: &LinkProblem) -> Self {
        let is_down = matches!(
            error,
            LinkProblem::Refused | LinkProblem::TimedOut | LinkProblem::NoRoute | LinkProblem::Cut
        );
        Self {
            fix: if is_down { Some(RAISE.to_owned()) } else { self.fix },
            ..self
        }
    }
}

fn program(command: &str) -> &str {
    command.split(' ').next().unwrap_or_default()
}

/// Programs say last why they give up.
fn last_line(text: &str) -> &str {
    text.lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(problem: &LinkProblem, what: &str, fix: &str) {
        let told = Trouble::of_link("10.0.0.1:6443", problem);
        assert_eq!(told, Trouble::new(what, fix));
    }

    #[test]
    fn a_link_that_fails_says_what_to_do() {
        check(
            &LinkProblem::Refused,
            "10.0.0.1:6443 refused the connection",
            "Start the cluster, or correct the address and port in the kubeconfig.",
        );
        check(
            &LinkProblem::NotTls,
            "10.0.0.1:6443 does not speak TLS",
            "Check the port, and whether the server's address should begin with http://.",
        );
    }

    #[test]
    fn a_sandbox_that_does_not_answer_is_started() {
        let told = |problem: LinkProblem| Trouble::of_link("a", &problem).for_sandbox(&problem).fix.unwrap();
        assert_eq!(told(LinkProblem::NoRoute), RAISE);
        assert!(told(LinkProblem::NotTls).starts_with("Check the port"));
    }

    #[test]
    fn a_plugin_says_last_why_it_fails() {
        let failed = PluginError::Failed {
            command: "aws eks get-token".into(),
            status: "exit status: 255".into(),
            stderr: "warning: old\nError: the SSO session has expired\n\n".into(),
            path: "/bin".into(),
        };
        let told = Trouble::of_plugin(&failed);
        assert_eq!(
            told.what,
            "`aws` failed (exit status: 255): Error: the SSO session has expired"
        );
        assert!(told.raw.unwrap().starts_with("warning: old"));
    }
}
