//! The parts of a cluster: one module per program, each turning the state into a command line and the files
//! it reads. Nothing is started here.

mod api_server;
mod containerd;
mod controller_manager;
mod etcd;
mod felix;
mod kube_proxy;
mod kubelet;
mod registry;
mod scheduler;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cgroup::Cgroups;
use crate::error::{OnPath, SandboxError};
use crate::layout::{Layout, NodeLayout};
use crate::network::{self, PLANE};
use crate::options::Pool;
use crate::pki::{Authority, Pki};
use crate::process::ProcessSpec;
use crate::state::{NodeRecord, State, write_private};
use crate::tools::Tool;

pub(crate) use api_server::PORT as API_PORT;
pub(crate) use registry::PORT as REGISTRY_PORT;

/// The label that says which pool a node is in, and the taint that keeps others off the control pool.
pub(crate) const POOL_LABEL: &str = "taskwright.dev/pool";

/// One program of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The database.
    Etcd,
    /// The image registry.
    Registry,
    /// The API server.
    ApiServer,
    /// Controllers.
    ControllerManager,
    /// Chooses nodes for pods.
    Scheduler,
    /// The container runtime of a node.
    Containerd,
    /// The agent of a node.
    Kubelet,
    /// Services of a node.
    KubeProxy,
    /// Network policies of a node.
    Felix,
}

impl Part {
    /// What runs beside the nodes, in starting order.
    pub const PLANE: [Self; 5] = [
        Self::Etcd,
        Self::Registry,
        Self::ApiServer,
        Self::ControllerManager,
        Self::Scheduler,
    ];
    /// What runs on every node, in starting order.
    pub const NODE: [Self; 4] = [Self::Containerd, Self::Kubelet, Self::KubeProxy, Self::Felix];

    /// The name people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::Registry => "registry",
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Containerd => "containerd",
            Self::Kubelet => "kubelet",
            Self::KubeProxy => "kube-proxy",
            Self::Felix => "felix",
        }
    }

    /// Its name in the state: `task-1/kubelet`.
    pub fn process(self, member: &str) -> String {
        format!("{member}/{}", self.name())
    }
}

/// A program's command line before it is given a place to run in.
struct Invocation {
    tool: Tool,
    args: Vec<String>,
    env: Vec<(String, String)>,
    /// Files it reads, by path.
    files: Vec<(PathBuf, String)>,
}

impl Invocation {
    fn new(tool: Tool, args: Vec<String>) -> Self {
        Self {
            tool,
            args,
            env: Vec::new(),
            files: Vec::new(),
        }
    }
}

/// Everything the command lines are made from.
pub(crate) struct Site<'a> {
    /// Where files are.
    pub layout: &'a Layout,
    /// Addresses and nodes.
    pub state: &'a State,
    /// Where a program is.
    pub tool: &'a (dyn Fn(Tool) -> PathBuf + Send + Sync),
    /// Where processes are put.
    pub cgroups: &'a Cgroups,
}

/// One node as its parts see it.
struct NodeSite<'a> {
    site: &'a Site<'a>,
    name: &'a str,
    record: NodeRecord,
    layout: NodeLayout,
}

impl Site<'_> {
    /// How to run a part beside the nodes. Its files are written, its cgroups made.
    pub(crate) fn plane(&self, part: Part) -> Result<Option<ProcessSpec>, SandboxError> {
        let invocation = match part {
            Part::Etcd => etcd::invocation(self),
            Part::Registry => registry::invocation(self),
            Part::ApiServer => api_server::invocation(self),
            Part::ControllerManager => controller_manager::invocation(self),
            Part::Scheduler => scheduler::invocation(self),
            Part::Containerd | Part::Kubelet | Part::KubeProxy | Part::Felix => return Ok(None),
        };
        self.place(PLANE, part, invocation).map(Some)
    }

    /// How to run a part of a node. Its files are written, its cgroups made.
    pub(crate) fn node(&self, name: &str, part: Part) -> Result<Option<ProcessSpec>, SandboxError> {
        let Some(record) = self.state.nodes.get(name) else {
            return Ok(None);
        };
        let node = NodeSite {
            site: self,
            name,
            record: *record,
            layout: self.layout.node(name),
        };
        let invocation = match part {
            Part::Containerd => containerd::invocation(&node),
            Part::Kubelet => kubelet::invocation(&node),
            Part::KubeProxy => kube_proxy::invocation(&node),
            Part::Felix => felix::invocation(&node),
            Part::Etcd | Part::Registry | Part::ApiServer | Part::ControllerManager | Part::Scheduler => {
                return Ok(None);
            }
        };
        self.place(name, part, invocation).map(Some)
    }

    fn place(&self, member: &str, part: Part, invocation: Invocation) -> Result<ProcessSpec, SandboxError> {
        let process = part.process(member);
        for (path, text) in &invocation.files {
            write_if_changed(path, text)?;
        }
        Ok(ProcessSpec {
            program: (self.tool)(invocation.tool),
            args: invocation.args,
            env: invocation.env,
            namespace: network::namespace(member),
            cgroups: self.cgroups.create(member)?,
            log: self.layout.log(&process),
            configuration: invocation.files.into_iter().map(|(_, text)| text).collect(),
            name: process,
        })
    }

    fn pki(&self) -> Pki {
        Pki::of(self.layout)
    }

    fn certificate(&self, name: &str) -> String {
        shown(&self.pki().certificate(name))
    }

    fn key(&self, name: &str) -> String {
        shown(&self.pki().key(name))
    }

    fn authority(&self, authority: Authority) -> String {
        self.certificate(authority.name())
    }

    /// The address of the API server, for programs.
    pub(crate) fn server(&self) -> String {
        format!("https://{}:{API_PORT}", self.state.addresses.plane())
    }

    /// A kubeconfig that names the certificates of `holder` by path.
    fn kubeconfig(&self, holder: &str) -> String {
        let user = json!({
            "client-certificate": self.certificate(holder),
            "client-key": self.key(holder),
        });
        let cluster = json!({
            "server": self.server(),
            "certificate-authority": self.authority(Authority::Cluster),
        });
        kubeconfig(holder, &cluster, &user).to_string()
    }
}

/// A kubeconfig of one context.
pub(crate) fn kubeconfig(name: &str, cluster: &Value, user: &Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    })
}

impl NodeSite<'_> {
    fn address(&self) -> String {
        self.site.state.addresses.node(self.record.number).to_string()
    }

    /// A kubeconfig file of this node, for `holder`.
    fn kubeconfig(&self, holder: &str, file: &str) -> (PathBuf, String) {
        (self.layout.config().join(file), self.site.kubeconfig(holder))
    }

    fn tainted(&self) -> bool {
        self.record.pool == Pool::Control
    }
}

fn write_if_changed(path: &Path, text: &str) -> Result<(), SandboxError> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).on("create", folder)?;
    }
    write_private(path, text.as_bytes())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// `--name=value` for each pair.
fn flags<const N: usize>(pairs: [(&str, String); N]) -> Vec<String> {
    pairs
        .into_iter()
        .map(|(name, value)| format!("--{name}={value}"))
        .collect()
}

#[cfg(test)]
mod tests;
