//! Files taken from the same Go modules as the tools: the vCluster chart and Calico's CRDs.

use std::path::{Path, PathBuf};

use super::go::Go;
use super::{Module, Tool, Toolchain, ToolsError, key};

/// vCluster's own Helm chart, at the version of the vCluster the sandbox serves.
///
/// # Errors
/// When Go cannot fetch the module, or the cache cannot be written.
pub async fn vcluster_chart(toolchain: &Toolchain) -> Result<PathBuf, ToolsError> {
    let version = Tool::Vcluster.version().trim_start_matches('v');
    copy_of(toolchain, &VCLUSTER_CHART, |folder| stamp_chart(folder, version)).await
}

/// The custom resource definitions that Felix and the CNI plugin keep their data in.
///
/// # Errors
/// When Go cannot fetch the module, or the cache cannot be written.
pub async fn calico_crds(toolchain: &Toolchain) -> Result<PathBuf, ToolsError> {
    copy_of(toolchain, &CALICO_CRDS, |_| Ok(())).await
}

struct Wanted {
    name: &'static str,
    module: Module,
    path: &'static str,
    folder: &'static str,
}

const VCLUSTER_CHART: Wanted = Wanted {
    name: "vcluster-chart",
    module: Module::Kubernetes,
    path: "github.com/loft-sh/vcluster",
    folder: "chart",
};
const CALICO_CRDS: Wanted = Wanted {
    name: "calico-crds",
    module: Module::Network,
    path: "github.com/projectcalico/calico",
    folder: "libcalico-go/config/crd",
};

async fn copy_of(
    toolchain: &Toolchain,
    wanted: &Wanted,
    finish: impl Fn(&Path) -> std::io::Result<()>,
) -> Result<PathBuf, ToolsError> {
    let target =
        toolchain
            .cache()
            .join("files")
            .join(format!("{}-{}", wanted.name, key::of_module(wanted.module)));
    if target.is_dir() {
        return Ok(target);
    }
    let failed = |source| ToolsError::Cache {
        path: target.clone(),
        source,
    };
    let module = wanted.module.unpack(toolchain.cache()).map_err(failed)?;
    let source = Go::source_of(&module, wanted.path).await?;
    let partial = target.with_extension(std::process::id().to_string());
    copy_tree(&Path::new(&source).join(wanted.folder), &partial).map_err(failed)?;
    finish(&partial).map_err(failed)?;
    publish(&partial, &target).map_err(failed)?;
    Ok(target)
}

/// The module's chart carries a placeholder version; the one released carries vCluster's.
fn stamp_chart(folder: &Path, version: &str) -> std::io::Result<()> {
    let path = folder.join("Chart.yaml");
    let text = std::fs::read_to_string(&path)?;
    let stamp = |line: &str| {
        if line.starts_with("version:") {
            format!("version: {version}\n")
        } else {
            format!("{line}\n")
        }
    };
    std::fs::write(path, text.lines().map(stamp).collect::<String>())
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
fn publish(partial: &Path, target: &Path) -> std::io::Result<()> {
    match std::fs::rename(partial, target) {
        Err(_) if target.is_dir() => std::fs::remove_dir_all(partial),
        result => result,
    }
}
