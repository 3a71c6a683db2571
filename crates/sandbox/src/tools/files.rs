//! Files taken from the same Go modules as the tools: charts, and Calico's CRDs.

use std::path::{Path, PathBuf};

use super::go::Go;
use super::{Module, Tool, Toolchain, ToolsError, key};

/// vCluster's own Helm chart, at the version of the vCluster the sandbox serves.
///
/// # Errors
/// When Go cannot fetch the module, or the cache cannot be written.
pub async fn vcluster_chart(toolchain: &Toolchain) -> Result<PathBuf, ToolsError> {
    Source::VclusterChart.fetch(toolchain).await
}

/// The custom resource definitions that Felix and the CNI plugin keep their data in.
///
/// # Errors
/// When Go cannot fetch the module, or the cache cannot be written.
pub async fn calico_crds(toolchain: &Toolchain) -> Result<PathBuf, ToolsError> {
    Source::CalicoCrds.fetch(toolchain).await
}

/// Raised when something else is made of the same files.
const SCHEME: &str = "2";
/// Where a chart says its own version and that of its program.
const CHART_VERSIONS: [&str; 2] = ["version", "appVersion"];

/// A folder of a Go module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// vCluster's chart.
    VclusterChart,
    /// Calico's kinds.
    CalicoCrds,
    /// cert-manager's chart.
    CertManagerChart,
    /// The chart of the operator of Elasticsearch.
    EckChart,
    /// The chart with the kinds of Istio.
    IstioBaseChart,
    /// The chart of the control plane of Istio.
    IstiodChart,
    /// What the proxy of Istio is started with.
    IstioBootstrap,
}

impl Source {
    /// Where it is in Go's world: the module's path and the folder below it.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::VclusterChart => "github.com/loft-sh/vcluster/chart",
            Self::CalicoCrds => "github.com/projectcalico/calico/libcalico-go/config/crd",
            Self::CertManagerChart => "github.com/cert-manager/cert-manager/deploy/charts/cert-manager",
            Self::EckChart => "github.com/elastic/cloud-on-k8s/v3/deploy/eck-operator",
            Self::IstioBaseChart => "istio.io/istio/manifests/charts/base",
            Self::IstiodChart => "istio.io/istio/manifests/charts/istio-control/istio-discovery",
            Self::IstioBootstrap => "istio.io/istio/tools/packaging/common",
        }
    }

    /// Changes whenever its content may.
    pub(crate) fn key(self) -> String {
        let module = key::of_module(self.module());
        key::of([SCHEME, self.path(), &module].map(str::as_bytes))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::VclusterChart => "vcluster-chart",
            Self::CalicoCrds => "calico-crds",
            Self::CertManagerChart => "cert-manager-chart",
            Self::EckChart => "eck-chart",
            Self::IstioBaseChart => "istio-base-chart",
            Self::IstiodChart => "istiod-chart",
            Self::IstioBootstrap => "istio-bootstrap",
        }
    }

    const fn module(self) -> Module {
        match self {
            Self::VclusterChart => Module::Kubernetes,
            Self::CalicoCrds => Module::Network,
            Self::CertManagerChart => Module::CertManager,
            Self::EckChart => Module::Eck,
            Self::IstioBaseChart | Self::IstiodChart | Self::IstioBootstrap => Module::Istio,
        }
    }

    /// The path of the module it lies in.
    const fn module_path(self) -> &'static str {
        match self {
            Self::VclusterChart => "github.com/loft-sh/vcluster",
            Self::CalicoCrds => "github.com/projectcalico/calico",
            Self::CertManagerChart => "github.com/cert-manager/cert-manager",
            Self::EckChart => "github.com/elastic/cloud-on-k8s/v3",
            Self::IstioBaseChart | Self::IstiodChart | Self::IstioBootstrap => "istio.io/istio",
        }
    }

    /// Makes of the module's files what a release would hold.
    fn finish(self, folder: &Path) -> std::io::Result<()> {
        match self {
            Self::VclusterChart => stamp(
                folder,
                &["version"],
                Tool::Vcluster.version().trim_start_matches('v'),
            ),
            Self::CalicoCrds | Self::IstioBootstrap => Ok(()),
            // Its .helmignore leaves them out of an archive; nobody heeds that file when an archive is read.
            Self::EckChart => std::fs::remove_dir_all(folder.join("templates/tests")),
            Self::CertManagerChart => stamp(folder, &CHART_VERSIONS, Tool::CertManagerController.version()),
            Self::IstioBaseChart => stamp(folder, &CHART_VERSIONS, Tool::PilotDiscovery.version()),
            Self::IstiodChart => {
                let version = Tool::PilotDiscovery.version();
                stamp(folder, &CHART_VERSIONS, version)?;
                let tag = format!("tag: {version}");
                replace(
                    &folder.join("values.yaml"),
                    &[
                        ("hub: registry.istio.io/testing", "hub: docker.io/istio"),
                        ("tag: latest", &tag),
                    ],
                )
            }
        }
    }

    /// A copy of it in the cache.
    ///
    /// # Errors
    /// When Go cannot fetch the module, or the cache cannot be written.
    pub(crate) async fn fetch(self, toolchain: &Toolchain) -> Result<PathBuf, ToolsError> {
        let name = format!("{}-{}", self.name(), self.key());
        let target = toolchain.cache().join("files").join(name);
        if target.is_dir() {
            return Ok(target);
        }
        let failed = |source| ToolsError::Cache {
            path: target.clone(),
            source,
        };
        let module = self.module().unpack(toolchain.cache()).map_err(failed)?;
        let source = Go::source_of(&module, self.module_path()).await?;
        let below = self
            .path()
            .trim_start_matches(self.module_path())
            .trim_start_matches('/');
        let partial = target.with_extension(std::process::id().to_string());
        copy_tree(&Path::new(&source).join(below), &partial).map_err(failed)?;
        self.finish(&partial).map_err(failed)?;
        publish(&partial, &target).map_err(failed)?;
        Ok(target)
    }
}

/// The module's chart carries a placeholder version; the one released carries its program's.
fn stamp(folder: &Path, keys: &[&str], version: &str) -> std::io::Result<()> {
    let path = folder.join("Chart.yaml");
    let text = std::fs::read_to_string(&path)?;
    let stamp = |line: &str| match line.split_once(':') {
        Some((key, _)) if keys.contains(&key) => format!("{key}: {version}\n"),
        _ => format!("{line}\n"),
    };
    std::fs::write(path, text.lines().map(stamp).collect::<String>())
}

/// Puts what a release says in the place of what only builds on the way to it say.
fn replace(path: &Path, changes: &[(&str, &str)]) -> std::io::Result<()> {
    let mut text = std::fs::read_to_string(path)?;
    for (before, after) in changes {
        if text.matches(before).count() != 1 {
            let message = format!("{} does not say `{before}` once", path.display());
            return Err(std::io::Error::other(message));
        }
        text = text.replace(before, after);
    }
    std::fs::write(path, text)
}

/// Plain files and folders only, writable: Go's module cache is read-only.
fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            std::fs::write(target, std::fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// Another run that was faster is as good.
pub(super) fn publish(partial: &Path, target: &Path) -> std::io::Result<()> {
    match std::fs::rename(partial, target) {
        Err(_) if target.is_dir() => std::fs::remove_dir_all(partial),
        result => result,
    }
}
