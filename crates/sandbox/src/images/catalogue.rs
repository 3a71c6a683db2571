//! The one list of the images a sandbox serves under public names, always or when asked, and what each is made of here.

use std::fmt;

use super::extra::Extra;
use super::made::{
    busybox, cert_manager, coredns, eck, istio, kubernetes, local_path, metrics_server, nginx, pause,
    postgres, rabbitmq, redis, tty, vcluster,
};
use super::recipe::Recipe;
use crate::tools::Tool;

/// An image of the sandbox's own making.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Image {
    /// A shell and small programs.
    Busybox,
    /// Puts certificate authorities where the API server looks for them.
    CertManagerCainjector,
    /// Issues certificates.
    CertManagerController,
    /// Checks what cert-manager is asked for.
    CertManagerWebhook,
    /// The DNS server.
    Coredns,
    /// The operator of Elasticsearch.
    EckOperator,
    /// The control plane of Istio.
    IstioPilot,
    /// The proxy of Istio.
    IstioProxy,
    /// The Kubernetes programs that a vCluster's pod copies.
    Kubernetes,
    /// The default storage class.
    LocalPathProvisioner,
    /// The metrics API.
    MetricsServer,
    /// A web server.
    Nginx,
    /// What holds a pod's namespaces.
    Pause,
    /// A database.
    Postgres,
    /// A message broker.
    Rabbitmq,
    /// A cache.
    Redis,
    /// The candidate's seat.
    Tty,
    /// The vCluster itself.
    Vcluster,
}

impl Image {
    /// Those that every sandbox serves, small and needed first; the others belong to an [`Extra`].
    pub const ALWAYS: [Self; 11] = [
        Self::Pause,
        Self::Coredns,
        Self::LocalPathProvisioner,
        Self::MetricsServer,
        Self::Busybox,
        Self::Kubernetes,
        Self::Vcluster,
        Self::Tty,
        Self::Postgres,
        Self::Redis,
        Self::Nginx,
    ];

    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        let extras = Extra::ALL.into_iter().flat_map(Extra::images).copied();
        Self::ALWAYS.into_iter().chain(extras)
    }

    pub(super) fn recipe(self) -> Recipe {
        match self {
            Self::Busybox => busybox::recipe(),
            Self::CertManagerCainjector => cert_manager::recipe(Tool::CertManagerCainjector),
            Self::CertManagerController => cert_manager::recipe(Tool::CertManagerController),
            Self::CertManagerWebhook => cert_manager::recipe(Tool::CertManagerWebhook),
            Self::Coredns => coredns::recipe(),
            Self::EckOperator => eck::recipe(),
            Self::IstioPilot => istio::pilot(),
            Self::IstioProxy => istio::proxy(),
            Self::Kubernetes => kubernetes::recipe(),
            Self::LocalPathProvisioner => local_path::recipe(),
            Self::MetricsServer => metrics_server::recipe(),
            Self::Nginx => nginx::recipe(),
            Self::Pause => pause::recipe(),
            Self::Postgres => postgres::recipe(),
            Self::Rabbitmq => rabbitmq::recipe(),
            Self::Redis => redis::recipe(),
            Self::Tty => tty::recipe(),
            Self::Vcluster => vcluster::recipe(),
        }
    }

    /// The full names it is served under, the usual one first.
    pub fn references(self) -> &'static [&'static str] {
        match self {
            Self::Busybox => &[
                "docker.io/library/busybox:1.36",
                "docker.io/library/busybox:latest",
                "docker.io/library/alpine:3.20",
                "mirror.gcr.io/library/alpine:3.20",
            ],
            Self::CertManagerCainjector => &["quay.io/jetstack/cert-manager-cainjector:v1.21.2"],
            Self::CertManagerController => &["quay.io/jetstack/cert-manager-controller:v1.21.2"],
            Self::CertManagerWebhook => &["quay.io/jetstack/cert-manager-webhook:v1.21.2"],
            Self::Coredns => &[
                "docker.io/coredns/coredns:1.14.2",
                "docker.io/coredns/coredns:1.15.0",
            ],
            Self::EckOperator => &["docker.elastic.co/eck/eck-operator:3.5.0"],
            Self::IstioPilot => &["docker.io/istio/pilot:1.31.0"],
            Self::IstioProxy => &["docker.io/istio/proxyv2:1.31.0"],
            Self::Kubernetes => &[
                "ghcr.io/loft-sh/kubernetes:v1.36.0",
                "ghcr.io/loft-sh/kubernetes:v1.36.3",
            ],
            Self::LocalPathProvisioner => &["docker.io/rancher/local-path-provisioner:v0.0.30"],
            Self::MetricsServer => &["registry.k8s.io/metrics-server/metrics-server:v0.9.0"],
            Self::Nginx => &["docker.io/library/nginx:1.22"],
            Self::Pause => &["registry.k8s.io/pause:3.10.2", "registry.k8s.io/pause:3.10.1"],
            Self::Postgres => &["docker.io/library/postgres:15"],
            Self::Rabbitmq => &[
                "docker.io/library/rabbitmq:3.10-management",
                "docker.io/library/rabbitmq:3.10",
            ],
            Self::Redis => &["docker.io/library/redis:7"],
            Self::Tty => &["registry.taskwright.dev/tty:0.1.0"],
            Self::Vcluster => &["ghcr.io/loft-sh/vcluster-oss:0.36.1"],
        }
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.references()[0];
        f.write_str(
            name.strip_prefix("docker.io/library/")
                .or(name.strip_prefix("docker.io/"))
                .unwrap_or(name),
        )
    }
}

/// One line of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The full names it is served under.
    pub references: &'static [&'static str],
    /// What it is made of, as far as known before it is made: tools with versions, Debian packages by name.
    pub made_of: Vec<String>,
    /// What has to be added for it to be served; nothing for what every sandbox serves.
    pub extra: Option<Extra>,
}

/// What the sandbox serves in place of public images and charts, made of what.
pub fn catalogue() -> Vec<Entry> {
    let image = |image: Image, extra| Entry {
        references: image.references(),
        made_of: image.recipe().declared_parts(),
        extra,
    };
    let mut entries: Vec<_> = Image::ALWAYS.into_iter().map(|one| image(one, None)).collect();
    for extra in Extra::ALL {
        entries.extend(extra.images().iter().map(|one| image(*one, Some(extra))));
        entries.extend(extra.charts().iter().map(|chart| Entry {
            references: chart.references(),
            made_of: vec![format!("the chart of {}", chart.source().path())],
            extra: Some(extra),
        }));
    }
    entries
}

/// The registries whose names appear in the catalogue; a node needs a mirror for each.
pub fn registries() -> Vec<&'static str> {
    let all = Image::all().flat_map(Image::references);
    let mut hosts: Vec<_> = all.filter_map(|name| Some(name.split_once('/')?.0)).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}
