//! Where the log of a pod is: which container, and which run of it.

use serde_json::Value;

use super::WantedLog;
use crate::json::{list, some_text, text};
use crate::{Code, Error};

/// The pod's own word on which of its containers is meant.
const DEFAULT: &str = "/metadata/annotations/kubectl.kubernetes.io~1default-container";

/// Where containers stand in a pod, and where their statuses do.
const CONTAINERS: [&str; 3] = [
    "/spec/containers",
    "/spec/initContainers",
    "/spec/ephemeralContainers",
];
const STATUSES: [&str; 3] = [
    "/status/containerStatuses",
    "/status/initContainerStatuses",
    "/status/ephemeralContainerStatuses",
];

/// Where a log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// There is no pod.
    Absent,
    /// The container has not begun.
    Coming {
        /// The container.
        container: String,
    },
    /// There is a run, which has a log.
    Run {
        /// The container.
        container: String,
        /// The run's id.
        id: String,
        /// Whether it has not ended.
        is_running: bool,
    },
}

impl Place {
    pub(super) fn of(pod: &Value, container: Option<&str>) -> Self {
        let container = container.unwrap_or_else(|| chosen(pod)).to_owned();
        let mut statuses = STATUSES.iter().flat_map(|place| list(pod, place));
        let status = statuses
            .find(|status| text(status, "/name") == container)
            .unwrap_or(&Value::Null);
        // While it waits to be started again, it has the id of the run before, whose log is the one to be had.
        match some_text(status, "/containerID") {
            None => Self::Coming { container },
            Some(id) => Self::Run {
                container,
                id: id.to_owned(),
                is_running: status.pointer("/state/running").is_some(),
            },
        }
    }

    pub(super) fn container(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Coming { container } | Self::Run { container, .. } => Some(container),
        }
    }
}

/// The container that is meant when none is named.
fn chosen(pod: &Value) -> &str {
    let first = list(pod, "/spec/containers")
        .first()
        .map(|one| text(one, "/name"));
    let named = some_text(pod, DEFAULT).filter(|name| names(pod).any(|one| one == *name));
    named.or(first).unwrap_or_default()
}

fn names(pod: &Value) -> impl Iterator<Item = &str> {
    let all = CONTAINERS.iter().flat_map(|place| list(pod, place));
    all.map(|one| text(one, "/name"))
}

/// # Errors
/// When the pod has no such container.
pub(super) fn check(pod: &Value, wanted: &WantedLog) -> Result<(), Error> {
    let Some(container) = &wanted.container else {
        return Ok(());
    };
    if names(pod).any(|name| name == container) {
        return Ok(());
    }
    let there: Vec<&str> = names(pod).take(20).collect();
    let message = format!(
        "pod {}/{} has no container {container}",
        wanted.namespace, wanted.pod
    );
    Err(Error::new(Code::NotFound, message).hint(format!("it has {}", there.join(", "))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod() -> Value {
        json!({
            "metadata": {"annotations": {}},
            "spec": {"containers": [{"name": "web"}, {"name": "side"}], "initContainers": [{"name": "setup"}]},
            "status": {
                "containerStatuses": [
                    {"name": "web", "state": {"waiting": {"reason": "PodInitializing"}}, "containerID": ""},
                    {"name": "side", "containerID": "containerd://2", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
                "initContainerStatuses": [{"name": "setup", "containerID": "containerd://3", "state": {"running": {}}}],
            },
        })
    }

    fn run(container: &str, id: &str, is_running: bool) -> Place {
        Place::Run {
            container: container.into(),
            id: id.into(),
            is_running,
        }
    }

    #[test]
    fn the_container_that_is_meant_is_found_in_each_list() {
        let coming = |container: &str| Place::Coming {
            container: container.into(),
        };
        assert_eq!(Place::of(&pod(), None), coming("web"));
        assert_eq!(
            Place::of(&pod(), Some("side")),
            run("side", "containerd://2", false)
        );
        assert_eq!(
            Place::of(&pod(), Some("setup")),
            run("setup", "containerd://3", true)
        );
        assert_eq!(Place::of(&json!(1), None), coming(""));
        let mut named = pod();
        named["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"] = "side".into();
        assert_eq!(Place::of(&named, None), run("side", "containerd://2", false));
        named["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"] = "nobody".into();
        assert_eq!(Place::of(&named, None), coming("web"));
    }

    #[test]
    fn a_container_that_is_not_there_is_told_with_those_that_are() {
        let wanted = |container: Option<&str>| WantedLog {
            namespace: "shop".into(),
            pod: "web-0".into(),
            container: container.map(str::to_owned),
            previous: false,
            tail: 1,
        };
        assert_eq!(check(&pod(), &wanted(None)), Ok(()));
        assert_eq!(check(&pod(), &wanted(Some("setup"))), Ok(()));
        let error = check(&pod(), &wanted(Some("db"))).unwrap_err();
        assert_eq!(error.message, "pod shop/web-0 has no container db");
        assert_eq!(error.hints, ["it has web, side, setup"]);
    }
}
