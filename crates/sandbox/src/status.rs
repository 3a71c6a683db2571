//! Looks at a sandbox: what runs, what it takes, whether its nodes take pods. Changes nothing and needs no lock.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cluster::Cluster;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Node;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;

use crate::addons::Addon;
use crate::addresses::Subnet;
use crate::cgroup::Cgroups;
use crate::error::SandboxError;
use crate::images::{Entry, catalogue};
use crate::layout::Layout;
use crate::network::PLANE;
use crate::options::Pool;
use crate::part::Part;
use crate::pki::Pki;
use crate::state::{NodeRecord, State};
use crate::tools::Tool;
use crate::up::{SandboxInfo, info};
use crate::waiting::answers;

/// How long the API server may take to answer everything. Without its database it takes a minute to say so.
const PATIENCE: Duration = Duration::from_secs(3);

/// What there is of a sandbox.
#[derive(Debug, Clone)]
pub struct Status {
    /// Where it is reached.
    pub info: SandboxInfo,
    /// Its addresses.
    pub network: Subnet,
    /// Whether nodes may reach beyond this machine.
    pub open: bool,
    /// What the API server says, or why it says nothing.
    pub server: Result<String, String>,
    /// Every process that should run.
    pub processes: Vec<ProcessStatus>,
    /// Every node.
    pub nodes: Vec<NodeStatus>,
    /// Every addon made of pods, and whether it works.
    pub addons: Vec<(Addon, bool)>,
    /// Memory of everything, pods included.
    pub memory: Memory,
    /// Bytes on disk.
    pub disk: Disk,
    /// What the registry serves in place of public images, and what each is made of.
    pub images: Vec<Entry>,
}

impl Status {
    /// Whether everything runs and every node takes pods.
    pub fn healthy(&self) -> bool {
        self.server.is_ok()
            && self.processes.iter().all(|process| process.running)
            && self.nodes.iter().all(|node| node.ready)
            && self.addons.iter().all(|(_, works)| *works)
    }
}

/// One process that should run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessStatus {
    /// `task-1/kubelet`.
    pub name: String,
    /// Its version.
    pub version: &'static str,
    /// Its number, if it was ever started.
    pub pid: Option<i32>,
    /// Whether it runs.
    pub running: bool,
    /// What it takes.
    pub memory: Memory,
    /// Where its output goes.
    pub log: PathBuf,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeStatus {
    /// Its name.
    pub name: String,
    /// Its pool.
    pub pool: Pool,
    /// Its address.
    pub address: String,
    /// Whether it takes pods.
    pub ready: bool,
    /// Why not, in the kubelet's words.
    pub reason: Option<String>,
    /// Everything on it, pods included.
    pub memory: Memory,
}

/// Memory in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// Resident; what several processes share is counted for each.
    pub rss: u64,
    /// Proportional: what several share is divided among them.
    pub pss: u64,
}

impl std::ops::Add for Memory {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            rss: self.rss + other.rss,
            pss: self.pss + other.pss,
        }
    }
}

/// Bytes on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disk {
    /// Blobs of the registry.
    pub registry: u64,
    /// Stores, volumes and logs of the nodes.
    pub nodes: u64,
    /// Everything else: database, logs, keys.
    pub rest: u64,
}

/// What there is of a sandbox, or that there is none.
pub async fn status() -> Result<Status, SandboxError> {
    let layout = Layout::default();
    let state = State::load(&layout)?.ok_or(SandboxError::NotUp)?;
    let answered = tokio::time::timeout(PATIENCE, ask(&layout)).await;
    let answers = answered.unwrap_or_else(|_| {
        let silence = format!("no answer within {} s", PATIENCE.as_secs());
        Answers::none(silence)
    });
    Ok(Status {
        info: info(&layout, &state),
        network: state.addresses.block(),
        open: state.egress,
        server: answers.version,
        processes: processes(&layout, &state),
        nodes: state
            .nodes
            .iter()
            .map(|(name, record)| node_status(&state, name, *record, &answers.nodes))
            .collect(),
        addons: answers.addons,
        memory: memory_of_members(None),
        disk: disk(&layout),
        images: catalogue(),
    })
}

/// What the API server says.
struct Answers {
    version: Result<String, String>,
    nodes: Vec<Node>,
    addons: Vec<(Addon, bool)>,
}

impl Answers {
    fn none(why: String) -> Self {
        Self {
            version: Err(why),
            nodes: Vec::new(),
            addons: Vec::new(),
        }
    }
}

async fn ask(layout: &Layout) -> Answers {
    let cluster = match connect(layout).await {
        Ok(cluster) => cluster,
        Err(why) => return Answers::none(why),
    };
    let version = cluster.version().await.map(|version| version.git_version);
    Answers {
        version: version.map_err(|error| error.to_string()),
        nodes: cluster.list::<Node>(None, None).await.unwrap_or_default(),
        addons: addons(&cluster).await,
    }
}

async fn connect(layout: &Layout) -> Result<Cluster, String> {
    let kubeconfig = Pki::text(&layout.kubeconfig()).map_err(|error| error.to_string())?;
    Cluster::from_kubeconfig_yaml(&kubeconfig)
        .await
        .map_err(|error| error.to_string())
}

async fn addons(cluster: &Cluster) -> Vec<(Addon, bool)> {
    let mut found = Vec::new();
    for addon in Addon::PODS {
        let Some((namespace, name)) = addon.deployment() else {
            continue;
        };
        let deployment = cluster
            .get::<Deployment>(Some(namespace), name)
            .await
            .ok()
            .flatten();
        let runs = deployment.is_some_and(|all| cluster::wait::deployment_rolled_out(&all).is_ready());
        found.push((addon, runs && api_answers(cluster, addon).await));
    }
    found
}

/// Whether the API server reaches the API that the addon adds, if it adds one.
async fn api_answers(cluster: &Cluster, addon: Addon) -> bool {
    let Some(service) = addon.api_service() else {
        return true;
    };
    let found = cluster.get::<APIService>(None, service).await.ok().flatten();
    found.is_some_and(|service| answers(&service))
}

fn processes(layout: &Layout, state: &State) -> Vec<ProcessStatus> {
    let plane = Part::PLANE.map(|part| (PLANE, part));
    let nodes = state
        .nodes
        .keys()
        .flat_map(|node| Part::NODE.map(|part| (node.as_str(), part)));
    plane
        .into_iter()
        .chain(nodes)
        .map(|(member, part)| process(layout, state, member, part))
        .collect()
}

fn process(layout: &Layout, state: &State, member: &str, part: Part) -> ProcessStatus {
    let name = part.process(member);
    let record = state.processes.get(&name);
    let running = record.is_some_and(crate::process::ProcessRecord::alive);
    ProcessStatus {
        version: tool(part).version(),
        pid: record.map(|record| record.pid),
        running,
        memory: record
            .filter(|_| running)
            .map(|record| memory(record.pid))
            .unwrap_or_default(),
        log: layout.log(&name),
        name,
    }
}

fn tool(part: Part) -> Tool {
    match part {
        Part::Etcd => Tool::Etcd,
        Part::Registry => Tool::Registry,
        Part::ApiServer => Tool::KubeApiserver,
        Part::ControllerManager => Tool::KubeControllerManager,
        Part::Scheduler => Tool::KubeScheduler,
        Part::Containerd => Tool::Containerd,
        Part::Kubelet => Tool::Kubelet,
        Part::KubeProxy => Tool::KubeProxy,
        Part::Felix => Tool::CalicoFelix,
    }
}

fn node_status(state: &State, name: &str, record: NodeRecord, nodes: &[Node]) -> NodeStatus {
    let node = nodes
        .iter()
        .find(|node| node.metadata.name.as_deref() == Some(name));
    let ready = node.is_some_and(cluster::wait::node_ready);
    NodeStatus {
        name: name.to_owned(),
        pool: record.pool,
        address: state.addresses.node(record.number).to_string(),
        ready,
        reason: if ready { None } else { node.and_then(reason) },
        memory: memory_of_members(Some(name)),
    }
}

fn reason(node: &Node) -> Option<String> {
    let conditions = node.status.as_ref()?.conditions.as_ref()?;
    conditions
        .iter()
        .find(|condition| condition.type_ == "Ready")?
        .message
        .clone()
}

fn memory_of_members(member: Option<&str>) -> Memory {
    let pids = Cgroups::of_this_machine()
        .map(|cgroups| cgroups.processes(member))
        .unwrap_or_default();
    pids.into_iter()
        .map(memory)
        .fold(Memory::default(), std::ops::Add::add)
}

fn memory(pid: i32) -> Memory {
    parse_memory(&fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default())
}

fn parse_memory(text: &str) -> Memory {
    let lines: BTreeMap<&str, u64> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter_map(|(name, size)| Some((name, size.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)))
        .collect();
    let of = |name| lines.get(name).copied().unwrap_or_default();
    Memory {
        rss: of("Rss"),
        pss: of("Pss"),
    }
}

fn disk(layout: &Layout) -> Disk {
    let (registry, nodes) = (
        size(&layout.registry()),
        size(&layout.nodes()) + size(&layout.volumes()),
    );
    Disk {
        registry,
        nodes,
        rest: size(layout.root()).saturating_sub(registry + nodes),
    }
}

/// Bytes that a folder takes on its own file system; what pods mount in it is not its own.
fn size(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let Ok(own) = fs::symlink_metadata(folder) else {
        return 0;
    };
    let mut bytes = own.blocks() * 512;
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.dev() == own.dev() {
                bytes += metadata.blocks() * 512;
                open.extend(metadata.is_dir().then(|| entry.path()));
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read() {
        let text = "5583-7fff ---p 00000000 00:00 0 [rollup]\nRss:     2048 kB\nPss:     1024 kB\nPss_Dirty:  8 kB\n";
        assert_eq!(
            parse_memory(text),
            Memory {
                rss: 2 << 20,
                pss: 1 << 20
            }
        );
        assert_eq!(parse_memory(""), Memory::default());
    }
}
