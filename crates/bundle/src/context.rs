//! What the rules look at: the files, the draft, and what other files were read to.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic};
use crate::draft::{At, DependencyDraft, InitDraft, PathPattern, Read, Reader, SpecDraft, TaskDraft};
use crate::files::{Absence, BundleFiles, File};
use crate::manifest::{self, Completeness};
use crate::model::ManifestFile;
use crate::path::BundlePath;
use crate::report::Report;
use crate::text::{Marks, TextFile};
use crate::{lock, vcluster, yaml};

/// The file that makes a folder a bundle.
pub(crate) const TASK_FILE: &str = "task.yaml";

/// Scripts and Markdown are written by people.
pub(crate) const TEXT_LIMIT: usize = 1 << 20;

/// Everything a rule may look at.
pub(crate) struct Context<'a> {
    pub(crate) files: &'a BundleFiles,
    pub(crate) task: TextFile<'a>,
    pub(crate) draft: TaskDraft,
    pub(crate) manifests: BTreeMap<BundlePath, ManifestFile>,
    pub(crate) vcluster: Option<serde_json::Value>,
    pub(crate) lock: Option<lock::Lock>,
    spec: SpecDraft,
}

impl<'a> Context<'a> {
    /// Reads `task.yaml` and what it refers to; nothing if there is no task to speak of.
    pub(crate) fn load(files: &'a BundleFiles, report: &mut Report) -> Option<Self> {
        let (path, content) = task_file(files, report)?;
        let task = TextFile::decode(path, content, yaml::HAND_WRITTEN.bytes, report)?;
        let root = yaml::parse_one(&task, yaml::HAND_WRITTEN, report)?;
        let draft = TaskDraft::read(&root, Marks::START, &mut Reader { file: &task, report })?;
        let spec = draft
            .spec
            .as_ref()
            .map(|spec| spec.value.clone())
            .unwrap_or_default();
        let mut loaded = Self {
            files,
            task,
            draft,
            manifests: BTreeMap::new(),
            vcluster: None,
            lock: None,
            spec,
        };
        loaded.manifests = loaded.read_manifests(report);
        loaded.vcluster = vcluster::read(files, report);
        loaded.lock = lock::read(files, report);
        Some(loaded)
    }

    /// The task itself, as far as it could be read.
    pub(crate) fn spec(&self) -> &SpecDraft {
        &self.spec
    }

    /// The dependencies as far as they could be read.
    pub(crate) fn dependencies(&self) -> impl Iterator<Item = &DependencyDraft> {
        self.spec
            .dependencies
            .iter()
            .flat_map(|list| &list.value)
            .map(|item| &item.value)
    }

    /// The init steps as far as they could be read.
    pub(crate) fn init(&self) -> impl Iterator<Item = &InitDraft> {
        self.spec
            .init
            .iter()
            .flat_map(|list| &list.value)
            .map(|item| &item.value)
    }

    /// A problem of `task.yaml`.
    pub(crate) fn problem(&self, code: Code, marks: Marks, message: impl Into<String>) -> Diagnostic {
        self.task.diagnostic(code, marks, message)
    }

    /// The file that `task.yaml` refers to; its absence is reported.
    pub(crate) fn file(&self, path: &At<BundlePath>, report: &mut Report) -> Option<&'a File> {
        match self.files.file(path.value.as_str()) {
            Ok(file) => Some(file),
            Err(absence) => {
                self.report_absence(path, absence, report);
                None
            }
        }
    }

    /// The manifests that a pattern stands for, in the order of their paths.
    pub(crate) fn matching(&self, pattern: &PathPattern) -> Vec<&'a BundlePath> {
        self.files
            .iter()
            .map(|(path, _)| path)
            .filter(|path| pattern.matches(path))
            .collect()
    }

    fn report_absence(&self, path: &At<BundlePath>, absence: Absence, report: &mut Report) {
        let message = match absence {
            Absence::Missing => format!("there is no file `{}`", path.value),
            Absence::Folder => format!("`{}` is a folder, not a file", path.value),
            // These have a problem of their own, at the file.
            Absence::BadLink | Absence::NotRead => return,
        };
        let problem = self.problem(Code::MissingFile, path.marks, message);
        report.push(match self.similar_path(&path.value) {
            Some(near) => problem
                .hint(format!("did you mean `{near}`?"))
                .fix(format!("change to `{near}`"), near),
            None => problem,
        });
    }

    fn similar_path(&self, path: &BundlePath) -> Option<&'a str> {
        let known: Vec<&str> = self
            .files
            .iter()
            .take(500)
            .map(|(path, _)| path.as_str())
            .collect();
        crate::nearest::nearest(path.as_str(), &known)
    }

    fn read_manifests(&self, report: &mut Report) -> BTreeMap<BundlePath, ManifestFile> {
        let whole = self.whole_manifests();
        let partial = self.partial_manifests();
        let whole = whole.into_iter().map(|path| (path, Completeness::Whole));
        let partial = partial.into_iter().map(|path| (path, Completeness::Partial));
        let read = partial.chain(whole).filter_map(|(path, completeness)| {
            Some((
                path.clone(),
                manifest::read(self.files, path, completeness, report)?,
            ))
        });
        read.collect()
    }

    fn whole_manifests(&self) -> BTreeSet<&'a BundlePath> {
        let patterns = self
            .dependencies()
            .flat_map(|dependency| dependency.manifests.iter().flat_map(|list| &list.value));
        let gates = self
            .dependencies()
            .flat_map(|dependency| dependency.ready.iter().flat_map(|list| &list.value));
        let dry_runs = gates.filter_map(|gate| gate.value.dry_run.as_ref());
        let dry_runs = dry_runs
            .filter_map(|path| self.files.follow(path.value.as_str()).ok())
            .map(|(path, _)| path);
        patterns
            .flat_map(|pattern| self.matching(&pattern.value))
            .chain(dry_runs)
            .collect()
    }

    fn partial_manifests(&self) -> BTreeSet<&'a BundlePath> {
        let checks = self.spec.checks.iter().flat_map(|list| &list.value);
        let asserts = checks.filter_map(|check| check.value.assert.as_ref());
        asserts
            .filter_map(|path| self.files.follow(path.value.as_str()).ok())
            .map(|(path, _)| path)
            .collect()
    }
}

fn task_file<'a>(files: &'a BundleFiles, report: &mut Report) -> Option<(&'a BundlePath, &'a [u8])> {
    match files.follow(TASK_FILE) {
        Ok((path, crate::Entry::File(file))) => Some((path, &file.content)),
        Err(Absence::Missing | Absence::Folder) => {
            report.push(missing_task(files));
            None
        }
        // These have a problem of their own, at the file.
        Ok(_) | Err(Absence::BadLink | Absence::NotRead) => None,
    }
}

fn missing_task(files: &BundleFiles) -> Diagnostic {
    let problem = Diagnostic::new(
        Code::MissingTask,
        BundlePath::lossy(TASK_FILE),
        "there is no task.yaml",
    );
    let other = ["task.yml", "Task.yaml", "task.json"]
        .into_iter()
        .find(|name| files.entry(name).is_some());
    match other {
        Some(other) => problem.hint(format!("rename `{other}` to `task.yaml`")),
        None => problem.hint("`taskwright new` writes a bundle to start from"),
    }
}
