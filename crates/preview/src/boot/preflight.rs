//! The preflight step: what we may do on the host, what it has, and whether the bundle fits.

use cluster::{ApiError, Cluster};
use k8s_openapi::api::core::v1::{Node, Service};
use k8s_openapi::api::networking::v1::ServiceCIDR;
use k8s_openapi::api::storage::v1::StorageClass;
use plan::{HostFacts, HostProfile, Plan, StepId, Toleration};

use super::context::BootContext;
use super::refusal;
use crate::event::Detail;
use crate::failure::{Cause, Failure};
use crate::rights;

/// Reads the host and plans the boot.
pub(super) async fn run(context: &BootContext, step: &StepId) -> Result<(HostProfile, Plan), Failure> {
    context.doing(step, Detail::ReadingHost);
    let host = &context.host.cluster;
    let namespace = context.id.namespace();
    let unreadable = |error: &ApiError| refusal::explain("the host", error);
    let (missing, facts) = futures::join!(rights::missing(host, &namespace), facts(host));
    let missing = missing.map_err(|error| unreadable(&error))?;
    // Before the facts: reading them needs rights too, and all that is missing is to be known at once.
    if !missing.is_empty() {
        let missing = missing.iter().map(ToString::to_string).collect();
        return Err(Cause::Permission { missing }.into());
    }
    let facts = facts.map_err(|error| unreadable(&error))?;
    let profile = HostProfile::new(&context.host.settings, facts);
    let plan = plan::plan(&context.bundle, &profile, &context.id).map_err(|problems| {
        let problems = problems.iter().map(ToString::to_string).collect();
        Failure::of(Cause::Misfit { problems })
    })?;
    Ok((profile, plan))
}

/// Reads everything about the host that a plan needs.
///
/// # Errors
/// When the host cannot be reached or does not let its nodes be listed.
pub async fn facts(host: &Cluster) -> Result<HostFacts, ApiError> {
    let (version, cidrs, dns, classes, nodes) = futures::join!(
        host.version(),
        host.get::<ServiceCIDR>(None, "kubernetes"),
        host.get::<Service>(Some("kube-system"), "kube-dns"),
        host.list::<StorageClass>(None, None),
        host.list::<Node>(None, None),
    );
    // Hosts before 1.33 have no ServiceCIDR, and some rights may be missing: a plan can do without these.
    let cidr = cidrs
        .ok()
        .flatten()
        .and_then(|cidr| cidr.spec?.cidrs?.first().cloned());
    let dns = dns.ok().flatten().and_then(|service| service.spec?.cluster_ip);
    let classes = classes.unwrap_or_default();
    Ok(HostFacts {
        version: version?.git_version,
        service_cidr: cidr,
        cluster_dns: dns.filter(|address| address != "None"),
        default_storage_class: classes.iter().find(|class| is_default(class)).map(name_of),
        storage_classes: classes.iter().map(name_of).collect(),
        nodes: nodes?
            .iter()
            .filter(|node| is_usable(node))
            .map(node_facts)
            .collect(),
    })
}

fn name_of(class: &StorageClass) -> String {
    class.metadata.name.clone().unwrap_or_default()
}

fn is_default(class: &StorageClass) -> bool {
    let annotations = class.metadata.annotations.as_ref();
    annotations.is_some_and(|all| {
        all.get("storageclass.kubernetes.io/is-default-class")
            .is_some_and(|value| value == "true")
    })
}

fn is_usable(node: &Node) -> bool {
    let cordoned = node
        .spec
        .as_ref()
        .and_then(|spec| spec.unschedulable)
        .unwrap_or(false);
    cluster::wait::node_ready(node) && !cordoned
}

fn node_facts(node: &Node) -> plan::host::Node {
    let taints = node
        .spec
        .as_ref()
        .and_then(|spec| spec.taints.clone())
        .unwrap_or_default();
    let architecture = node.status.as_ref().and_then(|status| status.node_info.as_ref());
    plan::host::Node {
        name: node.metadata.name.clone().unwrap_or_default(),
        labels: node.metadata.labels.clone().unwrap_or_default(),
        taints: taints
            .into_iter()
            .filter(|taint| taint.effect != "PreferNoSchedule")
            .map(|taint| Toleration {
                key: taint.key,
                value: taint.value.unwrap_or_default(),
                effect: taint.effect,
            })
            .collect(),
        architecture: architecture
            .map(|info| info.architecture.clone())
            .unwrap_or_default(),
    }
}
