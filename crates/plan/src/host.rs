//! What a plan must know of a host: the user's settings for it and what the host itself says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::labels;

/// What the user wrote about one host in the configuration file; everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HostSettings {
    /// Where control planes run. Default: nodes labelled `taskwright.dev/pool=control` if there are any.
    pub control_pool: Option<Pool>,
    /// Where the candidates' pods run. Default: nodes labelled `taskwright.dev/pool=task` if there are any.
    pub task_pool: Option<Pool>,
    /// Storage class for claims that name none. Default: the host's default class.
    pub storage_class: Option<String>,
    /// Images to use instead of others, by full name, such as `registry.taskwright.dev/tty:0.1.0`.
    pub images: BTreeMap<String, String>,
    /// Where the vCluster chart comes from.
    pub chart: Option<ChartLocation>,
    /// A registry that serves images and charts of other registries under their full names, such as
    /// `http://10.0.0.1:5000`; it is asked first when a bundle is locked. Default: the sandbox's own for the sandbox.
    pub mirror: Option<String>,
    /// The helm program. Default: the sandbox's own, else the one on PATH.
    pub helm: Option<String>,
}

/// A set of nodes: how to select them and which taints to tolerate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Pool {
    /// Labels a node must have; empty means any node.
    pub node_selector: BTreeMap<String, String>,
    /// Taints the pool's nodes carry.
    pub tolerations: Vec<Toleration>,
}

/// One taint of a pool, as a toleration that matches exactly it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Toleration {
    /// The taint's key.
    pub key: String,
    /// The taint's value; empty when it has none.
    #[serde(default)]
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}

/// Where the vCluster chart is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
pub enum ChartLocation {
    /// A chart folder or `.tgz` on this machine.
    Path {
        /// The folder or archive.
        path: String,
    },
    /// A chart repository.
    Repository {
        /// Its URL.
        repository: String,
    },
}

impl Default for ChartLocation {
    /// The repository in which vCluster publishes its chart.
    fn default() -> Self {
        Self::Repository {
            repository: "https://charts.loft.sh".to_owned(),
        }
    }
}

/// What a host says about itself, read once in preflight.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostFacts {
    /// Version as the API server prints it, such as `v1.36.3`.
    pub version: String,
    /// Range of Service addresses, from the `ServiceCIDR` object; hosts before 1.33 do not have one.
    pub service_cidr: Option<String>,
    /// Address of the host's DNS service.
    pub cluster_dns: Option<String>,
    /// The class marked as default.
    pub default_storage_class: Option<String>,
    /// All classes.
    pub storage_classes: Vec<String>,
    /// Nodes that are Ready and may be scheduled on.
    pub nodes: Vec<Node>,
}

/// One usable node of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its `NoSchedule` and `NoExecute` taints.
    pub taints: Vec<Toleration>,
    /// `amd64`, `arm64`, …
    pub architecture: String,
}

impl Pool {
    /// The tolerations as a pod carries them.
    #[must_use]
    pub fn tolerations_json(&self) -> Vec<Value> {
        let one = |taint: &Toleration| json!({ "key": taint.key, "operator": "Equal", "value": taint.value, "effect": taint.effect });
        self.tolerations.iter().map(one).collect()
    }

    /// Whether a pod with this pool's selector and tolerations may run on `node`.
    #[must_use]
    pub fn admits(&self, node: &Node) -> bool {
        let selected = self
            .node_selector
            .iter()
            .all(|(key, value)| node.labels.get(key) == Some(value));
        selected && node.taints.iter().all(|taint| self.tolerations.contains(taint))
    }

    /// The pool made of the nodes labelled `taskwright.dev/pool=<name>`; any node when none is labelled so.
    fn by_label(name: &str, nodes: &[Node]) -> Self {
        let members: Vec<&Node> = nodes
            .iter()
            .filter(|node| node.labels.get(labels::POOL).is_some_and(|pool| pool == name))
            .collect();
        if members.is_empty() {
            return Self::default();
        }
        let mut tolerations: Vec<Toleration> = Vec::new();
        for taint in members.iter().flat_map(|node| &node.taints) {
            if !tolerations.contains(taint) {
                tolerations.push(taint.clone());
            }
        }
        let node_selector = BTreeMap::from([(labels::POOL.to_owned(), name.to_owned())]);
        Self {
            node_selector,
            tolerations,
        }
    }
}

/// Settings and facts together, every choice made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostProfile {
    /// What the host said.
    pub facts: HostFacts,
    /// Where control planes run.
    pub control_pool: Pool,
    /// Where candidates' pods run.
    pub task_pool: Pool,
    /// The class for claims that name none, where it is not simply the host's default.
    pub storage_class: Option<String>,
    /// Images to use instead of others.
    pub images: BTreeMap<String, String>,
    /// Where the vCluster chart comes from.
    pub chart: ChartLocation,
}

impl HostProfile {
    /// Makes every choice that the settings leave open from the facts.
    #[must_use]
    pub fn new(settings: &HostSettings, facts: HostFacts) -> Self {
        let pool = |chosen: &Option<Pool>, name| {
            chosen
                .clone()
                .unwrap_or_else(|| Pool::by_label(name, &facts.nodes))
        };
        Self {
            control_pool: pool(&settings.control_pool, "control"),
            task_pool: pool(&settings.task_pool, "task"),
            storage_class: settings.storage_class.clone(),
            images: settings.images.clone(),
            chart: settings.chart.clone().unwrap_or_default(),
            facts,
        }
    }

    /// Names of the pools that no usable node of the host belongs to.
    #[must_use]
    pub fn empty_pools(&self) -> Vec<&'static str> {
        let pools = [("control", &self.control_pool), ("task", &self.task_pool)];
        let empty = |pool: &Pool| !self.facts.nodes.iter().any(|node| pool.admits(node));
        pools
            .into_iter()
            .filter(|(_, pool)| empty(pool))
            .map(|(name, _)| name)
            .collect()
    }

    /// The image to use where `name` is asked for.
    #[must_use]
    pub fn image<'a>(&'a self, name: &'a str) -> &'a str {
        self.images.get(name).map_or(name, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, pool: Option<&str>, tainted: bool) -> Node {
        let taint = |value: &str| Toleration {
            key: labels::POOL.to_owned(),
            value: value.to_owned(),
            effect: "NoSchedule".to_owned(),
        };
        Node {
            name: name.to_owned(),
            labels: pool
                .map(|pool| (labels::POOL.to_owned(), pool.to_owned()))
                .into_iter()
                .collect(),
            taints: pool.filter(|_| tainted).map(taint).into_iter().collect(),
            architecture: "amd64".to_owned(),
        }
    }

    #[test]
    fn pools_are_found_by_label_and_tolerate_their_taints() {
        let nodes = vec![node("c", Some("control"), true), node("t", Some("task"), false)];
        let facts = HostFacts {
            nodes: nodes.clone(),
            ..HostFacts::default()
        };
        let profile = HostProfile::new(&HostSettings::default(), facts);
        assert!(profile.control_pool.admits(&nodes[0]) && !profile.control_pool.admits(&nodes[1]));
        assert!(profile.task_pool.admits(&nodes[1]) && !profile.task_pool.admits(&nodes[0]));
    }

    #[test]
    fn a_plain_cluster_is_one_pool() {
        let nodes = vec![node("kind-control-plane", None, false)];
        let facts = HostFacts {
            nodes: nodes.clone(),
            ..HostFacts::default()
        };
        let profile = HostProfile::new(&HostSettings::default(), facts);
        assert!(profile.control_pool.admits(&nodes[0]) && profile.task_pool.admits(&nodes[0]));
    }
}
