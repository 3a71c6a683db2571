//! Fields of a task whose values come from elsewhere: names of steps and checks, and files of the bundle.

use std::collections::BTreeSet;

use super::sketch::Sketch;
use crate::files::{BundleFiles, Entry};
use crate::path::BundlePath;

/// Where values of a field come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Dependencies and init steps.
    Steps,
    /// Checks.
    Checks,
    /// Files and folders.
    Files(Files),
}

/// Which files and folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Files {
    /// YAML that candidates may see, and patterns for folders of it.
    Manifests,
    /// The same without patterns.
    Manifest,
    /// YAML below `checks/`.
    Asserts,
    /// Scripts that candidates may see.
    Scripts,
    /// Scripts below `checks/`.
    Checks,
    /// Scripts below `solutions/`.
    Solutions,
    /// Folders with a chart, and packed charts.
    Charts,
    /// Folders with a kustomization.
    Kustomizations,
}

/// Where the values of a field come from, if from elsewhere.
pub(super) fn source(part: &str, key: &str) -> Option<Source> {
    Some(match (part, key) {
        ("Dependency" | "Init", "needs") => Source::Steps,
        ("Solution", "mustFail") | ("Check", "needs") => Source::Checks,
        ("Dependency", "manifests") => Source::Files(Files::Manifests),
        ("Dependency", "kustomize") => Source::Files(Files::Kustomizations),
        ("Helm", "chart") => Source::Files(Files::Charts),
        ("Helm" | "Dependency", "values") | ("Gate", "dryRun") => Source::Files(Files::Manifest),
        ("Init", "run") => Source::Files(Files::Scripts),
        ("Check", "run") => Source::Files(Files::Checks),
        ("Check", "assert") => Source::Files(Files::Asserts),
        ("Solution", "run") => Source::Files(Files::Solutions),
        _ => return None,
    })
}

/// The names in a section of a task with what they are, without the one that the entry itself belongs to.
pub(super) fn names<'a>(sketch: &Sketch<'a>, section: &str, without: usize) -> Vec<&'a str> {
    let list = sketch
        .find(None, "spec")
        .and_then(|spec| sketch.find(Some(spec), section));
    let Some(list) = list else { return Vec::new() };
    let way = sketch.way(without);
    let items = sketch
        .children(Some(list))
        .filter(|(index, _)| !way.contains(index));
    let items: Vec<usize> = items.map(|(index, _)| index).collect();
    // One walk for all items: tasks may be long.
    let mut names: Vec<(usize, &str)> = Vec::new();
    for entry in &sketch.entries {
        let parent = entry.parent.filter(|parent| items.binary_search(parent).is_ok());
        if let (Some(parent), Some("name"), Some(value)) = (parent, sketch.key(entry), sketch.value(entry)) {
            names.push((parent, value));
        }
    }
    names
        .into_iter()
        .map(|(_, name)| name)
        .filter(|name| !name.is_empty())
        .collect()
}

/// The files and folders that a field may name.
pub(super) fn paths(files: &BundleFiles, wanted: Files) -> Vec<String> {
    let all = files
        .iter()
        .filter(|(_, entry)| matches!(entry, Entry::File(_) | Entry::Link { .. }));
    let all: Vec<&BundlePath> = all.map(|(path, _)| path).collect();
    let of = |keep: fn(&BundlePath) -> bool| {
        all.iter()
            .filter(|path| keep(path))
            .map(ToString::to_string)
            .collect()
    };
    match wanted {
        Files::Manifests => patterns(&all)
            .into_iter()
            .chain(of(is_open_yaml))
            .collect::<Vec<String>>(),
        Files::Manifest => of(is_open_yaml),
        Files::Asserts => of(|path| is_yaml(path) && path.is_below("checks")),
        Files::Scripts => of(|path| is_script(path) && !path.is_restricted() && !path.is_below("tty")),
        Files::Checks => of(|path| is_script(path) && path.is_below("checks")),
        Files::Solutions => of(|path| is_script(path) && path.is_below("solutions")),
        Files::Charts => folders_with(&all, &["Chart.yaml"])
            .chain(of(|path| path.extension() == Some("tgz")))
            .collect(),
        Files::Kustomizations => folders_with(
            &all,
            &["kustomization.yaml", "kustomization.yml", "Kustomization"],
        )
        .collect(),
    }
}

fn is_yaml(path: &BundlePath) -> bool {
    matches!(path.extension(), Some("yaml" | "yml"))
}

fn is_open_yaml(path: &BundlePath) -> bool {
    is_yaml(path) && !path.is_restricted() && path.parent().is_some() && !path.is_below("tty")
}

/// Scripts need no ending, so only what cannot be one is left out.
fn is_script(path: &BundlePath) -> bool {
    path.parent().is_some()
        && !is_yaml(path)
        && !matches!(path.extension(), Some("md" | "tgz" | "json" | "txt"))
}

/// `folder/*.yaml` for folders with more than one such file.
fn patterns(all: &[&BundlePath]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut several = BTreeSet::new();
    for path in all.iter().filter(|path| is_open_yaml(path)) {
        if let (Some(folder), Some(extension)) = (path.parent(), path.extension()) {
            let pattern = format!("{folder}/*.{extension}");
            if !seen.insert(pattern.clone()) {
                several.insert(pattern);
            }
        }
    }
    several.into_iter().collect()
}

fn folders_with(all: &[&BundlePath], names: &'static [&'static str]) -> impl Iterator<Item = String> {
    let inside = all.iter().filter(|path| names.contains(&path.file_name()));
    let folders: BTreeSet<String> = inside
        .filter_map(|path| path.parent())
        .map(|folder| folder.to_string())
        .collect();
    folders.into_iter()
}
