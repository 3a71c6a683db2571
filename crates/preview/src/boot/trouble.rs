//! Watches pods and their events for trouble that does not pass, and names its cause.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use cluster::causes::{PodCause, pod_causes, telling_logs};
use cluster::wait::pod_ready;
use cluster::{ApiError, Cluster, LogRequest, Readiness, Selector, Watched};
use futures::StreamExt;
use futures::stream::select_all;
use k8s_openapi::api::core::v1::{Event, Pod};
use tokio::time::Instant;

use crate::failure::{Cause, Failure};

/// Trouble that may pass by itself counts once it has lasted this long: registries answer again, nodes get room.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same for what others still have to make: volumes get bound, controllers write config maps and secrets.
const LONG_PATIENCE: Duration = Duration::from_mins(1);
/// A container may be started again this often while what it needs comes up.
const RESTARTS: i32 = 3;
/// A volume may fail to be made this often.
const ATTEMPTS: i32 = 3;
/// Warnings that go into the evidence.
const WARNINGS: usize = 5;
/// Lines of a crashed container's log that go into the evidence.
const LOG_LINES: i64 = 20;

/// Watches the pods of `namespaces` (those with `labels` when given) until one is in trouble that does not
/// pass, and gives its cause. Never ends otherwise. `report` hears what each pod waits for.
pub(crate) async fn watch(
    cluster: &Cluster,
    namespaces: &[String],
    labels: Option<&str>,
    mut report: impl FnMut(&str, &str),
) -> Failure {
    let selector = || Selector {
        labels: labels.map(str::to_owned),
        fields: None,
    };
    let pods = namespaces
        .iter()
        .map(|one| cluster.watch::<Pod>(Some(one), selector()).map(Seen::pod).boxed());
    let events = namespaces.iter().map(|one| {
        cluster
            .watch::<Event>(Some(one), Selector::default())
            .map(Seen::event)
            .boxed()
    });
    let mut seen = pin!(select_all(pods.chain(events)));
    let mut watched = Watchlist::default();
    loop {
        let deadline = watched.next_deadline();
        tokio::select! {
            () = sleep_until(deadline) => {}
            next = seen.next() => match next {
                Some(next) => watched.take(next, &mut report),
                None => std::future::pending().await,
            },
        }
        if let Some(failure) = watched.refused.take() {
            return failure;
        }
        if let Some(troubled) = watched.lasting() {
            return explain(cluster, troubled).await;
        }
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// What one of the watches saw. Their errors are heard by whatever waits for the same API; here they only mean
/// that nothing was seen.
enum Seen {
    Pod(Box<Pod>),
    Gone(Box<Pod>),
    Event(Box<Event>),
    Nothing,
}

impl Seen {
    fn pod(event: Result<Watched<Pod>, ApiError>) -> Self {
        match event {
            Ok(Watched::Applied(pod)) => Self::Pod(Box::new(pod)),
            Ok(Watched::Deleted(pod)) => Self::Gone(Box::new(pod)),
            Ok(Watched::Synced) | Err(_) => Self::Nothing,
        }
    }

    fn event(event: Result<Watched<Event>, ApiError>) -> Self {
        match event {
            Ok(Watched::Applied(event)) => Self::Event(Box::new(event)),
            _ => Self::Nothing,
        }
    }
}

/// Namespace and name of a pod.
type Key = (String, String);

/// All pods seen, their events, and since when each is in which trouble.
#[derive(Default)]
struct Watchlist {
    pods: BTreeMap<Key, Pod>,
    events: BTreeMap<Key, Vec<Event>>,
    troubled: BTreeMap<Key, (PodCause, Instant)>,
    refused: Option<Failure>,
}

impl Watchlist {
    fn take(&mut self, seen: Seen, report: &mut impl FnMut(&str, &str)) {
        let key = match seen {
            Seen::Pod(pod) => {
                let key = key_of(&pod);
                if let Readiness::NotYet(state) | Readiness::Failed(state) = pod_ready(&pod) {
                    report(&key.1, &state);
                }
                self.pods.insert(key.clone(), *pod);
                key
            }
            Seen::Gone(pod) => {
                let key = key_of(&pod);
                self.pods.remove(&key);
                key
            }
            Seen::Event(event) => {
                let about = &event.involved_object;
                let key = (
                    about.namespace.clone().unwrap_or_default(),
                    about.name.clone().unwrap_or_default(),
                );
                self.refused = self.refused.take().or_else(|| refused(&event));
                self.events.entry(key.clone()).or_default().push(*event);
                key
            }
            Seen::Nothing => return,
        };
        self.look_at(key);
    }

    /// Keeps the time since when a pod is in the same kind of trouble.
    fn look_at(&mut self, key: Key) {
        let events = self.events.get(&key).map(Vec::as_slice).unwrap_or_default();
        let cause = self
            .pods
            .get(&key)
            .and_then(|pod| pod_causes(pod, events).into_iter().next());
        match cause {
            None => drop(self.troubled.remove(&key)),
            Some(cause) => {
                let same = |old: &PodCause| std::mem::discriminant(old) == std::mem::discriminant(&cause);
                let since = self
                    .troubled
                    .get(&key)
                    .filter(|(old, _)| same(old))
                    .map(|(_, since)| *since);
                self.troubled
                    .insert(key, (cause, since.unwrap_or_else(Instant::now)));
            }
        }
    }

    /// A pod whose trouble does not pass, or has lasted too long.
    fn lasting(&self) -> Option<Troubled<'_>> {
        let now = Instant::now();
        let (key, _) = self
            .troubled
            .iter()
            .find(|(_, (cause, since))| match weight(cause) {
                Weight::Final => true,
                Weight::MayPass(patience) => now.duration_since(*since) >= patience,
                Weight::Slow => false,
            })?;
        let pod = self.pods.get(key)?;
        Some(Troubled {
            pod,
            events: self.events.get(key).map(Vec::as_slice).unwrap_or_default(),
        })
    }

    fn next_deadline(&self) -> Option<Instant> {
        let deadline = |(cause, since): &(PodCause, Instant)| match weight(cause) {
            Weight::MayPass(patience) => Some(*since + patience),
            Weight::Final | Weight::Slow => None,
        };
        self.troubled.values().filter_map(deadline).min()
    }
}

struct Troubled<'a> {
    pod: &'a Pod,
    events: &'a [Event],
}

#[derive(PartialEq)]
enum Weight {
    /// It will not get better.
    Final,
    /// It may get better within this time.
    MayPass(Duration),
    /// It is a matter of time, which the gate's own timeout judges.
    Slow,
}

fn weight(cause: &PodCause) -> Weight {
    match cause {
        PodCause::ImagePull { message, .. } if is_no_such_image(message) => Weight::Final,
        PodCause::CrashLoop { restarts, .. } | PodCause::OomKilled { restarts, .. }
            if *restarts >= RESTARTS =>
        {
            Weight::Final
        }
        PodCause::Evicted { .. } => Weight::Final,
        PodCause::VolumeNotReady { .. } | PodCause::ConfigError { .. } => Weight::MayPass(LONG_PATIENCE),
        PodCause::ImagePull { .. }
        | PodCause::Unschedulable { .. }
        | PodCause::SandboxFailed { .. }
        | PodCause::CannotStart { .. } => Weight::MayPass(PATIENCE),
        // A failed pod of a job is the job's business, which tries again.
        _ => Weight::Slow,
    }
}

fn is_no_such_image(message: &str) -> bool {
    [
        "not found",
        "manifest unknown",
        "InvalidImageName",
        "invalid reference",
    ]
    .iter()
    .any(|sign| message.contains(sign))
}

fn key_of(pod: &Pod) -> Key {
    (
        pod.metadata.namespace.clone().unwrap_or_default(),
        pod.metadata.name.clone().unwrap_or_default(),
    )
}

/// Controllers and the syncer tell only by an event that a pod could not be made at all.
fn refused(event: &Event) -> Option<Failure> {
    let about = &event.involved_object;
    let kind = about.kind.as_deref().unwrap_or("object").to_lowercase();
    let object = format!("{kind}/{}", about.name.as_deref().unwrap_or_default());
    let message = event.message.clone().unwrap_or_default();
    match event.reason.as_deref() {
        Some("FailedCreate" | "SyncError") => {}
        // The provisioner tries again, and the first attempts may only be early.
        Some("ProvisioningFailed") if event.count.unwrap_or(1) >= ATTEMPTS => {
            return Some(Cause::Volume { object, message }.into());
        }
        _ => return None,
    }
    named(object, message)
}

/// The cause behind the words with which an API server refuses what a controller wants to make.
pub(super) fn named(object: String, message: String) -> Option<Failure> {
    let says = |signs: &[&str]| signs.iter().any(|sign| message.contains(sign));
    if says(&["exceeded quota", "failed quota"]) {
        return Some(Cause::Quota { object, message }.into());
    }
    if says(&["violates PodSecurity", "denied", "is forbidden"]) {
        return Some(Cause::Denied { object, message }.into());
    }
    // Conflicts and the like pass; what a schema does not allow stays so.
    says(&["is invalid"]).then(|| Cause::Refused { object, message }.into())
}

/// The latest warnings about anything in `namespaces`: evidence when nothing better is known.
pub(super) async fn warnings(cluster: &Cluster, namespaces: &[String]) -> Vec<String> {
    let mut found: Vec<Event> = Vec::new();
    for namespace in namespaces {
        // Without the events the failure is still told.
        found.extend(
            cluster
                .list::<Event>(Some(namespace), None)
                .await
                .unwrap_or_default(),
        );
    }
    found.retain(|event| event.type_.as_deref() == Some("Warning"));
    found.sort_by_key(|event| event.last_timestamp.clone());
    let skip = found.len().saturating_sub(WARNINGS);
    found.iter().skip(skip).map(about).collect()
}

/// The last lines of the pods in `namespace` that have failed for good: evidence when somebody else says that they did.
pub(super) async fn last_words(cluster: &Cluster, namespace: &str) -> Vec<String> {
    // Without the pods the failure is still told.
    let pods: Vec<Pod> = cluster.list(Some(namespace), None).await.unwrap_or_default();
    let is_failed =
        |pod: &&Pod| pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Failed");
    let mut evidence = Vec::new();
    for pod in pods.iter().filter(is_failed) {
        let (namespace, name) = key_of(pod);
        let request = LogRequest {
            namespace,
            pod: name.clone(),
            container: None,
            previous: false,
            tail_lines: Some(LOG_LINES),
            since: None,
        };
        match cluster.pod_log(&request).await {
            Ok(log) => evidence.extend(log.lines().map(|line| format!("{name}: {line}"))),
            Err(error) => evidence.push(format!("{name}: its log cannot be read: {error}")),
        }
    }
    evidence
}

fn about(event: &Event) -> String {
    let object = &event.involved_object;
    let kind = object.kind.as_deref().unwrap_or("object").to_lowercase();
    format!(
        "{kind}/{}: {}",
        object.name.as_deref().unwrap_or_default(),
        in_words(event)
    )
}

async fn explain(cluster: &Cluster, troubled: Troubled<'_>) -> Failure {
    let Troubled { pod, events } = troubled;
    let (namespace, name) = key_of(pod);
    let causes = pod_causes(pod, events);
    let mut evidence = Vec::new();
    for (container, previous) in telling_logs(&causes) {
        let request = LogRequest {
            namespace: namespace.clone(),
            pod: name.clone(),
            container: Some(container),
            previous,
            tail_lines: Some(LOG_LINES),
            since: None,
        };
        match cluster.pod_log(&request).await {
            Ok(log) => evidence.extend(log.lines().map(str::to_owned)),
            Err(error) => evidence.push(format!("its log cannot be read: {error}")),
        }
    }
    if evidence.is_empty() {
        evidence.extend(
            events
                .iter()
                .filter(|event| event.type_.as_deref() == Some("Warning"))
                .map(in_words),
        );
    }
    let cause = causes.into_iter().next().map_or_else(
        || Cause::Container {
            pod: name.clone(),
            container: String::new(),
            message: String::new(),
        },
        |cause| cause_of(name.clone(), cause),
    );
    Failure { cause, evidence }
}

fn in_words(event: &Event) -> String {
    format!(
        "{}: {}",
        event.reason.as_deref().unwrap_or_default(),
        event.message.as_deref().unwrap_or_default()
    )
}

fn cause_of(pod: String, cause: PodCause) -> Cause {
    match cause {
        PodCause::Unschedulable { message } => Cause::Unschedulable { pod, message },
        PodCause::ImagePull { image, message, .. } => Cause::ImagePull { pod, image, message },
        PodCause::CrashLoop {
            container, exit_code, ..
        }
        | PodCause::Exited {
            container, exit_code, ..
        } => Cause::CrashLoop {
            pod,
            container,
            code: Some(exit_code),
        },
        PodCause::OomKilled { container, .. } => Cause::OutOfMemory { pod, container },
        PodCause::ConfigError { container, message } | PodCause::CannotStart { container, message } => {
            Cause::Container {
                pod,
                container,
                message,
            }
        }
        PodCause::Evicted { message }
        | PodCause::VolumeNotReady { message }
        | PodCause::SandboxFailed { message }
        | PodCause::ProbeFailed { message, .. } => Cause::Pod { pod, message },
        other => Cause::Pod {
            pod,
            message: format!("{other:?}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ObjectReference;

    use super::*;

    fn event(reason: &str, message: &str, count: i32) -> Event {
        Event {
            reason: Some(reason.to_owned()),
            message: Some(message.to_owned()),
            count: Some(count),
            involved_object: ObjectReference {
                kind: Some("Pod".to_owned()),
                name: Some("app".to_owned()),
                namespace: Some("default".to_owned()),
                ..ObjectReference::default()
            },
            ..Event::default()
        }
    }

    #[test]
    fn events_that_say_why_a_pod_is_never_made() {
        let cause =
            |reason, message, count| refused(&event(reason, message, count)).map(|failure| failure.cause);
        for (reason, message, expected) in [
            (
                "FailedCreate",
                "pods \"app\" is forbidden: exceeded quota: task",
                "quota",
            ),
            (
                "SyncError",
                "pods \"app\" is forbidden: exceeded quota: task",
                "quota",
            ),
            (
                "FailedCreate",
                "pods \"app\" is forbidden: violates PodSecurity \"baseline:latest\"",
                "denied",
            ),
            (
                "SyncError",
                "admission webhook \"x\" denied the request",
                "denied",
            ),
            (
                "SyncError",
                "Pod \"app\" is invalid: spec.containers[0]",
                "refused",
            ),
        ] {
            let kind = serde_json::to_value(cause(reason, message, 1).unwrap()).unwrap();
            assert_eq!(kind["kind"], expected, "{reason}: {message}");
        }
        assert_eq!(
            cause("SyncError", "the object has been modified; please try again", 1),
            None
        );
        assert_eq!(cause("Pulled", "is invalid", 1), None);
        assert_eq!(cause("ProvisioningFailed", "no space", 2), None);
        assert!(matches!(
            cause("ProvisioningFailed", "no space", 3),
            Some(Cause::Volume { .. })
        ));
    }

    fn waiting(reason: &str, restarts: i32) -> Pod {
        let status = serde_json::json!({
            "metadata": { "name": "app", "namespace": "default" },
            "spec": { "containers": [{ "name": "main", "image": "app:1" }] },
            "status": { "phase": "Pending", "containerStatuses": [{
                "name": "main", "image": "app:1", "imageID": "", "ready": false, "restartCount": restarts,
                "state": { "waiting": { "reason": reason, "message": "the registry says no" } },
                "lastState": { "terminated": { "exitCode": 7, "reason": "Error" } },
            }] },
        });
        serde_json::from_value(status).unwrap()
    }

    fn after(pod: Pod) -> Watchlist {
        let mut watched = Watchlist::default();
        watched.take(Seen::Pod(Box::new(pod)), &mut |_, _| {});
        watched
    }

    #[tokio::test(start_paused = true)]
    async fn trouble_counts_when_it_lasts_and_is_forgotten_when_it_passes() {
        let mut watched = after(waiting("ErrImagePull", 0));
        assert!(watched.lasting().is_none(), "a registry may answer again");
        tokio::time::advance(PATIENCE).await;
        assert!(watched.lasting().is_some());
        let mut well = waiting("", 0);
        well.status = None;
        watched.take(Seen::Pod(Box::new(well)), &mut |_, _| {});
        assert!(watched.lasting().is_none());
        assert_eq!(watched.next_deadline(), None);
    }

    #[test]
    fn a_container_may_be_started_again_a_few_times() {
        assert!(
            after(waiting("CrashLoopBackOff", RESTARTS - 1))
                .lasting()
                .is_none()
        );
        assert!(after(waiting("CrashLoopBackOff", RESTARTS)).lasting().is_some());
    }

    #[test]
    fn a_pod_that_is_gone_is_in_no_trouble() {
        let mut watched = after(waiting("CrashLoopBackOff", RESTARTS));
        watched.take(
            Seen::Gone(Box::new(waiting("CrashLoopBackOff", RESTARTS))),
            &mut |_, _| {},
        );
        assert!(watched.lasting().is_none());
    }
}
