//! The values the vCluster chart is rendered with: ours, then the bundle's, then what is not negotiable.

use bundle::Bundle;
use bundle::model::{EgressRule, PodSecurity};
use serde_json::{Map, Value, json};

use crate::host::{ChartLocation, HostProfile};
use crate::limits::{self, BINARIES, CONTROL_PLANE, DNS};
use crate::{PreviewId, labels};

/// The version of chart and vCluster that these values are written for.
pub const CHART_VERSION: &str = "0.36.1";

/// The vCluster chart with the values it is to be rendered with.
#[derive(Debug, Clone)]
pub struct ChartRelease {
    /// Release name; also the vCluster's name.
    pub name: String,
    /// Host namespace.
    pub namespace: String,
    /// Where the chart is.
    pub chart: ChartLocation,
    /// Complete values, merged.
    pub values: Value,
    /// Labels to put on every rendered object.
    pub labels: Map<String, Value>,
}

/// The release that boots `bundle` as preview `id`.
pub(crate) fn release(bundle: &Bundle, profile: &HostProfile, id: &PreviewId) -> ChartRelease {
    let mut values = recommended(bundle, profile, id);
    if let Some(own) = &bundle.vcluster_values {
        merge(&mut values, own);
    }
    merge(&mut values, &fixed(profile));
    ChartRelease {
        name: id.as_str().to_owned(),
        namespace: id.namespace(),
        chart: profile.chart.clone(),
        values,
        labels: labels::of_preview(id, bundle.name.as_str()),
    }
}

/// Puts `over` on `base` as Helm does: maps are merged, everything else is replaced.
fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

/// Values tuned for a disposable task; each can be changed by the bundle's `vcluster.yaml`.
fn recommended(bundle: &Bundle, profile: &HostProfile, id: &PreviewId) -> Value {
    json!({
        "controlPlane": control_plane(bundle, profile, id),
        "sync": sync(profile),
        "networking": { "advanced": { "proxyKubelets": { "byHostname": false, "byIP": false } } },
        "policies": policies(bundle, profile),
        "rbac": { "role": { "extraRules": role_rules() } },
        "logging": { "encoding": "json" },
    })
}

fn control_plane(bundle: &Bundle, profile: &HostProfile, id: &PreviewId) -> Value {
    let mut service = json!({});
    if let Some(cidr) = &profile.facts.service_cidr {
        // Without it the syncer finds the range by creating and deleting Services, which takes seconds and
        // comes to a wrong answer when a quota refuses one of them.
        service = json!({ "annotations": { "vcluster.loft.sh/service-cidr": cidr } });
    }
    json!({
        "distro": { "k8s": distro(bundle) },
        "backingStore": { "database": { "embedded": { "enabled": true, "dataSource": DATABASE } } },
        "proxy": { "extraSANs": [format!("{id}.{}.svc", id.namespace())] },
        "service": service,
        "coredns": coredns(profile),
        "statefulSet": stateful_set(profile),
    })
}

/// Rights in the host namespace that the chart does not give, and the syncer needs: it writes the status of a Service
/// with several ports, and tells the task of an error for as long as it may not.
fn role_rules() -> Value {
    json!([{ "apiGroups": [""], "resources": ["services/status"], "verbs": ["get", "patch", "update"] }])
}

/// The database lies in memory: a preview is thrown away, never restored, so nothing waits for a disk.
const DATABASE: &str = "sqlite:///data/state.db?_journal=WAL&cache=shared&_busy_timeout=30000&_txlock=immediate&_synchronous=NORMAL";

/// A single replica has nobody to elect; a lease would only delay a restarted container. Its controllers start
/// one after the other, each with calls of its own, which the default of 20 calls a second can hold up.
const CONTROLLER_MANAGER: [&str; 3] = [
    "--leader-elect=false",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
];

fn distro(bundle: &Bundle) -> Value {
    let mut distro = json!({
        "imagePullPolicy": "IfNotPresent",
        "resources": BINARIES.to_resources(),
        "controllerManager": { "extraArgs": CONTROLLER_MANAGER },
    });
    distro["image"] = json!({ "tag": kubernetes_tag(bundle) });
    distro
}

fn coredns(profile: &HostProfile) -> Value {
    let mut coredns = json!({ "deployment": { "resources": DNS.to_resources() } });
    if let Some(address) = &profile.facts.cluster_dns {
        coredns["overwriteConfig"] = json!(corefile(address));
    }
    coredns
}

/// The chart's own Corefile, but asking only the host's DNS: the node's resolver, which the chart uses, is out
/// of reach behind the network policy and would make every outside name a time-out.
fn corefile(host_dns: &str) -> String {
    format!(
        "\
.:1053 {{
    errors
    health
    ready
    rewrite name regex .*\\.nodes\\.vcluster\\.com kubernetes.default.svc.cluster.local
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }}
    hosts /etc/coredns/NodeHosts {{
        ttl 60
        reload 15s
        fallthrough
    }}
    forward . {host_dns}
    cache 30
    loop
    reload
    loadbalance
}}
"
    )
}

fn stateful_set(profile: &HostProfile) -> Value {
    let mut resources = CONTROL_PLANE.to_resources();
    resources["requests"]["ephemeral-storage"] = json!("512Mi");
    resources["limits"]["ephemeral-storage"] = json!("2Gi");
    json!({
        "imagePullPolicy": "IfNotPresent",
        "enableServiceLinks": false,
        "resources": resources,
        "persistence": {
            "volumeClaim": { "enabled": false },
            "dataVolume": [{ "name": "data", "emptyDir": { "medium": "Memory", "sizeLimit": "256Mi" } }],
        },
        "scheduling": {
            "nodeSelector": profile.control_pool.node_selector,
            "tolerations": profile.control_pool.tolerations_json(),
        },
        "probes": {
            "startupProbe": { "periodSeconds": 1, "failureThreshold": 300 },
            "readinessProbe": { "periodSeconds": 1, "failureThreshold": 60 },
        },
    })
}

fn sync(profile: &HostProfile) -> Value {
    let enforced: Vec<String> = profile
        .task_pool
        .tolerations
        .iter()
        .map(|taint| format!("{}={}:{}", taint.key, taint.value, taint.effect))
        .collect();
    json!({
        "toHost": {
            "pods": {
                // Else the candidate's tokens, valid for ten years, lie in annotations of host pods.
                "useSecretsForSATokens": true,
                "enforceTolerations": enforced,
                "translateImage": profile.images,
            },
            "ingresses": { "enabled": false },
        },
        "fromHost": {
            "events": { "enabled": true },
            // Nodes stay invented ones that appear with the task's pods; the labels steer where pods go.
            "nodes": { "enabled": false, "selector": { "all": false, "labels": profile.task_pool.node_selector } },
            "storageClasses": { "enabled": true },
        },
    })
}

fn policies(bundle: &Bundle, profile: &HostProfile) -> Value {
    let level = match bundle.environment.pod_security {
        PodSecurity::Privileged => "",
        PodSecurity::Baseline => "baseline",
        PodSecurity::Restricted => "restricted",
    };
    let fallback = profile.facts.cluster_dns.clone().unwrap_or_default();
    json!({
        "podSecurityStandard": level,
        "resourceQuota": { "enabled": true, "quota": quota(bundle) },
        "limitRange": {
            "enabled": true,
            "default": limits::container_default(bundle),
            "defaultRequest": limits::container_default_request(),
        },
        "networkPolicy": {
            "enabled": true,
            "fallbackDns": fallback,
            "workload": { "publicEgress": { "enabled": false }, "egress": egress(bundle) },
        },
    })
}

/// The task's quota; entries of the chart's default that it does not name are lifted.
fn quota(bundle: &Bundle) -> Value {
    const CHART_DEFAULTS: [&str; 8] = [
        "limits.cpu",
        "limits.ephemeral-storage",
        "requests.ephemeral-storage",
        "count/endpoints",
        "count/services",
        "count/secrets",
        "count/configmaps",
        "count/persistentvolumeclaims",
    ];
    let mut quota = limits::quota(bundle);
    for key in CHART_DEFAULTS {
        quota[key] = Value::Null;
    }
    quota
}

fn egress(bundle: &Bundle) -> Value {
    let block = |rule: &EgressRule| match rule {
        EgressRule::Cidr { .. } => Some(json!({ "ipBlock": { "cidr": rule.to_string() } })),
        EgressRule::Host(_) => None,
    };
    let to: Vec<Value> = bundle.environment.egress.iter().filter_map(block).collect();
    if to.is_empty() {
        json!([])
    } else {
        json!([{ "to": to }])
    }
}

/// What no bundle may change: the free build of vCluster, no telemetry, no restored state.
fn fixed(profile: &HostProfile) -> Value {
    let (registry, repository, tag) = split(profile.image(VCLUSTER_IMAGE));
    let mut fixed = json!({
        "controlPlane": { "statefulSet": { "image": { "registry": registry, "repository": repository, "tag": tag } } },
        "telemetry": { "enabled": false },
    });
    if let Some(image) = profile.images.get(KUBERNETES_IMAGE) {
        let (registry, repository, tag) = split(image);
        fixed["controlPlane"]["distro"] =
            json!({ "k8s": { "image": { "registry": registry, "repository": repository, "tag": tag } } });
    }
    fixed
}

/// The build of vCluster without licence code.
pub const VCLUSTER_IMAGE: &str = "ghcr.io/loft-sh/vcluster-oss:0.36.1";
/// Where the Kubernetes binaries of a vCluster come from; the tag follows the bundle's version.
pub const KUBERNETES_IMAGE: &str = "ghcr.io/loft-sh/kubernetes";

/// The images that a boot of `bundle` brings itself, by their usual names: the vCluster, its Kubernetes, the seat.
#[must_use]
pub fn images(bundle: &Bundle) -> Vec<String> {
    let kubernetes = format!("{KUBERNETES_IMAGE}:{}", kubernetes_tag(bundle));
    let mut images = vec![VCLUSTER_IMAGE.to_owned(), kubernetes];
    if bundle.tty.image.is_none() {
        images.push(crate::seat::TTY_IMAGE.to_owned());
    }
    images
}

fn kubernetes_tag(bundle: &Bundle) -> String {
    let version = bundle.environment.kubernetes_version;
    format!("v{}.{}.0", version.major, version.minor)
}

/// Splits `registry/repository:tag` the way the chart wants it.
fn split(image: &str) -> (&str, &str, &str) {
    let (registry, rest) = match image.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
        _ => ("", image),
    };
    match rest.rsplit_once(':') {
        Some((repository, tag)) => (registry, repository, tag),
        None => (registry, rest, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_split_where_the_chart_joins_it() {
        assert_eq!(
            split("ghcr.io/loft-sh/vcluster-oss:0.36.1"),
            ("ghcr.io", "loft-sh/vcluster-oss", "0.36.1")
        );
        assert_eq!(split("localhost:5000/vc:1"), ("localhost:5000", "vc", "1"));
        assert_eq!(split("library/busybox"), ("", "library/busybox", "latest"));
    }

    #[test]
    fn merging_keeps_what_is_not_named() {
        let mut base = json!({ "a": { "b": 1, "c": [1, 2] }, "d": 1 });
        merge(&mut base, &json!({ "a": { "c": [3] }, "e": null }));
        assert_eq!(base, json!({ "a": { "b": 1, "c": [3] }, "d": 1, "e": null }));
    }
}
