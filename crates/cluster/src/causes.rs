//! Why a pod is not as it should be: the true cause first, read from its status and its events.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Event, Pod};

/// What keeps a pod from running. The order of the variants is the order of their standing: when several are seen, the
/// first is the root of the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PodCause {
    /// The node ended it, for want of memory or disk for example.
    Evicted {
        /// The node's words.
        message: String,
    },
    /// No node can take it.
    Unschedulable {
        /// The scheduler's words.
        message: String,
    },
    /// A volume cannot be attached or mounted.
    VolumeNotReady {
        /// The words of the kubelet or the attach controller.
        message: String,
    },
    /// Its network or its sandbox cannot be made.
    SandboxFailed {
        /// The kubelet's words.
        message: String,
    },
    /// An image cannot be had.
    ImagePull {
        /// The container.
        container: String,
        /// The image.
        image: String,
        /// The registry's or the kubelet's words.
        message: String,
    },
    /// A container's configuration cannot be made, for want of a secret for example.
    ConfigError {
        /// The container.
        container: String,
        /// The kubelet's words.
        message: String,
    },
    /// A container's program cannot be started.
    CannotStart {
        /// The container.
        container: String,
        /// The runtime's words.
        message: String,
    },
    /// A container needed more memory than its limit.
    OomKilled {
        /// The container.
        container: String,
        /// How often it was started again.
        restarts: i32,
    },
    /// A container's program ends again and again.
    CrashLoop {
        /// The container.
        container: String,
        /// The code it ended with last.
        exit_code: i32,
        /// The runtime's word for it, such as `Error`.
        reason: String,
        /// How often it was started again.
        restarts: i32,
    },
    /// A container's program ended with an error and is not started again.
    Exited {
        /// The container.
        container: String,
        /// Its exit code.
        exit_code: i32,
        /// The runtime's word for it.
        reason: String,
    },
    /// A container runs, but its probe fails.
    ProbeFailed {
        /// The container, when the event names it.
        container: Option<String>,
        /// The kubelet's words.
        message: String,
    },
    /// Its containers are there, some of them not ready, and nothing says why.
    NotReady {
        /// The containers.
        containers: Vec<String>,
    },
}

/// All causes seen on a pod, the root first; none when it runs as it should, or is only on its way.
pub fn pod_causes(pod: &Pod, events: &[Event]) -> Vec<PodCause> {
    let mut causes = Vec::new();
    causes.extend(evicted(pod));
    causes.extend(unschedulable(pod));
    causes.extend(containers(pod).filter_map(|status| container_cause(status, events)));
    causes.extend(of_events(pod, events));
    if causes.is_empty() {
        causes.extend(not_ready(pod));
    }
    causes.sort();
    causes.dedup();
    causes
}

/// The root cause alone.
pub fn root_cause(pod: &Pod, events: &[Event]) -> Option<PodCause> {
    pod_causes(pod, events).into_iter().next()
}

/// The containers whose logs may tell more, with whether it is the log of the run before.
pub fn telling_logs(causes: &[PodCause]) -> Vec<(String, bool)> {
    let log = |cause: &PodCause| match cause {
        PodCause::CrashLoop { container, .. } | PodCause::OomKilled { container, .. } => {
            Some((container.clone(), true))
        }
        PodCause::Exited { container, .. }
        | PodCause::ProbeFailed {
            container: Some(container),
            ..
        } => Some((container.clone(), false)),
        _ => None,
    };
    causes.iter().filter_map(log).collect()
}

fn containers(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.iter();
    status.flat_map(|status| {
        let init = status.init_container_statuses.iter().flatten();
        init.chain(status.container_statuses.iter().flatten())
    })
}

fn evicted(pod: &Pod) -> Option<PodCause> {
    let status = pod.status.as_ref()?;
    let is_evicted = status.phase.as_deref() == Some("Failed") && status.reason.is_some();
    let message = || {
        status
            .message
            .clone()
            .or_else(|| status.reason.clone())
            .unwrap_or_default()
    };
    is_evicted.then(|| PodCause::Evicted { message: message() })
}

fn unschedulable(pod: &Pod) -> Option<PodCause> {
    let mut conditions = pod.status.as_ref()?.conditions.iter().flatten();
    let scheduled =
        conditions.find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")?;
    if scheduled.reason.as_deref() == Some("SchedulingGated") {
        return None;
    }
    Some(PodCause::Unschedulable {
        message: scheduled.message.clone().unwrap_or_default(),
    })
}

fn container_cause(status: &ContainerStatus, events: &[Event]) -> Option<PodCause> {
    let state = status.state.as_ref()?;
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.as_deref().unwrap_or_default();
        return waiting_cause(status, reason, waiting.message.as_deref(), events);
    }
    if let Some(ended) = &state.terminated {
        return (ended.exit_code != 0).then(|| ended_cause(status, ended, false));
    }
    // It runs now; what it died of shortly before is only told while it is not ready.
    let died = status
        .last_state
        .as_ref()
        .and_then(|state| state.terminated.as_ref());
    let died = died.filter(|died| died.exit_code != 0 && !status.ready)?;
    Some(ended_cause(status, died, true))
}

fn waiting_cause(
    status: &ContainerStatus,
    reason: &str,
    message: Option<&str>,
    events: &[Event],
) -> Option<PodCause> {
    let container = status.name.clone();
    let words = || message.unwrap_or(reason).to_owned();
    match reason {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "RegistryUnavailable"
        | "ErrImagePullBackOff"
        | "ImageInspectError"
        | "SignatureValidationFailed" => {
            let message = pull_words(status, events).unwrap_or_else(words);
            Some(PodCause::ImagePull {
                container,
                image: status.image.clone(),
                message,
            })
        }
        "CreateContainerConfigError" => Some(PodCause::ConfigError {
            container,
            message: words(),
        }),
        "CreateContainerError"
        | "RunContainerError"
        | "PostStartHookError"
        | "PreCreateHookError"
        | "PreStartHookError"
        | "StartError"
        | "ContainerCannotRun" => Some(PodCause::CannotStart {
            container,
            message: words(),
        }),
        "CrashLoopBackOff" => Some(crash_loop(status)),
        _ => None,
    }
}

/// While the kubelet backs off it only says so; the event of the attempt has the registry's words.
fn pull_words(status: &ContainerStatus, events: &[Event]) -> Option<String> {
    let about = |event: &&Event| {
        let message = event.message.as_deref().unwrap_or_default();
        event.reason.as_deref() == Some("Failed")
            && message.starts_with("Failed to pull image")
            && message.contains(&status.image)
    };
    newest(events.iter().filter(about))
}

fn crash_loop(status: &ContainerStatus) -> PodCause {
    match status
        .last_state
        .as_ref()
        .and_then(|state| state.terminated.as_ref())
    {
        Some(ended) => ended_cause(status, ended, true),
        None => PodCause::CrashLoop {
            container: status.name.clone(),
            exit_code: 0,
            reason: "unknown".into(),
            restarts: status.restart_count,
        },
    }
}

fn ended_cause(status: &ContainerStatus, ended: &ContainerStateTerminated, again: bool) -> PodCause {
    let container = status.name.clone();
    let (exit_code, restarts) = (ended.exit_code, status.restart_count);
    let reason = ended.reason.clone().unwrap_or_else(|| "Error".into());
    match (reason.as_str(), again) {
        ("OOMKilled", _) => PodCause::OomKilled { container, restarts },
        ("StartError" | "ContainerCannotRun", _) => PodCause::CannotStart {
            container,
            message: ended.message.clone().unwrap_or(reason),
        },
        (_, true) => PodCause::CrashLoop {
            container,
            exit_code,
            reason,
            restarts,
        },
        (_, false) => PodCause::Exited {
            container,
            exit_code,
            reason,
        },
    }
}

/// Events stay for an hour, so they only count while the pod is in the state they explain.
fn of_events(pod: &Pod, events: &[Event]) -> Vec<PodCause> {
    let started = containers(pod).any(|status| !is_creating(status.state.as_ref()));
    let with_reason = |reasons: &'static [&'static str]| {
        newest(
            events
                .iter()
                .filter(move |event| reasons.contains(&event.reason.as_deref().unwrap_or_default()))
                .filter(|event| !is_late(event)),
        )
    };
    let mut causes = Vec::new();
    if !started {
        let volume = with_reason(&[
            "FailedMount",
            "FailedAttachVolume",
            "FailedMapVolume",
            "FailedBinding",
        ]);
        causes.extend(volume.map(|message| PodCause::VolumeNotReady { message }));
        let sandbox = with_reason(&["FailedCreatePodSandBox", "NetworkNotReady"]);
        causes.extend(sandbox.map(|message| PodCause::SandboxFailed { message }));
    } else if containers(pod).any(|status| !status.ready && is_running(status)) {
        causes.extend(probe_failed(pod, events));
    }
    causes
}

/// Whether a kubelet says no more than that it has not heard yet of what a pod mounts; it asks again by itself.
fn is_late(event: &Event) -> bool {
    let message = event.message.as_deref().unwrap_or_default();
    ["failed to sync secret cache", "failed to sync configmap cache"]
        .iter()
        .any(|late| message.contains(late))
}

fn is_creating(state: Option<&ContainerState>) -> bool {
    let reason = state.and_then(|state| state.waiting.as_ref()?.reason.as_deref());
    state.is_none() || matches!(reason, Some("ContainerCreating" | "PodInitializing"))
}

fn is_running(status: &ContainerStatus) -> bool {
    status.state.as_ref().is_some_and(|state| state.running.is_some())
}

fn probe_failed(pod: &Pod, events: &[Event]) -> Option<PodCause> {
    let unhealthy = events
        .iter()
        .filter(|event| event.reason.as_deref() == Some("Unhealthy"));
    let newest = unhealthy.max_by_key(|event| seen_at(event))?;
    let path = newest.involved_object.field_path.as_deref().unwrap_or_default();
    let container = path
        .strip_prefix("spec.containers{")
        .and_then(|name| name.strip_suffix('}'))
        .map(str::to_owned);
    let still = containers(pod).any(|status| {
        container
            .as_deref()
            .is_none_or(|name| name == status.name && !status.ready)
    });
    still.then(|| PodCause::ProbeFailed {
        container,
        message: newest.message.clone().unwrap_or_default(),
    })
}

fn newest<'e>(events: impl Iterator<Item = &'e Event>) -> Option<String> {
    events
        .max_by_key(|event| seen_at(event))
        .and_then(|event| event.message.clone())
}

fn seen_at(event: &Event) -> Option<k8s_openapi::jiff::Timestamp> {
    let old = event
        .last_timestamp
        .as_ref()
        .or(event.first_timestamp.as_ref())
        .map(|time| time.0);
    let new = event
        .series
        .as_ref()
        .and_then(|series| series.last_observed_time.as_ref());
    old.or_else(|| new.or(event.event_time.as_ref()).map(|time| time.0))
}

fn not_ready(pod: &Pod) -> Option<PodCause> {
    let running = containers(pod).filter(|status| is_running(status) && !status.ready);
    let main = pod.status.as_ref()?.container_statuses.as_ref()?;
    let names: Vec<String> = running
        .filter(|status| main.iter().any(|container| container.name == status.name))
        .map(|status| status.name.clone())
        .collect();
    (!names.is_empty()).then_some(PodCause::NotReady { containers: names })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::needless_pass_by_value, reason = "json! reads better without borrows")]

    use serde_json::{Value, json};

    use super::*;

    fn causes(status: Value, events: Value) -> Vec<PodCause> {
        let pod: Pod = serde_json::from_value(json!({"metadata": {"name": "p"}, "status": status})).unwrap();
        let events: Vec<Event> = serde_json::from_value(events).unwrap();
        pod_causes(&pod, &events)
    }

    fn container(ready: bool, state: Value) -> Value {
        json!({"name": "main", "image": "registry/app:1", "imageID": "", "ready": ready, "restartCount": 3, "state": state})
    }

    fn waiting(reason: &str, message: &str) -> Value {
        container(false, json!({"waiting": {"reason": reason, "message": message}}))
    }

    fn event(reason: &str, message: &str, minute: u32) -> Value {
        json!({"metadata": {"name": "e", "namespace": "n"}, "involvedObject": {"fieldPath": "spec.containers{main}"},
            "reason": reason, "message": message, "lastTimestamp": format!("2026-01-01T00:{minute:02}:00Z")})
    }

    #[test]
    fn no_node_can_take_it() {
        let status = json!({"phase": "Pending", "conditions": [
            {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes: Insufficient cpu"}]});
        let message = "0/3 nodes: Insufficient cpu".into();
        assert_eq!(causes(status, json!([])), [PodCause::Unschedulable { message }]);
    }

    #[test]
    fn the_registry_has_the_last_word_on_a_pull() {
        let status = json!({"containerStatuses": [waiting("ImagePullBackOff", "Back-off pulling image")]});
        let events = json!([
            event("Failed", "Failed to pull image \"registry/app:1\": not found", 2),
            event("Failed", "Error: ErrImagePull", 3),
            event("Failed", "Failed to pull image \"registry/other:1\": denied", 4),
        ]);
        assert_eq!(
            causes(status, events),
            [PodCause::ImagePull {
                container: "main".into(),
                image: "registry/app:1".into(),
                message: "Failed to pull image \"registry/app:1\": not found".into(),
            }]
        );
    }

    #[test]
    fn a_crash_loop_tells_what_it_died_of() {
        let mut crashing = waiting("CrashLoopBackOff", "back-off 20s");
        crashing["lastState"] = json!({"terminated": {"exitCode": 3, "reason": "Error"}});
        let expected = PodCause::CrashLoop {
            container: "main".into(),
            exit_code: 3,
            reason: "Error".into(),
            restarts: 3,
        };
        assert_eq!(
            causes(json!({"containerStatuses": [crashing]}), json!([])),
            std::slice::from_ref(&expected)
        );
        assert_eq!(
            telling_logs(std::slice::from_ref(&expected)),
            [("main".into(), true)]
        );
        crashing["lastState"] = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}});
        let expected = PodCause::OomKilled {
            container: "main".into(),
            restarts: 3,
        };
        assert_eq!(
            causes(json!({"containerStatuses": [crashing]}), json!([])),
            [expected]
        );
    }

    #[test]
    fn a_missing_secret_is_a_configuration_error() {
        let status =
            json!({"containerStatuses": [waiting("CreateContainerConfigError", "secret \"db\" not found")]});
        let message = "secret \"db\" not found".into();
        assert_eq!(
            causes(status, json!([])),
            [PodCause::ConfigError {
                container: "main".into(),
                message
            }]
        );
    }

    #[test]
    fn a_failed_mount_counts_only_before_the_containers_start() {
        let creating = json!({"containerStatuses": [waiting("ContainerCreating", "")]});
        let events = json!([event("FailedMount", "secret \"tls\" not found", 1)]);
        let message = "secret \"tls\" not found".into();
        assert_eq!(
            causes(creating, events.clone()),
            [PodCause::VolumeNotReady { message }]
        );
        let running = json!({"containerStatuses": [container(true, json!({"running": {}}))]});
        assert_eq!(causes(running, events), []);
        let late =
            "MountVolume.SetUp failed: failed to sync secret cache: timed out waiting for the condition";
        let creating = json!({"containerStatuses": [waiting("ContainerCreating", "")]});
        let late = causes(creating, json!([event("FailedMount", late, 1)]));
        assert_eq!(late, [], "the kubelet asks again");
    }

    #[test]
    fn a_probe_is_named_while_its_container_is_not_ready() {
        let events = json!([event("Unhealthy", "Readiness probe failed: 503", 1)]);
        let status = json!({"containerStatuses": [container(false, json!({"running": {}}))]});
        let expected = PodCause::ProbeFailed {
            container: Some("main".into()),
            message: "Readiness probe failed: 503".into(),
        };
        assert_eq!(causes(status.clone(), events), [expected]);
        assert_eq!(
            causes(status, json!([])),
            [PodCause::NotReady {
                containers: vec!["main".into()]
            }]
        );
    }

    #[test]
    fn the_root_comes_first() {
        let status = json!({
            "initContainerStatuses": [waiting("ImagePullBackOff", "no")],
            "containerStatuses": [waiting("PodInitializing", "")],
            "conditions": [{"type": "PodScheduled", "status": "True"}]
        });
        let roots = causes(status, json!([event("FailedMount", "volume is late", 1)]));
        // The init container waits for its image, so the mount had succeeded by then.
        assert!(matches!(&roots[..], [PodCause::ImagePull { .. }]), "{roots:?}");
    }

    #[test]
    fn an_init_container_that_failed_is_told() {
        let failed = container(false, json!({"terminated": {"exitCode": 2, "reason": "Error"}}));
        let expected = PodCause::Exited {
            container: "main".into(),
            exit_code: 2,
            reason: "Error".into(),
        };
        assert_eq!(
            causes(json!({"initContainerStatuses": [failed]}), json!([])),
            [expected]
        );
        let done = container(
            false,
            json!({"terminated": {"exitCode": 0, "reason": "Completed"}}),
        );
        assert_eq!(causes(json!({"initContainerStatuses": [done]}), json!([])), []);
    }
}
