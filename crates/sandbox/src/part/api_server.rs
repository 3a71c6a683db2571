//! The API server, on the control plane's address.

use super::{Authority, Invocation, Site, Tool, etcd, flags, shown};
use crate::addresses::AddressPlan;
use crate::pki::TOKENS;

/// Not a free choice: vCluster's own network policy lets its control plane out to 443, 6443 and 8443 only.
pub(crate) const PORT: u16 = 6443;

/// Who issues service account tokens.
pub(super) const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

pub(super) fn invocation(site: &Site) -> Invocation {
    let addresses = site.state.addresses;
    let mut args = flags([
        ("bind-address", addresses.plane().to_string()),
        ("advertise-address", addresses.plane().to_string()),
        ("secure-port", PORT.to_string()),
        ("service-cluster-ip-range", AddressPlan::services().to_string()),
        ("authorization-mode", "Node,RBAC".into()),
        ("enable-admission-plugins", "NodeRestriction".into()),
        ("allow-privileged", "true".into()),
        ("profiling", "false".into()),
        // Webhooks and aggregated APIs are reached at their pods: this namespace has no Services.
        ("enable-aggregator-routing", "true".into()),
        ("kubelet-preferred-address-types", "InternalIP".into()),
        ("shutdown-delay-duration", "0s".into()),
    ]);
    args.extend(certificates(site));
    Invocation::new(Tool::KubeApiserver, args)
}

fn certificates(site: &Site) -> Vec<String> {
    let cluster = site.authority(Authority::Cluster);
    flags([
        ("client-ca-file", cluster.clone()),
        ("tls-cert-file", site.certificate("api-server")),
        ("tls-private-key-file", site.key("api-server")),
        ("etcd-servers", etcd::CLIENT_URL.into()),
        ("etcd-cafile", site.authority(Authority::Etcd)),
        ("etcd-certfile", site.certificate("api-server-to-etcd")),
        ("etcd-keyfile", site.key("api-server-to-etcd")),
        ("kubelet-certificate-authority", cluster),
        (
            "kubelet-client-certificate",
            site.certificate("api-server-to-kubelets"),
        ),
        ("kubelet-client-key", site.key("api-server-to-kubelets")),
        (
            "requestheader-client-ca-file",
            site.authority(Authority::FrontProxy),
        ),
        ("requestheader-allowed-names", "front-proxy-client".into()),
        ("requestheader-extra-headers-prefix", "X-Remote-Extra-".into()),
        ("requestheader-group-headers", "X-Remote-Group".into()),
        ("requestheader-username-headers", "X-Remote-User".into()),
        ("proxy-client-cert-file", site.certificate("front-proxy")),
        ("proxy-client-key-file", site.key("front-proxy")),
        ("service-account-issuer", ISSUER.into()),
        ("service-account-key-file", shown(&site.pki().public_key(TOKENS))),
        ("service-account-signing-key-file", site.key(TOKENS)),
    ])
}
