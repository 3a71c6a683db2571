//! A head start for syncer and seat. Both wait for objects that the vCluster's controller manager makes only
//! seconds after the API server answers: the syncer for the account `default` before it does anything, the seat's
//! pod for the `ConfigMap` with the CA. We make the same objects as soon as they can be made.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use cluster::{ApiError, Cluster, ForwardPod, ForwardTarget, Object};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, Secret, ServiceAccount};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use plan::{PreviewId, seat};

use crate::connect::pod_labels;

/// Where the API server listens inside the control plane's pod, behind the syncer.
const API_SERVER_PORT: u16 = 6443;
/// How long to wait before asking again: an API server that does not listen yet cannot be watched.
const RETRY: Duration = Duration::from_millis(100);

/// Gives the head start, then does nothing more. It saves time and is never needed, so what goes wrong is told
/// to the log only.
pub(super) async fn give(host: &Cluster, id: &PreviewId) -> Infallible {
    match make(host, id).await {
        Ok(()) => tracing::debug!(preview = %id, "gave a head start"),
        Err(error) => tracing::debug!(preview = %id, %error, "no head start"),
    }
    std::future::pending().await
}

async fn make(host: &Cluster, id: &PreviewId) -> Result<(), ApiError> {
    let namespace = id.namespace();
    // The syncer writes its keys there before it starts the API server.
    let keys = host
        .wait_for::<Secret, Keys>(Some(&namespace), &format!("{id}-certs"), |secret| {
            Keys::of(secret?)
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
        match Cluster::through_forward(host, target.clone(), &keys.kubeconfig).await {
            Ok(api) => break api,
            Err(error) => tracing::trace!(%error, "the API server does not answer yet"),
        }
        tokio::time::sleep(RETRY).await;
    };
    let account = ServiceAccount {
        metadata: named("default"),
        ..ServiceAccount::default()
    };
    made(&api, Some("default"), &account).await;
    let namespace = Namespace {
        metadata: named(seat::NAMESPACE),
        ..Namespace::default()
    };
    made(&api, None, &namespace).await;
    let authority = ConfigMap {
        metadata: named("kube-root-ca.crt"),
        data: Some(BTreeMap::from([("ca.crt".to_owned(), keys.authority)])),
        ..ConfigMap::default()
    };
    made(&api, Some(seat::NAMESPACE), &authority).await;
    Ok(())
}

/// Makes an object, trying until it is there.
async fn made<K: Object>(api: &Cluster, namespace: Option<&str>, object: &K) {
    loop {
        match api.create(namespace, object).await {
            Ok(_) => return,
            Err(error) if error.is_already_exists() => return,
            Err(error) => tracing::trace!(%error, "it cannot be made yet"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// What the syncer wrote for the parts of its control plane.
struct Keys {
    /// Of an administrator, naming the API server by its loopback address.
    kubeconfig: String,
    /// The CA of the API server as PEM, which is what the controller manager hands out, too.
    authority: String,
}

impl Keys {
    fn of(secret: &Secret) -> Option<Self> {
        let text = |name: &str| String::from_utf8(secret.data.as_ref()?.get(name)?.0.clone()).ok();
        Some(Self {
            kubeconfig: text("admin.conf")?,
            authority: text("server-ca.crt")?,
        })
    }
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    }
}
