//! The Go modules the tools are built from, embedded so that an installed program needs no checkout.

use std::io;
use std::path::{Path, PathBuf};

use super::key;

/// One folder with a `go.mod`. What stands in one shares its libraries, each compiled once; where dependency graphs clash
/// there is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Module {
    /// cert-manager; not in every sandbox.
    CertManager,
    /// The operator of Elasticsearch; not in every sandbox.
    Eck,
    /// Istio; not in every sandbox.
    Istio,
    /// Kubernetes, vCluster, and all that gets along with their libraries: etcd, kine, containerd, Helm, `CoreDNS`,
    /// registry, storage, metrics.
    Kubernetes,
    /// Calico, which holds to the insides of an older Kubernetes.
    Network,
    /// The program that holds a pod's namespaces, our own.
    Pause,
}

macro_rules! embedded {
    ($folder:literal, $($file:literal),+) => {
        &[$(($file, include_str!(concat!("../../tools/", $folder, "/", $file)))),+]
    };
}

impl Module {
    /// All of them, in the order in which they are built: the longest first, so that sources of the others are there
    /// when it is done.
    pub const ALL: [Self; 6] = [
        Self::Kubernetes,
        Self::Network,
        Self::Pause,
        Self::CertManager,
        Self::Eck,
        Self::Istio,
    ];

    /// Whether it is built only when it is asked for.
    pub(super) const fn is_extra(self) -> bool {
        matches!(self, Self::CertManager | Self::Eck | Self::Istio)
    }

    /// The name of its folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CertManager => "cert-manager",
            Self::Eck => "eck",
            Self::Istio => "istio",
            Self::Kubernetes => "kubernetes",
            Self::Network => "network",
            Self::Pause => "pause",
        }
    }

    /// Its files, by name.
    pub(super) const fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::CertManager => embedded!(
                "cert-manager",
                "go.mod",
                "go.sum",
                "controller/main.go",
                "webhook/main.go",
                "cainjector/main.go"
            ),
            Self::Eck => embedded!("eck", "go.mod", "go.sum"),
            Self::Istio => embedded!("istio", "go.mod", "go.sum"),
            Self::Kubernetes => embedded!(
                "kubernetes",
                "go.mod",
                "go.sum",
                "coredns/main.go",
                "registry/main.go"
            ),
            Self::Network => embedded!("network", "go.mod", "go.sum"),
            Self::Pause => embedded!("pause", "go.mod", "main.go"),
        }
    }

    pub(super) fn go_mod(self) -> &'static str {
        self.files()
            .iter()
            .find(|(name, _)| *name == "go.mod")
            .map_or("", |(_, text)| text)
    }

    /// Writes the module where Go can build it, unless it is there, and returns its folder.
    pub(super) fn unpack(self, cache: &Path) -> io::Result<PathBuf> {
        let folder = cache
            .join("modules")
            .join(format!("{}-{}", self.name(), key::of_module(self)));
        for (name, text) in self.files() {
            let path = folder.join(name);
            if std::fs::read_to_string(&path).is_ok_and(|there| there == *text) {
                continue;
            }
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            let partial = path.with_extension(std::process::id().to_string());
            std::fs::write(&partial, text)?;
            std::fs::rename(partial, path)?;
        }
        Ok(folder)
    }
}
