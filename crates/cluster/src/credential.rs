//! Credential plugins of a kubeconfig (`exec`): run without a terminal, with a deadline, and renewed before they expire.

use std::fmt;
use std::process::Stdio;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use jiff::{SignedDuration, Timestamp};
use kube::client::Body;
use kube::config::ExecConfig;
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tower::BoxError;
use tower::filter::AsyncPredicate;

use crate::{environment, secrets, timeouts};

/// A token this close to its end is renewed first.
const RENEW_BEFORE_END: SignedDuration = SignedDuration::from_secs(30);
/// A plugin prints a small document; more is a mistake.
const LONGEST_OUTPUT: u64 = 1024 * 1024;

/// A credential plugin that gave no credential.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PluginError {
    /// It could not be started.
    #[error("cannot start the credential plugin `{command}`: {detail}; PATH is {path}{}", hint_line(hint.as_deref()))]
    Start {
        /// The command line.
        command: String,
        /// Why.
        detail: String,
        /// Whether there is no such program.
        is_missing: bool,
        /// Where it was looked for.
        path: String,
        /// What the kubeconfig says on how to install it.
        hint: Option<String>,
    },
    /// It ended with an error.
    #[error(
        "the credential plugin `{command}` failed ({status}): {stderr}; run it in a terminal, it may ask you to sign in; PATH is {path}"
    )]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// What it printed.
        stderr: String,
        /// The `PATH` it ran with.
        path: String,
    },
    /// It did not end in time.
    #[error(
        "the credential plugin `{command}` did not finish within {seconds} s, it may be waiting for you: run it in a terminal; PATH is {path}; it printed: {stderr}"
    )]
    TimedOut {
        /// The command line.
        command: String,
        /// The deadline.
        seconds: u64,
        /// What it printed until then.
        stderr: String,
        /// The `PATH` it ran with.
        path: String,
    },
    /// It printed something that is not a credential.
    #[error(
        "the credential plugin `{command}` printed no usable credential: {detail}; check its version against the kubeconfig"
    )]
    Unusable {
        /// The command line.
        command: String,
        /// What is missing.
        detail: String,
    },
}

fn hint_line(hint: Option<&str>) -> String {
    hint.map(|hint| format!("; {hint}")).unwrap_or_default()
}

/// What a plugin gave; never printed.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(crate) token: Option<String>,
    pub(crate) certificate: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) end: Option<Timestamp>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct ExecCredential {
    status: Option<ExecStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecStatus {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<String>,
}

/// The plugin of one kubeconfig user.
#[derive(Debug, Clone)]
pub(crate) struct Plugin(ExecConfig);

impl Plugin {
    pub(crate) fn new(config: ExecConfig) -> Self {
        Self(config)
    }

    /// Runs the plugin once.
    pub(crate) async fn run(&self) -> Result<Credential, PluginError> {
        let mut child = self
            .command()?
            .spawn()
            .map_err(|error| self.cannot_start(&error))?;
        let mut stderr = Vec::new();
        let outcome =
            tokio::time::timeout(timeouts::CREDENTIAL_PLUGIN, self.collect(&mut child, &mut stderr)).await;
        let Ok(outcome) = outcome else {
            return Err(self.timed_out(&stderr));
        };
        let (status, stdout) = outcome.map_err(|error| self.cannot_start(&error))?;
        if !status.success() {
            return Err(self.failed(status, &stderr));
        }
        self.parse(&stdout)
    }

    async fn collect(
        &self,
        child: &mut Child,
        stderr: &mut Vec<u8>,
    ) -> std::io::Result<(std::process::ExitStatus, Vec<u8>)> {
        let mut stdout = Vec::new();
        let out = child.stdout.take();
        let err = child.stderr.take();
        let read_out = async {
            match out {
                Some(pipe) => pipe.take(LONGEST_OUTPUT).read_to_end(&mut stdout).await,
                None => Ok(0),
            }
        };
        let read_err = async {
            match err {
                Some(pipe) => pipe.take(LONGEST_OUTPUT).read_to_end(stderr).await,
                None => Ok(0),
            }
        };
        let (status, out, err) = tokio::join!(child.wait(), read_out, read_err);
        out.and(err)?;
        Ok((status?, stdout))
    }

    fn command(&self) -> Result<Command, PluginError> {
        let program = self.0.command.as_deref().filter(|program| !program.is_empty());
        let program = program.ok_or_else(|| self.unusable("the kubeconfig names no command"))?;
        let mut command = Command::new(program);
        command.args(self.0.args.iter().flatten());
        for variable in self.0.env.iter().flatten() {
            if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
                command.env(name, value);
            }
        }
        command.env("KUBERNETES_EXEC_INFO", self.exec_info());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Ok(command)
    }

    fn exec_info(&self) -> String {
        let mut spec = json!({ "interactive": false });
        if self.0.provide_cluster_info
            && let Some(cluster) = &self.0.cluster
        {
            spec["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
        }
        json!({ "apiVersion": self.0.api_version, "kind": "ExecCredential", "spec": spec }).to_string()
    }

    /// Plugins print JSON or YAML; YAML reads both.
    fn parse(&self, stdout: &[u8]) -> Result<Credential, PluginError> {
        let read: ExecCredential = serde_yaml::from_slice(stdout)
            .map_err(|_| self.unusable("its output is not an ExecCredential document"))?;
        let status = read
            .status
            .ok_or_else(|| self.unusable("its output has no `status`"))?;
        let end = status
            .expiration_timestamp
            .map(|end| end.parse::<Timestamp>())
            .transpose();
        let end = end.map_err(|_| self.unusable("`expirationTimestamp` is not a time"))?;
        if status.token.is_none()
            && (status.client_certificate_data.is_none() || status.client_key_data.is_none())
        {
            return Err(self.unusable("its `status` has neither a token nor a certificate with its key"));
        }
        Ok(Credential {
            token: status.token,
            certificate: status.client_certificate_data,
            key: status.client_key_data,
            end,
        })
    }

    /// The program as the kubeconfig names it.
    pub(crate) fn program(&self) -> &str {
        self.0.command.as_deref().unwrap_or_default()
    }

    /// The command line for readers, without secrets.
    pub(crate) fn command_line(&self) -> String {
        let (arguments, _) = secrets::hide_arguments(self.0.args.as_deref().unwrap_or_default());
        std::iter::once(self.program().to_owned())
            .chain(arguments)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// What a plugin printed, without the secrets it was given.
    fn words(&self, printed: &[u8]) -> String {
        let (_, mut hidden) = secrets::hide_arguments(self.0.args.as_deref().unwrap_or_default());
        let variables = self.0.env.iter().flatten();
        hidden.extend(variables.filter_map(|variable| {
            let name = variable.get("name").filter(|name| secrets::is_secret(name));
            name.and_then(|_| variable.get("value").cloned())
        }));
        secrets::hide(&tail(printed), &hidden)
    }

    fn cannot_start(&self, error: &std::io::Error) -> PluginError {
        PluginError::Start {
            command: self.command_line(),
            detail: error.to_string(),
            is_missing: error.kind() == std::io::ErrorKind::NotFound,
            path: environment::path_for_humans(),
            hint: self.0.install_hint.clone(),
        }
    }

    fn failed(&self, status: std::process::ExitStatus, stderr: &[u8]) -> PluginError {
        PluginError::Failed {
            command: self.command_line(),
            status: status.to_string(),
            stderr: self.words(stderr),
            path: environment::path_for_humans(),
        }
    }

    fn timed_out(&self, stderr: &[u8]) -> PluginError {
        PluginError::TimedOut {
            command: self.command_line(),
            seconds: timeouts::CREDENTIAL_PLUGIN.as_secs(),
            stderr: self.words(stderr),
            path: environment::path_for_humans(),
        }
    }

    fn unusable(&self, detail: &str) -> PluginError {
        PluginError::Unusable {
            command: self.command_line(),
            detail: detail.into(),
        }
    }
}

/// The last part of what a process printed, which is where the reason is.
pub(crate) fn tail(printed: &[u8]) -> String {
    const LONGEST: usize = 4000;
    let text = String::from_utf8_lossy(printed);
    let text = text.trim();
    let start = text.char_indices().rev().nth(LONGEST).map_or(0, |(at, _)| at);
    if text.is_empty() {
        "(nothing)".into()
    } else {
        text[start..].into()
    }
}

/// Adds a plugin's token to every request and runs the plugin again before the token ends; one run at a time.
#[derive(Clone)]
pub(crate) struct RenewedToken {
    plugin: Plugin,
    current: Arc<Mutex<Credential>>,
}

impl RenewedToken {
    pub(crate) fn new(plugin: Plugin, first: Credential) -> Self {
        Self {
            plugin,
            current: Arc::new(Mutex::new(first)),
        }
    }

    async fn header(&self) -> Result<HeaderValue, PluginError> {
        let mut current = self.current.lock().await;
        if current
            .end
            .is_some_and(|end| Timestamp::now() + RENEW_BEFORE_END >= end)
        {
            *current = self.plugin.run().await?;
        }
        let token = current
            .token
            .as_deref()
            .ok_or_else(|| self.plugin.unusable("it gives no token any more"))?;
        let mut header = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| {
            self.plugin
                .unusable("its token has characters a header cannot carry")
        })?;
        header.set_sensitive(true);
        Ok(header)
    }
}

impl AsyncPredicate<Request<Body>> for RenewedToken {
    type Future = BoxFuture<'static, Result<Request<Body>, BoxError>>;
    type Request = Request<Body>;

    fn check(&mut self, mut request: Request<Body>) -> Self::Future {
        let token = self.clone();
        Box::pin(async move {
            request.headers_mut().insert(AUTHORIZATION, token.header().await?);
            Ok(request)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn plugin_variable(name: &str, value: &str) -> HashMap<String, String> {
        HashMap::from([("name".into(), name.into()), ("value".into(), value.into())])
    }

    fn shell(script: &str) -> Plugin {
        Plugin::new(ExecConfig {
            api_version: Some("client.authentication.k8s.io/v1".into()),
            command: Some("sh".into()),
            args: Some(vec!["-c".into(), script.into()]),
            env: Some(vec![plugin_variable("WHO", "jane")]),
            install_hint: Some("install it from example.org".into()),
            ..ExecConfig::default()
        })
    }

    #[tokio::test]
    async fn a_token_is_read_and_never_printed() {
        let script = r#"printf '{"status":{"token":"secret-%s","expirationTimestamp":"2030-01-01T00:00:00Z"}}' "$WHO""#;
        let credential = shell(script).run().await.unwrap();
        assert_eq!(credential.token.as_deref(), Some("secret-jane"));
        assert!(credential.end.is_some());
        assert!(!format!("{credential:?}").contains("secret"));
    }

    #[tokio::test]
    async fn the_plugin_knows_it_has_no_terminal() {
        let script =
            r#"case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) echo 'status: {token: t}';; esac"#;
        assert_eq!(shell(script).run().await.unwrap().token.as_deref(), Some("t"));
    }

    #[tokio::test]
    async fn a_failure_shows_command_stderr_and_path() {
        let error = shell("echo please sign in >&2; exit 3")
            .run()
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("please sign in") && error.contains("exit status: 3"),
            "{error}"
        );
        assert!(error.contains("PATH is") && error.contains("sh -c"), "{error}");
    }

    #[tokio::test]
    async fn a_failure_shows_no_secret_that_the_plugin_was_given() {
        let mut plugin = shell("echo $SIGN_IN_TOKEN $2 $WHO >&2; exit 1");
        plugin
            .0
            .args
            .as_mut()
            .unwrap()
            .extend(["sh".into(), "--client-secret".into(), "hunter2".into()]);
        plugin
            .0
            .env
            .as_mut()
            .unwrap()
            .push(plugin_variable("SIGN_IN_TOKEN", "t0k3n"));
        let error = plugin.run().await.unwrap_err().to_string();
        assert!(
            error.contains("--client-secret …") && error.contains("… … jane"),
            "{error}"
        );
        assert!(!error.contains("hunter2") && !error.contains("t0k3n"), "{error}");
    }

    #[tokio::test]
    async fn a_missing_plugin_shows_the_install_hint() {
        let mut plugin = shell("");
        plugin.0.command = Some("no-such-plugin".into());
        let error = plugin.run().await.unwrap_err().to_string();
        assert!(
            error.contains("no-such-plugin") && error.contains("install it from example.org"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn output_that_is_no_credential_is_not_repeated() {
        let error = shell(r#"echo "token: $WHO""#)
            .run()
            .await
            .unwrap_err()
            .to_string();
        assert!(!error.contains("jane"), "{error}");
    }

    #[tokio::test]
    async fn an_ended_token_is_renewed() {
        let old = Credential {
            token: Some("old".into()),
            certificate: None,
            key: None,
            end: Some(Timestamp::UNIX_EPOCH),
        };
        let token = RenewedToken::new(shell("echo 'status: {token: new}'"), old);
        assert_eq!(token.header().await.unwrap(), "Bearer new");
    }
}
