//! What runs in the cluster itself, as manifests: definitions for Calico, policies, DNS, storage, metrics.
//! Rendering is pure but for certificates, which are passed in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::addresses::AddressPlan;
use crate::error::SandboxError;
use crate::images::Image;
use crate::layout::Layout;
use crate::pki::{Authority, Pki};
use crate::state::State;
use crate::tools::Tool;

/// A group of objects that stand or fall together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Addon {
    /// The kinds that Calico reads.
    CalicoKinds,
    /// Calico's settings and rights.
    Calico,
    /// What pods may not reach.
    Isolation,
    /// Names.
    Dns,
    /// The default storage class.
    Storage,
    /// The metrics API.
    Metrics,
}

impl Addon {
    /// What the nodes need before their first pod.
    pub const FIRST: [Self; 3] = [Self::CalicoKinds, Self::Calico, Self::Isolation];
    /// What consists of pods, and so needs images.
    pub const PODS: [Self; 3] = [Self::Dns, Self::Storage, Self::Metrics];

    /// The deployment that has to be available for the addon to work, as namespace and name.
    pub fn deployment(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::CalicoKinds | Self::Calico | Self::Isolation => None,
            Self::Dns => Some(("kube-system", "coredns")),
            Self::Storage => Some(("local-path-storage", "local-path-provisioner")),
            Self::Metrics => Some(("kube-system", "metrics-server")),
        }
    }

    /// The API it adds to the server, which has to reach it there.
    pub fn api_service(self) -> Option<&'static str> {
        (self == Self::Metrics).then_some("v1beta1.metrics.k8s.io")
    }

    fn template(self) -> &'static str {
        match self {
            Self::CalicoKinds => "",
            Self::Calico => include_str!("../manifests/calico.yaml"),
            Self::Isolation => include_str!("../manifests/isolation.yaml"),
            Self::Dns => include_str!("../manifests/dns.yaml"),
            Self::Storage => include_str!("../manifests/storage.yaml"),
            Self::Metrics => include_str!("../manifests/metrics.yaml"),
        }
    }

    /// Its objects.
    pub fn objects(self, values: &Values) -> Result<Vec<Value>, SandboxError> {
        if self == Self::CalicoKinds {
            return Ok(CALICO_KINDS.iter().map(definition).collect());
        }
        serde_yaml::from_multiple(&values.fill(self.template())).map_err(|error| SandboxError::Apply {
            object: format!("{self:?}"),
            reason: error.to_string(),
        })
    }
}

/// What the manifests leave open.
#[derive(Debug, Clone)]
pub struct Values(BTreeMap<&'static str, String>);

impl Values {
    /// The values of one sandbox.
    pub fn of(layout: &Layout, state: &State) -> Result<Self, SandboxError> {
        let pki = Pki::of(layout);
        let encoded = |path: PathBuf| Pki::text(&path).map(|text| STANDARD.encode(text));
        let mut values = Self::without_certificates(layout, state);
        values.0.extend([
            ("cluster-ca", encoded(pki.certificate(Authority::Cluster.name()))?),
            ("metrics-certificate", encoded(pki.certificate("metrics-server"))?),
            ("metrics-key", encoded(pki.key("metrics-server"))?),
        ]);
        Ok(values)
    }

    fn without_certificates(layout: &Layout, state: &State) -> Self {
        let addresses = state.addresses;
        let image = |image: Image| image.references().first().copied().unwrap_or_default().to_owned();
        Self(BTreeMap::from([
            ("calico", Tool::CalicoFelix.version().to_owned()),
            ("pods", addresses.pods().to_string()),
            ("nodes", addresses.nodes().to_string()),
            ("plane", addresses.plane().to_string()),
            ("dns", AddressPlan::dns().to_string()),
            ("volumes", layout.volumes().display().to_string()),
            ("beyond", beyond(state)),
            ("image-coredns", image(Image::Coredns)),
            ("image-busybox", image(Image::Busybox)),
            ("image-local-path", image(Image::LocalPathProvisioner)),
            ("image-metrics-server", image(Image::MetricsServer)),
        ]))
    }

    fn fill(&self, template: &str) -> String {
        self.0.iter().fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        })
    }
}

/// What the DNS server does with names outside the cluster. In a closed sandbox there are none, and saying so at
/// once is better than a program that waits for an answer.
fn beyond(state: &State) -> String {
    if state.egress {
        "forward . /etc/resolv.conf"
    } else {
        "template ANY ANY { rcode NXDOMAIN }"
    }
    .to_owned()
}

/// A kind of Calico: its name, its plural, whether it lives in namespaces.
type CalicoKind = (&'static str, &'static str, &'static str);

/// The kinds Felix and the network plugin read and write. Their fields are Calico's business: it checks them
/// itself, and full definitions would cost the API server more time at start than everything else together.
const CALICO_KINDS: [CalicoKind; 24] = [
    ("BGPConfiguration", "bgpconfigurations", "Cluster"),
    ("BGPFilter", "bgpfilters", "Cluster"),
    ("BGPPeer", "bgppeers", "Cluster"),
    ("BlockAffinity", "blockaffinities", "Cluster"),
    ("CalicoNodeStatus", "caliconodestatuses", "Cluster"),
    ("ClusterInformation", "clusterinformations", "Cluster"),
    ("FelixConfiguration", "felixconfigurations", "Cluster"),
    ("GlobalNetworkPolicy", "globalnetworkpolicies", "Cluster"),
    ("GlobalNetworkSet", "globalnetworksets", "Cluster"),
    ("HostEndpoint", "hostendpoints", "Cluster"),
    ("IPAMBlock", "ipamblocks", "Cluster"),
    ("IPAMConfig", "ipamconfigs", "Cluster"),
    ("IPAMHandle", "ipamhandles", "Cluster"),
    ("IPPool", "ippools", "Cluster"),
    ("IPReservation", "ipreservations", "Cluster"),
    (
        "KubeControllersConfiguration",
        "kubecontrollersconfigurations",
        "Cluster",
    ),
    ("NetworkPolicy", "networkpolicies", "Namespaced"),
    ("NetworkSet", "networksets", "Namespaced"),
    (
        "StagedGlobalNetworkPolicy",
        "stagedglobalnetworkpolicies",
        "Cluster",
    ),
    (
        "StagedKubernetesNetworkPolicy",
        "stagedkubernetesnetworkpolicies",
        "Namespaced",
    ),
    ("StagedNetworkPolicy", "stagednetworkpolicies", "Namespaced"),
    ("Tier", "tiers", "Cluster"),
    ("AdminNetworkPolicy", "adminnetworkpolicies", "Cluster"),
    (
        "BaselineAdminNetworkPolicy",
        "baselineadminnetworkpolicies",
        "Cluster",
    ),
];

fn definition((kind, plural, scope): &CalicoKind) -> Value {
    let (group, version) = if kind.ends_with("AdminNetworkPolicy") {
        ("policy.networking.k8s.io", "v1alpha1")
    } else {
        ("crd.projectcalico.org", "v1")
    };
    // Groups of Kubernetes itself ask who approved of a definition.
    let annotations = json!({"api-approved.kubernetes.io": "unapproved, for a sandbox"});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}"), "annotations": annotations},
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"kind": kind, "listKind": format!("{kind}List"), "plural": plural, "singular": kind.to_lowercase()},
            "versions": [{
                "name": version,
                "served": true,
                "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
            }],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addresses::AddressPlan;

    fn values() -> Values {
        let state = State::new(AddressPlan::free_of(&[]).unwrap());
        let mut values = Values::without_certificates(&Layout::default(), &state);
        values.0.extend(
            ["cluster-ca", "metrics-certificate", "metrics-key"].map(|name| (name, "QUJD".to_owned())),
        );
        values
    }

    #[test]
    fn every_manifest_is_whole() {
        for addon in Addon::FIRST.into_iter().chain(Addon::PODS) {
            let filled = values().fill(addon.template());
            assert!(!filled.contains("{{"), "{addon:?}: {filled}");
            for object in addon.objects(&values()).unwrap() {
                for field in ["/apiVersion", "/kind", "/metadata/name"] {
                    assert!(
                        object.pointer(field).is_some_and(Value::is_string),
                        "{addon:?} {field} {object}"
                    );
                }
            }
        }
    }

    #[test]
    fn candidates_are_kept_from_nodes() {
        let objects = Addon::Isolation.objects(&values()).unwrap();
        insta::assert_json_snapshot!(objects);
    }
}
