//! An init step: a script in the candidate's pod, or in a pod of its own with full rights.

use std::time::Duration;

use cluster::{Cluster, ObjectRef};
use plan::limits::INIT;
use plan::{InitPlace, InitPlan, StepId, labels, seat};
use serde_json::{Value, json};

use super::context::BootContext;
use super::control_plane::host_pod;
use super::dependency::{DEFAULT_NAMESPACE, apply_to};
use super::{refusal, trouble};
use crate::event::{Detail, What};
use crate::failure::{Cause, Failure};
use crate::script::{self, Script};
use crate::session::Session;

/// Runs one init step; `seat` is the candidate's pod on the host.
pub(super) async fn run(
    context: &BootContext,
    step: &StepId,
    init: &InitPlan,
    api: &Cluster,
    seat: &str,
) -> Result<(), Failure> {
    match &init.place {
        InitPlace::Seat => run_well(context, step, init, seat, seat::NAME).await,
        InitPlace::Pod { image } => {
            let pod = own_pod(context, step, init, api, image).await?;
            let outcome = run_well(context, step, init, &pod, CONTAINER).await;
            remove(api, init).await?;
            outcome
        }
    }
}

/// Between two attempts of a script that failed: it alone knows what it waits for.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// Runs a script until it succeeds or its retries are used up; and once more, if that is to show that it may be.
async fn run_well(
    context: &BootContext,
    step: &StepId,
    init: &InitPlan,
    pod: &str,
    container: &str,
) -> Result<(), Failure> {
    let again = |reason: String| {
        let object = init.path.clone();
        context.doing(step, Detail::Retrying { object, reason });
    };
    let mut failed = 0;
    while let Err(failure) = run_in(context, step, init, pod, container).await {
        failed += 1;
        if failed > init.retries || !may_pass(&failure.cause) {
            return Err(failure);
        }
        again(format!(
            "{}; attempt {} of {}",
            failure.cause,
            failed + 1,
            init.retries + 1
        ));
        tokio::time::sleep(RETRY_EVERY).await;
    }
    if context.options.twice {
        again("a second run shows whether it is idempotent".to_owned());
        run_in(context, step, init, pod, container)
            .await
            .map_err(not_idempotent)?;
    }
    Ok(())
}

/// What a script may do better the next time; where it runs it cannot.
fn may_pass(cause: &Cause) -> bool {
    matches!(cause, Cause::Script { .. } | Cause::TimedOut { .. })
}

fn not_idempotent(failure: Failure) -> Failure {
    match failure.cause {
        Cause::Script { path, code } => Failure {
            cause: Cause::NotIdempotent { path, code },
            evidence: failure.evidence,
        },
        _ => failure,
    }
}

async fn run_in(
    context: &BootContext,
    step: &StepId,
    init: &InitPlan,
    pod: &str,
    container: &str,
) -> Result<(), Failure> {
    context.doing(
        step,
        Detail::Script {
            path: init.path.clone(),
        },
    );
    let host = &context.host.cluster;
    let session = Session::new();
    let script = Script {
        path: &init.path,
        content: &init.script,
        env: &init.env,
        namespace: &context.id.namespace(),
        pod,
        container,
        session: &session,
    };
    let line = |stream, line: &str| {
        context.reporter.report(What::Output {
            step: step.clone(),
            stream,
            line: line.to_owned(),
        });
    };
    script::run_within(host, &script, init.timeout, line).await
}

const CONTAINER: &str = "init";
const MOUNT: &str = "/taskwright";
const KUBECONFIG: &str = "/taskwright/kubeconfig";

fn pod_name(init: &InitPlan) -> String {
    format!("init-{}", init.name)
}

/// Makes a pod with full rights in the vCluster, in a namespace of its own, and gives its name on the host.
async fn own_pod(
    context: &BootContext,
    step: &StepId,
    init: &InitPlan,
    api: &Cluster,
    image: &str,
) -> Result<String, Failure> {
    apply_to(api, DEFAULT_NAMESPACE, context, step, &pod_objects(init, image)).await?;
    let selector = format!("{}={}", labels::SEAT, pod_name(init));
    let watched = [pod_name(init)];
    tokio::select! {
        pod = host_pod(context, &selector) => {
            pod.map(|pod| pod.metadata.name.unwrap_or_default())
        }
        failure = trouble::watch(api, &watched, None, |pod, state| {
            context.doing(step, Detail::Pod { pod: pod.to_owned(), state: state.to_owned() });
        }) => Err(failure),
    }
}

fn pod_objects(init: &InitPlan, image: &str) -> Vec<Value> {
    let name = pod_name(init);
    let metadata = json!({ "name": name, "namespace": name, "labels": { labels::SEAT: name } });
    let variable = |name: &str, value: &str| json!({ "name": name, "value": value });
    vec![
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } }),
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata }),
        // So that `kubectl` starts in `default` here as it does in the seat.
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": { "kubeconfig": seat::kubeconfig() },
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": { "name": name },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin" },
            "subjects": [{ "kind": "ServiceAccount", "name": name, "namespace": name }],
        }),
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {
                "serviceAccountName": name,
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": 0,
                "securityContext": {
                    "runAsNonRoot": true, "runAsUser": seat::CANDIDATE_UID, "seccompProfile": { "type": "RuntimeDefault" }
                },
                "containers": [{
                    "name": CONTAINER,
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["/bin/sh", "-c", seat::WAIT],
                    "env": [variable("HOME", "/tmp"), variable("KUBECONFIG", KUBECONFIG)],
                    "volumeMounts": [{ "name": "kubeconfig", "mountPath": MOUNT, "readOnly": true }],
                    "resources": INIT.to_resources(),
                    "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
                }],
                "volumes": [{ "name": "kubeconfig", "configMap": { "name": name } }],
            },
        }),
    ]
}

/// The candidate sees neither the pod nor its rights.
async fn remove(api: &Cluster, init: &InitPlan) -> Result<(), Failure> {
    let name = pod_name(init);
    let object = |api_version: &str, kind: &str| ObjectRef {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: None,
        name: name.clone(),
    };
    let binding = object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding");
    let namespace = object("v1", "Namespace");
    futures::try_join!(api.delete_json(&binding, None), api.delete_json(&namespace, None))
        .map(drop)
        .map_err(|error| refusal::explain(&name, &error))
}
