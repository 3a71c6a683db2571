//! The candidate's seat: the pod with the shell, its rights, and its home.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bundle::Bundle;
use bundle::name::UserName;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::limits::SEAT;
use crate::{HostProfile, labels};

/// The image of the seat where a bundle names none.
pub const TTY_IMAGE: &str = "registry.taskwright.dev/tty:0.1.0";
/// Where the pod lives inside the vCluster, away from the namespaces that the task is about.
pub const NAMESPACE: &str = "taskwright-seat";
/// Name of the pod, its only container, its `ServiceAccount` and its home's `ConfigMap`.
pub const NAME: &str = "tty";
/// User id of `candidate` in the TTY image.
pub const CANDIDATE_UID: i64 = 1000;
/// Where the files that the bundle brings are mounted before they are copied to the home.
const FILES: &str = "/taskwright/files";
const KUBECONFIG: &str = "kubeconfig";

/// The objects of the seat and how to open a shell in it.
#[derive(Debug, Clone)]
pub struct SeatPlan {
    /// Namespace, account, rights, home files and the pod itself, in the order of creation.
    pub objects: Vec<Value>,
    /// How to open a shell.
    pub shell: Shell,
}

/// How to open a shell in the seat. Kept as an annotation, so that any session can attach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shell {
    /// Path of the shell inside the image.
    pub program: String,
    /// Where it starts.
    pub working_dir: String,
    /// Message of the day, shown once before the first prompt.
    pub motd: Option<String>,
}

/// The shell that `bundle` asks for.
#[must_use]
pub(crate) fn shell(bundle: &Bundle) -> Shell {
    Shell {
        program: bundle.tty.shell.to_string(),
        working_dir: bundle.tty.working_dir.to_string(),
        motd: bundle.tty.motd.clone(),
    }
}

/// Plans the seat of `bundle`.
pub(crate) fn plan(bundle: &Bundle, profile: &HostProfile) -> SeatPlan {
    let objects = vec![
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } }),
        json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": { "name": NAME, "namespace": NAMESPACE },
        }),
        rights(bundle.tty.cluster_role.as_str()),
        home(bundle),
        pod(bundle, profile),
    ];
    SeatPlan {
        objects,
        shell: shell(bundle),
    }
}

fn rights(cluster_role: &str) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": { "name": "candidate" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": cluster_role },
        "subjects": [{ "kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE }],
    })
}

/// Home files and kubeconfig as one `ConfigMap`; keys are numbers because paths are no valid keys.
fn home(bundle: &Bundle) -> Value {
    let mut data = json!({ KUBECONFIG: kubeconfig() });
    let mut binary = json!({});
    for (index, file) in bundle.tty.home.iter().enumerate() {
        match std::str::from_utf8(&file.content) {
            Ok(text) => data[format!("f{index}")] = json!(text),
            Err(_) => binary[format!("f{index}")] = json!(BASE64.encode(&file.content)),
        }
    }
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "name": NAME, "namespace": NAMESPACE },
        "data": data,
        "binaryData": binary,
    })
}

/// A kubeconfig that names no secret: token and certificate are the pod's own. It exists so that `kubectl`
/// starts in `default` and not in the seat's namespace.
#[must_use]
pub fn kubeconfig() -> String {
    let account = "/var/run/secrets/kubernetes.io/serviceaccount";
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "task", "cluster": {
            "server": "https://kubernetes.default.svc", "certificate-authority": format!("{account}/ca.crt") } }],
        "users": [{ "name": "candidate", "user": { "tokenFile": format!("{account}/token") } }],
        "contexts": [{ "name": "task", "context": { "cluster": "task", "user": "candidate", "namespace": "default" } }],
        "current-context": "task",
    });
    config.to_string()
}

fn pod(bundle: &Bundle, profile: &HostProfile) -> Value {
    let tty = &bundle.tty;
    let image = tty.image.as_ref().map_or(TTY_IMAGE, |image| image.as_str());
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": NAME, "namespace": NAMESPACE, "labels": { labels::SEAT: NAME } },
        "spec": {
            "serviceAccountName": NAME,
            "hostname": "task",
            "enableServiceLinks": false,
            // The shell has nothing to save; without this a tear-down waits for the default of 30 s.
            "terminationGracePeriodSeconds": 1,
            "securityContext": security(&tty.user),
            "containers": [{
                "name": NAME,
                "image": profile.image(image),
                "imagePullPolicy": "IfNotPresent",
                "command": ["/bin/sh", "-c", WAIT],
                // The container counts as running only after this, so a shell never sees half a home.
                "lifecycle": { "postStart": { "exec": { "command": ["/bin/sh", "-c", fill_home(bundle)] } } },
                "workingDir": tty.working_dir.as_str(),
                "env": environment(bundle),
                "resources": SEAT.to_resources(),
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
                "volumeMounts": [{ "name": "files", "mountPath": FILES, "readOnly": true }],
            }],
            "volumes": [{ "name": "files", "configMap": { "name": NAME, "items": items(bundle) } }],
        },
    })
}

/// Waits for ever: the first process collects the orphans that terminals leave behind.
pub const WAIT: &str = "trap 'exit 0' TERM; while :; do sleep 86400 & wait $!; done";

/// User ids of the names that the TTY image knows; for others the image's own user counts.
fn uid(user: &UserName) -> Option<i64> {
    match user.as_str() {
        "root" => Some(0),
        "candidate" => Some(CANDIDATE_UID),
        _ => None,
    }
}

fn home_folder(user: &UserName) -> String {
    match user.as_str() {
        "root" => "/root".to_owned(),
        name => format!("/home/{name}"),
    }
}

fn security(user: &UserName) -> Value {
    let profile = json!({ "type": "RuntimeDefault" });
    match uid(user) {
        None => json!({ "seccompProfile": profile }),
        Some(0) => json!({ "runAsUser": 0, "seccompProfile": profile }),
        Some(uid) => json!({
            "runAsUser": uid, "runAsGroup": uid, "fsGroup": uid, "runAsNonRoot": true, "seccompProfile": profile
        }),
    }
}

/// The script that copies the bundle's home files and the kubeconfig to where the candidate owns them.
fn fill_home(bundle: &Bundle) -> String {
    let mut script = format!(
        "set -e; umask 022; mkdir -p \"$HOME/.kube\"; cp -L {FILES}/kubeconfig \"$HOME/.kube/config\"; \
         chmod 600 \"$HOME/.kube/config\"; if [ -d {FILES}/home ]; then cp -RL {FILES}/home/. \"$HOME/\"; fi"
    );
    for file in &bundle.tty.home {
        let _ = write!(
            script,
            "; chmod {:o} \"$HOME\"/{}",
            file.mode,
            quoted(file.path.as_str())
        );
    }
    script
}

/// `text` as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn items(bundle: &Bundle) -> Vec<Value> {
    let kubeconfig = json!({ "key": KUBECONFIG, "path": KUBECONFIG });
    let home =
        bundle.tty.home.iter().enumerate().map(
            |(index, file)| json!({ "key": format!("f{index}"), "path": format!("home/{}", file.path) }),
        );
    std::iter::once(kubeconfig).chain(home).collect()
}

fn environment(bundle: &Bundle) -> Vec<Value> {
    let tty = &bundle.tty;
    let mut environment = vec![
        json!({ "name": "HOME", "value": home_folder(&tty.user) }),
        json!({ "name": "USER", "value": tty.user.as_str() }),
        json!({ "name": "SHELL", "value": tty.shell.as_str() }),
    ];
    environment.extend(
        tty.env
            .iter()
            .map(|(name, value)| json!({ "name": name.as_str(), "value": value })),
    );
    environment
}
