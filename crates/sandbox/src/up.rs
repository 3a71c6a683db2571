//! Starts a sandbox, or whatever is missing of one: every step looks first and does only what is not done, so that
//! the same code starts, continues and repairs.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cluster::Cluster;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::addons::{Addon, Values};
use crate::addresses::AddressPlan;
use crate::cgroup::Cgroups;
use crate::debian;
use crate::error::{OnPath, SandboxError};
use crate::event::{SandboxEvent, StartCause, Step};
use crate::images;
use crate::layout::Layout;
use crate::network::{self, PLANE};
use crate::options::{Egress, NodeCounts, Pool, UpOptions};
use crate::part::{API_PORT, Part, REGISTRY_PORT, Site, kubeconfig};
use crate::pki::{Authority, Pki};
use crate::preflight::{Problem, preflight};
use crate::process::{ProcessSpec, log_length, reason, tail, trim_log};
use crate::serve::Shelf;
use crate::state::{Lock, State, write_private};
use crate::tools::{Tool, Toolchain};
use crate::waiting::Waiting;

/// How often a part that ends is started again before that is an error.
const RESTARTS: u32 = 3;
/// How long to wait before that, times the number of its ends: what was in its way may pass.
const PAUSE: Duration = Duration::from_millis(500);
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
    /// Nodes beyond the number that was asked for. They are kept: somebody may have work on them.
    pub surplus: Vec<String>,
}

/// Everything a command needs while it changes the sandbox.
pub(crate) struct Raise<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) state: State,
    pub(crate) toolchain: &'a Toolchain,
    pub(crate) cgroups: Cgroups,
    pub(crate) progress: &'a (dyn Fn(SandboxEvent) + Send + Sync),
    /// Processes that should run by now, to notice those that end.
    running: BTreeMap<String, Running>,
    /// When this command began.
    began: Timestamp,
}

/// A process that should run while a command is at work.
struct Running {
    spec: ProcessSpec,
    /// How long its log was before this command.
    log_start: u64,
    /// How often it has ended since.
    ends: u32,
    /// Whether this command started it.
    is_new: bool,
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
    let surplus = options
        .nodes
        .map(|counts| state.surplus(counts))
        .unwrap_or_default();
    let info = Raise::new(&layout, state, &toolchain, cgroups, &progress)
        .run()
        .await?;
    Ok(SandboxInfo { surplus, ..info })
}

pub(crate) async fn install_packages(
    progress: &(dyn Fn(SandboxEvent) + Send + Sync),
) -> Result<(), SandboxError> {
    let missing = debian::missing().await?;
    if missing.is_empty() {
        return Ok(());
    }
    progress(SandboxEvent::InstallingPackages(
        missing.iter().map(|name| (*name).to_owned()).collect(),
    ));
    Ok(debian::install(&missing).await?)
}

/// Makes the programs ready. Where some have to be built, what lies underneath images is made beside them: Debian
/// often waits for the disk and the network, and compilers never do.
pub(crate) async fn build_tools(
    options: &UpOptions,
    progress: &(dyn Fn(SandboxEvent) + Send + Sync),
) -> Result<Toolchain, SandboxError> {
    progress(SandboxEvent::Began(Step::Tools));
    let (cache, needed) = (options.cache(), Tool::needed());
    let report = |event| progress(SandboxEvent::Tool(event));
    let building = async { Ok(Toolchain::ensure(&cache, &needed, &report).await?) };
    let located = Toolchain::locate(&cache).await?;
    let toolchain = if needed.iter().all(|tool| located.has(*tool)) {
        building.await?
    } else {
        tokio::try_join!(building, prepare_images(&located, progress))?.0
    };
    progress(SandboxEvent::Ended(Step::Tools));
    Ok(toolchain)
}

async fn prepare_images(
    toolchain: &Toolchain,
    progress: &(dyn Fn(SandboxEvent) + Send + Sync),
) -> Result<(), SandboxError> {
    progress(SandboxEvent::Began(Step::Debian));
    let report = |event| progress(SandboxEvent::Image(event));
    images::prepare(toolchain, &report).await?;
    progress(SandboxEvent::Ended(Step::Debian));
    Ok(())
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
            running: BTreeMap::new(),
            began: Timestamp::now(),
        }
    }

    /// Does everything that is not done yet.
    pub(crate) async fn run(mut self) -> Result<SandboxInfo, SandboxError> {
        self.step(Step::Ground);
        self.ground().await?;
        for part in [Part::Etcd, Part::Registry, Part::ApiServer] {
            self.ensure(PLANE, part).await?;
        }
        self.ensure_on_nodes(&[Part::Containerd]).await?;
        self.done(Step::Ground);
        let stock = Shelf {
            toolchain: self.toolchain,
            registry: registry(&self.state),
            progress: self.progress,
        };
        let (cluster, ()) = tokio::try_join!(self.raise_cluster(), stock.fill_for_cluster())?;
        tokio::try_join!(self.finish(&cluster), stock.fill_for_previews())?;
        Ok(info(self.layout, &self.state))
    }

    async fn raise_cluster(&mut self) -> Result<Cluster, SandboxError> {
        self.step(Step::ApiServer);
        let waiting = self.waiting();
        let cluster = self.keep_running(waiting.connect()).await?;
        for part in [Part::ControllerManager, Part::Scheduler] {
            self.ensure(PLANE, part).await?;
        }
        self.done(Step::ApiServer);
        self.ensure_on_nodes(&[Part::Kubelet, Part::KubeProxy]).await?;
        self.step(Step::Objects);
        let objects = self.objects(&Addon::FIRST)?;
        let applied = async {
            // Felix ends when it is refused, so its roles have to be there: the server's own and ours.
            tokio::try_join!(waiting.settled(&cluster), waiting.apply(&cluster, &objects)).map(drop)
        };
        self.keep_running(applied).await?;
        self.ensure_on_nodes(&[Part::Felix]).await?;
        self.done(Step::Objects);
        Ok(cluster)
    }

    async fn ensure_on_nodes(&mut self, parts: &[Part]) -> Result<(), SandboxError> {
        let nodes: Vec<String> = self.state.nodes.keys().cloned().collect();
        for node in &nodes {
            for part in parts {
                self.ensure(node, *part).await?;
            }
        }
        Ok(())
    }

    async fn finish(&mut self, cluster: &Cluster) -> Result<(), SandboxError> {
        self.step(Step::Addons);
        self.step(Step::Nodes);
        let (waiting, progress) = (self.waiting(), self.progress);
        let nodes: Vec<_> = self
            .state
            .nodes
            .iter()
            .map(|(name, node)| (name.clone(), node.pool, self.silent_since(name)))
            .collect();
        let objects = self.objects(&Addon::PODS)?;
        let ready = async {
            let nodes = nodes
                .iter()
                .map(|(name, pool, silent_since)| waiting.node(cluster, name, *pool, *silent_since));
            let all_nodes = async {
                futures::future::try_join_all(nodes).await?;
                progress(SandboxEvent::Ended(Step::Nodes));
                Ok(())
            };
            let all_addons = async {
                waiting.apply(cluster, &objects).await?;
                let addons = Addon::PODS.map(|addon| waiting.addon(cluster, addon));
                futures::future::try_join_all(addons).await
            };
            tokio::try_join!(all_nodes, all_addons).map(drop)
        };
        self.keep_running(ready).await?;
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
            Some(_) => {
                self.watch(spec, false);
                return Ok(());
            }
        };
        if let Some(record) = record {
            record.end(GRACE).await;
        }
        self.launch(spec, cause)
    }

    fn launch(&mut self, spec: ProcessSpec, cause: StartCause) -> Result<(), SandboxError> {
        let record = spec.start()?;
        self.state.processes.insert(spec.name.clone(), record);
        // Saved at once: a process that nobody remembers could never be ended.
        self.state.save(self.layout)?;
        (self.progress)(SandboxEvent::Started {
            process: spec.name.clone(),
            cause,
        });
        self.watch(spec, true);
        Ok(())
    }

    /// From now on the process is started again when it ends.
    fn watch(&mut self, spec: ProcessSpec, is_new: bool) {
        let running = self.running.entry(spec.name.clone()).or_insert_with(|| Running {
            log_start: log_length(&spec.log),
            spec,
            ends: 0,
            is_new,
        });
        running.is_new |= is_new;
    }

    /// Since when a node has to have been heard for what the API server says of it to be true: it repeats the last
    /// it heard, also after having been away itself, and of a node whose kubelet was away.
    fn silent_since(&self, node: &str) -> Option<Timestamp> {
        let talkers = [Part::ApiServer.process(PLANE), Part::Kubelet.process(node)];
        let is_new = |name: &String| self.running.get(name).is_some_and(|running| running.is_new);
        talkers.iter().any(is_new).then_some(self.began)
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

    /// Does some work, and meanwhile starts again, a few times, whatever of ours ends: a part may die of something
    /// that passes, such as a server that does not know it yet.
    async fn keep_running<T>(
        &mut self,
        work: impl Future<Output = Result<T, SandboxError>>,
    ) -> Result<T, SandboxError> {
        let mut work = std::pin::pin!(work);
        loop {
            let ended = tokio::select! {
                biased;
                ended = self.next_end() => ended,
                done = &mut work => return done,
            };
            self.start_again(&ended).await?;
        }
    }

    /// The name of the next process that ends; nothing is said about those that run on.
    async fn next_end(&self) -> String {
        let mut ends: FuturesUnordered<_> = self
            .running
            .keys()
            .filter_map(|name| Some((name, self.state.processes.get(name)?)))
            .map(|(name, record)| async move {
                record.ended().await;
                name.clone()
            })
            .collect();
        match ends.next().await {
            Some(name) => name,
            None => std::future::pending().await,
        }
    }

    async fn start_again(&mut self, name: &str) -> Result<(), SandboxError> {
        let Some(running) = self.running.get_mut(name) else {
            return Ok(());
        };
        running.ends += 1;
        let log = &running.spec.log;
        if running.ends > RESTARTS {
            return Err(SandboxError::Exited {
                name: name.to_owned(),
                times: running.ends,
                log: log.clone(),
                tail: tail(log, 12),
            });
        }
        (self.progress)(SandboxEvent::EndedEarly {
            process: name.to_owned(),
            time: running.ends,
            of: RESTARTS,
            reason: reason(log, running.log_start),
        });
        tokio::time::sleep(PAUSE * running.ends).await;
        let spec = running.spec.clone();
        self.launch(spec, StartCause::Ended)
    }

    fn waiting(&self) -> Waiting<'a> {
        Waiting {
            layout: self.layout,
            progress: self.progress,
        }
    }

    fn objects(&self, addons: &[Addon]) -> Result<Vec<Value>, SandboxError> {
        let values = Values::of(self.layout, &self.state)?;
        let mut objects = Vec::new();
        for addon in addons {
            objects.extend(addon.objects(&values)?);
        }
        Ok(objects)
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
        surplus: Vec::new(),
    }
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
        let fewer: NodeCounts = "control=1,task=1".parse().unwrap();
        let options = UpOptions {
            nodes: Some(fewer),
            ..UpOptions::default()
        };
        let kept = plan(Some(more.clone()), &options).unwrap();
        assert_eq!(kept, more);
        assert_eq!(kept.surplus(fewer), ["task-2", "task-3"]);
        assert!(kept.surplus(NodeCounts { control: 2, task: 3 }).is_empty());
    }
}
