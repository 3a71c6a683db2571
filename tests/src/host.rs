//! A look at the sandbox that does not go through Taskwright's commands.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use cluster::{Cluster, KubeconfigSources};
use k8s_openapi::api::core::v1::{Namespace, PersistentVolume, Secret};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};

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

/// A kubeconfig, in a folder of its own, of an account that may do nothing but look at nodes; its context's name.
///
/// # Errors
/// When the account cannot be made.
pub fn limited_kubeconfig() -> Result<(tempfile::TempDir, String)> {
    let name = "e2e-limited";
    let token = block_on(async {
        let host = connect().await?;
        let objects = [
            serde_json::json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": name, "namespace": "default" } }),
            serde_json::json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "type": "kubernetes.io/service-account-token",
                "metadata": { "name": name, "namespace": "default", "annotations": { "kubernetes.io/service-account.name": name } },
            }),
            serde_json::json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRoleBinding",
                "metadata": { "name": name },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" },
                "subjects": [{ "kind": "ServiceAccount", "name": name, "namespace": "default" }],
            }),
        ];
        // The controller removes a token whose account it has not seen yet; then it is made again.
        for _ in 0..10 {
            host.apply(&objects, &cluster::ApplyOptions::default(), |_| {})
                .await?;
            let token = host.wait_for::<Secret, String>(Some("default"), name, |secret| {
                String::from_utf8(secret?.data.as_ref()?.get("token")?.0.clone()).ok()
            });
            if let Ok(token) = tokio::time::timeout(Duration::from_secs(3), token).await {
                return Ok(token?);
            }
        }
        bail!("the account {name} got no token")
    })?;
    let own: serde_json::Value = serde_json::from_str(&own_kubeconfig()?)?;
    let cluster = &own["clusters"][0]["cluster"];
    let text = |key: &str| {
        cluster[key]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("no {key}"))
    };
    let folder = tempfile::tempdir()?;
    std::fs::write(
        folder.path().join("config"),
        kubeconfig(
            &text("server")?,
            name,
            &text("certificate-authority-data")?,
            &token,
        ),
    )?;
    Ok((folder, name.to_owned()))
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
