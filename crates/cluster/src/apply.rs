//! Server-side apply of JSON objects: ordered, several at a time, and patient with what only needs a moment.

use std::collections::HashSet;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryFutureExt, TryStreamExt};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Patch, PatchParams};
use kube::core::Request;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::client::Cluster;
use crate::error::ApiError;
use crate::kinds::Kind;
use crate::objects::ObjectRef;
use crate::refusal::RefusalCause;
use crate::timeouts::Pauses;
use crate::wait::{Readiness, crd_established};

/// The name under which our fields are managed.
pub const FIELD_MANAGER: &str = "taskwright";
/// Objects applied at the same time; more gains nothing and opens needless streams.
pub(crate) const AT_ONCE: usize = 8;

/// How to apply.
#[derive(Debug, Clone)]
pub struct ApplyOptions {
    /// Take over fields that other managers set.
    pub force_conflicts: bool,
    /// The namespace of namespaced objects that name none.
    pub default_namespace: Option<String>,
    /// How long to be patient with objects that cannot be applied yet.
    pub patience: Duration,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            force_conflicts: true,
            default_namespace: None,
            patience: Duration::from_mins(1),
        }
    }
}

/// Why an object is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryReason {
    /// An admission webhook does not answer yet.
    WebhookNotReady,
    /// The cluster does not serve the kind yet.
    KindNotServed,
    /// Its namespace is not there yet.
    NamespaceMissing,
    /// A namespace of its namespace's name is still being deleted.
    NamespaceTerminating,
    /// Its service account is not there yet.
    ServiceAccountMissing,
    /// It changed at the same time.
    Conflict,
    /// The API server is overloaded or cannot be reached.
    ServerBusy,
}

/// Progress of an apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyEvent {
    /// The object is as wanted.
    Applied {
        /// The object.
        object: ObjectRef,
    },
    /// The object is tried again after a pause.
    Retrying {
        /// The object.
        object: ObjectRef,
        /// Counted from 1.
        attempt: u32,
        /// Why.
        reason: RetryReason,
        /// The server's words.
        detail: String,
    },
    /// A CRD is there, but not served yet.
    WaitingForCrd {
        /// Its name.
        name: String,
        /// What it waits for.
        detail: String,
    },
}

/// An object that could not be applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// It is not a Kubernetes object.
    #[error("cannot apply object {}: {problem}; give it apiVersion, kind and metadata.name", index + 1)]
    NotAnObject {
        /// Its place in the list, from 0.
        index: usize,
        /// What is missing.
        problem: String,
    },
    /// The cluster did not take it.
    #[error("{source}")]
    Apply {
        /// The object.
        object: ObjectRef,
        /// Why.
        #[source]
        source: Box<ApiError>,
    },
    /// The cluster did not take it for as long as we were patient.
    #[error("{source} (gave up after {attempts} attempts in {patience_seconds} s)")]
    GaveUp {
        /// The object.
        object: ObjectRef,
        /// How long we tried.
        patience_seconds: u64,
        /// How often we tried.
        attempts: u32,
        /// The last reason.
        #[source]
        source: Box<ApiError>,
    },
    /// A CRD did not become usable.
    #[error("the CRD {name} is not served: {problem}")]
    CrdNotEstablished {
        /// Its name.
        name: String,
        /// Why.
        problem: String,
    },
}

impl ApplyError {
    /// The object that failed, when it is one.
    pub fn object(&self) -> Option<&ObjectRef> {
        match self {
            Self::Apply { object, .. } | Self::GaveUp { object, .. } => Some(object),
            Self::NotAnObject { .. } | Self::CrdNotEstablished { .. } => None,
        }
    }

    /// What the API server's refusal comes down to, when it gave one.
    pub fn cause(&self) -> Option<&RefusalCause> {
        match self {
            Self::Apply { source, .. } | Self::GaveUp { source, .. } => source.cause(),
            Self::NotAnObject { .. } | Self::CrdNotEstablished { .. } => None,
        }
    }
}

/// One object on its way.
struct Wanted<'a> {
    object: ObjectRef,
    body: &'a Value,
}

/// The waves of an apply, each finished before the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// CRDs, which have to be served before anything is made of them.
    Definition,
    /// Namespaces.
    Namespace,
    /// What workloads find when they start: rights, accounts, settings, claims, services.
    Ground,
    /// What runs.
    Workload,
    /// What is asked about later objects. Behind the workloads, or a webhook would be asked about its own pods.
    Admission,
    /// Objects of the kinds that this apply defines: their webhooks and controllers come with it.
    Operand,
}

impl Rank {
    pub(crate) const ALL: [Self; 6] = [
        Self::Definition,
        Self::Namespace,
        Self::Ground,
        Self::Workload,
        Self::Admission,
        Self::Operand,
    ];

    /// The wave of an object; `defined` are the groups whose kinds are defined along with it.
    pub(crate) fn of(object: &ObjectRef, defined: &HashSet<String>) -> Self {
        let group = object.group();
        match (group, object.kind.as_str()) {
            ("apiextensions.k8s.io", "CustomResourceDefinition") => Self::Definition,
            ("", "Namespace") => Self::Namespace,
            ("admissionregistration.k8s.io" | "apiregistration.k8s.io", _) => Self::Admission,
            ("", "Pod" | "ReplicationController") | ("apps" | "batch", _) => Self::Workload,
            _ if defined.contains(group) => Self::Operand,
            ("" | "policy", _) => Self::Ground,
            (group, _) if group.ends_with(".k8s.io") => Self::Ground,
            _ => Self::Workload,
        }
    }
}

impl Cluster {
    /// Applies objects in waves, eight at a time: CRDs (until they are served), namespaces, what workloads find when they
    /// start, workloads, admission, and objects of the kinds that were just defined.
    ///
    /// Gives the objects as the server keeps them, in the order given. What only needs a moment is tried again until
    /// the patience of the options ends, which each wave has anew, each time with an event that says why.
    pub async fn apply(
        &self,
        objects: &[Value],
        options: &ApplyOptions,
        mut on_event: impl FnMut(ApplyEvent) + Send,
    ) -> Result<Vec<Value>, ApplyError> {
        let wanted = read_all(objects)?;
        let (events, mut received) = mpsc::unbounded_channel();
        let work = self.apply_in_order(&wanted, options, events);
        let mut work = std::pin::pin!(work);
        let outcome = loop {
            tokio::select! {
                outcome = &mut work => break outcome,
                Some(event) = received.recv() => on_event(event),
            }
        };
        while let Ok(event) = received.try_recv() {
            on_event(event);
        }
        outcome
    }

    /// Asks the server what applying an object would give, admission included, without keeping it.
    pub async fn dry_run(&self, object: &Value) -> Result<Value, ApplyError> {
        let wanted = read_all(std::slice::from_ref(object))?;
        let options = ApplyOptions::default();
        let Some(wanted) = wanted.first() else {
            return Ok(Value::Null);
        };
        let applied = self
            .apply_once(wanted, &options, &params(&options).dry_run())
            .await;
        applied.map_err(|source| ApplyError::Apply {
            object: wanted.object.clone(),
            source: Box::new(source),
        })
    }

    async fn apply_in_order(
        &self,
        wanted: &[Wanted<'_>],
        options: &ApplyOptions,
        events: mpsc::UnboundedSender<ApplyEvent>,
    ) -> Result<Vec<Value>, ApplyError> {
        let made = made_here(wanted);
        let mut applied = vec![Value::Null; wanted.len()];
        for rank in Rank::ALL {
            let deadline = Instant::now() + options.patience;
            // Boxed one by one: a closure over borrowed objects would keep the caller's future from being `Send`.
            let mut attempts: Vec<BoxFuture<'_, Result<(usize, Value), ApplyError>>> = Vec::new();
            for (at, wanted) in wanted.iter().enumerate() {
                if Rank::of(&wanted.object, &made.groups) == rank {
                    let attempt = Attempt {
                        wanted,
                        options,
                        deadline,
                        made: &made,
                        events: &events,
                    };
                    attempts.push(
                        self.apply_patiently(attempt)
                            .map_ok(move |value| (at, value))
                            .boxed(),
                    );
                }
            }
            let mut running = futures::stream::iter(attempts).buffer_unordered(AT_ONCE);
            while let Some((at, value)) = running.try_next().await? {
                applied[at] = value;
            }
            drop(running);
            if rank == Rank::Definition {
                self.wait_for_definitions(wanted, deadline, &events).await?;
            }
        }
        Ok(applied)
    }

    async fn apply_patiently(&self, attempt: Attempt<'_>) -> Result<Value, ApplyError> {
        let Attempt {
            wanted,
            options,
            deadline,
            made,
            events,
        } = attempt;
        let object = wanted.object.clone();
        let params = params(options);
        let mut pauses = Pauses::new();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let source = match self.apply_once(wanted, options, &params).await.map_err(Box::new) {
                Ok(value) => {
                    let _ = events.send(ApplyEvent::Applied { object });
                    return Ok(value);
                }
                Err(error) => error,
            };
            let Some(reason) = retry_reason(&source, &object, made) else {
                return Err(ApplyError::Apply { object, source });
            };
            let pause = pauses.next().unwrap_or_default();
            if Instant::now() + pause >= deadline {
                let patience_seconds = options.patience.as_secs();
                return Err(ApplyError::GaveUp {
                    object,
                    patience_seconds,
                    attempts,
                    source,
                });
            }
            let (object, detail) = (object.clone(), source.to_string());
            let _ = events.send(ApplyEvent::Retrying {
                object,
                attempt: attempts,
                reason,
                detail,
            });
            tokio::time::sleep(pause).await;
        }
    }

    async fn apply_once(
        &self,
        wanted: &Wanted<'_>,
        options: &ApplyOptions,
        params: &PatchParams,
    ) -> Result<Value, ApiError> {
        let object = &wanted.object;
        let action = format!("apply {object}");
        let kind = self.kind(&object.api_version, &object.kind).await?;
        let namespace = namespace_of(object, &kind, options);
        let request =
            Request::new(kind.path(namespace)).patch(&object.name, params, &Patch::Apply(wanted.body));
        let request = request.map_err(|error| ApiError::unusable(&action, error))?;
        self.calls()
            .request(request)
            .await
            .map_err(|error| self.failed(action, error))
    }

    async fn wait_for_definitions(
        &self,
        wanted: &[Wanted<'_>],
        deadline: Instant,
        events: &mpsc::UnboundedSender<ApplyEvent>,
    ) -> Result<(), ApplyError> {
        let definitions = wanted.iter().filter(|wanted| is_definition(&wanted.object));
        let waits = definitions.map(|wanted| self.wait_for_definition(&wanted.object.name, deadline, events));
        futures::future::try_join_all(waits).await.map(drop)
    }

    async fn wait_for_definition(
        &self,
        name: &str,
        deadline: Instant,
        events: &mpsc::UnboundedSender<ApplyEvent>,
    ) -> Result<(), ApplyError> {
        let mut last = String::from("no answer");
        let look = |crd: Option<&CustomResourceDefinition>| match crd.map(crd_established) {
            Some(Readiness::Ready) => Some(Ok(())),
            Some(Readiness::Failed(problem)) => Some(Err(problem)),
            Some(Readiness::NotYet(detail)) => {
                last.clone_from(&detail);
                let _ = events.send(ApplyEvent::WaitingForCrd {
                    name: name.into(),
                    detail,
                });
                None
            }
            None => None,
        };
        let waited = tokio::time::timeout_at(deadline, self.wait_for(None, name, look)).await;
        let problem = match waited {
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(problem))) => problem,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("it took too long; last: {last}"),
        };
        Err(ApplyError::CrdNotEstablished {
            name: name.into(),
            problem,
        })
    }
}

/// All that one object's apply needs.
struct Attempt<'a> {
    wanted: &'a Wanted<'a>,
    options: &'a ApplyOptions,
    deadline: Instant,
    made: &'a MadeHere,
    events: &'a mpsc::UnboundedSender<ApplyEvent>,
}

fn read_all(objects: &[Value]) -> Result<Vec<Wanted<'_>>, ApplyError> {
    let read = |(index, body)| {
        let object = ObjectRef::of(body).ok_or_else(|| ApplyError::NotAnObject {
            index,
            problem: missing(body),
        })?;
        Ok(Wanted { object, body })
    };
    objects.iter().enumerate().map(read).collect()
}

fn missing(body: &Value) -> String {
    let is_missing = |pointer: &&str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
    };
    let keys = ["/apiVersion", "/kind", "/metadata/name"];
    let missing: Vec<String> = keys
        .iter()
        .filter(|key| is_missing(key))
        .map(|key| key[1..].replace('/', "."))
        .collect();
    format!("{} is missing", missing.join(", "))
}

fn params(options: &ApplyOptions) -> PatchParams {
    let params = PatchParams::apply(FIELD_MANAGER);
    if options.force_conflicts {
        params.force()
    } else {
        params
    }
}

fn namespace_of<'a>(object: &'a ObjectRef, kind: &Kind, options: &'a ApplyOptions) -> Option<&'a str> {
    let fallback = || options.default_namespace.as_deref().or(Some("default"));
    object
        .namespace
        .as_deref()
        .or_else(fallback)
        .filter(|_| kind.namespaced)
}

/// What the same apply makes, so that its absence is known to pass.
struct MadeHere {
    groups: HashSet<String>,
}

fn made_here(wanted: &[Wanted<'_>]) -> MadeHere {
    let definitions = wanted.iter().filter(|wanted| is_definition(&wanted.object));
    let group = |wanted: &Wanted<'_>| wanted.body.pointer("/spec/group")?.as_str().map(str::to_owned);
    MadeHere {
        groups: definitions.filter_map(group).collect(),
    }
}

pub(crate) fn is_definition(object: &ObjectRef) -> bool {
    object.group() == "apiextensions.k8s.io" && object.kind == "CustomResourceDefinition"
}

/// Whether a failure passes by itself. A kind is only waited for when something says that it comes: its CRD is part of
/// this apply, or the server names the path but does not serve it yet.
fn retry_reason(error: &ApiError, object: &ObjectRef, made: &MadeHere) -> Option<RetryReason> {
    if let ApiError::UnknownKind { .. } = error {
        return made
            .groups
            .contains(object.group())
            .then_some(RetryReason::KindNotServed);
    }
    if matches!(error, ApiError::Unreachable { .. }) {
        return error.is_passing().then_some(RetryReason::ServerBusy);
    }
    match error.cause()? {
        RefusalCause::WebhookUnreachable { .. } => Some(RetryReason::WebhookNotReady),
        RefusalCause::PathNotServed => Some(RetryReason::KindNotServed),
        RefusalCause::NamespaceMissing { .. } => Some(RetryReason::NamespaceMissing),
        RefusalCause::NamespaceTerminating => Some(RetryReason::NamespaceTerminating),
        RefusalCause::ServiceAccountMissing => Some(RetryReason::ServiceAccountMissing),
        RefusalCause::Conflict => Some(RetryReason::Conflict),
        RefusalCause::Busy => Some(RetryReason::ServerBusy),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reference(api_version: &str, kind: &str) -> ObjectRef {
        ObjectRef {
            api_version: api_version.into(),
            kind: kind.into(),
            namespace: None,
            name: "x".into(),
        }
    }

    #[test]
    fn every_kind_has_its_wave() {
        let made = MadeHere {
            groups: ["example.org".to_owned()].into(),
        };
        let kinds = [
            (
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                Rank::Definition,
            ),
            ("v1", "Namespace", Rank::Namespace),
            ("v1", "ConfigMap", Rank::Ground),
            ("v1", "Service", Rank::Ground),
            ("rbac.authorization.k8s.io/v1", "ClusterRole", Rank::Ground),
            ("storage.k8s.io/v1", "StorageClass", Rank::Ground),
            ("policy/v1", "PodDisruptionBudget", Rank::Ground),
            ("v1", "Pod", Rank::Workload),
            ("apps/v1", "Deployment", Rank::Workload),
            ("batch/v1", "CronJob", Rank::Workload),
            ("other.org/v1", "Thing", Rank::Workload),
            (
                "admissionregistration.k8s.io/v1",
                "ValidatingWebhookConfiguration",
                Rank::Admission,
            ),
            ("apiregistration.k8s.io/v1", "APIService", Rank::Admission),
            ("example.org/v1", "CustomResourceDefinition", Rank::Operand),
            ("example.org/v1", "Thing", Rank::Operand),
        ];
        for (version, kind, rank) in kinds {
            assert_eq!(
                Rank::of(&reference(version, kind), &made.groups),
                rank,
                "{version} {kind}"
            );
        }
        assert!(Rank::ALL.is_sorted());
    }

    #[test]
    fn what_is_no_object_is_named_by_place() {
        let objects = [
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}),
            json!({"kind": "Pod"}),
        ];
        let error = read_all(&objects);
        let error = error.err().unwrap().to_string();
        assert_eq!(
            error,
            "cannot apply object 2: apiVersion, metadata.name is missing; give it apiVersion, kind and metadata.name"
        );
    }

    #[test]
    fn an_unknown_kind_is_waited_for_only_when_its_definition_is_applied() {
        let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "x"}, "spec": {"group": "example.org"}});
        let objects = [crd];
        let made = made_here(&read_all(&objects).unwrap());
        let unknown = |version: &str| ApiError::UnknownKind {
            action: String::new(),
            api_version: version.into(),
            kind: "X".into(),
        };
        let ours = retry_reason(
            &unknown("example.org/v1"),
            &reference("example.org/v1", "X"),
            &made,
        );
        assert_eq!(ours, Some(RetryReason::KindNotServed));
        assert_eq!(
            retry_reason(&unknown("other.org/v1"), &reference("other.org/v1", "X"), &made),
            None
        );
    }
}
