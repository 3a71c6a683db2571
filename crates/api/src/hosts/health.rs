//! How a host is: whether it answers, how quickly, and whether a boot may do there what it must.

use std::time::Instant;

use cluster::{Cluster, ConnectError, HostContext};
use plan::{HostFacts, HostProfile, HostSettings};
use preview::rights::{self, Purpose};
use serde::Serialize;
use ts_rs::TS;

use super::limits::Limits;
use super::trouble::{RAISE, Trouble};
use super::{Known, find};
use crate::settings::Settings;
use crate::{Error, sandbox};

/// How a host is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HostHealth {
    /// Its context.
    pub context: String,
    /// In one word.
    pub state: HostState,
    /// What the server says about itself.
    pub version: Option<String>,
    /// How long it takes to answer, on a connection that stands.
    pub latency_ms: Option<u64>,
    /// What is wrong.
    pub problem: Option<String>,
    /// What to do about it.
    pub hints: Vec<String>,
    /// Nodes that take pods.
    pub nodes: Option<usize>,
    /// Pools that are set apart.
    pub pools: Vec<PoolView>,
    /// Rights that a boot needs and that we do not have.
    pub missing: Vec<MissingRight>,
    /// When this was found, as RFC 3339.
    pub checked_at: String,
}

/// Whether a host can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum HostState {
    /// It can.
    Reachable,
    /// It answers, but does not allow what a boot needs.
    Limited,
    /// It does not answer.
    Unreachable,
}

/// A pool of nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PoolView {
    /// `control` or `task`.
    pub pool: String,
    /// Nodes that take its pods.
    pub nodes: usize,
}

/// A right that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct MissingRight {
    /// Such as `create`.
    pub verb: String,
    /// Such as `networkpolicies.networking.k8s.io`.
    pub resource: String,
    /// What it is for.
    pub why: String,
}

/// Asks a host how it is. That it does not answer is an answer, too.
///
/// # Errors
/// When no context has this name, or the settings cannot be read.
pub async fn probe(context: &str) -> Result<HostHealth, Error> {
    let settings = Settings::load()?.host(context);
    Ok(match find(context)? {
        Known::Context(found) => examine(&found, &settings, &Limits::default()).await,
        Known::SandboxDown => unreachable(context, Trouble::new("the sandbox is down", RAISE)),
    })
}

pub(super) async fn examine(context: &HostContext, settings: &HostSettings, limits: &Limits) -> HostHealth {
    let cluster = match Cluster::connect(context).await {
        Ok(cluster) => cluster,
        Err(error) => return unreachable(&context.name, trouble(context, &error)),
    };
    match answer(&cluster, limits).await {
        Ok((version, latency)) => {
            let found = look(&cluster, settings, limits).await;
            let health = HostHealth {
                version: Some(version),
                latency_ms: Some(latency),
                ..empty(&context.name, HostState::Reachable)
            };
            judge(health, found)
        }
        Err(trouble) => unreachable(&context.name, trouble),
    }
}

pub(super) fn trouble(context: &HostContext, error: &ConnectError) -> Trouble {
    let trouble = Trouble::of_connection(error);
    match error {
        ConnectError::Unreachable { problem, .. } if context.name == sandbox::CONTEXT => {
            trouble.for_sandbox(problem)
        }
        _ => trouble,
    }
}

/// The server's version, and how many milliseconds the answer took.
pub(super) async fn answer(cluster: &Cluster, limits: &Limits) -> Result<(String, u64), Trouble> {
    let asked = Instant::now();
    let Ok(version) = tokio::time::timeout(limits.call, cluster.version()).await else {
        let what = format!("{} no longer answers", cluster.server_url());
        return Err(Trouble::new(what, "Examine it again."));
    };
    let version = version.map_err(|error| Trouble::new(error.to_string(), "Examine it again."))?;
    Ok((version.git_version, milliseconds(asked)))
}

pub(super) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// What a host allows, and what it has.
pub(super) struct Found {
    pub(super) missing: Result<Vec<rights::MissingRight>, Trouble>,
    pub(super) profile: Result<HostProfile, Trouble>,
}

/// A namespace as previews have it; that it does not exist makes no difference to rights.
const NAMESPACE: &str = "task-doctor-00000";

/// Asks for rights and facts, each within its limit.
pub(super) async fn look(cluster: &Cluster, settings: &HostSettings, limits: &Limits) -> Found {
    let (missing, facts) = futures::join!(
        tokio::time::timeout(limits.review, rights::missing(cluster, NAMESPACE)),
        tokio::time::timeout(limits.review, preview::host_facts(cluster)),
    );
    let late = |what: &str| {
        Trouble::new(
            format!("{what} did not come within {} s", limits.review.as_secs()),
            "Examine it again.",
        )
    };
    let told = |error: cluster::ApiError| {
        Trouble::new(
            error.to_string(),
            "Ask the administrator of this cluster, or choose another host.",
        )
    };
    Found {
        missing: missing
            .map_err(|_| late("the answers about rights"))
            .and_then(|all| all.map_err(told)),
        profile: facts
            .map_err(|_| late("nodes and storage classes"))
            .and_then(|facts| facts.map_err(told))
            .map(|facts: HostFacts| HostProfile::new(settings, facts)),
    }
}

fn judge(health: HostHealth, found: Found) -> HostHealth {
    let mut health = health;
    let mut troubles = Vec::new();
    match found.missing {
        Ok(missing) => health.missing = missing.iter().map(view).collect(),
        Err(trouble) => troubles.push(trouble),
    }
    if !health.missing.is_empty() {
        let number = health.missing.len();
        let what = if number == 1 {
            "1 right is missing".to_owned()
        } else {
            format!("{number} rights are missing")
        };
        troubles.push(Trouble::new(
            what,
            "Ask the administrator for these rights, or choose another host.",
        ));
    }
    match found.profile {
        Ok(profile) => {
            health.nodes = Some(profile.facts.nodes.len());
            health.pools = pools(&profile);
        }
        // A right to list nodes that is missing was named already.
        Err(trouble) if troubles.is_empty() => troubles.push(trouble),
        Err(_) => {}
    }
    if !troubles.is_empty() {
        health.state = HostState::Limited;
        let what: Vec<&str> = troubles.iter().map(|trouble| trouble.what.as_str()).collect();
        health.problem = Some(what.join("; "));
        health.hints = troubles.into_iter().filter_map(|trouble| trouble.fix).collect();
    }
    health
}

/// The pools that are set apart by labels or settings, with how many nodes each has.
pub(super) fn pools(profile: &HostProfile) -> Vec<PoolView> {
    let pools = [("control", &profile.control_pool), ("task", &profile.task_pool)];
    let apart = pools
        .into_iter()
        .filter(|(_, pool)| !pool.node_selector.is_empty());
    apart
        .map(|(name, pool)| PoolView {
            pool: name.to_owned(),
            nodes: profile
                .facts
                .nodes
                .iter()
                .filter(|node| pool.admits(node))
                .count(),
        })
        .collect()
}

fn view(missing: &rights::MissingRight) -> MissingRight {
    MissingRight {
        verb: missing.verb.clone(),
        resource: missing.resource.clone(),
        why: why(missing.purpose).to_owned(),
    }
}

fn why(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Home => "each preview lives in a namespace of its own",
        Purpose::Removal => "removing a preview",
        Purpose::Inventory => "finding previews again",
        Purpose::Nodes => "choosing nodes for control planes and tasks",
        Purpose::ControlPlane => "the vCluster's control plane",
        Purpose::Roles => "the vCluster's own rights on the host",
        Purpose::Boundary => "the boundary around the candidate",
        Purpose::Limits => "the task's limits",
        Purpose::Credentials => "the way into the vCluster",
        Purpose::Progress => "seeing how far a boot is, and why it fails",
        Purpose::Terminal => "the candidate's terminal",
        Purpose::Tunnel => "the way to the vCluster's API",
    }
}

fn unreachable(context: &str, trouble: Trouble) -> HostHealth {
    HostHealth {
        problem: Some(trouble.what),
        hints: trouble.fix.into_iter().collect(),
        ..empty(context, HostState::Unreachable)
    }
}

fn empty(context: &str, state: HostState) -> HostHealth {
    HostHealth {
        context: context.to_owned(),
        state,
        version: None,
        latency_ms: None,
        problem: None,
        hints: Vec::new(),
        nodes: None,
        pools: Vec::new(),
        missing: Vec::new(),
        checked_at: jiff::Timestamp::now().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reachable() -> HostHealth {
        empty("lab", HostState::Reachable)
    }

    fn right(verb: &str, resource: &str, purpose: Purpose) -> rights::MissingRight {
        rights::MissingRight {
            verb: verb.to_owned(),
            resource: resource.to_owned(),
            purpose,
        }
    }

    #[test]
    fn a_host_that_allows_everything_is_reachable() {
        let profile = HostProfile::new(&HostSettings::default(), HostFacts::default());
        let found = Found {
            missing: Ok(Vec::new()),
            profile: Ok(profile),
        };
        let expected = HostHealth {
            nodes: Some(0),
            ..reachable()
        };
        let judged = judge(reachable(), found);
        assert_eq!(
            HostHealth {
                checked_at: expected.checked_at.clone(),
                ..judged
            },
            expected
        );
    }

    #[test]
    fn missing_rights_limit_a_host_and_say_what_they_are_for() {
        let found = Found {
            missing: Ok(vec![
                right("create", "namespaces", Purpose::Home),
                right("create", "networkpolicies.networking.k8s.io", Purpose::Boundary),
            ]),
            profile: Err(Trouble::new("cannot list nodes", "Ask.")),
        };
        let judged = judge(reachable(), found);
        assert_eq!(judged.state, HostState::Limited);
        assert_eq!(judged.problem.as_deref(), Some("2 rights are missing"));
        assert_eq!(
            judged.hints,
            ["Ask the administrator for these rights, or choose another host."]
        );
        let why: Vec<&str> = judged.missing.iter().map(|right| right.why.as_str()).collect();
        assert_eq!(
            why,
            [
                "each preview lives in a namespace of its own",
                "the boundary around the candidate"
            ]
        );
        assert_eq!(judged.nodes, None);
    }
}
