//! A look at the sandbox that does not go through Taskwright's commands.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use cluster::{Cluster, KubeconfigSources, ObjectRef};
use k8s_openapi::api::core::v1::{Namespace, PersistentVolume, Secret};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use serde_json::{Value, json};

/// The sandbox's context.
pub const CONTEXT: &str = "taskwright-sandbox";
/// The label on everything that belongs to a preview.
const PREVIEW: &str = "taskwright.dev/preview";

/// Runs async work to its end.
///
/// # Errors
/// What the work says, or that there is no runtime.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Connects to the sandbox.
///
/// # Errors
/// When it is not up, or its kubeconfig is not named.
pub async fn connect() -> Result<Cluster> {
    let file =
        std::env::var_os("TASKWRIGHT_E2E_KUBECONFIG").context("TASKWRIGHT_E2E_KUBECONFIG is not set")?;
    let (contexts, _) = cluster::contexts(&KubeconfigSources {
        files: vec![file.into()],
    });
    let context = contexts
        .iter()
        .find(|context| context.name == CONTEXT)
        .context("no such context")?;
    Ok(Cluster::connect(context).await?)
}

/// Everything on the host that still belongs to the preview `id`.
///
/// # Errors
/// When the host does not answer.
pub async fn leftovers(host: &Cluster, id: &str) -> Result<Vec<String>> {
    let ours = format!("{PREVIEW}={id}");
    let namespace = format!("task-{id}");
    let namespaces: Vec<Namespace> = host.list(None, Some(&ours)).await?;
    let roles: Vec<ClusterRole> = host.list(None, Some(&ours)).await?;
    let bindings: Vec<ClusterRoleBinding> = host.list(None, Some(&ours)).await?;
    let volumes: Vec<PersistentVolume> = host.list(None, None).await?;
    let names = namespaces
        .into_iter()
        .map(|one| format!("namespace {}", one.metadata.name.unwrap_or_default()));
    let roles = roles
        .into_iter()
        .map(|one| format!("clusterrole {}", one.metadata.name.unwrap_or_default()));
    let bindings = bindings
        .into_iter()
        .map(|one| format!("binding {}", one.metadata.name.unwrap_or_default()));
    let volumes = volumes.into_iter().filter(|volume| {
        let claim = volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref());
        claim.and_then(|claim| claim.namespace.as_deref()) == Some(&namespace)
    });
    let volumes = volumes.map(|one| format!("volume {}", one.metadata.name.unwrap_or_default()));
    Ok(names.chain(roles).chain(bindings).chain(volumes).collect())
}

/// Asks again and again until `done` says so: for states outside Kubernetes, which nothing announces.
///
/// # Errors
/// When it is not so within `limit`.
pub fn eventually(what: &str, limit: Duration, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = std::time::Instant::now() + limit;
    while !done()? {
        anyhow::ensure!(std::time::Instant::now() < end, "{what}: not so after {limit:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A kubeconfig with one context of a token.
#[must_use]
pub fn kubeconfig(server: &str, context: &str, authority: &str, token: &str) -> String {
    serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": context, "cluster": { "server": server, "certificate-authority-data": authority } }],
        "users": [{ "name": context, "user": { "token": token } }],
        "contexts": [{ "name": context, "context": { "cluster": context, "user": context } }],
        "current-context": context,
    })
    .to_string()
}

/// An account on the host that may look into namespaces and make nothing; removed when dropped.
#[derive(Debug)]
pub struct LimitedAccount {
    folder: tempfile::TempDir,
}

impl LimitedAccount {
    /// The name of everything it is made of, and of its context.
    const NAME: &str = "e2e-limited";

    /// Makes it, and a kubeconfig for it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make() -> Result<Self> {
        // There before its objects, so that they are removed whatever fails.
        let account = Self {
            folder: tempfile::tempdir()?,
        };
        let token = block_on(Self::token())?;
        let own: serde_json::Value = serde_json::from_str(&own_kubeconfig()?)?;
        let cluster = &own["clusters"][0]["cluster"];
        let text = |key: &str| cluster[key].as_str().with_context(|| format!("no {key}"));
        let (server, authority) = (text("server")?, text("certificate-authority-data")?);
        std::fs::write(
            account.kubeconfig(),
            kubeconfig(server, Self::NAME, authority, &token),
        )?;
        Ok(account)
    }

    /// Its context.
    #[must_use]
    pub fn context(&self) -> &'static str {
        Self::NAME
    }

    /// Its kubeconfig.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    async fn token() -> Result<String> {
        let host = connect().await?;
        // The controller removes a token whose account it has not seen yet; then it is made again.
        for _ in 0..10 {
            host.apply(&Self::objects(), &cluster::ApplyOptions::default(), |_| {})
                .await?;
            let token = host.wait_for::<Secret, String>(Some("default"), Self::NAME, |secret| {
                String::from_utf8(secret?.data.as_ref()?.get("token")?.0.clone()).ok()
            });
            if let Ok(token) = tokio::time::timeout(Duration::from_secs(3), token).await {
                return Ok(token?);
            }
        }
        bail!("the account {} got no token", Self::NAME)
    }

    fn objects() -> [Value; 3] {
        let name = Self::NAME;
        [
            json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": name, "namespace": "default" } }),
            json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "type": "kubernetes.io/service-account-token",
                "metadata": { "name": name, "namespace": "default", "annotations": { "kubernetes.io/service-account.name": name } },
            }),
            json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRoleBinding",
                "metadata": { "name": name },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" },
                "subjects": [{ "kind": "ServiceAccount", "name": name, "namespace": "default" }],
            }),
        ]
    }
}

impl Drop for LimitedAccount {
    fn drop(&mut self) {
        let removed = block_on(async {
            let host = connect().await?;
            for object in Self::objects().iter().filter_map(ObjectRef::of) {
                host.delete_json(&object, None).await?;
            }
            Ok(())
        });
        // A second panic would hide the first.
        if !std::thread::panicking() {
            assert!(removed.is_ok(), "the account cannot be removed: {removed:?}");
        }
    }
}

/// The sandbox's kubeconfig as JSON.
fn own_kubeconfig() -> Result<String> {
    let kubectl = std::env::var_os("TASKWRIGHT_E2E_KUBECTL").context("TASKWRIGHT_E2E_KUBECTL is not set")?;
    let mut command = std::process::Command::new(kubectl);
    command.args(["config", "view", "--raw", "--flatten", "--minify", "-o", "json"]);
    command.env(
        "KUBECONFIG",
        std::env::var_os("TASKWRIGHT_E2E_KUBECONFIG").context("no kubeconfig")?,
    );
    Ok(crate::run(command)?.expect(0)?.stdout)
}

/// The process below `parent` whose program is called `name`.
///
/// # Errors
/// When there is none.
pub fn child_of(parent: Option<u32>, name: &str) -> Result<rustix::process::Pid> {
    let parent = parent.context("the parent has ended")?;
    for entry in std::fs::read_dir("/proc")? {
        let path = entry?.path();
        // A process may end while we look.
        let Ok(stat) = std::fs::read_to_string(path.join("stat")) else {
            continue;
        };
        let Some((before, after)) = stat.rsplit_once(") ") else {
            continue;
        };
        let is_child = after.split(' ').nth(1) == Some(&parent.to_string());
        let is_named = before.split_once('(').is_some_and(|(_, comm)| comm == name);
        if is_child && is_named {
            let pid = before.split(' ').next().and_then(|pid| pid.parse().ok());
            return pid
                .and_then(rustix::process::Pid::from_raw)
                .context("a process id is a number");
        }
    }
    anyhow::bail!("process {parent} has no child called {name}")
}
