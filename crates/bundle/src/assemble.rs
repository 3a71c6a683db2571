//! From a draft without errors to the [`Bundle`]: defaults filled in, files put where they belong.
//!
//! Every step can say "not there", but none does once all rules have passed.

mod check;
mod gate;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::context::Context;
use crate::draft::{
    At, ChartName, CheckDraft, DependencyDraft, Entries, EnvValue, EnvironmentDraft, HelmDraft, InitDraft,
    InitTarget, ResourcesDraft, SolutionDraft, TtyDraft,
};
use crate::files::{BundleFiles, Content, Entry};
use crate::model::{
    Bundle, ChartSource, Check, Dependency, Engine, Environment, Hint, HomeFile, InitStep, Initially,
    Isolation, KubernetesVersion, Location, ManifestFile, PodSecurity, RemoteChart, Resources, Role,
    Solution, Source, Target, Tty,
};
use crate::name::{AbsolutePath, ClusterRoleName, EnvName, Name, NamespaceName, ReleaseName, UserName};
use crate::path::BundlePath;
use crate::quantity::Quantity;

pub(crate) const BOOT_BUDGET: Duration = Duration::from_mins(5);
const INIT_TIMEOUT: Duration = Duration::from_mins(2);
const CHECK_TIMEOUT: Duration = Duration::from_secs(20);
const KUBERNETES: KubernetesVersion = KubernetesVersion { major: 1, minor: 36 };

/// Puts the bundle together.
pub(crate) fn assemble(context: &Context<'_>) -> Option<Bundle> {
    let spec = context.spec();
    let metadata = &context.draft.metadata.as_ref()?.value;
    let labels = metadata.labels.iter().flat_map(|labels| &labels.value);
    let checks = spec.checks.iter().flat_map(|list| &list.value);
    let solutions = spec.solutions.iter().flat_map(|list| &list.value);
    Some(Bundle {
        name: value(metadata.name.as_ref())?,
        labels: labels
            .map(|(key, value)| (key.value.clone(), value.value.clone()))
            .collect(),
        title: spec.title.as_ref()?.value.0.clone(),
        difficulty: value(spec.difficulty.as_ref())?,
        time_limit: value(spec.time_limit.as_ref())?,
        environment: environment(spec.environment.as_ref().map(|environment| &environment.value))?,
        vcluster_values: context.vcluster.clone(),
        dependencies: context
            .dependencies()
            .map(|draft| dependency(context, draft))
            .collect::<Option<_>>()?,
        init: init(context)?,
        tty: tty(context, spec.tty.as_ref().map(|tty| &tty.value))?,
        checks: checks
            .map(|draft| check(context, &draft.value))
            .collect::<Option<_>>()?,
        solutions: solutions
            .map(|draft| solution(context, &draft.value))
            .collect::<Option<_>>()?,
        statement: text(context.files, "statement.md")?,
        hints: hints(context.files),
        lock: context.lock.clone(),
        files: context.files.clone(),
    })
}

fn environment(draft: Option<&EnvironmentDraft>) -> Option<Environment> {
    let draft = draft.cloned().unwrap_or_default();
    let egress = draft.egress.and_then(|egress| egress.value.allow);
    Some(Environment {
        isolation: value(draft.isolation.as_ref()).unwrap_or(Isolation::Vcluster),
        kubernetes_version: value(draft.kubernetes_version.as_ref()).unwrap_or(KUBERNETES),
        resources: resources(
            draft
                .resources
                .map(|resources| resources.value)
                .unwrap_or_default(),
        )?,
        pod_security: value(draft.pod_security.as_ref()).unwrap_or(PodSecurity::Baseline),
        egress: values(egress.as_ref()),
        boot_budget: value(draft.boot_budget.as_ref()).unwrap_or(BOOT_BUDGET),
    })
}

fn resources(draft: ResourcesDraft) -> Option<Resources> {
    let quantity = |draft: Option<At<Quantity>>, default| {
        draft
            .map(|quantity| quantity.value)
            .or_else(|| Quantity::new(default).ok())
    };
    Some(Resources {
        cpu: quantity(draft.cpu, "2")?,
        memory: quantity(draft.memory, "4Gi")?,
        pods: draft.pods.map_or(30, |pods| pods.value.0),
        storage: quantity(draft.storage, "5Gi")?,
    })
}

fn dependency(context: &Context<'_>, draft: &DependencyDraft) -> Option<Dependency> {
    let gates = draft.ready.iter().flat_map(|list| &list.value);
    let preset = value(draft.preset.as_ref());
    let mut ready = preset.map(|preset| preset.recipe().ready).unwrap_or_default();
    for draft in gates {
        ready.push(gate::gate(context, &draft.value)?);
    }
    let role = preset.map_or(Role::Service, |_| Role::Controller);
    Some(Dependency {
        name: value(draft.name.as_ref())?,
        role: value(draft.role.as_ref()).unwrap_or(role),
        source: source(context, draft)?,
        needs: values(draft.needs.as_ref()),
        ready,
        at: location(context, draft.name.as_ref()?),
    })
}

fn source(context: &Context<'_>, draft: &DependencyDraft) -> Option<Source> {
    if let Some(patterns) = &draft.manifests {
        let paths = patterns
            .value
            .iter()
            .flat_map(|pattern| context.matching(&pattern.value));
        return Some(Source::Manifests {
            files: unique(paths)
                .map(|path| manifest(context, path))
                .collect::<Option<_>>()?,
        });
    }
    if let Some(helm) = &draft.helm {
        return helm_source(draft, &helm.value);
    }
    if let Some(preset) = value(draft.preset.as_ref()) {
        let recipe = preset.recipe();
        let mut chart = recipe.chart;
        if let Some(version) = value(draft.version.as_ref()) {
            chart.version = version;
        }
        return Some(Source::Helm {
            chart: ChartSource::Remote(chart),
            namespace: recipe.namespace,
            release: recipe.release,
            values: values(draft.values.as_ref()),
            preset: Some(preset),
            engine: Engine::Render,
        });
    }
    Some(Source::Kustomize {
        path: value(draft.kustomize.as_ref())?,
    })
}

/// The first mention of each path: two patterns may match one file.
fn unique<'a>(paths: impl Iterator<Item = &'a BundlePath>) -> impl Iterator<Item = &'a BundlePath> {
    let mut seen = std::collections::HashSet::new();
    paths.filter(move |path| seen.insert(*path))
}

fn helm_source(draft: &DependencyDraft, helm: &HelmDraft) -> Option<Source> {
    let own_name = || ReleaseName::new(draft.name.as_ref()?.value.as_str()).ok();
    Some(Source::Helm {
        chart: chart_source(helm)?,
        namespace: namespace(helm.namespace.as_ref())?,
        release: value(helm.release.as_ref()).or_else(own_name)?,
        values: values(helm.values.as_ref()),
        preset: None,
        engine: value(helm.engine.as_ref()).unwrap_or_default(),
    })
}

fn chart_source(helm: &HelmDraft) -> Option<ChartSource> {
    let remote = |repository: &str, name: &str| {
        Some(ChartSource::Remote(RemoteChart {
            repository: repository.into(),
            name: name.into(),
            version: value(helm.version.as_ref())?,
        }))
    };
    match (&helm.chart.as_ref()?.value, &helm.repo) {
        (ChartName::Oci(repository, name), _) => remote(repository, name),
        (ChartName::Here(name), Some(repo)) => remote(repo.value.as_str(), name.as_str()),
        (ChartName::Here(path), None) => Some(ChartSource::Bundle(path.clone())),
    }
}

/// Init steps in their order: one without `needs` needs the one before it.
fn init(context: &Context<'_>) -> Option<Vec<InitStep>> {
    let mut steps: Vec<InitStep> = Vec::new();
    for draft in context.init() {
        let before = steps.last().map(|step| step.name.clone());
        steps.push(init_step(context, draft, before)?);
    }
    Some(steps)
}

fn init_step(context: &Context<'_>, draft: &InitDraft, before: Option<Name>) -> Option<InitStep> {
    let run = value(draft.run.as_ref())?;
    Some(InitStep {
        name: value(draft.name.as_ref())?,
        script: content(context.files, &run)?,
        run,
        needs: if draft.needs.is_some() {
            values(draft.needs.as_ref())
        } else {
            before.into_iter().collect()
        },
        timeout: value(draft.timeout.as_ref()).unwrap_or(INIT_TIMEOUT),
        env: environment_variables(draft.env.as_ref()),
        retries: draft.retries.as_ref().map_or(0, |retries| retries.value.0),
        target: match value(draft.target.as_ref()) {
            Some(InitTarget::Job) => Target::Job {
                image: value(draft.image.as_ref()),
            },
            Some(InitTarget::Tty) | None => Target::Tty,
        },
        at: location(context, draft.name.as_ref()?),
    })
}

fn tty(context: &Context<'_>, draft: Option<&TtyDraft>) -> Option<Tty> {
    let draft = draft.cloned().unwrap_or_default();
    let path =
        |draft: Option<&At<AbsolutePath>>, default| value(draft).or_else(|| AbsolutePath::new(default).ok());
    Some(Tty {
        image: value(draft.image.as_ref()),
        shell: path(draft.shell.as_ref(), "/bin/bash")?,
        user: value(draft.user.as_ref()).or_else(|| UserName::new("candidate").ok())?,
        working_dir: path(draft.working_dir.as_ref(), "/home/candidate")?,
        env: environment_variables(draft.env.as_ref()),
        cluster_role: value(draft.cluster_role.as_ref())
            .or_else(|| ClusterRoleName::new("cluster-admin").ok())?,
        home: home(context.files),
        motd: text(context.files, "tty/motd"),
    })
}

const HOME: &str = "tty/home";

fn home(files: &BundleFiles) -> Vec<HomeFile> {
    let home_file = |path: &BundlePath| {
        let file = files.file(path.as_str()).ok()?;
        let mode = if file.executable { 0o755 } else { 0o644 };
        let path = BundlePath::new(path.strip_folder(HOME)?).ok()?;
        Some(HomeFile {
            path,
            content: file.content.clone(),
            mode,
        })
    };
    files
        .below(HOME)
        .filter_map(|(path, _)| home_file(path))
        .collect()
}

fn check(context: &Context<'_>, draft: &CheckDraft) -> Option<Check> {
    Some(Check {
        name: value(draft.name.as_ref())?,
        title: draft.title.as_ref()?.value.0.clone(),
        points: draft.points.as_ref().map_or(1, |points| points.value.0),
        kind: check::kind(context, draft)?,
        timeout: value(draft.timeout.as_ref()).unwrap_or(CHECK_TIMEOUT),
        retries: draft.retries.as_ref().map_or(0, |retries| retries.value.0),
        needs: values(draft.needs.as_ref()),
        initially: value(draft.initially.as_ref()).unwrap_or(Initially::Fail),
        failure_message: draft.failure_message.as_ref().map(|text| text.value.0.clone()),
        at: location(context, draft.name.as_ref()?),
    })
}

fn solution(context: &Context<'_>, draft: &SolutionDraft) -> Option<Solution> {
    let run = value(draft.run.as_ref())?;
    Some(Solution {
        name: value(draft.name.as_ref())?,
        script: content(context.files, &run)?,
        run,
        must_fail: values(draft.must_fail.as_ref()),
        at: location(context, draft.name.as_ref()?),
    })
}

fn hints(files: &BundleFiles) -> Vec<Hint> {
    let markdown = files
        .below("hints")
        .map(|(path, _)| path)
        .filter(|path| path.extension() == Some("md"));
    markdown
        .filter_map(|path| {
            Some(Hint {
                path: path.clone(),
                text: text(files, path.as_str())?,
            })
        })
        .collect()
}

/// A manifest by its path, or by the path that a link at it leads to.
fn manifest(context: &Context<'_>, path: &BundlePath) -> Option<ManifestFile> {
    let linked = || context.manifests.get(context.files.follow(path.as_str()).ok()?.0);
    context.manifests.get(path).or_else(linked).cloned()
}

fn content(files: &BundleFiles, path: &BundlePath) -> Option<Content> {
    files.content(path.as_str()).ok().cloned()
}

fn text(files: &BundleFiles, path: &str) -> Option<String> {
    match files.follow(path) {
        Ok((_, Entry::File(file))) => std::str::from_utf8(&file.content).ok().map(str::to_owned),
        _ => None,
    }
}

fn environment_variables(draft: Option<&At<Entries<EnvName, EnvValue>>>) -> BTreeMap<EnvName, String> {
    let entries = draft.iter().flat_map(|entries| &entries.value);
    entries
        .map(|(name, value)| (name.value.clone(), value.value.0.clone()))
        .collect()
}

fn namespace(draft: Option<&At<NamespaceName>>) -> Option<NamespaceName> {
    value(draft).or_else(|| NamespaceName::new("default").ok())
}

fn location(context: &Context<'_>, name: &At<Name>) -> Location {
    Location {
        file: context.task.path.clone(),
        span: context.task.span(name.marks),
    }
}

fn value<T: Clone>(draft: Option<&At<T>>) -> Option<T> {
    draft.map(|at| at.value.clone())
}

fn values<T: Clone>(draft: Option<&At<Vec<At<T>>>>) -> Vec<T> {
    draft
        .iter()
        .flat_map(|list| &list.value)
        .map(|item| item.value.clone())
        .collect()
}
