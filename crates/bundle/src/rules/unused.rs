//! Files that nothing refers to are likely forgotten, or misspelt in `task.yaml`.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::files::{BundleFiles, Entry};
use crate::lock::kustomization_files;
use crate::path::BundlePath;
use crate::report::Report;

const FOLDERS: [&str; 4] = ["checks", "dependencies", "init", "solutions"];
/// Looking for mentions takes time for each; beyond this many, something else is wrong.
const LIMIT: usize = 30;

/// Warns of files that neither `task.yaml` nor a script mentions.
pub(super) fn rule(context: &Context<'_>, report: &mut Report) {
    let used = used_paths(context);
    let built = built(context);
    let folders: Vec<&BundlePath> = used_folders(context).collect();
    let is_used = |path: &BundlePath| {
        used.contains(path)
            || built.contains(path)
            || folders
                .iter()
                .any(|chart| path == *chart || path.is_below(chart.as_str()))
            || path.extension() == Some("md")
            || path.file_name().starts_with('.')
    };
    let candidates = FOLDERS
        .iter()
        .flat_map(|folder| context.files.below(folder))
        .map(|(path, _)| path);
    let unused: Vec<&BundlePath> = candidates.filter(|path| !is_used(path)).take(LIMIT).collect();
    for path in unused
        .into_iter()
        .filter(|path| !is_mentioned(context.files, path))
    {
        report.push(Diagnostic::new(
            Code::UnusedFile,
            path.clone(),
            "nothing refers to this file",
        ));
    }
}

/// What kustomizations name, and the kustomizations that they name.
fn built(context: &Context<'_>) -> BTreeSet<BundlePath> {
    let folders = context
        .dependencies()
        .filter_map(|dependency| dependency.kustomize.as_ref());
    folders
        .flat_map(|folder| kustomization_files(context.files, &folder.value))
        .collect()
}

fn used_paths<'a>(context: &'a Context<'_>) -> BTreeSet<&'a BundlePath> {
    let spec = context.spec();
    let checks = spec.checks.iter().flat_map(|list| &list.value);
    let solutions = spec.solutions.iter().flat_map(|list| &list.value);
    let values = context
        .dependencies()
        .filter_map(|dependency| dependency.helm.as_ref());
    let values = values.flat_map(|helm| helm.value.values.iter().flat_map(|list| &list.value));
    let of_presets = context
        .dependencies()
        .flat_map(|dependency| dependency.values.iter().flat_map(|list| &list.value));
    let paths = context
        .init()
        .filter_map(|step| step.run.as_ref())
        .chain(checks.filter_map(|check| check.value.run.as_ref()))
        .chain(solutions.filter_map(|solution| solution.value.run.as_ref()))
        .chain(values)
        .chain(of_presets);
    paths
        .map(|path| &path.value)
        .chain(context.manifests.keys())
        .collect()
}

fn used_folders<'a>(context: &'a Context<'_>) -> impl Iterator<Item = &'a BundlePath> {
    context.dependencies().flat_map(|dependency| {
        let chart = dependency
            .helm
            .iter()
            .filter(|helm| helm.value.repo.is_none())
            .filter_map(|helm| helm.value.chart.as_ref()?.value.as_path());
        chart.chain(dependency.kustomize.iter().map(|path| &path.value))
    })
}

/// A script that another one sources, or a manifest that a script applies.
fn is_mentioned(files: &BundleFiles, path: &BundlePath) -> bool {
    let name = path.file_name().as_bytes();
    FOLDERS
        .iter()
        .flat_map(|folder| files.below(folder))
        .any(|(other, entry)| match entry {
            Entry::File(file) if other != path && file.content.starts_with(b"#!") => {
                file.content.windows(name.len()).any(|window| window == name)
            }
            _ => false,
        })
}
