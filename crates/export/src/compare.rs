//! What changed between two exports of a task: files, charts, images and versions, as data.

use std::collections::{BTreeMap, BTreeSet};

use bundle::lock::Lock;
use bundle::proof::Proof;
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
    /// Its proof, if it has one.
    pub proof: Option<&'a Proof>,
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
    /// How long the boot and its steps took in the proofs, where that differs by more than chance: in the order of the
    /// boot, which itself comes first.
    pub timings: Vec<Timing>,
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

/// A time that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "ExportTiming")]
pub struct Timing {
    /// `boot`, or the name of a step of it.
    pub step: String,
    /// What it was in milliseconds, the median over all cases, if it was there.
    pub before_ms: Option<u64>,
    /// What it is, if it is there.
    pub after_ms: Option<u64>,
}

impl Timing {
    /// Whether it differs by more than two boots of the same bundle do: by a second, and by a quarter.
    fn is_told(&self) -> bool {
        let (Some(before), Some(after)) = (self.before_ms, self.after_ms) else {
            return true;
        };
        let apart = before.abs_diff(after);
        apart >= 1_000 && apart.saturating_mul(4) >= before.min(after)
    }
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
            timings: timings(before.proof, after.proof),
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

/// Nothing unless both were proven: a proof that is new is no boot that got slower.
fn timings(before: Option<&Proof>, after: Option<&Proof>) -> Vec<Timing> {
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let (mut old, new) = (times(before), times(after));
    let mut all: Vec<Timing> = new
        .into_iter()
        .map(|(step, after_ms)| {
            let place = old.iter().position(|(name, _)| *name == step);
            Timing {
                step,
                before_ms: place.map(|place| old.remove(place).1),
                after_ms: Some(after_ms),
            }
        })
        .collect();
    all.extend(old.into_iter().map(|(step, before_ms)| Timing {
        step,
        before_ms: Some(before_ms),
        after_ms: None,
    }));
    all.retain(Timing::is_told);
    all
}

/// The median time of the boot and of each step, in the order of the first case.
fn times(proof: &Proof) -> Vec<(String, u64)> {
    let booted = proof.cases.iter().filter(|case| !case.timeline.is_empty());
    let mut all: Vec<(String, Vec<u64>)> = Vec::new();
    for case in booted {
        let steps = case
            .timeline
            .iter()
            .map(|step| (step.step.as_str(), step.ended.saturating_sub(step.started)));
        for (name, ms) in std::iter::once(("boot", case.boot_ms)).chain(steps) {
            match all.iter_mut().find(|(known, _)| known == name) {
                Some((_, times)) => times.push(ms),
                None => all.push((name.to_owned(), vec![ms])),
            }
        }
    }
    let median = |mut times: Vec<u64>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    all.into_iter()
        .map(|(name, times)| (name, median(times)))
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
    use bundle::proof::{BootStep, Case, CaseKind, Peaks};

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
            platforms: [].into(),
        }
    }

    #[test]
    fn an_export_does_not_differ_from_itself() {
        let (list, lock) = (manifest(&archive(&proven())), lock("1", "a:1"));
        let one = Snapshot {
            manifest: &list,
            lock: Some(&lock),
            proof: None,
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
            proof: None,
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

    fn proof(boots: &[u64], steps: &[(&str, u64)]) -> Proof {
        let steps: Vec<BootStep> = steps
            .iter()
            .map(|(step, ms)| BootStep {
                step: (*step).to_owned(),
                started: 100,
                ended: 100 + ms,
                failed: false,
            })
            .collect();
        let case = |boot_ms: &u64| Case {
            name: "untouched".to_owned(),
            kind: CaseKind::Untouched,
            round: 1,
            passed: true,
            problem: None,
            evidence: Vec::new(),
            notes: Vec::new(),
            boot_ms: *boot_ms,
            timeline: steps.clone(),
            played: None,
            checks: Vec::new(),
            peaks: Peaks::default(),
        };
        Proof {
            version: 1,
            task: "certs".to_owned(),
            bundle: String::new(),
            lock: None,
            passed: true,
            made_at: String::new(),
            versions: [].into(),
            cases: boots.iter().map(case).collect(),
        }
    }

    #[test]
    fn times_differ_by_more_than_chance_or_not_at_all() {
        let before = proof(
            &[15_000, 90_000, 14_000],
            &[("certs", 5_000), ("gone", 2_000), ("seat", 900)],
        );
        let after = proof(
            &[21_000, 20_000, 22_000],
            &[("certs", 5_900), ("new", 1), ("seat", 1_700)],
        );
        let told: Vec<_> = timings(Some(&before), Some(&after))
            .into_iter()
            .map(|one| (one.step, one.before_ms, one.after_ms))
            .collect();
        assert_eq!(
            told,
            [
                ("boot".to_owned(), Some(15_000), Some(21_000)),
                ("new".to_owned(), None, Some(1)),
                ("gone".to_owned(), Some(2_000), None),
            ]
        );
        assert_eq!(timings(None, Some(&after)), []);
        assert_eq!(timings(Some(&after), Some(&after)), []);
    }
}
