//! A connection to one cluster: two HTTP clients, its address, and what is known of its kinds.

use std::fmt;
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::version::Info;
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig};

use crate::credential::{Credential, Plugin, RenewedToken};
use crate::error::{ApiError, ConnectError};
use crate::forward::{ForwardDial, ForwardTarget};
use crate::hosts::{self, HostContext};
use crate::kinds::Kinds;
use crate::link::LinkProblem;
use crate::timeouts;
use crate::transport::{self, Protocol};

/// A cluster that can be talked to; clones share their connections.
#[derive(Clone)]
pub struct Cluster {
    inner: Arc<Inner>,
}

struct Inner {
    calls: kube::Client,
    upgrades: kube::Client,
    server: String,
    kinds: Kinds,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("server", &self.inner.server)
            .finish_non_exhaustive()
    }
}

/// The version an API server reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerVersion {
    /// The major number.
    pub major: u32,
    /// The minor number.
    pub minor: u32,
    /// The whole version, such as `v1.36.3`.
    pub git_version: String,
    /// Such as `linux/amd64`.
    pub platform: String,
}

impl ServerVersion {
    fn of(info: Info) -> Self {
        // Some providers append signs to the minor number, as in `29+`.
        let number = |text: &str| {
            text.trim_end_matches(|c: char| !c.is_ascii_digit())
                .parse()
                .unwrap_or_default()
        };
        Self {
            major: number(&info.major),
            minor: number(&info.minor),
            git_version: info.git_version,
            platform: info.platform,
        }
    }
}

impl Cluster {
    /// Connects to the cluster of a context and asks for its version, so that what is wrong shows here.
    pub async fn connect(context: &HostContext) -> Result<Self, ConnectError> {
        let cluster = Self::of_kubeconfig(hosts::kubeconfig_of(context)?).await?;
        cluster.first_call().await
    }

    /// Connects to the cluster of a kubeconfig's current context.
    pub async fn from_kubeconfig_yaml(text: &str) -> Result<Self, ConnectError> {
        Self::of_kubeconfig(parse_kubeconfig(text)?)
            .await?
            .first_call()
            .await
    }

    /// Connects to an API server inside a pod of another cluster, through port-forwards and without a local port.
    ///
    /// TLS is verified against the server name in the kubeconfig. When a forward dies or the pod is replaced, the
    /// next call opens a new one.
    pub async fn through_forward(
        host: &Self,
        target: ForwardTarget,
        kubeconfig_yaml: &str,
    ) -> Result<Self, ConnectError> {
        let (config, token) = prepare(parse_kubeconfig(kubeconfig_yaml)?).await?;
        let server = format!("{} in {target}", config.cluster_url);
        let dial = ForwardDial::new(host.clone(), target);
        let calls = transport::client(&config, token.clone(), Protocol::OneConnection, dial.clone());
        let upgrades = transport::client(&config, token, Protocol::Upgrades, dial);
        Self::new(&server, calls, upgrades)?.first_call().await
    }

    async fn of_kubeconfig(kubeconfig: Kubeconfig) -> Result<Self, ConnectError> {
        let (config, token) = prepare(kubeconfig).await?;
        Self::of_config(config, token).await
    }

    pub(crate) async fn of_config(config: Config, token: Option<RenewedToken>) -> Result<Self, ConnectError> {
        let server = config.cluster_url.to_string();
        // Other providers of kube may run a command or read files to give a header, which blocks.
        let clients = tokio::task::spawn_blocking(move || {
            let calls = transport::direct_client(&config, token.clone(), Protocol::Calls);
            (
                calls,
                transport::direct_client(&config, token, Protocol::Upgrades),
            )
        });
        match tokio::time::timeout(timeouts::CREDENTIAL_PLUGIN, clients).await {
            Ok(Ok((calls, upgrades))) => Self::new(&server, calls, upgrades),
            Ok(Err(error)) => Err(ConnectError::Credentials {
                server,
                detail: error.to_string(),
            }),
            Err(_) => Err(ConnectError::Credentials {
                server,
                detail: "they take too long to be read".into(),
            }),
        }
    }

    fn new(
        server: &str,
        calls: Result<kube::Client, kube::Error>,
        upgrades: Result<kube::Client, kube::Error>,
    ) -> Result<Self, ConnectError> {
        let server = server.trim_end_matches('/').to_owned();
        let unusable = |error: kube::Error| ConnectError::Credentials {
            server: server.clone(),
            detail: error.to_string(),
        };
        let (calls, upgrades) = (calls.map_err(unusable)?, upgrades.map_err(unusable)?);
        Ok(Self {
            inner: Arc::new(Inner {
                calls,
                upgrades,
                server,
                kinds: Kinds::default(),
            }),
        })
    }

    pub(crate) async fn first_call(self) -> Result<Self, ConnectError> {
        let server = self.server_url().to_owned();
        match tokio::time::timeout(timeouts::CONNECT + timeouts::FIRST_ANSWER, self.version()).await {
            Ok(Ok(_)) => Ok(self),
            Ok(Err(error)) => Err(ConnectError::of_first_call(&server, error)),
            Err(_) => Err(ConnectError::Unreachable {
                server,
                problem: LinkProblem::TimedOut,
            }),
        }
    }

    /// The address of the API server, for messages.
    pub fn server_url(&self) -> &str {
        &self.inner.server
    }

    /// The version the API server reports.
    pub async fn version(&self) -> Result<ServerVersion, ApiError> {
        let info = self.calls().apiserver_version().await;
        info.map(ServerVersion::of)
            .map_err(|error| self.failed("read the server's version", error))
    }

    /// Asks the API server whether it is ready, with everything it does after its start done.
    ///
    /// # Errors
    /// With what is not done yet.
    pub async fn check_ready(&self) -> Result<(), ApiError> {
        let action = "ask whether the server is ready";
        let request = http::Request::get("/readyz").body(Vec::new());
        let request = request.map_err(|error| ApiError::unusable(action, error))?;
        let answer = self.calls().request_text(request).await;
        answer.map(drop).map_err(|error| self.failed(action, error))
    }

    pub(crate) fn calls(&self) -> &kube::Client {
        &self.inner.calls
    }

    pub(crate) fn upgrades(&self) -> &kube::Client {
        &self.inner.upgrades
    }

    pub(crate) fn kinds(&self) -> &Kinds {
        &self.inner.kinds
    }

    pub(crate) fn failed(&self, action: impl Into<String>, error: kube::Error) -> ApiError {
        ApiError::new(action, self.server_url(), error)
    }
}

fn parse_kubeconfig(text: &str) -> Result<Kubeconfig, ConnectError> {
    // Later lines of a YAML error show the source, which holds credentials.
    Kubeconfig::from_yaml(text).map_err(|error| ConnectError::Kubeconfig {
        file: None,
        detail: error.to_string().lines().next().unwrap_or_default().to_owned(),
    })
}

/// Turns a kubeconfig into a configuration without plugins: the plugin is run here, once for all clients.
async fn prepare(kubeconfig: Kubeconfig) -> Result<(Config, Option<RenewedToken>), ConnectError> {
    let (mut config, plugin) = configure(kubeconfig).await?;
    let token = match plugin {
        Some(plugin) => apply_credential(&mut config, plugin.run().await?, plugin),
        None => None,
    };
    Ok((config, token))
}

/// Turns a kubeconfig into a configuration, and the plugin that is still to be run for it.
pub(crate) async fn configure(kubeconfig: Kubeconfig) -> Result<(Config, Option<Plugin>), ConnectError> {
    transport::install_tls_provider();
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    let unusable = |detail: String| ConnectError::Kubeconfig { file: None, detail };
    let mut config = config.map_err(|error| unusable(error.to_string()))?;
    if config.accept_invalid_certs {
        let detail = "it turns TLS verification off (insecure-skip-tls-verify); give certificate-authority-data instead";
        return Err(unusable(detail.into()));
    }
    config.connect_timeout = Some(timeouts::CONNECT);
    let plugin = plugin_of(&mut config);
    Ok((config, plugin))
}

/// Takes the plugin out of the configuration, unless a static credential goes before it.
fn plugin_of(config: &mut Config) -> Option<Plugin> {
    let auth = &mut config.auth_info;
    let exec = auth.exec.take()?;
    let is_static = auth.token.is_some() || auth.token_file.is_some() || auth.auth_provider.is_some();
    (!is_static).then(|| Plugin::new(exec))
}

pub(crate) fn apply_credential(
    config: &mut Config,
    credential: Credential,
    plugin: Plugin,
) -> Option<RenewedToken> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    if let (Some(certificate), Some(key)) = (&credential.certificate, &credential.key) {
        config.auth_info.client_certificate_data = Some(STANDARD.encode(certificate));
        config.auth_info.client_key_data = Some(STANDARD.encode(key).into());
    }
    credential
        .token
        .is_some()
        .then(|| RenewedToken::new(plugin, credential))
}
