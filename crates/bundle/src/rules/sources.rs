//! What a dependency is made of is there, is what it says, and holds nothing for graders only.

use crate::context::Context;
use crate::diagnostic::Code;
use crate::draft::{At, DependencyDraft, HelmDraft, PathPattern};
use crate::files::Entry;
use crate::manifest::surprises;
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
        }
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
    if let Some(chart) = &helm.chart {
        visible(context, &chart.value, chart.marks, report);
        if context.files.has_folder(chart.value.as_str()) {
            chart_folder(context, chart, report);
        } else if let Some(file) = context.file(chart, report) {
            let is_archive =
                chart.value.extension() == Some("tgz") && file.content.starts_with(&[0x1f, 0x8b]);
            if !is_archive {
                let message = format!("`{}` is neither a chart's folder nor a .tgz archive", chart.value);
                report.push(context.problem(Code::NotAChart, chart.marks, message));
            }
        }
    }
    for values in helm.values.iter().flat_map(|list| &list.value) {
        visible(context, &values.value, values.marks, report);
        if context.file(values, report).is_some() {
            values_file(context, &values.value, report);
        }
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

const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

fn kustomization(context: &Context<'_>, folder: &At<BundlePath>, report: &mut Report) {
    visible(context, &folder.value, folder.marks, report);
    let mut candidates = KUSTOMIZATIONS
        .iter()
        .map(|name| format!("{}/{name}", folder.value));
    let found = candidates.find_map(|path| context.files.follow(&path).ok());
    let Some((path, Entry::File(file))) = found else {
        let message = format!("`{}` has no kustomization.yaml", folder.value);
        report.push(context.problem(Code::NotAKustomization, folder.marks, message));
        return;
    };
    let Some(text) = TextFile::decode(path, &file.content, yaml::HAND_WRITTEN.bytes, report) else {
        return;
    };
    let Some(root) = yaml::parse_one(&text, yaml::HAND_WRITTEN, report) else {
        return;
    };
    for key in [
        "resources",
        "components",
        "bases",
        "patches",
        "configMapGenerator",
        "secretGenerator",
    ] {
        if let Some(node) = root.get(key) {
            references(node, &folder.value, &text, report);
        }
    }
}

/// Follows every text that looks like a path out of the folder.
fn references(node: &Node, folder: &BundlePath, file: &TextFile<'_>, report: &mut Report) {
    match &node.value {
        Value::Mapping(entries) => entries
            .iter()
            .for_each(|(_, value)| references(value, folder, file, report)),
        Value::Sequence(items) => items
            .iter()
            .for_each(|item| references(item, folder, file, report)),
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
