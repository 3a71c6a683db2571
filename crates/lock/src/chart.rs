//! A chart at hand: its files, where they are shown to lie, and a private copy for helm.

use bundle::model::{ChartSource, RemoteChart};
use bundle::{BundleFiles, BundlePath};
use cluster::{ChartFiles, ChartRef, Helm, HelmError};
use plan::Mirror;

use crate::archive::{self, Files};

/// A chart whose files are known.
pub(crate) struct Chart {
    /// Where its files are shown to lie: a folder of the bundle, or the name of an archive.
    pub(crate) root: BundlePath,
    /// Its files, by their paths in it.
    pub(crate) files: Files,
    /// The digest of its archive, if it is from elsewhere.
    pub(crate) digest: Option<String>,
    /// Whether its files do not lie in the bundle as they are.
    pub(crate) is_packed: bool,
    copy: ChartFiles,
    inside: String,
}

/// Why a chart is not at hand.
pub(crate) enum ChartError {
    /// It cannot be fetched.
    Fetch(HelmError),
    /// It is no chart, or cannot be copied.
    Broken(String),
}

impl Chart {
    /// Reads a chart of the bundle, or fetches it: from the mirror if that has it, else from where it says.
    pub(crate) async fn load(
        source: &ChartSource,
        files: &BundleFiles,
        helm: &Helm,
        mirror: Option<&Mirror>,
    ) -> Result<Self, ChartError> {
        match source {
            ChartSource::Bundle(path) if files.has_folder(path.as_str()) => Self::of_folder(path, files),
            ChartSource::Bundle(path) => {
                let archive = files
                    .content(path.as_str())
                    .map(|content| content.to_vec())
                    .unwrap_or_default();
                Self::of_archive(path.clone(), &archive, false)
            }
            ChartSource::Remote(remote) => {
                let archive = fetch(remote, helm, mirror).await.map_err(ChartError::Fetch)?;
                let name = BundlePath::lossy(&format!("{}-{}.tgz", remote.name, remote.version));
                Self::of_archive(name, &archive, true)
            }
        }
    }

    fn of_folder(path: &BundlePath, files: &BundleFiles) -> Result<Self, ChartError> {
        let found = plan::chart_files(files, path.as_str());
        let copy = ChartFiles::write(found.iter().copied())?;
        let own = found.iter().filter_map(|(file, content)| {
            Some((file.strip_prefix(path.as_str())?.strip_prefix('/')?, *content))
        });
        Ok(Self {
            root: path.clone(),
            files: own
                .map(|(file, content)| (file.to_owned(), content.to_vec()))
                .collect(),
            digest: None,
            is_packed: false,
            copy,
            inside: path.to_string(),
        })
    }

    fn of_archive(root: BundlePath, archive: &[u8], is_remote: bool) -> Result<Self, ChartError> {
        let files = archive::unpack(archive).map_err(ChartError::Broken)?;
        let inside = "chart.tgz".to_owned();
        let copy = ChartFiles::write([(inside.as_str(), archive)])?;
        Ok(Self {
            root,
            files,
            digest: is_remote.then(|| bundle::lock::digest(archive)),
            is_packed: true,
            copy,
            inside,
        })
    }

    /// The private copy.
    pub(crate) fn reference(&self) -> ChartRef {
        ChartRef::Path(self.copy.path(&self.inside))
    }

    /// Where a file is shown to lie that helm names with the chart's own name before it.
    pub(crate) fn shown(&self, template: &str) -> Option<BundlePath> {
        let (_, inside) = template.split_once('/')?;
        self.files.contains_key(inside).then(|| self.place(inside))
    }

    /// Where one of its files is shown to lie.
    pub(crate) fn place(&self, inside: &str) -> BundlePath {
        BundlePath::lossy(&format!("{}/{inside}", self.root))
    }

    /// The text of a file as helm names it.
    pub(crate) fn text(&self, template: &str) -> Option<&str> {
        let (_, inside) = template.split_once('/')?;
        std::str::from_utf8(self.files.get(inside)?).ok()
    }
}

impl From<std::io::Error> for ChartError {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

async fn fetch(remote: &RemoteChart, helm: &Helm, mirror: Option<&Mirror>) -> Result<Vec<u8>, HelmError> {
    let of = |repo: String| ChartRef::Repo {
        repo,
        name: remote.name.to_string(),
        version: remote.version.to_string(),
    };
    let own = of(remote.repository.to_string());
    let Some(mirror) = mirror else {
        return helm.pull(&own, false).await;
    };
    // As nodes do: what the mirror does not have is asked where its name says.
    let mirrored = of(mirror.repository(&remote.repository));
    match helm.pull(&mirrored, mirror.is_plain()).await {
        Ok(archive) => Ok(archive),
        Err(refused) => helm
            .pull(&own, false)
            .await
            .map_err(|error| both(error, &refused)),
    }
}

/// What both said: the mirror may be the one that was meant.
fn both(error: HelmError, mirror: &HelmError) -> HelmError {
    match (error, mirror) {
        (HelmError::Fetch { chart, stderr }, HelmError::Fetch { stderr: said, .. }) => HelmError::Fetch {
            chart,
            stderr: format!(
                "{}; the mirror said: {}",
                stderr.trim_end(),
                said.trim().trim_start_matches("Error:").trim()
            ),
        },
        (error, _) => error,
    }
}
