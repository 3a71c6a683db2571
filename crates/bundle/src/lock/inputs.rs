//! What is read when a dependency is rendered, and the digest of all of it.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::files::BundleFiles;
use crate::model::{Bundle, ChartSource, Dependency, Engine, Source};
use crate::path::BundlePath;
use crate::report::Report;
use crate::text::TextFile;
use crate::yaml::{self, Node, Value};

/// Raised when the same inputs are rendered to something else.
const SCHEME: &str = "1";
/// The names that a kustomization's file may have.
pub(crate) const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether a dependency has to be rendered before it can be applied.
pub fn is_rendered(source: &Source) -> bool {
    !matches!(source, Source::Manifests { .. })
}

/// The digest of all that is read to render a dependency; nothing for one that is applied as it is.
pub fn inputs(bundle: &Bundle, dependency: &Dependency) -> Option<String> {
    let mut hash = Inputs(Sha256::new());
    hash.text(SCHEME);
    hash.text(&bundle.environment.kubernetes_version.to_string());
    match &dependency.source {
        Source::Manifests { .. } => return None,
        Source::Kustomize { path } => {
            hash.text("kustomize");
            hash.text(path.as_str());
            hash.files(&bundle.files, kustomization_files(&bundle.files, path).iter());
        }
        Source::Helm {
            chart,
            namespace,
            release,
            values,
            preset,
            engine,
        } => {
            hash.text("helm");
            if *engine == Engine::Helm {
                hash.text("a release");
            }
            hash.text(namespace.as_str());
            hash.text(release.as_str());
            hash.chart(&bundle.files, chart);
            hash.text(
                &preset
                    .map(|preset| preset.recipe().values.to_string())
                    .unwrap_or_default(),
            );
            hash.files(&bundle.files, values.iter());
        }
    }
    Some(format!("sha256:{}", hex::encode(hash.0.finalize())))
}

/// A digest over texts and files, each with its length before it, so that none can pass for two.
struct Inputs(Sha256);

impl Inputs {
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn files<'a>(&mut self, files: &BundleFiles, paths: impl Iterator<Item = &'a BundlePath>) {
        for path in paths {
            self.text(path.as_str());
            self.bytes(files.content(path.as_str()).map_or(&[], |content| content));
        }
    }

    fn chart(&mut self, files: &BundleFiles, chart: &ChartSource) {
        self.text(&chart.to_string());
        if let ChartSource::Bundle(path) = chart {
            let below = files.below(path.as_str()).map(|(path, _)| path);
            self.files(files, below.chain([path]));
        }
    }
}

/// All files that building a kustomization may read: its own, those it names, and the same of the kustomizations
/// that it names. Links and what lies outside of the bundle are no part of it.
pub fn kustomization_files(files: &BundleFiles, folder: &BundlePath) -> BTreeSet<BundlePath> {
    let mut found = BTreeSet::new();
    let mut left = vec![folder.clone()];
    let mut seen = BTreeSet::new();
    while let Some(folder) = left.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        let own = KUSTOMIZATIONS.iter().filter_map(|name| folder.join(name).ok());
        let Some(own) = own.into_iter().find(|path| files.content(path.as_str()).is_ok()) else {
            continue;
        };
        for text in texts_of(files, &own) {
            let Some(named) = resolve(&folder, &text).filter(|named| !named.is_restricted()) else {
                continue;
            };
            if files.content(named.as_str()).is_ok() {
                found.insert(named);
            } else if files.has_folder(named.as_str()) {
                left.push(named);
            }
        }
        found.insert(own);
    }
    found
}

/// Every text of a kustomization's file that may be a path, as `key=path` or alone.
fn texts_of(files: &BundleFiles, path: &BundlePath) -> Vec<String> {
    let Ok(content) = files.content(path.as_str()) else {
        return Vec::new();
    };
    let mut unheard = Report::default();
    let text = TextFile::decode(path, content, yaml::HAND_WRITTEN.bytes, &mut unheard);
    let root = text.and_then(|text| yaml::parse_one(&text, yaml::HAND_WRITTEN, &mut unheard));
    let mut texts = Vec::new();
    if let Some(root) = root {
        collect(&root, &mut texts);
    }
    texts
}

fn collect(node: &Node, texts: &mut Vec<String>) {
    match &node.value {
        Value::Mapping(entries) => entries.iter().for_each(|(_, value)| collect(value, texts)),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Scalar(scalar) => {
            texts.push(scalar.text.to_string());
            texts.extend(scalar.text.rsplit_once('=').map(|(_, path)| path.to_owned()));
        }
    }
}

/// Where a path leads that is written in a file of a folder; nothing if that is outside of the bundle.
pub(crate) fn resolve(folder: &BundlePath, text: &str) -> Option<BundlePath> {
    if text.starts_with('/') || text.contains(char::is_control) {
        return None;
    }
    let mut parts: Vec<&str> = folder.as_str().split('/').collect();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    BundlePath::new(&parts.join("/")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_kustomization_reads_is_known() {
        let mut files = BundleFiles::new();
        for (path, text) in [
            (
                "dependencies/web/kustomization.yaml",
                "resources: [../base, own.yaml]\nconfigMapGenerator: [{name: a, files: [key=conf/a.ini], literals: [x=y]}]\n\
                 patches: [{path: patch.yaml}, {patch: 'a: b'}]\n",
            ),
            ("dependencies/web/own.yaml", ""),
            ("dependencies/web/patch.yaml", ""),
            ("dependencies/web/conf/a.ini", ""),
            ("dependencies/web/unrelated.yaml", ""),
            (
                "dependencies/base/Kustomization",
                "resources: [base.yaml, ../web]\n",
            ),
            ("dependencies/base/base.yaml", ""),
        ] {
            files.insert_file(BundlePath::new(path).unwrap(), text.as_bytes());
        }
        let found = kustomization_files(&files, &BundlePath::new("dependencies/web").unwrap());
        let found: Vec<&str> = found.iter().map(BundlePath::as_str).collect();
        let expected = [
            "dependencies/base/Kustomization",
            "dependencies/base/base.yaml",
            "dependencies/web/conf/a.ini",
            "dependencies/web/kustomization.yaml",
            "dependencies/web/own.yaml",
            "dependencies/web/patch.yaml",
        ];
        assert_eq!(found, expected);
    }
}
