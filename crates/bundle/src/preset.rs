//! Presets: recipes for controllers, each a chart with values that fit a task's boundaries and gates that say
//! when it works. A closed list of pure data.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::model::{Gate, ManifestDocument, ManifestFile, Readiness, RemoteChart, WorkloadKind};
use crate::name::{ChartVersion, CrdName, NamespaceName, ObjectName, ReleaseName};
use crate::path::BundlePath;

/// The recipes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Preset {
    /// Certificates as Kubernetes objects.
    CertManager,
    /// The kinds of Istio.
    IstioBase,
    /// The control plane of Istio.
    Istiod,
    /// The controller of Elasticsearch.
    EckOperator,
}

/// What a preset stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// The chart, in the version that its values are written for.
    pub chart: RemoteChart,
    /// The release's name, which the names of its objects follow.
    pub release: ReleaseName,
    /// Where it is installed.
    pub namespace: NamespaceName,
    /// Values that fit the boundaries.
    pub values: Value,
    /// When it works.
    pub ready: Vec<Gate>,
}

/// How long a controller may take from its objects to its first answer, cold image pulls included.
const TIMEOUT: Duration = Duration::from_mins(3);

impl Preset {
    /// All of them, by name.
    pub const ALL: [Self; 4] = [
        Self::CertManager,
        Self::IstioBase,
        Self::Istiod,
        Self::EckOperator,
    ];

    /// What `preset` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CertManager => "cert-manager",
            Self::IstioBase => "istio-base",
            Self::Istiod => "istiod",
            Self::EckOperator => "eck-operator",
        }
    }

    /// What it stands for.
    pub fn recipe(self) -> Recipe {
        match self {
            Self::CertManager => cert_manager(),
            Self::IstioBase => istio_base(),
            Self::Istiod => istiod(),
            Self::EckOperator => eck_operator(),
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The check after installation is a hook, whose work the last gate does.
fn cert_manager() -> Recipe {
    Recipe {
        chart: chart("oci://quay.io/jetstack/charts", "cert-manager", "v1.21.2"),
        release: known(ReleaseName::new("cert-manager")),
        namespace: known(NamespaceName::new("cert-manager")),
        values: json!({
            "crds": { "enabled": true },
            "global": { "leaderElection": { "namespace": "cert-manager" } },
            "startupapicheck": { "enabled": false },
            "resources": resources("20m", "48Mi", "192Mi"),
            "webhook": { "resources": resources("20m", "32Mi", "128Mi") },
            "cainjector": { "resources": resources("20m", "48Mi", "192Mi") },
        }),
        ready: vec![
            rollout(WorkloadKind::Deployment, "cert-manager", "cert-manager"),
            rollout(
                WorkloadKind::Deployment,
                "cert-manager-cainjector",
                "cert-manager",
            ),
            rollout(WorkloadKind::Deployment, "cert-manager-webhook", "cert-manager"),
            dry_run(json!({
                "apiVersion": "cert-manager.io/v1", "kind": "Issuer",
                "metadata": { "name": "probe", "namespace": "default" }, "spec": { "selfSigned": {} },
            })),
        ],
    }
}

fn istio_base() -> Recipe {
    Recipe {
        chart: chart("oci://ghcr.io/istio/release/charts", "base", "1.31.0"),
        release: known(ReleaseName::new("istio-base")),
        namespace: known(NamespaceName::new("istio-system")),
        values: json!({ "defaultRevision": "default" }),
        ready: vec![
            crd("virtualservices.networking.istio.io"),
            crd("destinationrules.networking.istio.io"),
            crd("gateways.networking.istio.io"),
        ],
    }
}

/// One replica that stays one; the dry run shows that the validation of Istio's kinds answers.
///
/// Redirecting a pod's traffic takes `NET_ADMIN`, which pod security refuses, so proxies listen beside the programs
/// instead: at 127.0.0.1 on the ports of the Services, and as an HTTP proxy. What reaches a pod then comes past its
/// proxy, which is why nobody may speak mutual TLS to it unasked.
fn istiod() -> Recipe {
    Recipe {
        chart: chart("oci://ghcr.io/istio/release/charts", "istiod", "1.31.0"),
        release: known(ReleaseName::new("istiod")),
        namespace: known(NamespaceName::new("istio-system")),
        values: json!({
            "autoscaleEnabled": false,
            "replicaCount": 1,
            "resources": resources("100m", "128Mi", "512Mi"),
            "global": { "proxy": { "resources": resources("20m", "48Mi", "192Mi") } },
            // Nobody collects metrics in a task, and their filters are of Istio's own build of Envoy.
            "telemetry": { "enabled": false },
            "meshConfig": {
                "defaultConfig": { "interceptionMode": "NONE" },
                "proxyHttpPort": 15080,
                "enableAutoMtls": false,
            },
        }),
        ready: vec![
            rollout(WorkloadKind::Deployment, "istiod", "istio-system"),
            dry_run(json!({
                "apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
                "metadata": { "name": "probe", "namespace": "default" }, "spec": { "host": "probe" },
            })),
        ],
    }
}

fn eck_operator() -> Recipe {
    Recipe {
        chart: chart("https://helm.elastic.co", "eck-operator", "3.5.0"),
        release: known(ReleaseName::new("elastic-operator")),
        namespace: known(NamespaceName::new("elastic-system")),
        values: json!({
            "installCRDs": true,
            "telemetry": { "disabled": true },
            "resources": resources("50m", "128Mi", "512Mi"),
        }),
        ready: vec![
            rollout(WorkloadKind::StatefulSet, "elastic-operator", "elastic-system"),
            crd("elasticsearches.elasticsearch.k8s.elastic.co"),
            dry_run(json!({
                "apiVersion": "elasticsearch.k8s.elastic.co/v1", "kind": "Elasticsearch",
                "metadata": { "name": "probe", "namespace": "default" },
                "spec": { "version": "8.19.0", "nodeSets": [{ "name": "default", "count": 1 }] },
            })),
        ],
    }
}

fn chart(repository: &str, name: &str, version: &str) -> RemoteChart {
    RemoteChart {
        repository: repository.into(),
        name: name.into(),
        version: known(ChartVersion::new(version)),
    }
}

/// Memory cannot be taken back once it is used, so it is limited; CPU may burst as the task's limits allow.
fn resources(cpu: &str, memory: &str, most: &str) -> Value {
    json!({ "requests": { "cpu": cpu, "memory": memory }, "limits": { "memory": most } })
}

fn rollout(kind: WorkloadKind, name: &str, namespace: &str) -> Gate {
    gate(Readiness::Rollout {
        kind,
        name: known(ObjectName::new(name)),
        namespace: known(NamespaceName::new(namespace)),
    })
}

fn crd(name: &str) -> Gate {
    gate(Readiness::Crd {
        name: known(CrdName::new(name)),
    })
}

fn dry_run(object: Value) -> Gate {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    gate(Readiness::DryRun {
        manifest: ManifestFile {
            path: BundlePath::lossy(&format!("an {kind}")),
            documents: vec![ManifestDocument {
                value: object,
                line: 1,
            }],
        },
    })
}

fn gate(until: Readiness) -> Gate {
    Gate {
        until,
        timeout: Some(TIMEOUT),
    }
}

/// The names here are written by us; the tests below read every one of them.
fn known<T, E: fmt::Debug>(name: Result<T, E>) -> T {
    name.expect("a preset's names are names")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_preset_can_be_read_and_says_when_it_works() {
        let names: BTreeSet<&str> = Preset::ALL.iter().map(|preset| preset.name()).collect();
        assert_eq!(names.len(), Preset::ALL.len());
        for preset in Preset::ALL {
            let recipe = preset.recipe();
            assert!(recipe.values.is_object(), "{preset}");
            assert!(!recipe.ready.is_empty(), "{preset}");
            assert!(recipe.ready.iter().all(|gate| gate.timeout.is_some()), "{preset}");
        }
    }
}
