//! The way to the API server of a context, a piece at a time, so that what is wrong with a connection has a name.
//!
//! Nothing here has a deadline of its own but the credential plugin: whoever asks gives each piece its time.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use jiff::Timestamp;
use kube::Config;
use tower::ServiceExt;

use crate::client::{self, Cluster};
use crate::credential::{Credential, Plugin, PluginError};
use crate::error::ConnectError;
use crate::hosts::{self, HostContext};
use crate::link::LinkProblem;
use crate::transport::{self, Dial, Protocol};
use crate::{certificate, environment, secrets};

/// The way to an API server, read from a kubeconfig; nothing was asked yet.
#[derive(Debug)]
pub struct Route {
    config: Config,
    plugin: Option<Plugin>,
    is_proxy_of_kubeconfig: bool,
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// A name, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Endpoint {
    fn of(address: &Uri) -> Self {
        let host = address.host().unwrap_or_default().trim_matches(['[', ']']);
        let usual = match address.scheme_str() {
            Some("http") => 80,
            Some("socks5") => 1080,
            _ => 443,
        };
        Self {
            host: host.to_owned(),
            port: address.port_u16().unwrap_or(usual),
        }
    }

    /// The address, when it is one already and not a name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// A proxy that calls go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its address, without user and password.
    pub address: String,
    /// Whether the kubeconfig names it, and not the environment.
    pub is_of_kubeconfig: bool,
}

/// What our user shows to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// A client certificate.
    Certificate {
        /// Until when it is valid, if that can be read.
        end: Option<Timestamp>,
    },
    /// A token of the kubeconfig.
    Token,
    /// A token in a file.
    TokenFile {
        /// The file.
        file: String,
    },
    /// A name and a password.
    Password,
    /// A provider that is built into clients.
    Provider {
        /// Its name.
        name: String,
    },
}

/// A credential plugin, and where it is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginPlace {
    /// The program as the kubeconfig names it.
    pub program: String,
    /// The whole command line, without secrets.
    pub command: String,
    /// Where it was found.
    pub found: Option<PathBuf>,
    /// The `PATH` of this process.
    pub path: String,
}

/// Where a program would be found from a login shell, which often knows more folders than a desktop does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginShell {
    /// Its `PATH`.
    pub path: String,
    /// The program.
    pub found: Option<PathBuf>,
}

/// What a credential plugin gave.
#[derive(Debug, Clone)]
pub struct SignIn(Credential);

impl SignIn {
    /// Until when it is valid, when the plugin says so.
    pub fn end(&self) -> Option<Timestamp> {
        self.0.end
    }

    /// Whether it is a token, and not only a certificate.
    pub fn is_token(&self) -> bool {
        self.0.token.is_some()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Tcp,
    Tls,
}

impl Route {
    /// Reads the way from the files of a context.
    pub async fn of(context: &HostContext) -> Result<Self, ConnectError> {
        let kubeconfig = hosts::kubeconfig_of(context)?;
        let named = kubeconfig.clusters.iter().filter_map(|one| one.cluster.as_ref());
        let is_proxy_of_kubeconfig = named
            .filter_map(|cluster| cluster.proxy_url.as_ref())
            .any(|proxy| !proxy.is_empty());
        let (config, plugin) = client::configure(kubeconfig).await?;
        Ok(Self {
            config,
            plugin,
            is_proxy_of_kubeconfig,
        })
    }

    /// The API server.
    pub fn server(&self) -> Endpoint {
        Endpoint::of(&self.config.cluster_url)
    }

    /// Whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.config.cluster_url.scheme_str() != Some("http")
    }

    /// The proxy in use, if there is one.
    pub fn proxy(&self) -> Option<Proxy> {
        let address = secrets::without_user(&self.config.proxy_url.as_ref()?.to_string());
        Some(Proxy {
            address: address.trim_end_matches('/').to_owned(),
            is_of_kubeconfig: self.is_proxy_of_kubeconfig,
        })
    }

    /// What is connected to from here: the proxy, or the server itself.
    pub fn first_hop(&self) -> Endpoint {
        self.config
            .proxy_url
            .as_ref()
            .map_or_else(|| self.server(), Endpoint::of)
    }

    /// The credential plugin, unless something else goes before it.
    pub fn plugin(&self) -> Option<PluginPlace> {
        let plugin = self.plugin.as_ref()?;
        let program = plugin.program().to_owned();
        let found = if program.contains(std::path::MAIN_SEPARATOR) {
            Some(PathBuf::from(&program)).filter(|path| path.is_file())
        } else {
            environment::find_on_path(&program)
        };
        Some(PluginPlace {
            command: plugin.command_line(),
            found,
            path: environment::path_for_humans(),
            program,
        })
    }

    /// What the kubeconfig holds for our user, apart from a plugin.
    ///
    /// # Errors
    /// With what cannot be read.
    pub fn evidence(&self) -> Result<Vec<Evidence>, String> {
        let auth = &self.config.auth_info;
        let mut all = Vec::new();
        all.extend(self.certificate()?);
        if auth.token.is_some() {
            all.push(Evidence::Token);
        } else if let Some(file) = &auth.token_file {
            std::fs::metadata(file).map_err(|error| format!("{file}: {error}"))?;
            all.push(Evidence::TokenFile { file: file.clone() });
        }
        if auth.username.is_some() && auth.password.is_some() {
            all.push(Evidence::Password);
        }
        if let Some(provider) = &auth.auth_provider {
            let name = provider.name.clone();
            all.push(Evidence::Provider { name });
        }
        Ok(all)
    }

    fn certificate(&self) -> Result<Option<Evidence>, String> {
        let auth = &self.config.auth_info;
        let has_key = auth.client_key_data.is_some() || auth.client_key.is_some();
        let pem = match (&auth.client_certificate_data, &auth.client_certificate) {
            (Some(data), _) => STANDARD
                .decode(data)
                .map_err(|error| format!("client-certificate-data: {error}"))?,
            (None, Some(file)) => std::fs::read(file).map_err(|error| format!("{file}: {error}"))?,
            (None, None) if has_key => {
                return Err("there is a client key, but no certificate to it".to_owned());
            }
            (None, None) => return Ok(None),
        };
        if !has_key {
            return Err("there is a client certificate, but no key to it".to_owned());
        }
        if let (None, Some(file)) = (&auth.client_key_data, &auth.client_key) {
            std::fs::metadata(file).map_err(|error| format!("{file}: {error}"))?;
        }
        let end = certificate::end_of_pem(&pem);
        Ok(Some(Evidence::Certificate { end }))
    }

    /// Runs the credential plugin, if there is one.
    ///
    /// # Errors
    /// When it gives no credential.
    pub async fn sign_in(&self) -> Result<Option<SignIn>, PluginError> {
        match &self.plugin {
            Some(plugin) => Ok(Some(SignIn(plugin.run().await?))),
            None => Ok(None),
        }
    }

    /// Looks the first hop up by name.
    ///
    /// # Errors
    /// With the resolver's words.
    pub async fn resolve(&self) -> Result<Vec<IpAddr>, String> {
        let hop = self.first_hop();
        let found = tokio::net::lookup_host((hop.host, hop.port)).await;
        let mut addresses: Vec<IpAddr> = found
            .map_err(|error| error.to_string())?
            .map(|address| address.ip())
            .collect();
        addresses.dedup();
        Ok(addresses)
    }

    /// Opens a connection to the server, through the proxy if there is one, and closes it.
    ///
    /// # Errors
    /// When that fails.
    pub async fn dial(&self) -> Result<(), LinkProblem> {
        self.open(Depth::Tcp).await.map(drop)
    }

    /// As [`Self::dial`], with TLS; says until when the server's certificate is valid, if that can be read.
    ///
    /// # Errors
    /// When that fails.
    pub async fn shake_hands(&self) -> Result<Option<Timestamp>, LinkProblem> {
        self.open(Depth::Tls).await
    }

    async fn open(&self, depth: Depth) -> Result<Option<Timestamp>, LinkProblem> {
        let tcp = transport::tcp();
        let Some(proxy) = self.config.proxy_url.clone() else {
            return self.through(tcp, depth).await;
        };
        match proxy.scheme_str() {
            Some("socks5") => self.through(SocksV5::new(proxy, tcp), depth).await,
            Some("http") => self.through(Tunnel::new(proxy, tcp), depth).await,
            _ => Err(LinkProblem::Other(
                "a proxy has to be an http:// or socks5:// address".to_owned(),
            )),
        }
    }

    async fn through<D: Dial>(&self, dial: D, depth: Depth) -> Result<Option<Timestamp>, LinkProblem> {
        let server = self.config.cluster_url.clone();
        if depth == Depth::Tcp {
            let opened = dial.oneshot(server).await;
            return match opened {
                Ok(_) => Ok(None),
                Err(error) => Err(LinkProblem::of(error.into().as_ref())),
            };
        }
        let secure = transport::https_connector(&self.config, Protocol::Upgrades, dial)
            .map_err(|error| LinkProblem::Tls(error.to_string()))?;
        match secure.oneshot(server).await {
            Ok(MaybeHttpsStream::Https(stream)) => {
                let (_, session) = stream.inner().get_ref();
                let shown = session.peer_certificates().and_then(<[_]>::first);
                Ok(shown.and_then(|shown| certificate::end(shown)))
            }
            Ok(MaybeHttpsStream::Http(_)) => Ok(None),
            Err(error) => Err(LinkProblem::of(error.as_ref())),
        }
    }

    /// Goes all the way: a cluster that has answered once.
    ///
    /// # Errors
    /// When the server does not answer as an API server that knows us.
    pub async fn connect(self, sign_in: Option<SignIn>) -> Result<Cluster, ConnectError> {
        let Self {
            mut config, plugin, ..
        } = self;
        let token = match (sign_in, plugin) {
            (Some(SignIn(credential)), Some(plugin)) => {
                client::apply_credential(&mut config, credential, plugin)
            }
            _ => None,
        };
        Cluster::of_config(config, token).await?.first_call().await
    }
}

/// Asks the person's login shell for its `PATH`, and looks for a program there.
pub async fn login_shell(program: &str) -> Option<LoginShell> {
    let path = environment::login_path().await?;
    let found = environment::find_in(program, path.as_ref());
    Some(LoginShell { path, found })
}
