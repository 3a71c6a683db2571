//! The Go modules the tools are built from, embedded so that an installed program needs no checkout.

use std::io;
use std::path::{Path, PathBuf};

use super::key;

/// One folder with a `go.mod`. Their dependency graphs clash, which is why there is more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Module {
    /// cert-manager; not in every sandbox.
    CertManager,
    /// The operator of Elasticsearch; not in every sandbox.
    Eck,
    /// Istio; not in every sandbox.
    Istio,
    /// Kubernetes and vCluster.
    Kubernetes,
    /// Calico.
    Network,
    /// The program that holds a pod's namespaces, our own.
    Pause,
    /// etcd and containerd.
    Runtime,
    /// Helm, kine, `CoreDNS`, registry, storage, metrics: all that only uses Kubernetes as a client.
    Tools,
}

macro_rules! embedded {
    ($folder:literal, $($file:literal),+) => {
        &[$(($file, include_str!(concat!("../../tools/", $folder, "/", $file)))),+]
    };
}

impl Module {
    /// All of them, in the order in which they are built: the longest first, so that sources of the others are there
    /// when it is done.
    pub const ALL: [Self; 8] = [
        Self::Kubernetes,
        Self::Network,
        Self::Tools,
        Self::Runtime,
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
            Self::Runtime => "runtime",
            Self::Tools => "tools",
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
            Self::Kubernetes => embedded!("kubernetes", "go.mod", "go.sum"),
            Self::Network => embedded!("network", "go.mod", "go.sum"),
            Self::Pause => embedded!("pause", "go.mod", "main.go"),
            Self::Runtime => embedded!("runtime", "go.mod", "go.sum"),
            Self::Tools => embedded!("tools", "go.mod", "go.sum", "coredns/main.go", "registry/main.go"),
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
