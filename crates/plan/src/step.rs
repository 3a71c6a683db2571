//! The steps of a boot and what each of them needs.

use std::fmt;

use bundle::Bundle;
use bundle::name::Name;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The phases of a boot, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Permissions, host facts, and whether bundle and host fit.
    Preflight,
    /// Room in the host's pools.
    Nodes,
    /// Namespace, boundaries, and the vCluster until its API answers.
    ControlPlane,
    /// The vCluster's DNS.
    Dns,
    /// Dependencies, in waves by what they need.
    Dependencies,
    /// The candidate's pod.
    Tty,
    /// The scripts that prepare the task.
    Init,
    /// Of an update: removal of what has left the bundle.
    Prune,
}

/// One bar of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(into = "String", try_from = "String")]
#[ts(type = "string")]
pub enum StepId {
    /// A phase that is a single step.
    Phase(Phase),
    /// One dependency of the bundle.
    Dependency(String),
    /// One init step of the bundle.
    Init(String),
}

impl StepId {
    /// The phase the step belongs to.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self {
            Self::Phase(phase) => *phase,
            Self::Dependency(_) => Phase::Dependencies,
            Self::Init(_) => Phase::Init,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Preflight => "preflight",
            Self::Nodes => "nodes",
            Self::ControlPlane => "control-plane",
            Self::Dns => "dns",
            Self::Dependencies => "dependencies",
            Self::Tty => "tty",
            Self::Init => "init",
            Self::Prune => "prune",
        })
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phase(phase) => phase.fmt(f),
            Self::Dependency(name) => write!(f, "dependency/{name}"),
            Self::Init(name) => write!(f, "init/{name}"),
        }
    }
}

impl From<StepId> for String {
    fn from(step: StepId) -> Self {
        step.to_string()
    }
}

impl TryFrom<String> for StepId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Some(name) = text.strip_prefix("dependency/") {
            return Ok(Self::Dependency(name.to_owned()));
        }
        if let Some(name) = text.strip_prefix("init/") {
            return Ok(Self::Init(name.to_owned()));
        }
        let phase = match text.as_str() {
            "preflight" => Phase::Preflight,
            "nodes" => Phase::Nodes,
            "control-plane" => Phase::ControlPlane,
            "dns" => Phase::Dns,
            "tty" => Phase::Tty,
            "prune" => Phase::Prune,
            _ => return Err(format!("`{text}` is not a step of a boot")),
        };
        Ok(Self::Phase(phase))
    }
}

/// A step with what must be done before it may start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Step {
    /// Which step.
    pub id: StepId,
    /// The steps it waits for.
    pub needs: Vec<StepId>,
}

/// Every step of booting `bundle` with the steps it needs, in the order in which a timeline shows them.
#[must_use]
pub fn steps(bundle: &Bundle) -> Vec<Step> {
    let control_plane = StepId::Phase(Phase::ControlPlane);
    let mut steps = vec![
        single(Phase::Preflight, &[]),
        single(Phase::Nodes, &[Phase::Preflight]),
        single(Phase::ControlPlane, &[Phase::Nodes]),
        single(Phase::Dns, &[Phase::ControlPlane]),
    ];
    for dependency in &bundle.dependencies {
        let mut needs = vec![control_plane.clone()];
        needs.extend(named(bundle, &dependency.needs));
        steps.push(Step {
            id: StepId::Dependency(dependency.name.to_string()),
            needs,
        });
    }
    steps.push(single(Phase::Tty, &[Phase::ControlPlane]));
    let mut before = None;
    for init in &bundle.init {
        let mut needs = vec![StepId::Phase(Phase::Dns), StepId::Phase(Phase::Tty)];
        needs.extend(named(bundle, &init.needs));
        needs.extend(
            before
                .replace(StepId::Init(init.name.to_string()))
                .filter(|id| !needs.contains(id)),
        );
        steps.push(Step {
            id: StepId::Init(init.name.to_string()),
            needs,
        });
    }
    steps
}

/// Every step of bringing a preview up to date with `bundle`: its dependencies, and what has left it.
#[must_use]
pub fn update_steps(bundle: &Bundle) -> Vec<Step> {
    let mut steps = vec![single(Phase::Preflight, &[])];
    let is_dependency = |step: &StepId| matches!(step, StepId::Dependency(_));
    for dependency in &bundle.dependencies {
        let mut needs = vec![StepId::Phase(Phase::Preflight)];
        needs.extend(named(bundle, &dependency.needs).into_iter().filter(is_dependency));
        steps.push(Step {
            id: StepId::Dependency(dependency.name.to_string()),
            needs,
        });
    }
    // Last: what replaces an object is there before the object goes.
    let needs = steps.iter().map(|step| step.id.clone()).collect();
    steps.push(Step {
        id: StepId::Phase(Phase::Prune),
        needs,
    });
    steps
}

/// The steps that `names` stand for; names of dependencies and init steps never clash.
fn named(bundle: &Bundle, names: &[Name]) -> Vec<StepId> {
    let is_init = |name: &Name| bundle.init.iter().any(|step| step.name == *name);
    let step = |name: &Name| {
        if is_init(name) {
            StepId::Init(name.to_string())
        } else {
            StepId::Dependency(name.to_string())
        }
    };
    names.iter().map(step).collect()
}

fn single(phase: Phase, needs: &[Phase]) -> Step {
    Step {
        id: StepId::Phase(phase),
        needs: needs.iter().copied().map(StepId::Phase).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_the_same_after_a_round_trip_through_json() {
        let steps = [
            StepId::Phase(Phase::ControlPlane),
            StepId::Dependency("orders-db".into()),
            StepId::Init("seed".into()),
        ];
        let json = serde_json::to_string(&steps).unwrap();
        assert_eq!(json, r#"["control-plane","dependency/orders-db","init/seed"]"#);
        assert_eq!(serde_json::from_str::<Vec<StepId>>(&json).unwrap(), steps);
    }
}
