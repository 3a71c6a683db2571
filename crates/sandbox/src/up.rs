//! Starts a sandbox, or whatever is missing of one: every step looks first and does only what is not done, so that
//! the same code starts, continues and repairs.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cluster::{ApplyOptions, Cluster, Readiness};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Node;
use serde_json::{Value, json};

use crate::addons::{Addon, Values};
use crate::addresses::AddressPlan;
use crate::cgroup::Cgroups;
use crate::debian;
use crate::error::{OnPath, SandboxError};
use crate::event::{SandboxEvent, StartCause, Step};
use crate::layout::Layout;
use crate::network::{self, PLANE};
use crate::options::{Egress, NodeCounts, Pool, UpOptions};
use crate::part::{API_PORT, Part, REGISTRY_PORT, Site, kubeconfig};
use crate::pki::{Authority, Pki};
use crate::preflight::{Problem, preflight};
use crate::process::{ProcessSpec, tail, trim_log};
use crate::serve::Shelf;
use crate::state::{Lock, State, write_private};
use crate::tools::{Tool, Toolchain};

/// How long one thing may take to become ready. Everything is local, so this is patience with a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);
/// How long to wait before asking again whether the API server or the registry listens.
const RETRY: Duration = Duration::from_millis(50);
/// How long a process that is replaced may take to end.
const GRACE: Duration = Duration::from_secs(2);
/// The name of the cluster, the user and the context in the kubeconfig for people.
pub const CONTEXT: &str = "taskwright-sandbox";

/// A sandbox that is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxInfo {
    /// A kubeconfig with the one context `taskwright-sandbox`.
    pub kubeconfig: PathBuf,
    /// The name of that context.
    pub context: &'static str,
    /// The address of the API server.
    pub server: String,
    /// The address of the registry, as `host:port`.
    pub registry: String,
    /// The nodes and their pools.
    pub nodes: BTreeMap<String, Pool>,
}

/// Everything a command needs while it changes the sandbox.
pub(crate) struct Raise<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) state: State,
    pub(crate) toolchain: &'a Toolchain,
    pub(crate) cgroups: Cgroups,
    pub(crate) progress: &'a (dyn Fn(SandboxEvent) + Send + Sync),
    /// Processes started just now, to notice those that end at once.
    started: Vec<ProcessSpec>,
}

/// Starts a sandbox, or whatever is missing of one, and returns when its nodes, names and storage work.
pub async fn up(
    options: UpOptions,
    progress: impl Fn(SandboxEvent) + Send + Sync,
) -> Result<SandboxInfo, SandboxError> {
    let layout = Layout::default();
    progress(SandboxEvent::Began(Step::Preflight));
    let problems = preflight(&options).await;
    if !problems.is_empty() {
        return Err(SandboxError::Refused(problems));
    }
    let _lock = Lock::take(&layout)?;
    install_packages(&progress).await?;
    progress(SandboxEvent::Ended(Step::Preflight));
    let toolchain = build_tools(&options, &progress).await?;
    let state = plan(State::load(&layout)?, &options)?;
    let Some(cgroups) = Cgroups::of_this_machine() else {
        return Err(SandboxError::Refused(vec![Problem::NoCgroups]));
    };
    Raise::new(&layout, state, &toolchain, cgroups, &progress)
        .run()
        .await
}

async fn install_packages(progress: &(dyn Fn(SandboxEvent) + Send + Sync)) -> Result<(), SandboxError> {
    let missing = debian::missing().await?;
    if missing.is_empty() {
        return Ok(());
    }
    progress(SandboxEvent::InstallingPackages(
        missing.iter().map(|name| (*name).to_owned()).collect(),
    ));
    Ok(debian::install(&missing).await?)
}

async fn build_tools(
    options: &UpOptions,
    progress: &(dyn Fn(SandboxEvent) + Send + Sync),
) -> Result<Toolchain, SandboxError> {
    progress(SandboxEvent::Began(Step::Tools));
    let report = |event| progress(SandboxEvent::Tool(event));
    let toolchain = Toolchain::ensure(&options.cache(), &Tool::needed(), &report).await?;
    progress(SandboxEvent::Ended(Step::Tools));
    Ok(toolchain)
}

/// Chooses addresses and nodes for a sandbox that is not there yet, or brings the state in line with the options.
pub(crate) fn plan(found: Option<State>, options: &UpOptions) -> Result<State, SandboxError> {
    let mut state = match found {
        Some(state) => state,
        None => State::new(addresses(options)?),
    };
    if options.egress == Egress::Open {
        state.egress = true;
    }
    let wanted = match options.nodes {
        Some(counts) => Some(counts),
        None if state.nodes.is_empty() => Some(NodeCounts::default()),
        None => None,
    };
    for pool in Pool::ALL {
        let wanted = wanted.map_or(0, |counts| usize::from(counts.of(pool)));
        for _ in state.nodes_in(pool)..wanted {
            state.add_node(pool)?;
        }
    }
    Ok(state)
}

fn addresses(options: &UpOptions) -> Result<AddressPlan, SandboxError> {
    let routed = network::routed_elsewhere();
    let chosen = match options.network {
        Some(block) => AddressPlan::within(block),
        None => AddressPlan::free_of(&routed),
    };
    chosen.ok_or_else(|| SandboxError::Refused(vec![Problem::NoFreeNetwork { routed }]))
}

impl<'a> Raise<'a> {
    pub(crate) fn new(
        layout: &'a Layout,
        state: State,
        toolchain: &'a Toolchain,
        cgroups: Cgroups,
        progress: &'a (dyn Fn(SandboxEvent) + Send + Sync),
    ) -> Self {
        Self {
            layout,
            state,
            toolchain,
            cgroups,
            progress,
            started: Vec::new(),
        }
    }

    /// Does everything that is not done yet.
    pub(crate) async fn run(mut self) -> Result<SandboxInfo, SandboxError> {
        self.step(Step::Ground);
        self.ground().await?;
        for part in [Part::Etcd, Part::Registry, Part::ApiServer] {
            self.ensure(PLANE, part).await?;
        }
        let nodes: Vec<String> = self.state.nodes.keys().cloned().collect();
        for node in &nodes {
            self.ensure(node, Part::Containerd).await?;
        }
        self.done(Step::Ground);
        let stock = Shelf {
            toolchain: self.toolchain,
            registry: registry(&self.state),
            progress: self.progress,
        };
        let (cluster, ()) = tokio::try_join!(self.raise_cluster(), stock.fill_for_cluster())?;
        tokio::try_join!(self.finish(&cluster, &nodes), stock.fill_for_previews())?;
        Ok(info(self.layout, &self.state))
    }

    async fn raise_cluster(&mut self) -> Result<Cluster, SandboxError> {
        self.step(Step::ApiServer);
        let cluster = self.unless_one_ends(self.connect()).await?;
        for part in [Part::ControllerManager, Part::Scheduler] {
            self.ensure(PLANE, part).await?;
        }
        self.done(Step::ApiServer);
        let nodes: Vec<String> = self.state.nodes.keys().cloned().collect();
        for node in &nodes {
            for part in [Part::Kubelet, Part::KubeProxy] {
                self.ensure(node, part).await?;
            }
        }
        self.step(Step::Objects);
        self.apply(&cluster, &Addon::FIRST).await?;
        for node in &nodes {
            self.ensure(node, Part::Felix).await?;
        }
        self.done(Step::Objects);
        Ok(cluster)
    }

    async fn finish(&mut self, cluster: &Cluster, nodes: &[String]) -> Result<(), SandboxError> {
        self.step(Step::Addons);
        self.apply(cluster, &Addon::PODS).await?;
        self.step(Step::Nodes);
        let ready = async {
            let nodes = nodes.iter().map(|node| self.node_ready(cluster, node));
            let addons = [Addon::Dns, Addon::Storage].map(|addon| self.addon_ready(cluster, addon));
            let all_nodes = async {
                futures::future::try_join_all(nodes).await?;
                self.done(Step::Nodes);
                Ok(())
            };
            tokio::try_join!(all_nodes, futures::future::try_join_all(addons)).map(drop)
        };
        self.unless_one_ends(ready).await?;
        self.done(Step::Addons);
        Ok(())
    }

    /// Keys, network and folders, in place before anything is started.
    async fn ground(&mut self) -> Result<(), SandboxError> {
        self.state.save(self.layout)?;
        Pki::of(self.layout).ensure(&self.state)?;
        self.write_kubeconfig()?;
        self.folders()?;
        network::ensure_bridge(&self.state.addresses).await?;
        if self.state.egress {
            network::open_egress(&self.state.addresses).await?;
        }
        for member in network::members(&self.state) {
            if network::ensure_member(&self.state, &member).await? {
                // Whatever still runs in an earlier namespace of this name can never be reached again.
                self.cgroups.kill(Some(&member)).await;
            }
        }
        network::route_pods(&self.state).await
    }

    fn folders(&self) -> Result<(), SandboxError> {
        let layout = self.layout;
        for folder in [
            layout.logs(),
            layout.registry(),
            layout.volumes(),
            layout.plane(),
            layout.run().to_owned(),
        ] {
            fs::create_dir_all(&folder).on("create", folder)?;
        }
        for name in self.state.nodes.keys() {
            let node = layout.node(name);
            for folder in [
                node.config(),
                node.cni_bin(),
                node.felix(),
                node.pod_logs(),
                node.cni_data(),
            ] {
                fs::create_dir_all(&folder).on("create", folder)?;
            }
            let plugin = node.cni_bin().join("calico");
            let program = self.toolchain.path(Tool::Calico);
            if fs::read_link(&plugin).ok().as_ref() != Some(&program) {
                let _absent_at_first = fs::remove_file(&plugin);
                std::os::unix::fs::symlink(&program, &plugin).on("create", plugin)?;
            }
        }
        Ok(())
    }

    /// Makes sure that a part runs as the state says, in the network it belongs to.
    async fn ensure(&mut self, member: &str, part: Part) -> Result<(), SandboxError> {
        let Some(spec) = self.spec(member, part)? else {
            return Ok(());
        };
        trim_log(&spec.log)?;
        let record = self.state.processes.get(&spec.name).cloned();
        let cause = match &record {
            None => StartCause::First,
            Some(record) if !record.alive() => StartCause::Ended,
            Some(record) if record.namespace() != network::namespace_number(member) => StartCause::CutOff,
            Some(record) if record.digest != spec.digest() => StartCause::Changed,
            Some(_) => return Ok(()),
        };
        if let Some(record) = record {
            record.end(GRACE).await;
        }
        let record = spec.start()?;
        self.state.processes.insert(spec.name.clone(), record);
        // Saved at once: a process that nobody remembers could never be ended.
        self.state.save(self.layout)?;
        (self.progress)(SandboxEvent::Started {
            process: spec.name.clone(),
            cause,
        });
        self.started.push(spec);
        Ok(())
    }

    fn spec(&self, member: &str, part: Part) -> Result<Option<ProcessSpec>, SandboxError> {
        let tool = |tool| self.toolchain.path(tool);
        let site = Site {
            layout: self.layout,
            state: &self.state,
            tool: &tool,
            cgroups: &self.cgroups,
        };
        if member == PLANE {
            site.plane(part)
        } else {
            site.node(member, part)
        }
    }

    /// Does some work, unless a process that was started for it ends.
    async fn unless_one_ends<T>(
        &self,
        work: impl Future<Output = Result<T, SandboxError>>,
    ) -> Result<T, SandboxError> {
        let mut ends: FuturesUnordered<_> = self
            .started
            .iter()
            .filter_map(|spec| Some((spec, self.state.processes.get(&spec.name)?)))
            .map(|(spec, record)| async move {
                record.ended().await;
                spec
            })
            .collect();
        tokio::select! {
            done = work => done,
            Some(spec) = ends.next() => Err(SandboxError::Exited {
                name: spec.name.clone(),
                log: spec.log.clone(),
                tail: tail(&spec.log, 12),
            }),
        }
    }

    /// Connects as soon as the API server answers. There is nothing to watch before it does.
    async fn connect(&self) -> Result<Cluster, SandboxError> {
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

    async fn apply(&self, cluster: &Cluster, addons: &[Addon]) -> Result<(), SandboxError> {
        let values = Values::of(self.layout, &self.state)?;
        let mut objects: Vec<Value> = Vec::new();
        for addon in addons {
            objects.extend(addon.objects(&values)?);
        }
        let applied = cluster.apply(&objects, &ApplyOptions::default(), |_| {}).await;
        applied.map(drop).map_err(|error| SandboxError::Apply {
            object: error
                .object()
                .map_or_else(|| "an object".to_owned(), ToString::to_string),
            reason: error.to_string(),
        })
    }

    pub(crate) async fn node_ready(&self, cluster: &Cluster, name: &str) -> Result<(), SandboxError> {
        let what = format!("the node {name}");
        let waited =
            wait(cluster.wait_for::<Node, ()>(None, name, |node| is_ready(node?).then_some(()))).await;
        waited.map_err(|detail| self.not_ready(what, detail))?;
        if let Some(node) = self.state.nodes.get(name) {
            (self.progress)(SandboxEvent::NodeReady {
                name: name.to_owned(),
                pool: node.pool,
            });
        }
        Ok(())
    }

    async fn addon_ready(&self, cluster: &Cluster, addon: Addon) -> Result<(), SandboxError> {
        let Some((namespace, name)) = addon.deployment() else {
            return Ok(());
        };
        let rolled_out = |deployment: Option<&Deployment>| {
            (cluster::wait::deployment_rolled_out(deployment?) == Readiness::Ready).then_some(())
        };
        let waited = wait(cluster.wait_for::<Deployment, ()>(Some(namespace), name, rolled_out)).await;
        waited.map_err(|detail| self.not_ready(format!("the deployment {name} in {namespace}"), detail))?;
        (self.progress)(SandboxEvent::AddonReady(addon));
        Ok(())
    }

    fn not_ready(&self, what: String, detail: String) -> SandboxError {
        SandboxError::NotReady {
            what,
            after: PATIENCE,
            detail,
            logs: self.layout.logs(),
        }
    }

    fn write_kubeconfig(&self) -> Result<(), SandboxError> {
        let pki = Pki::of(self.layout);
        let encoded = |path: PathBuf| Pki::text(&path).map(|text| STANDARD.encode(text));
        let cluster = json!({
            "server": server(&self.state),
            "certificate-authority-data": encoded(pki.certificate(Authority::Cluster.name()))?,
        });
        let user = json!({
            "client-certificate-data": encoded(pki.certificate("admin"))?,
            "client-key-data": encoded(pki.key("admin"))?,
        });
        let text = kubeconfig(CONTEXT, &cluster, &user).to_string();
        write_private(&self.layout.kubeconfig(), text.as_bytes())
    }

    fn step(&self, step: Step) {
        (self.progress)(SandboxEvent::Began(step));
    }

    fn done(&self, step: Step) {
        (self.progress)(SandboxEvent::Ended(step));
    }
}

/// Where images are pushed to and pulled from, as `host:port`.
pub(crate) fn registry(state: &State) -> String {
    format!("{}:{REGISTRY_PORT}", state.addresses.plane())
}

/// The address of the API server.
pub(crate) fn server(state: &State) -> String {
    format!("https://{}:{API_PORT}", state.addresses.plane())
}

/// What there is to know about a sandbox that is up.
pub(crate) fn info(layout: &Layout, state: &State) -> SandboxInfo {
    SandboxInfo {
        kubeconfig: layout.kubeconfig(),
        context: CONTEXT,
        server: server(state),
        registry: registry(state),
        nodes: state
            .nodes
            .iter()
            .map(|(name, node)| (name.clone(), node.pool))
            .collect(),
    }
}

/// Waits for an answer of the cluster, with patience, and says in words why none came.
async fn wait(answer: impl Future<Output = Result<(), cluster::ApiError>>) -> Result<(), String> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answered) => answered.map_err(|error| error.to_string()),
        Err(_) => Err("it did not say why; see its events and logs".to_owned()),
    }
}

pub(crate) fn is_ready(node: &Node) -> bool {
    let conditions = node
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    conditions
        .into_iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_sandbox_has_the_usual_nodes() {
        let state = plan(None, &UpOptions::default()).unwrap();
        assert_eq!(
            state.nodes.keys().collect::<Vec<_>>(),
            ["control-1", "task-1", "task-2"]
        );
    }

    #[test]
    fn a_sandbox_that_is_up_keeps_its_nodes_and_gets_those_asked_for() {
        let found = plan(
            None,
            &UpOptions {
                nodes: "control=1,task=1".parse().ok(),
                ..UpOptions::default()
            },
        )
        .unwrap();
        let same = plan(Some(found.clone()), &UpOptions::default()).unwrap();
        assert_eq!(same, found);
        let more = plan(
            Some(found),
            &UpOptions {
                nodes: "task=3".parse().ok(),
                ..UpOptions::default()
            },
        )
        .unwrap();
        assert_eq!(
            more.nodes.keys().collect::<Vec<_>>(),
            ["control-1", "task-1", "task-2", "task-3"]
        );
    }
}
