//! What a dependency is made of is there, is what it says, and holds nothing for graders only.

use crate::context::Context;
use crate::diagnostic::Code;
use crate::draft::{At, ChartName, DependencyDraft, HelmDraft, PathPattern, Written};
use crate::files::Entry;
use crate::lock::inputs::{KUSTOMIZATIONS, resolve};
use crate::lock::kustomization_files;
use crate::manifest::surprises;
use crate::model::Engine;
use crate::path::BundlePath;
use crate::report::Report;
use crate::text::{Marks, TextFile};
use crate::yaml::{self, Node, Value};

/// Reports manifests, charts and kustomizations that are missing or are none.
pub(super) fn rule(context: &Context<'_>, report: &mut Report) {
    for dependency in context.dependencies() {
        for pattern in dependency.manifests.iter().flat_map(|list| &list.value) {
            manifests(context, pattern, report);
        }
        no_manifests(context, dependency, report);
        if let Some(helm) = &dependency.helm {
            chart(context, &helm.value, report);
            helm.value
                .values
                .iter()
                .flat_map(|list| &list.value)
                .for_each(|path| values(context, path, report));
        }
        dependency
            .values
            .iter()
            .flat_map(|list| &list.value)
            .for_each(|path| values(context, path, report));
        if let Some(folder) = &dependency.kustomize {
            kustomization(context, folder, report);
        }
        for gate in dependency.ready.iter().flat_map(|list| &list.value) {
            if let Some(path) = &gate.value.dry_run {
                visible(context, &path.value, path.marks, report);
                context.file(path, report);
            }
        }
    }
}

fn no_manifests(context: &Context<'_>, dependency: &DependencyDraft, report: &mut Report) {
    if let Some(list) = dependency.manifests.as_ref().filter(|list| list.value.is_empty()) {
        report.push(context.problem(Code::EmptyGlob, list.marks, "the list of manifests is empty"));
    }
}

fn manifests(context: &Context<'_>, pattern: &At<PathPattern>, report: &mut Report) {
    if let Some(path) = pattern.value.as_path() {
        visible(context, path, pattern.marks, report);
        context.file(
            &At {
                value: path.clone(),
                marks: pattern.marks,
            },
            report,
        );
        return;
    }
    let matching = context.matching(&pattern.value);
    if matching.is_empty() {
        let message = format!("no file matches `{}`", pattern.value.as_str());
        report.push(context.problem(Code::EmptyGlob, pattern.marks, message));
    }
    for path in matching {
        visible(context, path, pattern.marks, report);
    }
}

/// Refuses a path that shows the candidate what only graders may see, directly or by a link.
fn visible(context: &Context<'_>, path: &BundlePath, marks: Marks, report: &mut Report) {
    let target = context
        .files
        .follow(path.as_str())
        .map_or(path, |(target, _)| target);
    if path.is_restricted() || target.is_restricted() {
        let message =
            format!("`{target}` is for graders only, but the candidate can see what a dependency holds");
        report.push(context.problem(Code::RestrictedPath, marks, message));
    }
}

fn chart(context: &Context<'_>, helm: &HelmDraft, report: &mut Report) {
    let Some(chart) = helm.chart.as_ref().filter(|_| !helm.is_refused("repo")) else {
        return;
    };
    let from_elsewhere = !matches!((&chart.value, &helm.repo), (ChartName::Here(_), None));
    if let Some(engine) = helm.engine.as_ref().filter(|engine| engine.value == Engine::Helm)
        && from_elsewhere
    {
        let message = "`engine: helm` installs a chart of the bundle, as a boot fetches nothing, and this one is from elsewhere";
        let problem = context.problem(Code::InvalidReference, engine.marks, message);
        report.push(
            problem.hint(
                "fetch it with `helm pull`, put the .tgz below dependencies/, and name that as `chart`",
            ),
        );
    }
    match (&chart.value, &helm.repo) {
        (ChartName::Here(path), None) => {
            if let Some(version) = &helm.version {
                let needed = "`repo` or an `oci://` address, as a chart of the bundle has its own";
                super::gates::useless(context, version.marks, "`version`", needed, report);
            }
            let path = At {
                value: path.clone(),
                marks: chart.marks,
            };
            chart_of_bundle(context, &path, report);
        }
        (ChartName::Here(name), Some(_)) => {
            if name.parent().is_some() {
                let message = format!("`{name}` is not the name of a chart in a repository");
                report.push(context.problem(Code::InvalidReference, chart.marks, message));
            }
            needs_version(context, helm, chart.marks, report);
        }
        (ChartName::Oci(..), repo) => {
            if let Some(repo) = repo {
                let needed = "the name of a chart; an `oci://` address says it all";
                super::gates::useless(context, repo.marks, "`repo`", needed, report);
            }
            needs_version(context, helm, chart.marks, report);
        }
    }
}

fn needs_version(context: &Context<'_>, helm: &HelmDraft, marks: Marks, report: &mut Report) {
    if helm.version.is_none() && !helm.is_refused("version") {
        let problem = context.problem(Code::MissingKey, marks, "`version` is missing");
        report.push(problem.hint("a chart from elsewhere needs its exact version, such as `version: 1.2.3`"));
    }
}

fn chart_of_bundle(context: &Context<'_>, chart: &At<BundlePath>, report: &mut Report) {
    visible(context, &chart.value, chart.marks, report);
    if context.files.has_folder(chart.value.as_str()) {
        chart_folder(context, chart, report);
    } else if let Some(file) = context.file(chart, report) {
        let is_archive = chart.value.extension() == Some("tgz") && file.content.starts_with(&[0x1f, 0x8b]);
        if !is_archive {
            let message = format!("`{}` is neither a chart's folder nor a .tgz archive", chart.value);
            report.push(context.problem(Code::NotAChart, chart.marks, message));
        }
    }
}

fn values(context: &Context<'_>, values: &At<BundlePath>, report: &mut Report) {
    visible(context, &values.value, values.marks, report);
    if context.file(values, report).is_some() {
        values_file(context, &values.value, report);
    }
}

fn chart_folder(context: &Context<'_>, chart: &At<BundlePath>, report: &mut Report) {
    let path = format!("{}/Chart.yaml", chart.value);
    let Ok((path, Entry::File(file))) = context.files.follow(&path) else {
        let message = format!("`{}` has no Chart.yaml", chart.value);
        report.push(context.problem(Code::NotAChart, chart.marks, message));
        return;
    };
    let Some(text) = TextFile::decode(path, &file.content, yaml::HAND_WRITTEN.bytes, report) else {
        return;
    };
    let Some(root) = yaml::parse_one(&text, yaml::HAND_WRITTEN, report) else {
        return;
    };
    for key in ["apiVersion", "name", "version"] {
        if root.get(key).and_then(Node::text).is_none_or(str::is_empty) {
            report.push(text.diagnostic(Code::NotAChart, root.marks, format!("the chart has no `{key}`")));
        }
    }
}

fn values_file(context: &Context<'_>, path: &BundlePath, report: &mut Report) {
    let Ok((path, Entry::File(file))) = context.files.follow(path.as_str()) else {
        return;
    };
    let Some(text) = TextFile::decode(path, &file.content, yaml::MANIFEST.bytes, report) else {
        return;
    };
    let parsed = yaml::parse(&text, yaml::MANIFEST, report);
    for root in parsed
        .documents
        .iter()
        .filter_map(|document| document.root.as_deref())
    {
        if root.entries().is_none() {
            let message = format!("values are a mapping, found {}", root.describe());
            report.push(text.diagnostic(Code::WrongType, root.marks, message));
        }
        surprises(root, None, &text, report);
    }
}

fn kustomization(context: &Context<'_>, folder: &At<BundlePath>, report: &mut Report) {
    visible(context, &folder.value, folder.marks, report);
    let read = kustomization_files(context.files, &folder.value);
    let kustomizations = read
        .iter()
        .filter(|path| KUSTOMIZATIONS.contains(&path.file_name()));
    let mut is_one = false;
    for path in kustomizations {
        let own = path.parent().unwrap_or_else(|| folder.value.clone());
        is_one |= own == folder.value;
        kustomization_file(context, &own, path, report);
    }
    if !is_one {
        let message = format!("`{}` has no kustomization.yaml", folder.value);
        report.push(context.problem(Code::NotAKustomization, folder.marks, message));
    }
}

/// Keys that make kustomize run other programs or fetch something.
const REFUSED: [(&str, &str); 4] = [
    ("helmCharts", "write a dependency of its own with `helm`"),
    (
        "helmChartInflationGenerator",
        "write a dependency of its own with `helm`",
    ),
    ("helmGlobals", "write a dependency of its own with `helm`"),
    ("openapi", "leave it out; kubectl knows the kinds of Kubernetes"),
];
/// Keys whose entries kustomize takes for folders or files, and for addresses if it finds no such thing.
const LOADED: [&str; 6] = [
    "resources",
    "components",
    "bases",
    "generators",
    "transformers",
    "validators",
];

fn kustomization_file(context: &Context<'_>, folder: &BundlePath, path: &BundlePath, report: &mut Report) {
    let Ok((path, Entry::File(file))) = context.files.follow(path.as_str()) else {
        return;
    };
    let Some(text) = TextFile::decode(path, &file.content, yaml::HAND_WRITTEN.bytes, report) else {
        return;
    };
    let Some(root) = yaml::parse_one(&text, yaml::HAND_WRITTEN, report) else {
        return;
    };
    for (key, instead) in REFUSED {
        if let Some((name, _)) = root.entry(key) {
            let message =
                format!("`{key}` is not built here: it would run other programs or fetch something");
            report.push(
                text.diagnostic(Code::NotAKustomization, name.marks, message)
                    .hint(instead),
            );
        }
    }
    for (key, node) in root.entries().into_iter().flatten() {
        references(key.text().unwrap_or_default(), node, folder, &text, report);
    }
    for node in LOADED.iter().filter_map(|key| root.get(key)?.items()).flatten() {
        loaded(context, node, folder, &text, report);
    }
}

/// What kustomize loads has to be in the bundle: what it does not find it would take for an address.
fn loaded(context: &Context<'_>, node: &Node, folder: &BundlePath, file: &TextFile<'_>, report: &mut Report) {
    let Some(written) = node.text().filter(|written| !written.contains('\n')) else {
        return;
    };
    if bad_reference(written, folder).is_some() {
        return;
    }
    let found = resolve(folder, written);
    let is_there = found.is_some_and(|path| {
        context.files.content(path.as_str()).is_ok() || context.files.has_folder(path.as_str())
    });
    if !is_there {
        let message = format!(
            "there is no `{}` beside this kustomization",
            yaml::shorten(written)
        );
        let problem = file.diagnostic(Code::MissingFile, node.marks, message);
        report.push(problem.hint("copy it into the bundle; nothing is fetched from elsewhere"));
    }
}

/// Texts of a kustomization that are no paths, whatever they look like.
const FREE_TEXTS: [&str; 8] = [
    "literals",
    "patch",
    "commonAnnotations",
    "commonLabels",
    "labels",
    "annotations",
    "images",
    "target",
];

/// Follows every text that looks like a path out of the folder.
fn references(key: &str, node: &Node, folder: &BundlePath, file: &TextFile<'_>, report: &mut Report) {
    if FREE_TEXTS.contains(&key) {
        return;
    }
    match &node.value {
        Value::Mapping(entries) => entries
            .iter()
            .for_each(|(key, value)| references(key.text().unwrap_or_default(), value, folder, file, report)),
        Value::Sequence(items) => items
            .iter()
            .for_each(|item| references(key, item, folder, file, report)),
        Value::Scalar(scalar) => {
            let text = scalar
                .text
                .rsplit_once('=')
                .map_or(scalar.text.as_ref(), |(_, path)| path);
            if let Some((code, message)) = bad_reference(text, folder) {
                report.push(file.diagnostic(code, node.marks, message));
            }
        }
    }
}

fn bad_reference(text: &str, folder: &BundlePath) -> Option<(Code, String)> {
    let shown = yaml::shorten(text);
    if text.contains('\n') {
        return None;
    }
    if text.contains("://") || text.starts_with("github.com/") || text.starts_with("git@") {
        return Some((
            Code::InvalidPath,
            format!("`{shown}` is fetched from elsewhere; copy it into the bundle"),
        ));
    }
    if !text.starts_with("../") && !text.starts_with('/') || text.contains(char::is_whitespace) {
        return None;
    }
    let mut parts: Vec<&str> = folder.as_str().split('/').collect();
    let inside = !text.starts_with('/')
        && text.split('/').all(|part| match part {
            ".." => parts.pop().is_some(),
            part => {
                parts.push(part);
                true
            }
        });
    if !inside {
        return Some((Code::InvalidPath, format!("`{shown}` leaves the bundle")));
    }
    BundlePath::new(&parts.join("/"))
        .is_ok_and(|path| path.is_restricted())
        .then(|| (Code::RestrictedPath, format!("`{shown}` is for graders only")))
}
