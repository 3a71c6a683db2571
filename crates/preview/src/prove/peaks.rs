//! The most that a case used at once: asked for every few seconds, as use cannot be watched.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bundle::Bundle;
use bundle::proof::{Peaks, Use};
use bundle::quantity::Quantity;
use cluster::Cluster;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use plan::PreviewId;
use serde_json::Value;
use tokio_util::task::AbortOnDropHandle;

use crate::carried;

/// Metrics are at least that old.
const EVERY: Duration = Duration::from_secs(5);

/// Notes what a preview uses until it is ended or dropped.
pub(super) struct Sampler {
    peaks: Arc<Mutex<Peaks>>,
    _work: AbortOnDropHandle<()>,
}

impl Sampler {
    pub(super) fn start(host: &Cluster, bundle: &Arc<Bundle>, id: &PreviewId) -> Self {
        let peaks: Arc<Mutex<Peaks>> = Arc::default();
        let (host, bundle, namespace, noted) = (host.clone(), bundle.clone(), id.namespace(), peaks.clone());
        let work = tokio::spawn(async move {
            let owners = owners(&bundle);
            loop {
                tokio::time::sleep(EVERY).await;
                let now = sample(&host, &namespace, &owners).await;
                merge(&mut noted.lock().unwrap_or_else(PoisonError::into_inner), now);
            }
        });
        Self {
            peaks,
            _work: AbortOnDropHandle::new(work),
        }
    }

    pub(super) fn end(self) -> Peaks {
        self.peaks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn merge(peaks: &mut Peaks, now: Peaks) {
    peaks.task = peaks.task.max(now.task);
    peaks.control_plane = peaks.control_plane.max(now.control_plane);
    for (name, used) in now.dependencies {
        let peak = peaks.dependencies.entry(name).or_default();
        *peak = peak.max(used);
    }
}

/// Namespace and name of every workload, with the dependency it belongs to.
type Owners = BTreeMap<(String, String), String>;

/// Kinds whose pods and claims carry their name in front.
const WORKLOADS: [&str; 5] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "Pod"];

fn owners(bundle: &Bundle) -> Owners {
    let mut owners = Owners::new();
    for (dependency, objects) in plan::dependency_objects(bundle) {
        for object in objects {
            let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
            if WORKLOADS.contains(&text("/kind").unwrap_or_default()) {
                let namespace = text("/metadata/namespace").unwrap_or("default").to_owned();
                let name = text("/metadata/name").unwrap_or_default().to_owned();
                owners.insert((namespace, name), dependency.clone());
            }
        }
    }
    owners
}

/// The dependency that an object inside the task belongs to: the workload with the longest name that its own begins with.
fn owner<'o>(owners: &'o Owners, namespace: &str, name: &str) -> Option<&'o str> {
    let of_namespace = owners.iter().filter(|((space, _), _)| space == namespace);
    let mut matching: Vec<_> = of_namespace
        .filter(|((_, workload), _)| name == workload || name.contains(&format!("{workload}-")))
        .collect();
    matching.sort_by_key(|((_, workload), _)| workload.len());
    matching.last().map(|(_, dependency)| dependency.as_str())
}

/// What is used now; a host without metrics still tells pods and claims.
async fn sample(host: &Cluster, namespace: &str, owners: &Owners) -> Peaks {
    let space = Some(namespace);
    let (pods, claims, metrics) = futures::join!(
        host.list::<Pod>(space, None),
        host.list::<PersistentVolumeClaim>(space, None),
        host.list_json("metrics.k8s.io/v1beta1", "PodMetrics", space, None),
    );
    let metrics = used_by_name(&metrics.unwrap_or_default());
    let mut now = Peaks::default();
    for pod in pods.unwrap_or_default() {
        let name = pod.metadata.name.clone().unwrap_or_default();
        let mut used = metrics.get(&name).copied().unwrap_or_default();
        used.pods = 1;
        match place(pod.metadata.annotations.as_ref()) {
            None => add(&mut now.control_plane, used),
            Some((space, name)) => add_to_task(&mut now, owner(owners, space, name), used),
        }
    }
    for claim in claims.unwrap_or_default() {
        let used = Use {
            storage: claimed(&claim),
            ..Use::default()
        };
        let (space, name) = place(claim.metadata.annotations.as_ref()).unwrap_or_default();
        add_to_task(&mut now, owner(owners, space, name), used);
    }
    now
}

fn place(annotations: Option<&BTreeMap<String, String>>) -> Option<(&str, &str)> {
    carried(|key| annotations?.get(key).map(String::as_str))
}

fn add(sum: &mut Use, used: Use) {
    sum.cpu_milli += used.cpu_milli;
    sum.memory += used.memory;
    sum.pods += used.pods;
    sum.storage += used.storage;
}

fn add_to_task(now: &mut Peaks, dependency: Option<&str>, used: Use) {
    add(&mut now.task, used);
    if let Some(dependency) = dependency {
        add(now.dependencies.entry(dependency.to_owned()).or_default(), used);
    }
}

fn claimed(claim: &PersistentVolumeClaim) -> u64 {
    let requests = claim
        .spec
        .as_ref()
        .and_then(|spec| spec.resources.as_ref()?.requests.as_ref());
    let storage = requests.and_then(|requests| requests.get("storage"));
    storage
        .and_then(|storage| Quantity::new(&storage.0).ok())
        .map_or(0, |quantity| quantity.units())
}

fn used_by_name(metrics: &[Value]) -> BTreeMap<String, Use> {
    let of_pod = |pod: &Value| {
        let name = pod.pointer("/metadata/name")?.as_str()?.to_owned();
        let mut used = Use::default();
        for container in pod.get("containers")?.as_array()? {
            let quantity = |pointer: &str| Quantity::new(container.pointer(pointer)?.as_str()?).ok();
            used.cpu_milli += quantity("/usage/cpu").map_or(0, |cpu| cpu.milli());
            used.memory += quantity("/usage/memory").map_or(0, |memory| memory.units());
        }
        Some((name, used))
    };
    metrics.iter().filter_map(of_pod).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_belongs_to_the_workload_with_the_longest_fitting_name() {
        let key = |name: &str| ("shop".to_owned(), name.to_owned());
        let owners: Owners = [
            (key("orders"), "db".to_owned()),
            (key("orders-proxy"), "proxy".to_owned()),
        ]
        .into();
        for (namespace, name, expected) in [
            ("shop", "orders-0", Some("db")),
            ("shop", "data-orders-0", Some("db")),
            ("shop", "orders-proxy-5d9-x2", Some("proxy")),
            ("shop", "web-0", None),
            ("default", "orders-0", None),
        ] {
            assert_eq!(owner(&owners, namespace, name), expected, "{namespace}/{name}");
        }
    }

    #[test]
    fn the_use_of_a_pod_is_that_of_its_containers() {
        let pod = serde_json::json!({"metadata": {"name": "web"}, "containers": [
            {"usage": {"cpu": "12345678n", "memory": "10Mi"}}, {"usage": {"cpu": "5m", "memory": "1024Ki"}}]});
        let used = used_by_name(&[pod]);
        assert_eq!(used["web"].memory, 11 << 20);
        assert!((17..=18).contains(&used["web"].cpu_milli), "{:?}", used["web"]);
    }
}
