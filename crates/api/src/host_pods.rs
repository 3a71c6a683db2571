//! The pod on the host that carries a pod of the task: where it is, how its containers are, what the host says of it.

use std::pin::pin;

use cluster::{ApiError, Selector, Watched};
use futures::StreamExt;
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::events::{Brief, EventRow, Origin};
use crate::hosts::Host;
use crate::json::{capped, is_true, list, number, some_text, text};
use crate::seats::{self, Connection, Connections};
use crate::{Code, Error};

/// Characters of a name, a state or a reason.
const LONGEST_WORD: usize = 256;
/// Characters of a message.
const LONGEST_MESSAGE: usize = 2_000;
/// So many events are told, the newest.
const EVENTS: usize = 100;
/// Entries of any other list; Kubernetes itself has no such limit.
const ENTRIES: usize = 200;

/// A pod of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HostPod {
    /// Its name there.
    pub pod: String,
    /// The node it is on.
    pub node: Option<String>,
    /// How far it is.
    pub phase: String,
    /// What is true of it.
    pub conditions: Vec<PodCondition>,
    /// What happened to it, oldest first.
    pub events: Vec<EventRow>,
    /// Its containers, those that prepare it first.
    pub containers: Vec<HostContainer>,
}

/// Something that is true of a pod, or is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PodCondition {
    /// Such as `Ready`.
    #[serde(rename = "type")]
    pub name: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Why, in a word.
    pub reason: Option<String>,
    /// Why, in words.
    pub message: Option<String>,
}

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HostContainer {
    /// Its name.
    pub name: String,
    /// Its image, as the host takes it.
    pub image: String,
    /// Whether it is ready.
    pub ready: bool,
    /// How often it was started again.
    pub restarts: i64,
    /// What it does, in words.
    pub state: String,
}

/// The pod of the host that carries the pod `namespace`/`name` of a preview.
///
/// # Errors
/// When the host has no such pod, or does not let us look.
pub async fn find(
    connections: &Connections,
    host: &Host,
    preview: &str,
    namespace: &str,
    name: &str,
) -> Result<HostPod, Error> {
    let connection = connections.get(host, preview).await?;
    let pods = connection
        .host
        .list_json("v1", "Pod", Some(&connection.namespace), None)
        .await?;
    let wanted = Some((namespace.to_owned(), name.to_owned()));
    let pod = pods
        .iter()
        .find(|pod| seats::carried(pod) == wanted)
        .ok_or_else(|| {
            let message = format!("no pod of the host carries {namespace}/{name}");
            Error::new(Code::NotFound, message)
                .hint("the events say why it was not made yet, or what removed it")
        })?;
    let events = events(&connection, text(pod, "/metadata/name")).await?;
    Ok(view(pod, &events, &format!("{namespace}/{name}")))
}

/// The events of a pod of the host: what its watch sees first.
async fn events(connection: &Connection, pod: &str) -> Result<Vec<Brief>, ApiError> {
    let about = Selector::fields(format!("involvedObject.kind=Pod,involvedObject.name={pod}"));
    let namespace = Some(connection.namespace.as_str());
    let mut seen = pin!(
        connection
            .host
            .watch_json("v1", "Event", namespace, about)
            .await?
    );
    let mut events = Vec::new();
    while let Some(change) = seen.next().await {
        match change? {
            Watched::Applied(event) => events.push(Brief::of(&event)),
            Watched::Deleted(_) => {}
            Watched::Synced => break,
        }
    }
    events.sort_by_key(|event| event.at);
    events.drain(..events.len().saturating_sub(EVENTS));
    Ok(events)
}

fn view(pod: &Value, events: &[Brief], object: &str) -> HostPod {
    let conditions = list(pod, "/status/conditions").iter().take(ENTRIES);
    let events = events
        .iter()
        .map(|event| EventRow::new(event, object, Origin::Host));
    let init = list(pod, "/spec/initContainers").iter();
    let main = list(pod, "/spec/containers").iter();
    HostPod {
        pod: word(pod, "/metadata/name"),
        node: some_text(pod, "/spec/nodeName").map(|node| capped(node, LONGEST_WORD)),
        phase: word(pod, "/status/phase"),
        conditions: conditions.map(condition).collect(),
        events: events.collect(),
        containers: init
            .chain(main)
            .take(ENTRIES)
            .map(|one| container(pod, one))
            .collect(),
    }
}

fn word(value: &Value, pointer: &str) -> String {
    capped(text(value, pointer), LONGEST_WORD)
}

fn condition(condition: &Value) -> PodCondition {
    PodCondition {
        name: word(condition, "/type"),
        status: word(condition, "/status"),
        reason: some_text(condition, "/reason").map(|reason| capped(reason, LONGEST_WORD)),
        message: some_text(condition, "/message").map(|message| capped(message, LONGEST_MESSAGE)),
    }
}

fn container(pod: &Value, container: &Value) -> HostContainer {
    let name = text(container, "/name");
    let init = list(pod, "/status/initContainerStatuses").iter();
    let mut statuses = init.chain(list(pod, "/status/containerStatuses"));
    let status = statuses
        .find(|status| text(status, "/name") == name)
        .unwrap_or(&Value::Null);
    HostContainer {
        name: capped(name, LONGEST_WORD),
        image: word(container, "/image"),
        ready: is_true(status, "/ready"),
        restarts: number(status, "/restartCount"),
        state: capped(&state(status), LONGEST_MESSAGE),
    }
}

/// What it does now, and how its run before ended.
fn state(status: &Value) -> String {
    let now = present(status);
    match status.pointer("/lastState/terminated") {
        Some(ended) => format!("{now}; before, {}", ending(ended)),
        None => now,
    }
}

fn present(status: &Value) -> String {
    if status.pointer("/state/running").is_some() {
        return "running".to_owned();
    }
    if let Some(ended) = status.pointer("/state/terminated") {
        return ending(ended);
    }
    let waiting = status.pointer("/state/waiting").unwrap_or(&Value::Null);
    match (some_text(waiting, "/reason"), some_text(waiting, "/message")) {
        (Some(reason), Some(message)) => format!("waiting, {reason}: {message}"),
        (Some(reason), None) => format!("waiting, {reason}"),
        (None, _) => "not started".to_owned(),
    }
}

fn ending(ended: &Value) -> String {
    let code = number(ended, "/exitCode");
    match some_text(ended, "/reason") {
        Some(reason) if reason != "Error" && reason != "Completed" => {
            format!("ended with code {code}, {reason}")
        }
        _ => format!("ended with code {code}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_is_shown_with_its_containers_in_their_order() {
        let event = json!({"metadata": {"name": "e.1", "namespace": "task-x"}, "reason": "BackOff", "type": "Warning",
            "message": "back-off", "count": 3, "lastTimestamp": "2026-01-01T00:00:00Z"});
        let pod = json!({
            "metadata": {"name": "web-x-shop"},
            "spec": {"nodeName": "task-1", "containers": [{"name": "web", "image": "web:1"}],
                "initContainers": [{"name": "setup", "image": "setup:1"}]},
            "status": {"phase": "Running",
                "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "web is not"}],
                "initContainerStatuses": [{"name": "setup", "ready": true, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}],
                "containerStatuses": [{"name": "web", "restartCount": 2, "state": {"running": {}}}]},
        });
        let expected = json!({
            "pod": "web-x-shop", "node": "task-1", "phase": "Running",
            "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "web is not"}],
            "events": [{"id": "host/task-x/e.1", "at": "2026-01-01T00:00:00Z", "type": "Warning", "reason": "BackOff", "object": "shop/web",
                "message": "back-off", "count": 3, "from": "host"}],
            "containers": [
                {"name": "setup", "image": "setup:1", "ready": true, "restarts": 0, "state": "ended with code 0"},
                {"name": "web", "image": "web:1", "ready": false, "restarts": 2, "state": "running"},
            ],
        });
        assert_eq!(
            serde_json::to_value(view(&pod, &[Brief::of(&event)], "shop/web")).unwrap(),
            expected
        );
    }

    #[test]
    fn states_say_what_a_container_does() {
        let waiting = json!({"reason": "CrashLoopBackOff", "message": "back-off 20s"});
        let killed = json!({"exitCode": 137, "reason": "OOMKilled"});
        let cases = [
            (json!({}), "not started"),
            (
                json!({"state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}),
                "running",
            ),
            (
                json!({"state": {"running": {}}, "lastState": {"terminated": killed}}),
                "running; before, ended with code 137, OOMKilled",
            ),
            (
                json!({"state": {"waiting": {"reason": "ContainerCreating"}}}),
                "waiting, ContainerCreating",
            ),
            (
                json!({"state": {"waiting": waiting}, "lastState": {"terminated": killed}}),
                "waiting, CrashLoopBackOff: back-off 20s; before, ended with code 137, OOMKilled",
            ),
            (
                json!({"state": {"terminated": {"exitCode": 1, "reason": "Error"}}}),
                "ended with code 1",
            ),
        ];
        for (status, expected) in &cases {
            assert_eq!(state(status), *expected, "{status}");
        }
    }

    #[test]
    fn nothing_in_a_pod_is_too_odd_or_too_long() {
        let long = "ü".repeat(100_000);
        let status = json!({"name": long, "state": {"waiting": {"reason": long, "message": long}}});
        let pod = json!({"spec": {"containers": vec![json!({"name": long, "image": long}); 1_000], "initContainers": 1},
            "status": {"conditions": vec![json!({"message": long}); 1_000], "containerStatuses": [status, 1]}});
        assert!(serde_json::to_string(&view(&pod, &[], "a")).unwrap().len() < 2_000_000);
        let empty = serde_json::to_value(view(&json!(1), &[], "a")).unwrap();
        let expected =
            json!({"pod": "", "node": null, "phase": "", "conditions": [], "events": [], "containers": []});
        assert_eq!(empty, expected);
    }
}
