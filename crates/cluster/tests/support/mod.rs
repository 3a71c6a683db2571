//! What the tests against a real cluster share: a connection, a namespace that is removed, and a link that can be cut.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "support of tests, each of which uses a part of it"
)]

use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use cluster::{ApplyOptions, Cluster, HostContext, KubeconfigSources, ObjectRef, contexts};
use futures::FutureExt;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// The kubeconfig named by `TASKWRIGHT_TEST_KUBECONFIG`.
pub(crate) fn kubeconfig_file() -> PathBuf {
    let named = std::env::var_os("TASKWRIGHT_TEST_KUBECONFIG");
    named
        .expect("TASKWRIGHT_TEST_KUBECONFIG names the kubeconfig of a cluster for tests")
        .into()
}

pub(crate) fn kubeconfig_text() -> String {
    std::fs::read_to_string(kubeconfig_file()).unwrap()
}

pub(crate) fn host_context() -> HostContext {
    let (found, problems) = contexts(&KubeconfigSources::default().with(kubeconfig_file()));
    assert_eq!(problems, []);
    found
        .into_iter()
        .find(|context| context.current)
        .expect("the kubeconfig has a current context")
}

pub(crate) async fn connect() -> Cluster {
    Cluster::connect(&host_context()).await.unwrap()
}

/// The kubeconfig as JSON, for tests that change a part of it.
pub(crate) fn kubeconfig() -> Value {
    serde_yaml::from_str(&kubeconfig_text()).unwrap()
}

pub(crate) async fn connect_with(change: impl FnOnce(&mut Value)) -> Result<Cluster, cluster::ConnectError> {
    let mut config = kubeconfig();
    change(&mut config);
    Cluster::from_kubeconfig_yaml(&config.to_string()).await
}

pub(crate) fn set_server(config: &mut Value, server: &str) {
    config["clusters"][0]["cluster"]["server"] = json!(server);
}

/// Runs a test in a namespace of its own, which is deleted afterwards.
pub(crate) async fn in_namespace<F: Future<Output = ()>>(test: impl FnOnce(Cluster, String) -> F) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let namespace = format!("cluster-test-{}-{count}", std::process::id());
    let cluster = connect().await;
    let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    apply(&cluster, &[object]).await;
    let outcome = AssertUnwindSafe(test(cluster.clone(), namespace.clone()))
        .catch_unwind()
        .await;
    let object = ObjectRef {
        api_version: "v1".into(),
        kind: "Namespace".into(),
        namespace: None,
        name: namespace,
    };
    cluster.delete_json(&object, Some(0)).await.unwrap();
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

pub(crate) async fn apply(cluster: &Cluster, objects: &[Value]) -> Vec<Value> {
    cluster
        .apply(objects, &ApplyOptions::default(), |_| ())
        .await
        .unwrap()
}

pub(crate) fn config_map(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": {"test": "yes"}}, "data": {"key": "x".repeat(500)}})
}

/// A TCP proxy to the API server whose connections can be cut.
pub(crate) struct Link {
    pub address: SocketAddr,
    to: String,
    acceptor: AbortHandle,
}

impl Link {
    pub(crate) async fn to_api_server() -> Self {
        let server = host_context().server.unwrap();
        let to = server
            .trim_start_matches("https://")
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = tokio::spawn(carry(listener, to.clone())).abort_handle();
        Self {
            address,
            to,
            acceptor,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Cuts all connections and takes new ones only after `pause`.
    pub(crate) async fn cut(&mut self, pause: std::time::Duration) {
        self.acceptor.abort();
        tokio::time::sleep(pause).await;
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.acceptor = tokio::spawn(carry(listener, self.to.clone())).abort_handle();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

async fn carry(listener: TcpListener, to: String) {
    let mut connections = JoinSet::new();
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        let to = to.clone();
        connections.spawn(async move {
            let mut far = TcpStream::connect(to).await.unwrap();
            near.set_nodelay(true).unwrap();
            far.set_nodelay(true).unwrap();
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        });
    }
}
