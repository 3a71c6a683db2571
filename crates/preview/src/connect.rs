//! The way into a vCluster: its kubeconfig from a Secret on the host, its API through a port-forward.

use cluster::{
    ApiError, Cluster, ConnectError, ForwardListener, ForwardPod, ForwardTarget, LinkProblem, Selector,
    Watched,
};
use futures::StreamExt;
use k8s_openapi::api::core::v1::{Pod, Secret};
use plan::PreviewId;

use crate::inventory::PreviewError;
use std::pin::pin;
use std::time::Duration;

/// Where the syncer serves the vCluster's API.
const API_PORT: u16 = 8443;

/// Where the API of a vCluster is reached on the host.
pub(crate) fn target(id: &PreviewId) -> ForwardTarget {
    ForwardTarget {
        namespace: id.namespace(),
        pod: ForwardPod::Labelled(pod_labels(id)),
        port: API_PORT,
    }
}

pub(crate) fn pod_labels(id: &PreviewId) -> String {
    format!("app=vcluster,release={id}")
}

/// How long to wait before asking again: what does not listen yet cannot be watched.
const RETRY: Duration = Duration::from_millis(50);

/// Waits until the vCluster has written its kubeconfig and answers. Its pod becomes Ready some time later, when
/// the kubelet has looked again.
pub(crate) async fn when_ready(
    host: &Cluster,
    id: &PreviewId,
    mut waiting: impl FnMut(&str),
) -> Result<Cluster, PreviewError> {
    let namespace = id.namespace();
    waiting("the control plane's pod");
    running_pod(host, &namespace, &pod_labels(id)).await?;
    waiting("the kubeconfig");
    let kubeconfig = host
        .wait_for::<Secret, String>(Some(&namespace), &format!("vc-{id}"), |secret| {
            kubeconfig_of(secret?)
        })
        .await?;
    waiting("the first answer");
    loop {
        match Cluster::through_forward(host, target(id), &kubeconfig).await {
            Err(error) if is_starting(&error) => {
                tracing::trace!(preview = %id, %error, "the vCluster does not answer yet");
            }
            connected => return Ok(connected?),
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn running_pod(host: &Cluster, namespace: &str, labels: &str) -> Result<(), ApiError> {
    let mut pods = pin!(host.watch::<Pod>(Some(namespace), Selector::labels(labels)));
    while let Some(event) = pods.next().await {
        match event {
            Ok(Watched::Applied(pod)) if cluster::wait::pod_running(&pod) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.is_passing() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether a vCluster that is starting may answer like this.
fn is_starting(error: &ConnectError) -> bool {
    match error {
        ConnectError::Unreachable { problem, .. } => !matches!(problem, LinkProblem::CertificateRejected(_)),
        ConnectError::NotAnApiServer { .. } => true,
        _ => false,
    }
}

/// The kubeconfig in the Secret that a vCluster writes.
pub(crate) fn kubeconfig_of(secret: &Secret) -> Option<String> {
    let bytes = &secret.data.as_ref()?.get("config")?.0;
    String::from_utf8(bytes.clone()).ok()
}

/// Connects to the API of a preview's vCluster.
///
/// # Errors
/// When it has no kubeconfig yet or does not answer.
pub async fn connect(host: &Cluster, id: &PreviewId) -> Result<Cluster, PreviewError> {
    let kubeconfig = kubeconfig(host, id).await?;
    Ok(Cluster::through_forward(host, target(id), &kubeconfig).await?)
}

pub(crate) async fn kubeconfig(host: &Cluster, id: &PreviewId) -> Result<String, PreviewError> {
    let secret = host
        .get::<Secret>(Some(&id.namespace()), &format!("vc-{id}"))
        .await?;
    secret
        .as_ref()
        .and_then(kubeconfig_of)
        .ok_or_else(|| PreviewError::NoKubeconfig { id: id.to_string() })
}

/// A way into a preview's API for other programs: a kubeconfig, and the loopback port it names, which is open
/// for as long as this is kept.
#[derive(Debug)]
pub struct Access {
    /// The kubeconfig, with the creator's full rights. It is a secret.
    pub kubeconfig: String,
    _listener: ForwardListener,
}

/// Opens a loopback port to the API of a preview and writes the kubeconfig that goes with it.
///
/// # Errors
/// When it has no kubeconfig yet, or no port can be opened.
pub async fn access(host: &Cluster, id: &PreviewId) -> Result<Access, PreviewError> {
    let kubeconfig = kubeconfig(host, id).await?;
    let listener = ForwardListener::open(host, target(id)).await?;
    let server = format!("https://localhost:{}", listener.port());
    let kubeconfig = cluster::with_server(&kubeconfig, &server, None, id.as_str())?;
    Ok(Access {
        kubeconfig,
        _listener: listener,
    })
}
