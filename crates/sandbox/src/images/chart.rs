//! Helm charts that belong to images of the sandbox: packed from the Go modules the programs come from, the same to the
//! byte every time, and served as OCI artifacts under their public names.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use serde_json::Value;

use super::oci::{Layout, Writer};
use super::{ImagesError, publish};
use crate::tools::{Source, Toolchain, key_of};

/// Raised when charts come out differently without a change in their files.
const SCHEME: &str = "1";
/// What a chart says of itself.
const METADATA: &str = "Chart.yaml";

/// A chart of the sandbox's own packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chart {
    /// cert-manager with its kinds.
    CertManager,
    /// The operator of Elasticsearch with its kinds.
    EckOperator,
    /// The kinds of Istio.
    IstioBase,
    /// The control plane of Istio.
    Istiod,
}

impl Chart {
    /// The full names it is served under.
    pub const fn references(self) -> &'static [&'static str] {
        match self {
            Self::CertManager => &["quay.io/jetstack/charts/cert-manager:v1.21.2"],
            // Elastic publishes it in a repository of the older kind, https://helm.elastic.co: a mirror is asked for such a
            // chart under the name of its server.
            Self::EckOperator => &["helm.elastic.co/eck-operator:3.5.0"],
            Self::IstioBase => &["ghcr.io/istio/release/charts/base:1.31.0"],
            Self::Istiod => &["ghcr.io/istio/release/charts/istiod:1.31.0"],
        }
    }

    /// Where its files come from.
    pub(crate) const fn source(self) -> Source {
        match self {
            Self::CertManager => Source::CertManagerChart,
            Self::EckOperator => Source::EckChart,
            Self::IstioBase => Source::IstioBaseChart,
            Self::Istiod => Source::IstiodChart,
        }
    }
}

/// A chart in the cache, ready to be pushed.
#[derive(Debug, Clone)]
pub struct BuiltChart {
    /// Which one.
    pub chart: Chart,
    pub(super) layout: Layout,
}

/// Packs a chart unless the cache holds it.
///
/// # Errors
/// When its module cannot be had, or the cache cannot be written.
pub(crate) async fn ensure(toolchain: &Toolchain, chart: Chart) -> Result<BuiltChart, ImagesError> {
    let folder = chart.source().fetch(toolchain).await?;
    let key = key_of([SCHEME.as_bytes(), chart.source().key().as_bytes()]);
    let target = toolchain.cache().join("images").join(format!("chart-{key}"));
    if let Some(layout) = Layout::open(&target) {
        return Ok(BuiltChart { chart, layout });
    }
    let path = target.clone();
    let writing = tokio::task::spawn_blocking(move || write(&folder, &target));
    let layout = writing
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(|source| ImagesError::Chart {
            chart: chart.references()[0],
            path,
            source,
        })?;
    Ok(BuiltChart { chart, layout })
}

fn write(folder: &Path, target: &Path) -> io::Result<Layout> {
    let partial = super::partial_path(target);
    std::fs::create_dir_all(&partial)?;
    let layout = partial.join("layout");
    let metadata = metadata(folder)?;
    let name = metadata["name"].as_str().unwrap_or_default().to_owned();
    let mut writer = Writer::create(&layout)?;
    writer.chart(|blob| pack(folder, &name, blob))?;
    writer.finish_chart(&metadata, "")?;
    publish(&layout, target)?;
    std::fs::remove_dir_all(partial)?;
    Layout::open(target).ok_or_else(|| io::Error::other("the chart just written is not complete"))
}

fn metadata(folder: &Path) -> io::Result<Value> {
    let text = std::fs::read_to_string(folder.join(METADATA))?;
    serde_yaml::from_str(&text).map_err(|error| io::Error::other(format!("{METADATA}: {error}")))
}

/// The archive: everything below a folder of the chart's name, what it says of itself first, without times and owners.
pub(super) fn pack(folder: &Path, name: &str, to: &mut dyn Write) -> io::Result<()> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort_by_key(|file| (file != &folder.join(METADATA), file.clone()));
    let mut tar = tar::Builder::new(GzBuilder::new().mtime(0).write(to, Compression::best()));
    for file in files {
        let bytes = std::fs::read(&file)?;
        let place = Path::new(name).join(file.strip_prefix(folder).unwrap_or(&file));
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, place, bytes.as_slice())?;
    }
    tar.into_inner()?.finish()?.flush()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}
