//! How much a preview may use on the host: the task's resources plus what runs beside the task.

use bundle::Bundle;
use serde_json::{Value, json};

/// Requests and limits of one container that Taskwright itself brings.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Requested CPU, in thousandths of a core.
    pub request_cpu: u64,
    /// Requested memory, in MiB.
    pub request_memory: u64,
    /// CPU limit, in thousandths of a core.
    pub limit_cpu: u64,
    /// Memory limit, in MiB.
    pub limit_memory: u64,
}

/// The vCluster's control plane. Its database lies in memory and counts towards the limit.
pub const CONTROL_PLANE: Share = Share {
    request_cpu: 200,
    request_memory: 384,
    limit_cpu: 4000,
    limit_memory: 2048,
};
/// The init container that copies the Kubernetes binaries; the chart's own limit of 100m makes it slow.
pub const BINARIES: Share = Share {
    request_cpu: 100,
    request_memory: 64,
    limit_cpu: 2000,
    limit_memory: 512,
};
/// The vCluster's `CoreDNS`.
pub const DNS: Share = Share {
    request_cpu: 20,
    request_memory: 32,
    limit_cpu: 500,
    limit_memory: 128,
};
/// The candidate's pod.
pub const SEAT: Share = Share {
    request_cpu: 50,
    request_memory: 64,
    limit_cpu: 1000,
    limit_memory: 512,
};
/// One init step that runs in a pod of its own.
pub const INIT: Share = Share {
    request_cpu: 50,
    request_memory: 64,
    limit_cpu: 1000,
    limit_memory: 512,
};
/// The pod that grades; in a namespace of its own, so it is not part of the task's quota.
pub const GRADER: Share = Share {
    request_cpu: 50,
    request_memory: 64,
    limit_cpu: 2000,
    limit_memory: 512,
};

/// What runs beside the task and so is added to its quota.
const BESIDE_THE_TASK: [Share; 4] = [CONTROL_PLANE, DNS, SEAT, INIT];
const MIB: u64 = 1024 * 1024;

impl Share {
    /// As a container's `resources`.
    #[must_use]
    pub fn to_resources(self) -> Value {
        json!({
            "requests": { "cpu": cpu(self.request_cpu), "memory": mebibytes(self.request_memory) },
            "limits": { "cpu": cpu(self.limit_cpu), "memory": mebibytes(self.limit_memory) },
        })
    }
}

/// The hard limits of the namespace's `ResourceQuota`.
///
/// CPU and memory are held by requests, memory by limits too: memory cannot be taken back once it is used,
/// while a container that bursts above its CPU request only uses what nobody else asks for.
#[must_use]
pub fn quota(bundle: &Bundle) -> Value {
    let resources = &bundle.environment.resources;
    let beside = |part: fn(&Share) -> u64| BESIDE_THE_TASK.iter().map(part).sum::<u64>();
    let memory = resources.memory.units();
    json!({
        "requests.cpu": cpu(resources.cpu.milli() + beside(|share| share.request_cpu)),
        "requests.memory": bytes(memory + beside(|share| share.request_memory) * MIB),
        "limits.memory": bytes(memory + beside(|share| share.limit_memory) * MIB),
        "requests.storage": bytes(resources.storage.units()),
        "count/pods": (u64::from(resources.pods) + BESIDE_THE_TASK.len() as u64).to_string(),
        "services.nodeports": "0",
        "services.loadbalancers": "0",
    })
}

/// What a container gets that asks for nothing: it may burst to the whole task's CPU.
#[must_use]
pub fn container_default(bundle: &Bundle) -> Value {
    let resources = &bundle.environment.resources;
    let memory = (256 * MIB).min(resources.memory.units());
    json!({ "cpu": cpu(resources.cpu.milli()), "memory": bytes(memory), "ephemeral-storage": "2Gi" })
}

/// What is set aside for a container that asks for nothing; small, because the quota counts it.
#[must_use]
pub fn container_default_request() -> Value {
    json!({ "cpu": "20m", "memory": "32Mi", "ephemeral-storage": "64Mi" })
}

fn cpu(millis: u64) -> String {
    format!("{millis}m")
}

fn mebibytes(count: u64) -> String {
    format!("{count}Mi")
}

fn bytes(count: u64) -> String {
    if count.is_multiple_of(MIB) {
        mebibytes(count / MIB)
    } else {
        count.to_string()
    }
}
