//! Charts rendered by the helm program: arguments as a list, folders of its own, and its output read into JSON objects.
//!
//! Nothing is installed: what is rendered is applied by [`apply`](crate::apply) like any other object.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use semver::Version;
use serde_json::{Map, Number, Value};
use tempfile::TempDir;
use tokio::process::Command;

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

/// What a chart renders to, in the order of its documents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rendered {
    /// The objects to apply.
    pub objects: Vec<Value>,
    /// The objects that helm would apply at certain moments only.
    pub hooks: Vec<Hook>,
}

/// An object with the annotation `helm.sh/hook`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    /// When helm would apply it, such as `pre-install` or `test`.
    pub events: Vec<String>,
    /// Its place among the hooks of the same moment.
    pub weight: i64,
    /// The object.
    pub object: Value,
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
    /// It did not end in time.
    #[error("helm did not render {chart} within {seconds} s; is the chart's repository reachable?")]
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
    match request.chart {
        ChartRef::Path(path) => arguments.push(path.into()),
        ChartRef::Repo { repo, name, version } => {
            if repo.starts_with("oci://") {
                arguments.push(format!("{}/{name}", repo.trim_end_matches('/')).into());
            } else {
                arguments.extend([name.into(), "--repo".into(), repo.into()]);
            }
            arguments.extend(["--version".into(), version.into()]);
        }
    }
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

fn chart_name(chart: &ChartRef) -> String {
    match chart {
        ChartRef::Path(path) => format!("the chart {}", path.display()),
        ChartRef::Repo { repo, name, version } => format!("the chart {name} {version} of {repo}"),
    }
}

/// Helm has decoded these documents as YAML 1.1 before, so numbers with a leading zero are octal here, too.
fn read_rendered(text: &str) -> Result<Rendered, String> {
    let options = serde_yaml::options! {
        legacy_octal_numbers: true,
        budget: serde_yaml::budget! {
            max_nodes: 5_000_000,
            max_events: 20_000_000,
            max_documents: 20_000,
            max_total_scalar_bytes: 256 * 1024 * 1024,
        },
    };
    let documents: Vec<Value> =
        serde_yaml::from_multiple_with_options(text, options).map_err(|error| error.to_string())?;
    let mut rendered = Rendered::default();
    for document in documents {
        take(document, &mut rendered)?;
    }
    Ok(rendered)
}

fn take(document: Value, rendered: &mut Rendered) -> Result<(), String> {
    let mut object = match document {
        Value::Null => return Ok(()),
        Value::Object(object) if object.is_empty() => return Ok(()),
        Value::Object(object) => object,
        other => {
            return Err(format!(
                "a document is not a mapping: {}",
                shortened(&other.to_string())
            ));
        }
    };
    let kind = object
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if let Some(item_kind) = kind.strip_suffix("List")
        && let Some(Value::Array(items)) = object.remove("items")
    {
        return items
            .into_iter()
            .try_for_each(|item| take(list_item(item, item_kind, &object), rendered));
    }
    if kind.is_empty() {
        return Err(format!(
            "a document has no kind: {}",
            shortened(&Value::Object(object).to_string())
        ));
    }
    let object = like_go(Value::Object(object));
    match hook_of(&object) {
        Some((events, weight)) => rendered.hooks.push(Hook {
            events,
            weight,
            object,
        }),
        None => rendered.objects.push(object),
    }
    Ok(())
}

/// Items of a typed list, such as `RoleList`, may leave out what the list says already.
fn list_item(mut item: Value, item_kind: &str, list: &Map<String, Value>) -> Value {
    if let Some(item) = item.as_object_mut()
        && !item_kind.is_empty()
    {
        item.entry("kind").or_insert_with(|| item_kind.into());
        item.entry("apiVersion")
            .or_insert_with(|| list.get("apiVersion").cloned().unwrap_or_default());
    }
    item
}

fn hook_of(object: &Value) -> Option<(Vec<String>, i64)> {
    let annotations = object.pointer("/metadata/annotations")?;
    let events = annotations.get("helm.sh/hook")?.as_str()?;
    let weight = annotations.get("helm.sh/hook-weight").and_then(Value::as_str);
    let weight = weight.and_then(|weight| weight.trim().parse().ok()).unwrap_or(0);
    Some((
        events.split(',').map(|event| event.trim().to_owned()).collect(),
        weight,
    ))
}

/// Go writes a whole float such as `1e3` or `5.0` as an integer, and the API server expects that of integer fields.
fn like_go(value: Value) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .map(|(key, value)| (key, like_go(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(like_go).collect(),
        Value::Number(number) => Value::Number(whole(number)),
        other => other,
    }
}

fn whole(number: Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return number;
    };
    if float.fract() != 0.0 || float.abs() > EXACT {
        return number;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
    Number::from(float as i64)
}

fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_read_as_helm_meant_them() {
        let text = r#"
# Source: chart/templates/a.yaml
---
# nothing but a comment
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a, annotations: {quoted: "true", number: "0644", text: 'yes'}}
data: {mode: "0777", on: "on", empty: ""}
spec: {defaultMode: 0644, big: 1_000, yes: no, port: 5.0, ratio: 0.5, hex: 0x10, time: 12:30, nothing: ~}
"#;
        let rendered = read_rendered(text).unwrap();
        assert_eq!(
            rendered.objects,
            [json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "a", "annotations": {"quoted": "true", "number": "0644", "text": "yes"}},
                "data": {"mode": "0777", "on": "on", "empty": ""},
                "spec": {"defaultMode": 420, "big": 1000, "yes": false, "port": 5, "ratio": 0.5, "hex": 16,
                    "time": "12:30", "nothing": null},
            })]
        );
    }

    #[test]
    fn lists_are_flattened_and_hooks_kept_apart() {
        let text = r#"
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: a}}
- {apiVersion: v1, kind: Pod, metadata: {name: t, annotations: {"helm.sh/hook": "test, pre-install", "helm.sh/hook-weight": "-5"}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleList
items:
- {metadata: {name: r}}
"#;
        let rendered = read_rendered(text).unwrap();
        let names: Vec<_> = rendered
            .objects
            .iter()
            .map(|object| (object["kind"].clone(), object["apiVersion"].clone()))
            .collect();
        assert_eq!(
            names,
            [
                (json!("Secret"), json!("v1")),
                (json!("Role"), json!("rbac.authorization.k8s.io/v1"))
            ]
        );
        assert_eq!(rendered.hooks.len(), 1);
        assert_eq!(rendered.hooks[0].events, ["test", "pre-install"]);
        assert_eq!(rendered.hooks[0].weight, -5);
    }

    #[test]
    fn what_is_no_object_is_shown() {
        let error = read_rendered("just text").unwrap_err();
        assert!(error.contains("just text"), "{error}");
    }

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
