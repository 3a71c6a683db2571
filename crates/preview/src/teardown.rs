//! Removes a preview and waits until nothing of it is left, cluster-scoped objects included.

use cluster::{ApiError, Cluster, ObjectRef};
use k8s_openapi::api::core::v1::{Namespace, PersistentVolume, Pod};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use plan::{PreviewId, labels};
use serde::Serialize;

use crate::inventory::PreviewError;

/// What the removal is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "removing", rename_all = "kebab-case")]
pub enum Removal {
    /// The namespace with its pods is going.
    Namespace {
        /// Its name.
        namespace: String,
        /// Pods that were in it.
        pods: usize,
    },
    /// Cluster-scoped objects are gone.
    ClusterScoped {
        /// Kind and name of each.
        objects: Vec<String>,
    },
    /// Volumes have to go with their claims.
    Volumes {
        /// Their names.
        volumes: Vec<String>,
    },
}

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// The namespace.
    pub namespace: String,
    /// Pods that were in it.
    pub pods: usize,
    /// Kind and name of the cluster-scoped objects.
    pub cluster_scoped: Vec<String>,
}

/// Removes the preview `id` and waits until nothing of it is left. Can be repeated after any interruption.
///
/// # Errors
/// When the host does not answer or refuses.
pub async fn down(
    host: &Cluster,
    id: &PreviewId,
    mut report: impl FnMut(Removal) + Send,
) -> Result<Removed, PreviewError> {
    let namespace = id.namespace();
    let volumes = volumes_of(host, &namespace).await?;
    // The namespace first: from then on nothing new can be made in it.
    host.delete::<Namespace>(None, &namespace, None).await?;
    let graders = remove_graders(host, id).await?;
    let pods = end_pods(host, &namespace).await?;
    report(Removal::Namespace {
        namespace: namespace.clone(),
        pods,
    });
    let cluster_scoped = remove_cluster_scoped(host, id).await?;
    report(Removal::ClusterScoped {
        objects: cluster_scoped.clone(),
    });
    for namespace in graders.iter().chain([&namespace]) {
        host.wait_for::<Namespace, ()>(None, namespace, |found| found.is_none().then_some(()))
            .await?;
    }
    if !volumes.is_empty() {
        report(Removal::Volumes {
            volumes: volumes.clone(),
        });
    }
    for volume in &volumes {
        host.wait_for::<PersistentVolume, ()>(None, volume, |found| found.is_none().then_some(()))
            .await?;
    }
    Ok(Removed {
        namespace,
        pods,
        cluster_scoped,
    })
}

/// The namespaces of gradings that were interrupted, or still go on.
async fn remove_graders(host: &Cluster, id: &PreviewId) -> Result<Vec<String>, ApiError> {
    let ours = format!("{}={id}", labels::GRADER);
    let namespaces: Vec<Namespace> = host.list(None, Some(&ours)).await?;
    let names: Vec<String> = namespaces
        .into_iter()
        .filter_map(|one| one.metadata.name)
        .collect();
    for name in &names {
        host.delete::<Namespace>(None, name, None).await?;
        end_pods(host, name).await?;
    }
    Ok(names)
}

/// Ends the pods at once: there is nothing in a preview to be saved, and grace periods are what makes the end
/// of a namespace slow.
async fn end_pods(host: &Cluster, namespace: &str) -> Result<usize, ApiError> {
    let pods: Vec<Pod> = host.list(Some(namespace), None).await?;
    let names: Vec<String> = pods.into_iter().filter_map(|pod| pod.metadata.name).collect();
    let ends = names
        .iter()
        .map(|name| host.delete::<Pod>(Some(namespace), name, Some(0)));
    futures::future::try_join_all(ends).await?;
    Ok(names.len())
}

/// The volumes behind the claims of a namespace that go with them.
async fn volumes_of(host: &Cluster, namespace: &str) -> Result<Vec<String>, ApiError> {
    let volumes: Vec<PersistentVolume> = host.list(None, None).await?;
    let ours = volumes.into_iter().filter(|volume| {
        let Some(spec) = &volume.spec else { return false };
        let claimed = spec
            .claim_ref
            .as_ref()
            .and_then(|claim| claim.namespace.as_deref())
            == Some(namespace);
        claimed && spec.persistent_volume_reclaim_policy.as_deref() == Some("Delete")
    });
    Ok(ours.filter_map(|volume| volume.metadata.name).collect())
}

async fn remove_cluster_scoped(host: &Cluster, id: &PreviewId) -> Result<Vec<String>, ApiError> {
    let ours = format!("{}={id}", labels::PREVIEW);
    let (roles, bindings) = futures::try_join!(
        host.list::<ClusterRole>(None, Some(&ours)),
        host.list::<ClusterRoleBinding>(None, Some(&ours)),
    )?;
    let mut removed = Vec::new();
    let named = |kind: &str, name: Option<String>| ObjectRef {
        api_version: "rbac.authorization.k8s.io/v1".to_owned(),
        kind: kind.to_owned(),
        namespace: None,
        name: name.unwrap_or_default(),
    };
    let roles = roles
        .into_iter()
        .map(|role| named("ClusterRole", role.metadata.name));
    let bindings = bindings
        .into_iter()
        .map(|binding| named("ClusterRoleBinding", binding.metadata.name));
    for object in roles.chain(bindings) {
        if host.delete_json(&object, None).await? {
            removed.push(object.to_string());
        }
    }
    Ok(removed)
}

/// Ids that only cluster-scoped objects and graders still carry: what a removal that was interrupted has left.
///
/// # Errors
/// When the host does not answer or refuses.
pub async fn leftovers(host: &Cluster) -> Result<Vec<PreviewId>, PreviewError> {
    let (roles, bindings, graders) = futures::try_join!(
        host.list::<ClusterRole>(None, Some(labels::PREVIEW)),
        host.list::<ClusterRoleBinding>(None, Some(labels::PREVIEW)),
        host.list::<Namespace>(None, Some(labels::GRADER)),
    )?;
    let of_graders = graders
        .into_iter()
        .filter_map(|namespace| PreviewId::parse(namespace.metadata.labels?.get(labels::GRADER)?));
    let of_roles = roles.into_iter().filter_map(|role| role.metadata.labels);
    let of_bindings = bindings.into_iter().filter_map(|binding| binding.metadata.labels);
    let mut ids: Vec<PreviewId> = of_roles
        .chain(of_bindings)
        .filter_map(|labels| PreviewId::parse(labels.get(labels::PREVIEW)?))
        .chain(of_graders)
        .collect();
    ids.sort();
    ids.dedup();
    Ok(ids)
}
