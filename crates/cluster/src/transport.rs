//! HTTP clients to an API server: `TCP_NODELAY` below, a deadline on connecting, HTTP/2 for calls and HTTP/1.1 for upgrades.

use std::io;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use http::Uri;
use hyper::rt::{Read, Write};
use hyper_rustls::{FixedServerNameResolver, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::Config;
use kube::client::retry::RetryPolicy;
use kube::client::{Body, ConfigExt};
use tower::filter::AsyncFilterLayer;
use tower::retry::RetryLayer;
use tower::{BoxError, Service, ServiceBuilder};

use crate::credential::RenewedToken;
use crate::timeouts;

/// Which HTTP a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/2 when the server offers it: one connection for all calls and watches.
    Calls,
    /// HTTP/2 without asking: for servers known to speak it, where opening a connection is dear.
    OneConnection,
    /// HTTP/1.1, which alone can be upgraded to a WebSocket.
    Upgrades,
}

/// The name of a stream's bottom layer, so that its HTTP client can be built generically.
pub(crate) trait Dial:
    Service<Uri, Response: Stream, Future: Send, Error: Into<BoxError>> + Clone + Send + Sync + 'static
{
}
impl<S> Dial for S where
    S: Service<Uri, Response: Stream, Future: Send, Error: Into<BoxError>> + Clone + Send + Sync + 'static
{
}

/// What a connector gives.
pub(crate) trait Stream: Read + Write + Connection + Unpin + Send + 'static {}
impl<S> Stream for S where S: Read + Write + Connection + Unpin + Send + 'static {}

/// Makes aws-lc-rs the process's TLS provider; a second call, or another part doing the same, is fine.
pub(crate) fn install_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // The only error is that somebody else was faster, which is as good.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}

/// Plain TCP.
pub(crate) fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(timeouts::PING));
    tcp
}

/// TCP, through the proxy of the configuration when it names one.
pub(crate) fn direct_client(
    config: &Config,
    token: Option<RenewedToken>,
    protocol: Protocol,
) -> Result<kube::Client, kube::Error> {
    let tcp = tcp();
    let Some(proxy) = config.proxy_url.clone() else {
        return client(config, token, protocol, tcp);
    };
    match proxy.scheme_str() {
        Some("socks5") => client(config, token, protocol, SocksV5::new(proxy, tcp)),
        Some("http") => client(config, token, protocol, Tunnel::new(proxy, tcp)),
        _ => Err(kube::Error::ProxyProtocolUnsupported {
            proxy_url: Box::new(proxy),
        }),
    }
}

/// A client over any bottom layer.
pub(crate) fn client<D: Dial>(
    config: &Config,
    token: Option<RenewedToken>,
    protocol: Protocol,
    dial: D,
) -> Result<kube::Client, kube::Error> {
    let https = https_connector(config, protocol, dial)?;
    let mut builder = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
    builder.timer(TokioTimer::new()).pool_timer(TokioTimer::new());
    builder.http2_keep_alive_interval(timeouts::PING);
    builder.http2_keep_alive_timeout(timeouts::PING_ANSWER);
    builder.http2_keep_alive_while_idle(true);
    builder.http2_adaptive_window(true);
    builder.http2_only(protocol == Protocol::OneConnection);
    let http = builder.build::<_, Body>(InTime(https));
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(calls_only(protocol, busy_retry()))
        .option_layer(config.auth_layer()?)
        .option_layer(token.map(AsyncFilterLayer::new))
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(http);
    Ok(kube::Client::new(service, config.default_namespace.clone()))
}

pub(crate) fn https_connector<D: Dial>(
    config: &Config,
    protocol: Protocol,
    dial: D,
) -> Result<hyper_rustls::HttpsConnector<D>, kube::Error> {
    let mut builder = HttpsConnectorBuilder::new()
        .with_tls_config(config.rustls_client_config()?)
        .https_or_http();
    if let Some(name) = config.tls_server_name.clone()
        && let Ok(name) = name.try_into()
    {
        builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name));
    }
    Ok(match protocol {
        Protocol::Calls => builder.enable_all_versions().wrap_connector(dial),
        Protocol::OneConnection => builder.enable_http2().wrap_connector(dial),
        Protocol::Upgrades => builder.enable_http1().wrap_connector(dial),
    })
}

/// An overloaded server (429, 503, 504) is asked again a few times; an upgrade cannot be repeated this way.
fn busy_retry() -> Option<RetryPolicy> {
    let (first, longest) = timeouts::RETRY_PAUSE;
    RetryPolicy::new(first, longest, 4, true).ok()
}

fn calls_only(protocol: Protocol, policy: Option<RetryPolicy>) -> Option<RetryLayer<RetryPolicy>> {
    policy
        .filter(|_| protocol != Protocol::Upgrades)
        .map(RetryLayer::new)
}

/// A connector with a deadline that covers TLS, too.
#[derive(Clone)]
struct InTime<C>(C);

impl<C> Service<Uri> for InTime<C>
where
    C: Service<Uri, Error: Into<BoxError>, Future: Send + 'static>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<C::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move {
            match tokio::time::timeout(timeouts::CONNECT, connecting).await {
                Ok(connected) => connected.map_err(Into::into),
                Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
            }
        })
    }
}
