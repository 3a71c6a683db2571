//! Adds a node to a sandbox that runs, and takes one out.

use std::fs;
use std::time::Duration;

use cluster::Cluster;
use k8s_openapi::api::core::v1::{Node, Pod};
use serde_json::json;

use crate::cgroup::Cgroups;
use crate::error::{OnPath, SandboxError};
use crate::event::{SandboxEvent, Step};
use crate::layout::Layout;
use crate::network;
use crate::options::{Pool, UpOptions};
use crate::part::Part;
use crate::pki::Pki;
use crate::state::{Lock, State};
use crate::tools::Toolchain;
use crate::up::{Raise, SandboxInfo};

/// How long pods of a node that goes may take to end.
const DRAIN: Duration = Duration::from_secs(30);

/// Adds a node to `pool`, waits until it takes pods, and returns its name.
pub async fn node_add(
    pool: Pool,
    options: &UpOptions,
    progress: impl Fn(SandboxEvent) + Send + Sync,
) -> Result<(String, SandboxInfo), SandboxError> {
    let layout = Layout::default();
    let _lock = Lock::take(&layout)?;
    let mut state = State::load(&layout)?.ok_or(SandboxError::NotUp)?;
    let name = state.add_node(pool)?;
    let toolchain = Toolchain::locate(&options.cache()).await?;
    let cgroups = Cgroups::of_this_machine().ok_or(SandboxError::NotUp)?;
    let info = Raise::new(&layout, state, &toolchain, cgroups, &progress)
        .run()
        .await?;
    Ok((name, info))
}

/// Moves the pods of a node away, ends it, and forgets it.
pub async fn node_remove(
    name: &str,
    progress: impl Fn(SandboxEvent) + Send + Sync,
) -> Result<(), SandboxError> {
    let layout = Layout::default();
    let _lock = Lock::take(&layout)?;
    let mut state = State::load(&layout)?.ok_or(SandboxError::NotUp)?;
    let Some(node) = state.nodes.get(name).copied() else {
        let nodes = state.nodes.keys().cloned().collect();
        return Err(SandboxError::NoSuchNode {
            name: name.to_owned(),
            nodes,
        });
    };
    if state.nodes_in(node.pool) == 1 {
        return Err(SandboxError::LastOfItsPool(name.to_owned()));
    }
    progress(SandboxEvent::Began(Step::Drain));
    let cluster = connect(&layout).await?;
    drain(&cluster, name).await?;
    progress(SandboxEvent::Ended(Step::Drain));
    end(&layout, &mut state, name).await?;
    forget(&cluster, name).await
}

async fn connect(layout: &Layout) -> Result<Cluster, SandboxError> {
    let kubeconfig = Pki::text(&layout.kubeconfig())?;
    Cluster::from_kubeconfig_yaml(&kubeconfig)
        .await
        .map_err(|error| SandboxError::Ask(error.to_string()))
}

/// Lets nothing new onto the node and ends what is there; whoever owns a pod makes it again elsewhere.
async fn drain(cluster: &Cluster, name: &str) -> Result<(), SandboxError> {
    let asked = |error: cluster::ApiError| SandboxError::Ask(error.to_string());
    let cordoned = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": {"unschedulable": true}});
    let applied = cluster
        .apply(&[cordoned], &cluster::ApplyOptions::default(), |_| {})
        .await;
    applied.map_err(|error| SandboxError::Ask(error.to_string()))?;
    let mut pods: Vec<Pod> = cluster.list(None, None).await.map_err(asked)?;
    pods.retain(|pod| {
        pod.spec
            .as_ref()
            .is_some_and(|spec| spec.node_name.as_deref() == Some(name))
    });
    let gone = pods.iter().map(|pod| remove_pod(cluster, pod));
    let all_gone = futures::future::try_join_all(gone);
    // What has not ended by then ends with the node.
    tokio::time::timeout(DRAIN, all_gone)
        .await
        .unwrap_or(Ok(Vec::new()))
        .map(drop)
        .map_err(asked)
}

async fn remove_pod(cluster: &Cluster, pod: &Pod) -> Result<(), cluster::ApiError> {
    let (namespace, name) = (
        pod.metadata.namespace.as_deref(),
        pod.metadata.name.as_deref().unwrap_or_default(),
    );
    let uid = pod.metadata.uid.clone();
    if cluster.delete::<Pod>(namespace, name, Some(5)).await? {
        // A pod of the same name with another identity is its successor.
        let gone = |pod: Option<&Pod>| pod.is_none_or(|pod| pod.metadata.uid != uid).then_some(());
        cluster.wait_for::<Pod, ()>(namespace, name, gone).await?;
    }
    Ok(())
}

/// Ends the node's processes and removes what it has on this machine.
async fn end(layout: &Layout, state: &mut State, name: &str) -> Result<(), SandboxError> {
    for part in Part::NODE {
        if let Some(record) = state.processes.remove(&part.process(name)) {
            record.end(Duration::ZERO).await;
        }
    }
    state.nodes.remove(name);
    if let Some(cgroups) = Cgroups::of_this_machine() {
        cgroups.kill(Some(name)).await;
        crate::down::remove_mounts_below(&[layout.node(name).root(), layout.node(name).run()]);
        cgroups.remove(Some(name)).await;
    }
    network::remove_member(name).await?;
    for folder in [layout.node(name).root(), layout.node(name).run()] {
        if folder.exists() {
            fs::remove_dir_all(folder).on("remove", folder)?;
        }
    }
    Pki::of(layout).forget_node(name)?;
    state.save(layout)?;
    network::route_pods(state).await
}

async fn forget(cluster: &Cluster, name: &str) -> Result<(), SandboxError> {
    let deleted = cluster.delete::<Node>(None, name, None).await;
    deleted
        .map(drop)
        .map_err(|error| SandboxError::Ask(error.to_string()))
}
