//! What all dependencies ask for together, against the resources of the task. What the control plane and the
//! candidate's own pod take is added to the quota and not counted here.

use bundle::diagnostic::Code;
use bundle::model::Resources;
use bundle::quantity::Quantity;
use bundle::{Bundle, BundlePath, Diagnostic};
use serde_json::Value;

use super::Placed;
use super::workload::{self, list, passing, staying};
use crate::limits;

/// Something that the task's quota counts.
#[derive(Clone, Copy)]
enum Kind {
    Pods,
    Cpu,
    Memory,
    MemoryLimit,
    Storage,
}

/// What one object takes of a kind.
struct Use<'a> {
    of: &'a Placed,
    amount: u64,
}

pub(super) fn refused(bundle: &Bundle, objects: &[Placed]) -> Vec<Diagnostic> {
    let kinds = [
        Kind::Pods,
        Kind::Cpu,
        Kind::Memory,
        Kind::MemoryLimit,
        Kind::Storage,
    ];
    kinds
        .into_iter()
        .filter_map(|kind| over(bundle, objects, kind))
        .collect()
}

fn over(bundle: &Bundle, objects: &[Placed], kind: Kind) -> Option<Diagnostic> {
    let allowed = kind.allowed(&bundle.environment.resources);
    let mut uses: Vec<Use<'_>> = objects
        .iter()
        .map(|of| Use {
            of,
            amount: kind.amount(bundle, &of.object),
        })
        .collect();
    let sum: u64 = uses.iter().fold(0, |sum, one| sum.saturating_add(one.amount));
    if sum <= allowed {
        return None;
    }
    uses.sort_by_key(|one| std::cmp::Reverse(one.amount));
    let message = format!(
        "the dependencies ask for {}, and the task has {}: the last to come will not start",
        kind.words(sum),
        kind.words(allowed)
    );
    let hint = format!("raise `environment.resources.{}`, or ask for less", kind.field());
    let problem = Diagnostic::new(Code::OverBudget, BundlePath::lossy("task.yaml"), message).hint(hint);
    Some(
        uses.iter()
            .take(3)
            .filter(|one| one.amount > 0)
            .fold(problem, |problem, one| {
                let message = format!("{} asks for {}", one.of.name(), kind.words(one.amount));
                problem.related(one.of.file.clone(), one.of.span(bundle), message)
            }),
    )
}

impl Kind {
    fn allowed(self, resources: &Resources) -> u64 {
        match self {
            Self::Pods => resources.pods.into(),
            Self::Cpu => resources.cpu.milli(),
            Self::Memory | Self::MemoryLimit => resources.memory.units(),
            Self::Storage => resources.storage.units(),
        }
    }

    fn amount(self, bundle: &Bundle, object: &Value) -> u64 {
        if let Self::Storage = self {
            return storage(object);
        }
        let Some(pods) = workload::pods(object) else {
            return 0;
        };
        let each = match self {
            Self::Pods => 1,
            _ => self.of_pod(bundle, pods.spec),
        };
        pods.count.saturating_mul(each)
    }

    /// What a pod takes: its containers side by side, or its largest init container if that is more.
    fn of_pod(self, bundle: &Bundle, spec: &Value) -> u64 {
        let of = |container: &Value| self.of_container(bundle, &container["resources"]);
        let together: u64 = staying(spec).map(of).fold(0, u64::saturating_add);
        together.max(passing(spec).map(of).max().unwrap_or(0))
    }

    /// What a container takes; one that says nothing gets the defaults of the namespace.
    fn of_container(self, bundle: &Bundle, resources: &Value) -> u64 {
        let (requests, limits) = (&resources["requests"], &resources["limits"]);
        let request = limits::container_default_request();
        let limit = limits::container_default(bundle);
        let said = match self {
            Self::Cpu => [&requests["cpu"], &limits["cpu"], &request["cpu"]],
            Self::Memory => [&requests["memory"], &limits["memory"], &request["memory"]],
            _ => [&limits["memory"], &limit["memory"], &Value::Null],
        };
        let amount = said.into_iter().find_map(quantity);
        amount.map_or(0, |amount| match self {
            Self::Cpu => amount.milli(),
            _ => amount.units(),
        })
    }

    fn field(self) -> &'static str {
        match self {
            Self::Pods => "pods",
            Self::Cpu => "cpu",
            Self::Memory | Self::MemoryLimit => "memory",
            Self::Storage => "storage",
        }
    }

    fn words(self, amount: u64) -> String {
        match self {
            Self::Pods => format!("{amount} pods"),
            Self::Cpu => format!("{amount}m of CPU"),
            Self::Memory => format!("{} of memory in requests", mebibytes(amount)),
            Self::MemoryLimit => format!("{} of memory in limits", mebibytes(amount)),
            Self::Storage => format!("{} of storage", mebibytes(amount)),
        }
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{}Mi", bytes.div_ceil(1024 * 1024))
}

/// What an object claims: for itself, or for each of its pods.
fn storage(object: &Value) -> u64 {
    let claimed = |claim: &Value| {
        quantity(&claim["spec"]["resources"]["requests"]["storage"]).map_or(0, |amount| amount.units())
    };
    match object["kind"].as_str() {
        Some("PersistentVolumeClaim") => claimed(object),
        Some("StatefulSet") => {
            let each = list(&object["spec"]["volumeClaimTemplates"]).iter().map(claimed);
            let replicas = object["spec"]["replicas"].as_u64().unwrap_or(1);
            each.fold(0, u64::saturating_add).saturating_mul(replicas)
        }
        _ => 0,
    }
}

/// A quantity, written as text or as a number.
fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => Quantity::new(text).ok(),
        Value::Number(number) => Quantity::new(&number.to_string()).ok(),
        _ => None,
    }
}
