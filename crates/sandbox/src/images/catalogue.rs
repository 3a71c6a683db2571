//! The one list of the images a sandbox serves under public names, and what each is made of here.

use std::fmt;

use super::made::{
    busybox, coredns, kubernetes, local_path, metrics_server, nginx, pause, postgres, redis, tty, vcluster,
};
use super::recipe::Recipe;

/// An image of the sandbox's own making.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Image {
    /// A shell and small programs.
    Busybox,
    /// The DNS server.
    Coredns,
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
    /// A cache.
    Redis,
    /// The candidate's seat.
    Tty,
    /// The vCluster itself.
    Vcluster,
}

impl Image {
    /// All of them, small and needed first.
    pub const ALL: [Self; 11] = [
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

    pub(super) fn recipe(self) -> Recipe {
        match self {
            Self::Busybox => busybox::recipe(),
            Self::Coredns => coredns::recipe(),
            Self::Kubernetes => kubernetes::recipe(),
            Self::LocalPathProvisioner => local_path::recipe(),
            Self::MetricsServer => metrics_server::recipe(),
            Self::Nginx => nginx::recipe(),
            Self::Pause => pause::recipe(),
            Self::Postgres => postgres::recipe(),
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
            Self::Coredns => &[
                "docker.io/coredns/coredns:1.14.2",
                "docker.io/coredns/coredns:1.15.0",
            ],
            Self::Kubernetes => &[
                "ghcr.io/loft-sh/kubernetes:v1.36.0",
                "ghcr.io/loft-sh/kubernetes:v1.36.3",
            ],
            Self::LocalPathProvisioner => &["docker.io/rancher/local-path-provisioner:v0.0.30"],
            Self::MetricsServer => &["registry.k8s.io/metrics-server/metrics-server:v0.9.0"],
            Self::Nginx => &["docker.io/library/nginx:1.22"],
            Self::Pause => &["registry.k8s.io/pause:3.10.2", "registry.k8s.io/pause:3.10.1"],
            Self::Postgres => &["docker.io/library/postgres:15"],
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
    /// Which image.
    pub image: Image,
    /// The full names it is served under.
    pub references: &'static [&'static str],
    /// What it is made of, as far as known before it is made: tools with versions, Debian packages by name.
    pub made_of: Vec<String>,
}

/// What the sandbox serves in place of public images, made of what.
pub fn catalogue() -> Vec<Entry> {
    let entry = |image: Image| Entry {
        image,
        references: image.references(),
        made_of: image.recipe().declared_parts(),
    };
    Image::ALL.into_iter().map(entry).collect()
}

/// The registries whose names appear in the catalogue; a node needs a mirror for each.
pub fn registries() -> Vec<&'static str> {
    let all = Image::ALL.into_iter().flat_map(Image::references);
    let mut hosts: Vec<_> = all.filter_map(|name| Some(name.split_once('/')?.0)).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}
