//! One dependency rendered: its objects, and all that is to be said about it.

use bundle::lock::kustomization_files;
use bundle::model::{ChartSource, Dependency, Engine, Source};
use bundle::{Bundle, BundlePath, Code, Diagnostic};
use cluster::{ChartFiles, Helm, HelmError, Kubectl, RenderRequest, Rendered};
use plan::{ChartPlan, Mirror};
use serde_json::Value;

use crate::chart::{Chart, ChartError};
use crate::locking::{Event, Tools};
use crate::losses;
use crate::words::{self, Declared};

/// A dependency that was rendered.
pub(crate) struct Rendering {
    pub(crate) objects: Vec<Value>,
    /// What helm runs beside them, where it installs a release.
    pub(crate) hooks: Vec<Value>,
    /// What it was rendered from, in words.
    pub(crate) source: String,
    /// The digest of the chart's archive, if it is from elsewhere.
    pub(crate) chart: Option<String>,
    /// Whether it would be rendered to the same objects again.
    pub(crate) is_steady: bool,
}

/// What came of a dependency: its objects unless an error is among the problems.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) rendering: Option<Rendering>,
    pub(crate) problems: Vec<Diagnostic>,
    /// Texts of files that do not lie in the bundle as they are, for the lines that are shown.
    pub(crate) shown: Vec<(BundlePath, Vec<u8>)>,
}

impl Outcome {
    fn failed(problem: Diagnostic) -> Self {
        Self {
            problems: vec![problem],
            ..Self::default()
        }
    }
}

/// Renders a dependency; nothing for one that is applied as it is.
pub(crate) async fn render(
    bundle: &Bundle,
    dependency: &Dependency,
    tools: &Tools,
    events: &(dyn Fn(Event) + Sync),
) -> Option<Outcome> {
    match &dependency.source {
        Source::Manifests { .. } => None,
        Source::Kustomize { path } => {
            events(Event::Rendering {
                dependency: dependency.name.to_string(),
            });
            Some(match &tools.kubectl {
                Some(kubectl) => kustomize(bundle, dependency, path, kubectl).await,
                None => Outcome::failed(missing_tool(dependency, "kubectl")),
            })
        }
        Source::Helm { values, engine, .. } => {
            let plan = plan::chart(bundle, dependency)?;
            let declared = Declared {
                at: &dependency.at,
                values,
            };
            Some(match &tools.helm {
                Some(helm) => {
                    let work = ChartWork {
                        bundle,
                        plan: &plan,
                        engine: *engine,
                        declared,
                        helm,
                        mirror: tools.mirror.as_ref(),
                    };
                    work.run(dependency, events).await
                }
                None => Outcome::failed(missing_tool(dependency, "helm")),
            })
        }
    }
}

fn missing_tool(dependency: &Dependency, tool: &str) -> Diagnostic {
    Diagnostic::new(
        Code::NotRendered,
        dependency.at.file.clone(),
        format!("there is no {tool} to render with"),
    )
    .at(dependency.at.span)
    .hint(format!("put {tool} on PATH, or start the sandbox, which has one"))
}

/// Built from a private copy that holds nothing but what a kustomization of the bundle may read.
async fn kustomize(
    bundle: &Bundle,
    dependency: &Dependency,
    path: &BundlePath,
    kubectl: &Kubectl,
) -> Outcome {
    let read = kustomization_files(&bundle.files, path);
    let files = read
        .iter()
        .filter_map(|path| Some((path.as_str(), bundle.files.content(path.as_str()).ok()?.as_ref())));
    let built = match ChartFiles::write(files) {
        Ok(copy) => kubectl
            .kustomize(&copy.path(path.as_str()))
            .await
            .map_err(|error| {
                // Its folder is ours and gone by now.
                let folder = format!("{}/", copy.path("").display());
                error
                    .to_string()
                    .replace(&folder, "")
                    .replace(folder.trim_end_matches('/'), ".")
            }),
        Err(error) => Err(error.to_string()),
    };
    match built {
        Ok(objects) => Outcome {
            rendering: Some(Rendering {
                objects,
                hooks: Vec::new(),
                source: path.to_string(),
                chart: None,
                is_steady: true,
            }),
            ..Outcome::default()
        },
        Err(said) => {
            let own = read.iter().find(|file| file.parent().as_ref() == Some(path));
            let said = said
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default();
            let message = format!(
                "the kustomization cannot be built: {}",
                said.trim_start_matches("error: ")
            );
            let file = own.cloned().unwrap_or_else(|| dependency.at.file.clone());
            Outcome::failed(
                Diagnostic::new(Code::NotRendered, file, message)
                    .hint("correct the kustomization as kustomize says")
                    .related(
                        dependency.at.file.clone(),
                        Some(dependency.at.span),
                        "the dependency it belongs to",
                    ),
            )
        }
    }
}

/// A chart on its way to its objects.
struct ChartWork<'a> {
    bundle: &'a Bundle,
    plan: &'a ChartPlan,
    engine: Engine,
    declared: Declared<'a>,
    helm: &'a Helm,
    mirror: Option<&'a Mirror>,
}

impl ChartWork<'_> {
    async fn run(&self, dependency: &Dependency, events: &(dyn Fn(Event) + Sync)) -> Outcome {
        if let ChartSource::Remote(remote) = &self.plan.chart {
            events(Event::Fetching {
                chart: remote.to_string(),
            });
        }
        let chart = match Chart::load(&self.plan.chart, &self.bundle.files, self.helm, self.mirror).await {
            Ok(chart) => chart,
            Err(ChartError::Fetch(error)) => {
                let name = self.plan.chart.to_string();
                return Outcome::failed(words::fetch(&self.declared, &name, &error));
            }
            Err(ChartError::Broken(reason)) => {
                let message = format!("chart {} cannot be read: {reason}", self.plan.chart);
                return Outcome::failed(self.declared.problem(Code::NotAChart, message));
            }
        };
        events(Event::Rendering {
            dependency: dependency.name.to_string(),
        });
        self.rendered(&chart).await
    }

    async fn rendered(&self, chart: &Chart) -> Outcome {
        // Twice, and not at the same moment: what differs is random, or tells the time.
        let (first, second) = match (self.template(chart).await, self.template(chart).await) {
            (Ok(first), Ok(second)) => (first, second),
            (Err(error), _) | (_, Err(error)) => {
                return Outcome {
                    problems: vec![words::render(&self.declared, chart, &error)],
                    shown: shown(chart),
                    ..Outcome::default()
                };
            }
        };
        // A release loses nothing: helm itself renders it when the task boots. This rendering only shows what it will be.
        let problems = match self.engine {
            Engine::Helm => Vec::new(),
            Engine::Render => self.losses(chart, &first, &second),
        };
        let is_steady = first == second;
        Outcome {
            rendering: Some(Rendering {
                objects: first.objects,
                hooks: first.hooks.into_iter().map(|hook| hook.object).collect(),
                source: self.plan.chart.to_string(),
                chart: chart.digest.clone(),
                is_steady,
            }),
            problems,
            shown: shown(chart),
        }
    }

    fn losses(&self, chart: &Chart, first: &Rendered, second: &Rendered) -> Vec<Diagnostic> {
        let at = self.declared.at;
        let hooks = losses::hooks(chart, &first.hooks, at).into_iter();
        let random = losses::randomness(chart, &first.objects, &second.objects, at);
        hooks.chain(losses::questions(chart)).chain(random).collect()
    }

    async fn template(&self, chart: &Chart) -> Result<Rendered, HelmError> {
        let version = format!("{}.0", self.bundle.environment.kubernetes_version);
        let request = RenderRequest {
            release: &self.plan.release,
            namespace: &self.plan.namespace,
            chart: &chart.reference(),
            values: &self.plan.values,
            kube_version: Some(&version),
            api_versions: &[],
            include_crds: true,
        };
        self.helm.template(&request).await
    }
}

fn shown(chart: &Chart) -> Vec<(BundlePath, Vec<u8>)> {
    let files = chart.files.iter().filter(|_| chart.is_packed);
    files
        .map(|(file, content)| (chart.place(file), content.clone()))
        .collect()
}
