//! Ready gates: what has to be true before a dependency counts as ready.

use std::time::Duration;

use bundle::expression::Expression;
use bundle::model::{NamedObject, Readiness as Wanted, WorkloadKind};
use cluster::{Cluster, Object, Readiness, RefusalCause, wait};
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

use super::context::BootContext;
use super::{Done, knock, refusal, trouble};
use crate::failure::{Cause, Failure};
use crate::probe::Question;

/// Between two dry runs: nothing can be watched for, as only asking shows whether a webhook answers.
const DRY_RUN_EVERY: Duration = Duration::from_millis(250);

/// Where gates look.
pub(super) struct Around<'a, 's> {
    /// The vCluster.
    pub(super) api: &'a Cluster,
    /// The boot, with its host.
    pub(super) context: &'a BootContext,
    /// The candidate's pod on the host, once it is there.
    pub(super) seat: &'a Done<'s, String>,
}

/// What a gate is called, as in `rollout statefulset/orders`.
pub(super) fn name(gate: &Wanted) -> String {
    match gate {
        Wanted::Rollout { kind, name, .. } => format!("rollout {}/{name}", kind_name(*kind)),
        Wanted::Condition {
            resource,
            name,
            condition,
            ..
        } => format!("{condition} of {resource}/{name}"),
        Wanted::Crd { name } => format!("crd {name}"),
        Wanted::Job { name, .. } => format!("job {name}"),
        Wanted::DryRun { manifest } => format!("dry run of {}", manifest.path),
        Wanted::ApiService { name } => format!("API service {name}"),
        Wanted::Exists { object } => format!("{object} exists"),
        Wanted::Cel { object, expression } => format!("`{}` of {object}", expression.as_str()),
        Wanted::Tcp { address } => format!("tcp {address}"),
        Wanted::Http { url, status } => format!("{status} of {url}"),
    }
}

/// The namespace a gate looks into.
pub(super) fn namespace(gate: &Wanted) -> Option<String> {
    match gate {
        Wanted::Rollout { namespace, .. }
        | Wanted::Condition { namespace, .. }
        | Wanted::Job { namespace, .. } => Some(namespace.to_string()),
        Wanted::Exists { object } | Wanted::Cel { object, .. } => Some(object.namespace.to_string()),
        Wanted::Crd { .. }
        | Wanted::DryRun { .. }
        | Wanted::ApiService { .. }
        | Wanted::Tcp { .. }
        | Wanted::Http { .. } => None,
    }
}

fn kind_name(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment => "deployment",
        WorkloadKind::StatefulSet => "statefulset",
        WorkloadKind::DaemonSet => "daemonset",
    }
}

/// Waits until a gate is open; `report` hears why it is not.
pub(super) async fn open(
    around: &Around<'_, '_>,
    gate: &Wanted,
    mut report: impl FnMut(String) + Send,
) -> Result<(), Failure> {
    let api = around.api;
    match gate {
        Wanted::Rollout {
            kind,
            name,
            namespace,
        } => rollout(api, *kind, namespace.as_str(), name.as_str(), report).await,
        Wanted::Condition {
            resource,
            name,
            namespace,
            condition,
        } => {
            condition_of(
                api,
                resource,
                namespace.as_str(),
                name.as_str(),
                condition.as_str(),
                report,
            )
            .await
        }
        Wanted::Crd { name } => {
            until::<CustomResourceDefinition>(api, None, name.as_str(), wait::crd_established, report).await
        }
        Wanted::Job { name, namespace } => {
            until::<Job>(
                api,
                Some(namespace.as_str()),
                name.as_str(),
                wait::job_complete,
                report,
            )
            .await
        }
        Wanted::DryRun { manifest } => {
            for object in plan::objects(manifest) {
                accepted(api, &object, &mut report).await?;
            }
            Ok(())
        }
        Wanted::ApiService { name } => {
            let service = "apiservices.apiregistration.k8s.io";
            condition_of(api, service, "default", name.as_str(), "Available", report).await
        }
        Wanted::Exists { object } => seen(api, object, report, |_| Ok(())).await,
        Wanted::Cel { object, expression } => {
            seen(api, object, report, |value| true_of(expression, value)).await
        }
        Wanted::Tcp { address } => knock::open(around, Question::Tcp(address), report).await,
        Wanted::Http { url, status } => knock::open(around, Question::status_of(url, *status), report).await,
    }
}

/// Why an expression is not true of an object; an expression that asks for what is not there yet is only early.
fn true_of(expression: &Expression, object: &serde_json::Value) -> Result<(), String> {
    if expression.holds(object)? {
        Ok(())
    } else {
        Err("it is false".to_owned())
    }
}

/// Watches any object until `look` says that it is as wanted, or why it is not.
async fn seen(
    api: &Cluster,
    object: &NamedObject,
    mut report: impl FnMut(String) + Send,
    look: impl Fn(&serde_json::Value) -> Result<(), String> + Send,
) -> Result<(), Failure> {
    let waited = api.wait_for_json(
        &object.resource,
        object.namespace.as_str(),
        object.name.as_str(),
        |found| match found.map_or_else(|| Err("it does not exist yet".to_owned()), &look) {
            Ok(()) => Some(()),
            Err(reason) => {
                report(reason);
                None
            }
        },
    );
    waited
        .await
        .map_err(|error| refusal::explain(&object.to_string(), &error))
}

async fn rollout(
    api: &Cluster,
    kind: WorkloadKind,
    namespace: &str,
    name: &str,
    report: impl FnMut(String) + Send,
) -> Result<(), Failure> {
    let space = Some(namespace);
    match kind {
        WorkloadKind::Deployment => {
            until::<Deployment>(api, space, name, wait::deployment_rolled_out, report).await
        }
        WorkloadKind::StatefulSet => {
            until::<StatefulSet>(api, space, name, wait::stateful_set_rolled_out, report).await
        }
        WorkloadKind::DaemonSet => {
            until::<DaemonSet>(api, space, name, wait::daemon_set_rolled_out, report).await
        }
    }
}

/// Watches one object until `look` says that it is ready or has failed.
async fn until<K: Object>(
    api: &Cluster,
    namespace: Option<&str>,
    name: &str,
    look: fn(&K) -> Readiness,
    mut report: impl FnMut(String) + Send,
) -> Result<(), Failure> {
    let seen = api.wait_for::<K, Result<(), String>>(namespace, name, |object| {
        match object.map_or_else(|| Readiness::NotYet("it does not exist yet".to_owned()), look) {
            Readiness::Ready => Some(Ok(())),
            Readiness::Failed(message) => Some(Err(message)),
            Readiness::NotYet(reason) => {
                report(reason);
                None
            }
        }
    });
    match seen.await {
        Ok(Ok(())) => Ok(()),
        // A controller that may not make its pods says so in its status, too.
        Ok(Err(message)) => Err(
            trouble::named(name.to_owned(), message.clone()).unwrap_or_else(|| {
                let job = name.to_owned();
                Cause::Job { job, message }.into()
            }),
        ),
        Err(error) => Err(refusal::explain(name, &error)),
    }
}

/// Conditions live on kinds that only the cluster knows, so they are watched as JSON.
async fn condition_of(
    api: &Cluster,
    resource: &str,
    namespace: &str,
    name: &str,
    condition: &str,
    mut report: impl FnMut(String) + Send,
) -> Result<(), Failure> {
    let opened = api.wait_for_json(resource, namespace, name, |object| {
        let readiness = object.map(|object| wait::condition(object, condition, "True"));
        let reason = match readiness {
            Some(Readiness::Ready) => return Some(()),
            Some(Readiness::NotYet(reason) | Readiness::Failed(reason)) => reason,
            None => "it does not exist yet".to_owned(),
        };
        report(reason);
        None
    });
    opened
        .await
        .map_err(|error| refusal::explain(&format!("{resource}/{name}"), &error))
}

/// Asks until the API server accepts the object; a refusal that names the object itself is final.
async fn accepted(
    api: &Cluster,
    object: &serde_json::Value,
    report: &mut (impl FnMut(String) + Send),
) -> Result<(), Failure> {
    loop {
        let Err(error) = api.dry_run(object).await else {
            return Ok(());
        };
        let is_final = matches!(
            error.cause(),
            Some(
                RefusalCause::Invalid | RefusalCause::AdmissionDenied { .. } | RefusalCause::Forbidden { .. }
            )
        );
        if is_final {
            return Err(super::dependency::apply_failure(&error));
        }
        report(error.to_string());
        tokio::time::sleep(DRY_RUN_EVERY).await;
    }
}
