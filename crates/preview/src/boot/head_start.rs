//! A head start for the syncer. Before it does anything it waits for the account `default`, which the
//! vCluster's controller manager makes only seconds after the API server answers. We make the same object as soon
//! as it can be made.

use std::convert::Infallible;
use std::time::Duration;

use cluster::{ApiError, Cluster, ForwardPod, ForwardTarget};
use k8s_openapi::api::core::v1::{Pod, Secret, ServiceAccount};
use plan::PreviewId;

use crate::connect::pod_labels;

/// Where the API server listens inside the control plane's pod, behind the syncer.
const API_SERVER_PORT: u16 = 6443;
/// How long to wait before asking again: an API server that does not listen yet cannot be watched.
const RETRY: Duration = Duration::from_millis(100);

/// Gives the head start, then does nothing more. It saves time and is never needed, so what goes wrong is told
/// to the log only.
pub(super) async fn give(host: &Cluster, id: &PreviewId) -> Infallible {
    match make_account(host, id).await {
        Ok(()) => tracing::debug!(preview = %id, "made the default ServiceAccount"),
        Err(error) => tracing::debug!(preview = %id, %error, "no head start"),
    }
    std::future::pending().await
}

async fn make_account(host: &Cluster, id: &PreviewId) -> Result<(), ApiError> {
    let namespace = id.namespace();
    // The syncer writes its keys there before it starts the API server.
    let kubeconfig = host
        .wait_for::<Secret, String>(Some(&namespace), &format!("{id}-certs"), |secret| {
            let bytes = &secret?.data.as_ref()?.get("admin.conf")?.0;
            String::from_utf8(bytes.clone()).ok()
        })
        .await?;
    let pods: Vec<Pod> = host.list(Some(&namespace), Some(&pod_labels(id))).await?;
    let Some(pod) = pods.into_iter().find_map(|pod| pod.metadata.name) else {
        return Ok(());
    };
    let target = ForwardTarget {
        namespace,
        pod: ForwardPod::Named(pod),
        port: API_SERVER_PORT,
    };
    let api = loop {
        match Cluster::through_forward(host, target.clone(), &kubeconfig).await {
            Ok(api) => break api,
            Err(error) => tracing::trace!(%error, "the API server does not answer yet"),
        }
        tokio::time::sleep(RETRY).await;
    };
    loop {
        match api.create(Some("default"), &default_account()).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_already_exists() => return Ok(()),
            Err(error) => tracing::trace!(%error, "the ServiceAccount cannot be made yet"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

fn default_account() -> ServiceAccount {
    ServiceAccount {
        metadata: k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
            name: Some("default".to_owned()),
            ..Default::default()
        },
        ..ServiceAccount::default()
    }
}
