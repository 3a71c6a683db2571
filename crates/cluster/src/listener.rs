//! A loopback port that leads to a port of a pod, for programs that cannot use our own connection.

use std::io;

use kube::config::Kubeconfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use crate::client::Cluster;
use crate::error::{ApiError, ConnectError};
use crate::forward::ForwardTarget;

/// An open loopback port; dropping it closes the port and every connection through it.
#[derive(Debug)]
pub struct ForwardListener {
    port: u16,
    _acceptor: AbortOnDropHandle<()>,
}

impl ForwardListener {
    /// Opens a free port on loopback. Each connection to it becomes a forward of its own.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn open(host: &Cluster, target: ForwardTarget) -> Result<Self, ApiError> {
        let failed = |error: io::Error| ApiError::unusable(format!("open a local port to {target}"), error);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let acceptor = tokio::spawn(accept(listener, host.clone(), target.clone()));
        Ok(Self {
            port,
            _acceptor: AbortOnDropHandle::new(acceptor),
        })
    }

    /// The port on loopback.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

async fn accept(listener: TcpListener, host: Cluster, target: ForwardTarget) {
    // The set ends its connections when it is dropped.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((socket, _)) = accepted else { continue };
                connections.spawn(carry(socket, host.clone(), target.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(mut socket: TcpStream, host: Cluster, target: ForwardTarget) {
    let carried = async {
        socket.set_nodelay(true)?;
        let mut stream = host.forward(&target).await.map_err(io::Error::other)?;
        tokio::io::copy_bidirectional(&mut socket, &mut stream).await
    };
    if let Err(error) = carried.await {
        tracing::debug!(%target, %error, "a connection through the local port ended");
    }
}

/// A kubeconfig whose only cluster has another address, and whose context has the name `name`. A server that is not
/// reached under a name of its certificate is to be known by `tls_name`.
///
/// # Errors
/// When the text is no kubeconfig.
pub fn with_server(
    kubeconfig: &str,
    server: &str,
    tls_name: Option<&str>,
    name: &str,
) -> Result<String, ConnectError> {
    let unusable = |detail: String| ConnectError::Kubeconfig { file: None, detail };
    let mut config =
        Kubeconfig::from_yaml(kubeconfig).map_err(|_| unusable("it is not valid YAML".to_owned()))?;
    for cluster in &mut config.clusters {
        if let Some(cluster) = &mut cluster.cluster {
            cluster.server = Some(server.to_owned());
            cluster.tls_server_name = tls_name.map(str::to_owned).or(cluster.tls_server_name.take());
        }
    }
    for context in &mut config.contexts {
        name.clone_into(&mut context.name);
    }
    config.current_context = Some(name.to_owned());
    serde_yaml::to_string(&config).map_err(|error| unusable(error.to_string()))
}
