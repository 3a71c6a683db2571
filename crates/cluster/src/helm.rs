//! Charts fetched and rendered by the helm program: arguments as a list, folders of its own.
//!
//! What is rendered is applied by [`apply`](crate::apply) like any other object; only a chart that needs its hooks is
//! installed as a release.

mod output;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use semver::Version;
use tempfile::TempDir;
use tokio::process::Command;

pub(crate) use output::read_rendered;
pub use output::{Hook, Rendered};

use crate::credential::tail;
use crate::{environment, timeouts};

/// The oldest helm whose `template` knows all we ask of it.
const OLDEST: Version = Version::new(3, 10, 0);
/// What helm gets of our environment; nothing of the user's own helm.
const PASSED_ON: [&str; 10] = [
    "PATH",
    "HOME",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// A helm program that is known to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helm {
    binary: PathBuf,
    version: Version,
}

/// Where a chart comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChartRef {
    /// A folder or a `.tgz` on disk.
    Path(PathBuf),
    /// A chart in a repository.
    Repo {
        /// The repository's URL; for `oci://` the chart's name is appended.
        repo: String,
        /// The chart's name.
        name: String,
        /// The chart's version.
        version: String,
    },
}

/// What to render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderRequest<'a> {
    /// The name of the release.
    pub release: &'a str,
    /// The namespace that templates see.
    pub namespace: &'a str,
    /// The chart.
    pub chart: &'a ChartRef,
    /// The values files, as YAML or JSON, later ones winning.
    pub values: &'a [String],
    /// The Kubernetes version that templates see, such as `1.36.3`.
    pub kube_version: Option<&'a str>,
    /// Further API versions that templates see, such as `monitoring.coreos.com/v1`.
    pub api_versions: &'a [String],
    /// Whether to give the chart's CRDs, too.
    pub include_crds: bool,
}

/// What to install as a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallRequest<'a> {
    /// The name of the release.
    pub release: &'a str,
    /// Its namespace; created if it is not there.
    pub namespace: &'a str,
    /// The chart.
    pub chart: &'a ChartRef,
    /// The values files, as YAML or JSON, later ones winning.
    pub values: &'a [String],
    /// The way into the cluster. It is a secret.
    pub kubeconfig: &'a str,
    /// How long its hooks may take.
    pub timeout: Duration,
}

/// A chart that could not be rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HelmError {
    /// There is no helm.
    #[error(
        "helm is not found ({looked_for}); install helm 3.10 or newer and put it on PATH, or name its path"
    )]
    NotFound {
        /// Where it was looked for.
        looked_for: String,
    },
    /// It is too old.
    #[error("{} is helm {version}; helm {OLDEST} or newer is needed", binary.display())]
    TooOld {
        /// The program.
        binary: PathBuf,
        /// Its version.
        version: Version,
    },
    /// It does not behave like helm.
    #[error("{} does not answer like helm: {detail}; name the path of a working helm", binary.display())]
    NotHelm {
        /// The program.
        binary: PathBuf,
        /// What came back.
        detail: String,
    },
    /// It could not be run.
    #[error("failed to run helm: {0}; is there room in the folder for temporary files?")]
    Run(#[from] std::io::Error),
    /// It says that the chart cannot be rendered.
    #[error("helm cannot render {chart}: {stderr}")]
    Render {
        /// The chart.
        chart: String,
        /// What it printed.
        stderr: String,
    },
    /// It says that the chart cannot be installed.
    #[error("helm cannot install {chart}: {stderr}")]
    Install {
        /// The chart.
        chart: String,
        /// What it printed.
        stderr: String,
    },
    /// It says that the release cannot be removed.
    #[error("helm cannot remove the release {release}: {stderr}")]
    Uninstall {
        /// The release.
        release: String,
        /// What it printed.
        stderr: String,
    },
    /// It says that the chart cannot be had.
    #[error("helm cannot fetch {chart}: {stderr}")]
    Fetch {
        /// The chart.
        chart: String,
        /// What it printed.
        stderr: String,
    },
    /// It did not end in time.
    #[error("helm was not done with {chart} within {seconds} s; is the chart's repository reachable?")]
    TimedOut {
        /// The chart.
        chart: String,
        /// The deadline.
        seconds: u64,
    },
    /// It rendered something that is not a list of Kubernetes objects.
    #[error("{chart} does not render to Kubernetes objects: {detail}")]
    Output {
        /// The chart.
        chart: String,
        /// What is wrong with it.
        detail: String,
    },
}

impl Helm {
    /// Finds helm (the path given, or the first on `PATH`) and checks its version.
    pub async fn find(path: Option<&Path>) -> Result<Self, HelmError> {
        let binary = match path {
            Some(path) if path.is_file() => path.to_owned(),
            Some(path) => {
                return Err(HelmError::NotFound {
                    looked_for: path.display().to_string(),
                });
            }
            None => environment::find_on_path("helm").ok_or_else(|| HelmError::NotFound {
                looked_for: format!("PATH is {}", environment::path_for_humans()),
            })?,
        };
        let folders = tempfile::tempdir()?;
        let arguments = ["version".into(), "--template".into(), "{{.Version}}".into()];
        let output = command(&binary, &folders)
            .args::<_, String>(arguments)
            .output()
            .await?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let Ok(version) = Version::parse(printed.trim().trim_start_matches('v')) else {
            let detail = if output.stderr.is_empty() {
                printed.trim().into()
            } else {
                tail(&output.stderr)
            };
            return Err(HelmError::NotHelm { binary, detail });
        };
        if version < OLDEST {
            return Err(HelmError::TooOld { binary, version });
        }
        Ok(Self { binary, version })
    }

    /// The program.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Its version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Renders a chart; dropping the future ends helm.
    pub async fn template(&self, request: &RenderRequest<'_>) -> Result<Rendered, HelmError> {
        let folders = tempfile::tempdir()?;
        let values = write_values(folders.path(), request.values).await?;
        let running = command(&self.binary, &folders)
            .args(arguments(request, &values))
            .output();
        let chart = chart_name(request.chart);
        let Ok(output) = tokio::time::timeout(timeouts::HELM_RENDER, running).await else {
            return Err(HelmError::TimedOut {
                chart,
                seconds: timeouts::HELM_RENDER.as_secs(),
            });
        };
        let output = output?;
        if !output.status.success() {
            return Err(HelmError::Render {
                chart,
                stderr: tail(&output.stderr),
            });
        }
        let bad = |detail: String| HelmError::Output {
            chart: chart.clone(),
            detail,
        };
        let text = std::str::from_utf8(&output.stdout).map_err(|error| bad(error.to_string()))?;
        read_rendered(text).map_err(bad)
    }

    /// Installs a chart as a release, or brings the release up to date, and runs its hooks; waits for those and for nothing
    /// else. Dropping the future ends helm.
    pub async fn install(&self, request: &InstallRequest<'_>) -> Result<(), HelmError> {
        let folders = tempfile::tempdir()?;
        let values = write_values(folders.path(), request.values).await?;
        let arguments = install_arguments(request, &values);
        let chart = chart_name(request.chart);
        let failed = |chart, stderr| HelmError::Install { chart, stderr };
        self.change(
            &folders,
            request.kubeconfig,
            arguments,
            request.timeout,
            chart,
            failed,
        )
        .await
    }

    /// Removes a release with its hooks and waits until its objects are gone; one that is not there counts as removed.
    /// Dropping the future ends helm.
    pub async fn uninstall(
        &self,
        release: &str,
        namespace: &str,
        kubeconfig: &str,
        timeout: Duration,
    ) -> Result<(), HelmError> {
        let folders = tempfile::tempdir()?;
        let seconds = format!("{}s", timeout.as_secs());
        let arguments = [
            "uninstall",
            release,
            "--namespace",
            namespace,
            "--wait",
            "--timeout",
            &seconds,
        ];
        let arguments = arguments.iter().map(Into::into).collect();
        let failed = |release, stderr| HelmError::Uninstall { release, stderr };
        let removed = self.change(
            &folders,
            kubeconfig,
            arguments,
            timeout,
            release.to_owned(),
            failed,
        );
        match removed.await {
            Err(HelmError::Uninstall { stderr, .. }) if stderr.contains("release: not found") => Ok(()),
            removed => removed,
        }
    }

    /// Runs helm on a cluster; it keeps its own time, the limit here is for one that does not.
    async fn change(
        &self,
        folders: &TempDir,
        kubeconfig: &str,
        arguments: Vec<std::ffi::OsString>,
        timeout: Duration,
        subject: String,
        failed: impl FnOnce(String, String) -> HelmError,
    ) -> Result<(), HelmError> {
        let file = folders.path().join("kubeconfig");
        write_secret(&file, kubeconfig)?;
        let mut running = command(&self.binary, folders);
        running.env("KUBECONFIG", &file).args(arguments);
        let limit = timeout + timeouts::HELM_RENDER;
        let Ok(output) = tokio::time::timeout(limit, running.output()).await else {
            return Err(HelmError::TimedOut {
                chart: subject,
                seconds: limit.as_secs(),
            });
        };
        let output = output?;
        if output.status.success() {
            return Ok(());
        }
        Err(failed(subject, tail(&output.stderr)))
    }

    /// Fetches a chart and gives its archive; a chart on disk is no such thing. `plain` asks without TLS.
    pub async fn pull(&self, chart: &ChartRef, plain: bool) -> Result<Vec<u8>, HelmError> {
        let folders = tempfile::tempdir()?;
        let target = folders.path().join("pulled");
        tokio::fs::create_dir(&target).await?;
        let mut running = command(&self.binary, &folders);
        running
            .arg("pull")
            .args(location(chart))
            .arg("--destination")
            .arg(&target);
        if plain {
            running.arg("--plain-http");
        }
        let chart = chart_name(chart);
        let Ok(output) = tokio::time::timeout(timeouts::CHART_PULL, running.output()).await else {
            let seconds = timeouts::CHART_PULL.as_secs();
            return Err(HelmError::TimedOut { chart, seconds });
        };
        let output = output?;
        let archive = std::fs::read_dir(&target)?
            .flatten()
            .map(|entry| entry.path())
            .next();
        match archive.filter(|_| output.status.success()) {
            Some(archive) => Ok(tokio::fs::read(archive).await?),
            None => Err(HelmError::Fetch {
                chart,
                stderr: tail(&output.stderr),
            }),
        }
    }
}

/// Helm with folders of its own: no repositories, plugins, registry logins or kubeconfig of the user.
fn command(binary: &Path, folders: &TempDir) -> Command {
    let mut command = Command::new(binary);
    command.env_clear();
    for name in PASSED_ON {
        if let Some(value) = environment::variable(name) {
            command.env(name, value);
        }
    }
    for (name, folder) in [
        ("HELM_CACHE_HOME", "cache"),
        ("HELM_CONFIG_HOME", "config"),
        ("HELM_DATA_HOME", "data"),
        ("KUBECONFIG", "no-kubeconfig"),
    ] {
        command.env(name, folders.path().join(folder));
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn write_values(folder: &Path, values: &[String]) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (index, text) in values.iter().enumerate() {
        let path = folder.join(format!("values-{index}.yaml"));
        tokio::fs::write(&path, text).await?;
        paths.push(path);
    }
    Ok(paths)
}

fn arguments(request: &RenderRequest<'_>, values: &[PathBuf]) -> Vec<std::ffi::OsString> {
    let mut arguments: Vec<std::ffi::OsString> = vec!["template".into(), request.release.into()];
    arguments.extend(location(request.chart));
    arguments.extend(["--namespace".into(), request.namespace.into()]);
    for path in values {
        arguments.extend(["--values".into(), path.into()]);
    }
    if let Some(version) = request.kube_version {
        arguments.extend(["--kube-version".into(), version.into()]);
    }
    for version in request.api_versions {
        arguments.extend(["--api-versions".into(), version.into()]);
    }
    if request.include_crds {
        arguments.push("--include-crds".into());
    }
    arguments
}

fn install_arguments(request: &InstallRequest<'_>, values: &[PathBuf]) -> Vec<std::ffi::OsString> {
    // A release that is there already is brought up to date.
    let mut arguments: Vec<std::ffi::OsString> =
        vec!["upgrade".into(), "--install".into(), request.release.into()];
    arguments.extend(location(request.chart));
    arguments.extend([
        "--namespace".into(),
        request.namespace.into(),
        "--create-namespace".into(),
    ]);
    for path in values {
        arguments.extend(["--values".into(), path.into()]);
    }
    arguments.extend([
        "--timeout".into(),
        format!("{}s", request.timeout.as_secs()).into(),
    ]);
    arguments
}

/// A file that nobody else may read, from its first byte on.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// The arguments that say which chart is meant.
fn location(chart: &ChartRef) -> Vec<std::ffi::OsString> {
    match chart {
        ChartRef::Path(path) => vec![path.into()],
        ChartRef::Repo { repo, name, version } if repo.starts_with("oci://") => {
            let address = format!("{}/{name}", repo.trim_end_matches('/'));
            vec![address.into(), "--version".into(), version.into()]
        }
        ChartRef::Repo { repo, name, version } => vec![
            name.into(),
            "--repo".into(),
            repo.into(),
            "--version".into(),
            version.into(),
        ],
    }
}

fn chart_name(chart: &ChartRef) -> String {
    match chart {
        ChartRef::Path(path) => format!("the chart {}", path.display()),
        ChartRef::Repo { repo, name, version } => format!("the chart {name} {version} of {repo}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_follow_the_kind_of_chart() {
        let line = |chart: &ChartRef| {
            let request = RenderRequest {
                release: "r",
                namespace: "n",
                chart,
                values: &[],
                kube_version: Some("1.36.3"),
                api_versions: &[],
                include_crds: true,
            };
            let arguments = arguments(&request, &["/v".into(), "/w".into()]);
            arguments
                .iter()
                .map(|argument| argument.to_str().unwrap())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let repo = |repo: &str| ChartRef::Repo {
            repo: repo.into(),
            name: "vc".into(),
            version: "1.2.3".into(),
        };
        let rest = "--namespace n --values /v --values /w --kube-version 1.36.3 --include-crds";
        assert_eq!(
            line(&ChartRef::Path("/c".into())),
            format!("template r /c {rest}")
        );
        assert_eq!(
            line(&repo("https://example.org")),
            format!("template r vc --repo https://example.org --version 1.2.3 {rest}")
        );
        assert_eq!(
            line(&repo("oci://example.org/c/")),
            format!("template r oci://example.org/c/vc --version 1.2.3 {rest}")
        );
    }

    #[tokio::test]
    async fn a_missing_helm_says_how_to_get_it() {
        let error = Helm::find(Some(Path::new("/nowhere/helm")))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("/nowhere/helm") && error.contains("install helm 3.10"),
            "{error}"
        );
    }
}
