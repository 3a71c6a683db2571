//! Why a bundle cannot run on a host, and what its creator should know although it can.

use std::collections::BTreeSet;

use bundle::Bundle;
use bundle::lock;
use bundle::model::{EgressRule, Isolation, KubernetesVersion};

use crate::fit;
use crate::host::HostProfile;

/// One reason why a bundle cannot run on a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanProblem {
    /// Only vClusters can be booted so far.
    #[error("`isolation: namespace` cannot be booted; use `vcluster`")]
    NamespaceIsolation,
    /// There are no Kubernetes binaries of this version for a vCluster.
    #[error("no vCluster image for Kubernetes {wanted}; use one of {}", supported_list())]
    KubernetesVersion {
        /// What the bundle asks for.
        wanted: KubernetesVersion,
    },
    /// The host has no such storage class.
    #[error("the host has no storage class `{class}`; it has {}", list(.present))]
    StorageClass {
        /// What the settings name.
        class: String,
        /// What the host has.
        present: Vec<String>,
    },
    /// No node that may run the task's pods is of a kind that an image is made for.
    #[error(
        "image `{image}` is made for {}, and the host's nodes for tasks are {}; use an image for these machines, or another host",
        list(.made_for),
        list(.nodes)
    )]
    ForeignImage {
        /// Its full name.
        image: String,
        /// The platforms it is made for.
        made_for: Vec<String>,
        /// Those of the nodes.
        nodes: Vec<String>,
    },
    /// A boot fetches nothing and builds no kustomization.
    #[error("dependency `{name}` was never rendered; lock the bundle with `taskwright lock`")]
    NotLocked {
        /// The dependency.
        name: String,
    },
    /// The rendered manifests are not what was locked.
    #[error(
        "the locked manifests of dependency `{name}` cannot be used: {problem}; lock the bundle again with `taskwright lock`"
    )]
    BrokenLock {
        /// The dependency.
        name: String,
        /// What is wrong with them.
        problem: String,
    },
}

/// Minor versions of Kubernetes 1 for which vCluster publishes binaries and that this chart can run.
const SUPPORTED_MINORS: std::ops::RangeInclusive<u16> = 33..=36;

fn supported_list() -> String {
    let versions: Vec<String> = SUPPORTED_MINORS.map(|minor| format!("1.{minor}")).collect();
    versions.join(", ")
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// Every reason why `bundle` cannot run on the host of `profile`.
pub(crate) fn misfits(bundle: &Bundle, profile: &HostProfile) -> Vec<PlanProblem> {
    let mut problems = Vec::new();
    if bundle.environment.isolation == Isolation::Namespace {
        problems.push(PlanProblem::NamespaceIsolation);
    }
    let wanted = bundle.environment.kubernetes_version;
    if wanted.major != 1 || !SUPPORTED_MINORS.contains(&wanted.minor) {
        problems.push(PlanProblem::KubernetesVersion { wanted });
    }
    problems.extend(unknown_class(profile));
    problems.extend(foreign_images(bundle, profile));
    problems
}

/// Images of the lock that none of the nodes for tasks can run; none when the nodes do not say what they are.
fn foreign_images(bundle: &Bundle, profile: &HostProfile) -> Vec<PlanProblem> {
    let nodes = profile.facts.nodes.iter();
    let nodes: BTreeSet<String> = nodes
        .filter(|node| profile.task_pool.admits(node) && !node.architecture.is_empty())
        .map(|node| format!("linux/{}", node.architecture))
        .collect();
    let locked = bundle.lock.iter().flat_map(|lock| &lock.platforms);
    let foreign =
        locked.filter(|(_, made_for)| !nodes.is_empty() && !made_for.iter().any(|one| nodes.contains(one)));
    foreign
        .map(|(image, made_for)| PlanProblem::ForeignImage {
            image: image.clone(),
            made_for: made_for.clone(),
            nodes: nodes.iter().cloned().collect(),
        })
        .collect()
}

fn unknown_class(profile: &HostProfile) -> Option<PlanProblem> {
    let class = profile.storage_class.as_ref()?;
    let present = &profile.facts.storage_classes;
    (!present.contains(class)).then(|| PlanProblem::StorageClass {
        class: class.clone(),
        present: present.clone(),
    })
}

/// What the creator should know although the bundle can run.
#[must_use]
pub fn notes(bundle: &Bundle) -> Vec<String> {
    let named = |rule: &EgressRule| match rule {
        EgressRule::Cidr { .. } => None,
        EgressRule::Host(name) => Some(format!(
            "egress to `{name}` stays closed: network policies know addresses, not names; add its CIDR"
        )),
    };
    let stale = lock::drifts(bundle).into_iter();
    let stale = stale
        .map(|drift| format!("the lock is stale: {drift}; lock the bundle again with `taskwright lock`"));
    bundle
        .environment
        .egress
        .iter()
        .filter_map(named)
        .chain(stale)
        .collect()
}

/// What the creator should know of this host although the bundle can run on it.
#[must_use]
pub fn host_notes(bundle: &Bundle, profile: &HostProfile) -> Vec<String> {
    fit::claims_without_class(bundle, &profile.facts.storage_classes)
}
