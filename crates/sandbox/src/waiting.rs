//! Waits for the parts of a sandbox to work: watches where there is something to watch, and asks where there is
//! nothing yet.

use std::time::Duration;

use cluster::{ApplyOptions, Cluster, Readiness};
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Node;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use serde_json::Value;

use crate::addons::Addon;
use crate::error::SandboxError;
use crate::event::SandboxEvent;
use crate::layout::Layout;
use crate::options::Pool;
use crate::pki::Pki;

/// How long one thing may take to become ready. Everything is local, so this is patience with a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);
/// How long to wait before asking the API server again.
const RETRY: Duration = Duration::from_millis(50);

/// Where kubelets say that they are there.
const NODE_LEASES: &str = "kube-node-lease";

/// What waiting needs to know. It holds nothing of the state, which may change meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Waiting<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) progress: &'a (dyn Fn(SandboxEvent) + Send + Sync),
}

impl Waiting<'_> {
    /// Connects as soon as the API server answers. There is nothing to watch before it does.
    pub(crate) async fn connect(&self) -> Result<Cluster, SandboxError> {
        let kubeconfig = Pki::text(&self.layout.kubeconfig())?;
        let mut last = String::new();
        let attempts = async {
            loop {
                match Cluster::from_kubeconfig_yaml(&kubeconfig).await {
                    Ok(cluster) => return cluster,
                    Err(error) => last = error.to_string(),
                }
                tokio::time::sleep(RETRY).await;
            }
        };
        let connected = tokio::time::timeout(PATIENCE, attempts).await;
        connected.map_err(|_| self.not_ready("the API server".to_owned(), last))
    }

    /// Returns when the API server has done everything it does after its start. Until then its own roles and
    /// bindings are not all there, and whoever relies on them is refused.
    pub(crate) async fn settled(&self, cluster: &Cluster) -> Result<(), SandboxError> {
        let mut last = String::new();
        let attempts = async {
            while let Err(error) = cluster.check_ready().await {
                last = error.to_string();
                tokio::time::sleep(RETRY).await;
            }
        };
        let settled = tokio::time::timeout(PATIENCE, attempts).await;
        settled.map_err(|_| self.not_ready("the API server's own set-up".to_owned(), last))
    }

    /// Applies objects, with the patience that a cluster needs which is only just coming up.
    pub(crate) async fn apply(&self, cluster: &Cluster, objects: &[Value]) -> Result<(), SandboxError> {
        let applied = cluster.apply(objects, &ApplyOptions::default(), |_| {}).await;
        applied.map(drop).map_err(|error| SandboxError::Apply {
            object: error
                .object()
                .map_or_else(|| "an object".to_owned(), ToString::to_string),
            reason: error.to_string(),
        })
    }

    /// Returns when the node takes pods, as it said itself after it may have been silent.
    pub(crate) async fn node(
        &self,
        cluster: &Cluster,
        name: &str,
        pool: Pool,
        silent_since: Option<Timestamp>,
    ) -> Result<(), SandboxError> {
        let ready = async {
            if let Some(silent_since) = silent_since {
                let heard = |lease: Option<&Lease>| is_renewed(lease?, silent_since).then_some(());
                cluster
                    .wait_for::<Lease, ()>(Some(NODE_LEASES), name, heard)
                    .await?;
            }
            cluster
                .wait_for::<Node, ()>(None, name, |node| cluster::wait::node_ready(node?).then_some(()))
                .await
        };
        self.patiently(format!("the node {name}"), ready).await?;
        let name = name.to_owned();
        (self.progress)(SandboxEvent::NodeReady { name, pool });
        Ok(())
    }

    /// Returns when the addon works.
    pub(crate) async fn addon(&self, cluster: &Cluster, addon: Addon) -> Result<(), SandboxError> {
        if let Some((namespace, name)) = addon.deployment() {
            let rolled_out = |deployment: Option<&Deployment>| {
                (cluster::wait::deployment_rolled_out(deployment?) == Readiness::Ready).then_some(())
            };
            let ready = cluster.wait_for::<Deployment, ()>(Some(namespace), name, rolled_out);
            self.patiently(format!("the deployment {name} in {namespace}"), ready)
                .await?;
        }
        if let Some(service) = addon.api_service() {
            let answers = |found: Option<&APIService>| answers(found?).then_some(());
            let ready = cluster.wait_for::<APIService, ()>(None, service, answers);
            self.patiently(format!("the API {service}"), ready).await?;
        }
        (self.progress)(SandboxEvent::AddonReady(addon));
        Ok(())
    }

    async fn patiently(
        &self,
        what: String,
        answer: impl Future<Output = Result<(), cluster::ApiError>>,
    ) -> Result<(), SandboxError> {
        let detail = match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it did not say why; see its events and logs".to_owned(),
        };
        Err(self.not_ready(what, detail))
    }

    fn not_ready(&self, what: String, detail: String) -> SandboxError {
        SandboxError::NotReady {
            what,
            after: PATIENCE,
            detail,
            logs: self.layout.logs(),
        }
    }
}

fn is_renewed(lease: &Lease, since: Timestamp) -> bool {
    let renewed = lease.spec.as_ref().and_then(|spec| spec.renew_time.as_ref());
    renewed.is_some_and(|renewed| renewed.0 >= since)
}

/// Whether the API server reaches what stands behind an API that it only passes on.
pub(crate) fn answers(service: &APIService) -> bool {
    let conditions = service
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    conditions
        .into_iter()
        .any(|condition| condition.type_ == "Available" && condition.status == "True")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_was_heard_when_its_lease_was_renewed_since() {
        let lease: Lease = serde_json::from_value(serde_json::json!({
            "spec": { "renewTime": "2026-01-01T00:00:10.5Z" },
        }))
        .unwrap();
        let at = |time: &str| time.parse().unwrap();
        assert!(is_renewed(&lease, at("2026-01-01T00:00:10Z")));
        assert!(!is_renewed(&lease, at("2026-01-01T00:00:11Z")));
        assert!(!is_renewed(&Lease::default(), at("2026-01-01T00:00:10Z")));
    }
}
