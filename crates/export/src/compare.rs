//! What changed between two exports of a task: files, charts, images and versions, as data.

use std::collections::{BTreeMap, BTreeSet};

use bundle::lock::Lock;
use serde::Serialize;
use ts_rs::TS;

use crate::layer::Layer;
use crate::manifest::{FileInfo, Manifest};

/// One export, as far as it is compared.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    /// Its list of files.
    pub manifest: &'a Manifest,
    /// Its lock, if it has one.
    pub lock: Option<&'a Lock>,
}

/// Everything in which an export differs from the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "ExportChanges")]
pub struct Changes {
    /// Files, in the order of their paths.
    pub files: Vec<FileChange>,
    /// Charts and other rendered dependencies, by their names.
    pub charts: Vec<Replaced>,
    /// Images, by their full names; what replaces what are digests.
    pub images: Vec<Replaced>,
    /// Versions of what the task runs on, and its title.
    pub versions: Vec<Replaced>,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(rename = "ChangeKind")]
pub enum Kind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "ExportFileChange")]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// How.
    pub kind: Kind,
    /// Who may see it now, or could.
    pub layer: Layer,
}

/// Something with a name whose value differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Replaced {
    /// Its name.
    pub name: String,
    /// What it was, if it was there.
    pub before: Option<String>,
    /// What it is, if it is there.
    pub after: Option<String>,
}

impl Replaced {
    /// How it differs.
    pub fn kind(&self) -> Kind {
        kind(self.before.is_some(), self.after.is_some())
    }
}

impl Changes {
    /// Compares an export with the one before.
    pub fn between(before: Snapshot<'_>, after: Snapshot<'_>) -> Self {
        Self {
            files: files(before.manifest, after.manifest),
            charts: replaced(&charts(before.lock), &charts(after.lock)),
            images: replaced(&images(before.lock), &images(after.lock)),
            versions: replaced(&versions(before), &versions(after)),
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn kind(was: bool, is: bool) -> Kind {
    match (was, is) {
        (false, _) => Kind::Added,
        (true, false) => Kind::Removed,
        (true, true) => Kind::Changed,
    }
}

fn files(before: &Manifest, after: &Manifest) -> Vec<FileChange> {
    let by_path = |list: &Manifest| -> BTreeMap<String, FileInfo> {
        let entries = list.files.iter().cloned();
        entries.map(|file| (file.path.clone(), file)).collect()
    };
    let (old, new) = (by_path(before), by_path(after));
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |path: &String| {
        let (was, is) = (old.get(path), new.get(path));
        let layer = is.or(was)?.layer;
        (was != is).then(|| FileChange {
            path: path.clone(),
            kind: kind(was.is_some(), is.is_some()),
            layer,
        })
    };
    paths.into_iter().filter_map(change).collect()
}

type Named = BTreeMap<String, String>;

fn replaced(old: &Named, new: &Named) -> Vec<Replaced> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differing = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    differing
        .map(|name| Replaced {
            name: name.clone(),
            before: old.get(name).cloned(),
            after: new.get(name).cloned(),
        })
        .collect()
}

fn charts(lock: Option<&Lock>) -> Named {
    let all = lock.into_iter().flat_map(|lock| &lock.dependencies);
    all.map(|(name, one)| {
        let digest = one.chart.as_ref().unwrap_or(&one.manifests);
        (name.clone(), format!("{} ({digest})", one.source))
    })
    .collect()
}

fn images(lock: Option<&Lock>) -> Named {
    let all = lock.into_iter().flat_map(|lock| &lock.images);
    all.map(|(name, digest)| {
        (
            name.clone(),
            digest.clone().unwrap_or_else(|| "not known".to_owned()),
        )
    })
    .collect()
}

fn versions(snapshot: Snapshot<'_>) -> Named {
    let mut named: Named = [
        ("title".to_owned(), snapshot.manifest.task.title.clone()),
        ("taskwright".to_owned(), snapshot.manifest.taskwright.clone()),
    ]
    .into();
    if let Some(lock) = snapshot.lock {
        named.insert("kubernetes".to_owned(), lock.kubernetes.clone());
        named.insert("vcluster".to_owned(), lock.vcluster.clone());
    }
    named
}

#[cfg(test)]
mod tests {
    use bundle::lock::LockedDependency;

    use super::*;
    use crate::tests::{archive, insert, manifest, proven};

    fn lock(chart: &str, image: &str) -> Lock {
        let dependency = LockedDependency {
            source: format!("oci://charts.example.org/certs {chart}"),
            chart: Some(format!("sha256:{chart}")),
            inputs: "sha256:0".to_owned(),
            manifests: "sha256:1".to_owned(),
            objects: 1,
        };
        Lock {
            version: 1,
            kubernetes: "1.36".to_owned(),
            vcluster: "0.36.1".to_owned(),
            rendered_by: [].into(),
            dependencies: [("certs".to_owned(), dependency)].into(),
            images: [(image.to_owned(), Some("sha256:2".to_owned()))].into(),
        }
    }

    #[test]
    fn an_export_does_not_differ_from_itself() {
        let (list, lock) = (manifest(&archive(&proven())), lock("1", "a:1"));
        let one = Snapshot {
            manifest: &list,
            lock: Some(&lock),
        };
        assert!(Changes::between(one, one).is_empty());
    }

    #[test]
    fn everything_that_differs_is_told() {
        let mut files = proven();
        let before = manifest(&archive(&files));
        insert(&mut files, "hints/1.md", b"Look at the Deployment.\n", false);
        insert(&mut files, "statement.md", b"# Another\n", false);
        let mut after = manifest(&archive(&files));
        after.files.retain(|file| file.path != "proof.json");
        let (old, new) = (lock("1", "a:1"), lock("2", "b:1"));
        let of = |manifest, lock| Snapshot {
            manifest,
            lock: Some(lock),
        };
        let changes = Changes::between(of(&before, &old), of(&after, &new));
        let files: Vec<_> = changes
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.kind))
            .collect();
        assert_eq!(
            files,
            [
                ("hints/1.md", Kind::Added),
                ("proof.json", Kind::Removed),
                ("statement.md", Kind::Changed)
            ]
        );
        assert_eq!(changes.charts.len(), 1);
        assert_eq!(
            changes.charts[0].after.as_deref(),
            Some("oci://charts.example.org/certs 2 (sha256:2)")
        );
        let images: Vec<_> = changes
            .images
            .iter()
            .map(|one| (one.name.as_str(), one.kind()))
            .collect();
        assert_eq!(images, [("a:1", Kind::Removed), ("b:1", Kind::Added)]);
        assert_eq!(changes.versions, []);
    }
}
