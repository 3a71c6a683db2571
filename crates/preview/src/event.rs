//! What a boot reports: typed events, one log for every front end.

use plan::Step;
use plan::StepId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::failure::Failure;

/// One entry of a boot's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BootEvent {
    /// Milliseconds since the boot began.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened. A log begins with `began` and ends with exactly one of `ready`, `stopped` and `cancelled`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    /// The boot has a name; from here on it can be found and removed.
    Began {
        /// Id of the preview.
        preview: String,
        /// Name of the bundle.
        bundle: String,
        /// Title of the task.
        title: String,
        /// Context of the host.
        host: String,
        /// The boot budget of the bundle, in milliseconds.
        budget: u64,
    },
    /// The host is known and all steps with it.
    Planned {
        /// Every step and what it needs, in the order of the timeline.
        steps: Vec<Step>,
        /// Things the creator should know.
        notes: Vec<String>,
    },
    /// A step has all it needs and works.
    Started {
        /// Which.
        step: StepId,
    },
    /// What a step is doing or waiting for right now.
    Doing {
        /// Which.
        step: StepId,
        /// What.
        detail: Detail,
    },
    /// A line that a script printed.
    Output {
        /// The init step.
        step: StepId,
        /// Standard output or standard error.
        stream: Stream,
        /// The line, without its end.
        line: String,
    },
    /// A step is done.
    Finished {
        /// Which.
        step: StepId,
    },
    /// A step failed; the boot stops.
    Failed {
        /// Which.
        step: StepId,
        /// Why.
        failure: Failure,
    },
    /// The prompt is there.
    Ready,
    /// The boot failed. What exists is kept for inspection.
    Stopped,
    /// Somebody stopped the boot.
    Cancelled,
}

/// Where a line of output came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What a step is doing or waiting for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "doing", rename_all = "kebab-case")]
pub enum Detail {
    /// Asking the host what it has and what we may do.
    ReadingHost,
    /// Rendering a chart.
    Rendering {
        /// Name of the chart.
        chart: String,
    },
    /// Helm is installing a chart and running its hooks.
    Installing {
        /// Name of the chart.
        chart: String,
    },
    /// Applying objects.
    Applying {
        /// How many.
        objects: usize,
    },
    /// An object was refused for a reason that passes; it is being tried again.
    Retrying {
        /// Kind and name.
        object: String,
        /// What the API server said.
        reason: String,
    },
    /// Waiting for a pod.
    Pod {
        /// Its name.
        pod: String,
        /// What it is waiting for.
        state: String,
    },
    /// Waiting for a gate.
    Gate {
        /// The gate, as in `rollout statefulset/orders`.
        gate: String,
        /// Why it is not open yet.
        reason: String,
    },
    /// Waiting for the API of the vCluster.
    Api {
        /// What is missing.
        reason: String,
    },
    /// Waiting for a node of a pool.
    Room {
        /// Name of the pool.
        pool: String,
    },
    /// Running a script.
    Script {
        /// Its path in the bundle.
        path: String,
    },
}

impl Detail {
    /// The one thing that this tells about, when a step waits for several.
    pub(crate) fn subject(&self) -> &str {
        match self {
            Self::Pod { pod, .. } => pod,
            Self::Gate { gate, .. } => gate,
            Self::Retrying { object, .. } => object,
            Self::ReadingHost
            | Self::Rendering { .. }
            | Self::Installing { .. }
            | Self::Applying { .. }
            | Self::Api { .. }
            | Self::Room { .. }
            | Self::Script { .. } => "",
        }
    }
}
