//! A pod as kubectl prints it: its STATUS is none of its fields, but what its containers come to.

use serde_json::Value;

use super::Tone;
use super::row::{Look, is_leaving};
use crate::json::{condition, has_condition, is_true, list, number, some_text, text};

pub(super) fn look(pod: &Value) -> Look {
    let state = State::of(pod);
    let tone = state.tone(pod);
    Look::new(state.reason, tone)
        .with("Ready", &format!("{}/{}", state.ready, state.total))
        .with("Restarts", &state.restarts)
        .with("Node", text(pod, "/spec/nodeName"))
}

/// What the containers of a pod come to.
struct State {
    /// In kubectl's words.
    reason: String,
    ready: usize,
    total: usize,
    restarts: i64,
}

impl State {
    fn of(pod: &Value) -> Self {
        let sidecars = list(pod, "/spec/initContainers")
            .iter()
            .filter(|one| is_sidecar(one));
        let mut state = Self {
            reason: reason_of_pod(pod).to_owned(),
            ready: 0,
            total: list(pod, "/spec/containers").len() + sidecars.count(),
            restarts: 0,
        };
        let is_initializing = state.take_init_containers(pod);
        if !is_initializing || has_condition(pod, "Initialized", "True") {
            state.restarts = restarts_of_sidecars(pod);
            state.take_containers(pod);
        }
        if is_leaving(pod) {
            state.leave(pod);
        }
        state
    }

    /// Goes through the init containers up to the first that is not done; says whether there is one.
    fn take_init_containers(&mut self, pod: &Value) -> bool {
        let names = sidecars(pod);
        for (index, container) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
            self.restarts = self.restarts.saturating_add(number(container, "/restartCount"));
            let ended = container.pointer("/state/terminated");
            if ended.is_some_and(|ended| number(ended, "/exitCode") == 0) {
                continue;
            }
            if names.contains(&text(container, "/name")) && is_true(container, "/started") {
                self.ready += usize::from(is_true(container, "/ready"));
                continue;
            }
            let waiting =
                some_text(container, "/state/waiting/reason").filter(|reason| *reason != "PodInitializing");
            self.reason = match (ended, waiting) {
                (Some(ended), _) => format!("Init:{}", how_it_ended(ended)),
                (None, Some(waiting)) => format!("Init:{waiting}"),
                (None, None) => format!("Init:{index}/{}", list(pod, "/spec/initContainers").len()),
            };
            return true;
        }
        false
    }

    /// The first container has the last word, so it goes through them from the end.
    fn take_containers(&mut self, pod: &Value) {
        let mut is_one_running = false;
        let mut failed = None;
        for container in list(pod, "/status/containerStatuses").iter().rev() {
            self.restarts = self.restarts.saturating_add(number(container, "/restartCount"));
            if let Some(waiting) = some_text(container, "/state/waiting/reason") {
                waiting.clone_into(&mut self.reason);
            } else if let Some(ended) = container.pointer("/state/terminated") {
                self.reason = how_it_ended(ended);
                if number(ended, "/exitCode") != 0 {
                    failed = Some(self.reason.clone());
                }
            } else if is_true(container, "/ready") && container.pointer("/state/running").is_some() {
                is_one_running = true;
                self.ready += 1;
            }
        }
        if self.reason == "Completed" {
            self.look_past_the_completed(is_one_running, has_condition(pod, "Ready", "True"), failed);
        }
    }

    /// That one container is done does not make the pod completed.
    fn look_past_the_completed(&mut self, is_one_running: bool, is_ready: bool, failed: Option<String>) {
        if is_one_running && is_ready {
            "Running".clone_into(&mut self.reason);
        } else if let Some(failed) = failed {
            self.reason = failed;
        } else if is_one_running {
            "NotReady".clone_into(&mut self.reason);
        }
    }

    fn leave(&mut self, pod: &Value) {
        if text(pod, "/status/reason") == "NodeLost" {
            "Unknown".clone_into(&mut self.reason);
        } else if !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed") {
            "Terminating".clone_into(&mut self.reason);
        }
    }

    fn tone(&self, pod: &Value) -> Tone {
        let of_init = self.reason.strip_prefix("Init:");
        match of_init.unwrap_or(&self.reason) {
            "Running" if self.ready < self.total && !has_condition(pod, "Ready", "True") => Tone::Busy,
            "Running" | "Completed" | "Succeeded" => Tone::Ok,
            "Pending" if is_refused_by_all_nodes(pod) => Tone::Bad,
            "Pending" | "ContainerCreating" | "PodInitializing" | "Terminating" | "SchedulingGated" => {
                Tone::Busy
            }
            // Nothing is known of it yet.
            "" => Tone::None,
            count if of_init.is_some() && count.starts_with(|letter: char| letter.is_ascii_digit()) => {
                Tone::Busy
            }
            _ => Tone::Bad,
        }
    }
}

/// What the pod says of itself, before its containers are asked.
fn reason_of_pod(pod: &Value) -> &str {
    let is_gated =
        condition(pod, "PodScheduled").is_some_and(|one| text(one, "/reason") == "SchedulingGated");
    if is_gated {
        return "SchedulingGated";
    }
    some_text(pod, "/status/reason").unwrap_or_else(|| text(pod, "/status/phase"))
}

fn is_refused_by_all_nodes(pod: &Value) -> bool {
    condition(pod, "PodScheduled").is_some_and(|one| text(one, "/reason") == "Unschedulable")
}

/// An init container that stays beside the others.
fn is_sidecar(container: &Value) -> bool {
    text(container, "/restartPolicy") == "Always"
}

fn sidecars(pod: &Value) -> Vec<&str> {
    let all = list(pod, "/spec/initContainers").iter();
    all.filter(|one| is_sidecar(one))
        .map(|one| text(one, "/name"))
        .collect()
}

fn restarts_of_sidecars(pod: &Value) -> i64 {
    let names = sidecars(pod);
    let all = list(pod, "/status/initContainerStatuses").iter();
    let of_sidecars = all.filter(|one| names.contains(&text(one, "/name")));
    of_sidecars.fold(0, |sum, one| number(one, "/restartCount").saturating_add(sum))
}

/// In a word: the runtime's, else the signal or the code.
fn how_it_ended(ended: &Value) -> String {
    let signal = number(ended, "/signal");
    match some_text(ended, "/reason") {
        Some(reason) => reason.to_owned(),
        None if signal != 0 => format!("Signal:{signal}"),
        None => format!("ExitCode:{}", number(ended, "/exitCode")),
    }
}

#[cfg(test)]
#[path = "pod_tests.rs"]
mod tests;
