//! The whole of a lock: everything rendered, every image asked for, all problems at once.

use std::collections::{BTreeMap, BTreeSet};

use bundle::lock::{self, Drift, Lock, LockedDependency};
use bundle::model::{Dependency, Source};
use bundle::{Bundle, BundleFiles, BundlePath, Code, Diagnostic, Entry, File};
use cluster::{Helm, Kubectl};
use plan::Mirror;
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::images::{ImageError, platforms, resolve};
use crate::render::{self, Outcome};

/// What a lock is made with; a program that nothing needs may be missing.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    /// Fetches and renders charts.
    pub helm: Option<Helm>,
    /// Builds kustomizations.
    pub kubectl: Option<Kubectl>,
    /// A registry that is asked before others.
    pub mirror: Option<Mirror>,
}

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[ts(rename = "LockEvent")]
pub enum Event {
    /// A chart is fetched.
    Fetching {
        /// Which.
        chart: String,
    },
    /// A dependency is rendered.
    Rendering {
        /// Its name.
        dependency: String,
    },
    /// Registries are asked for digests.
    Resolving {
        /// Of how many images.
        images: usize,
    },
}

/// What came of locking.
#[derive(Debug)]
pub struct Locked {
    /// The lock, unless an error is among the problems.
    pub lock: Option<Lock>,
    /// The files to write with their texts, `task.lock` last.
    pub files: Vec<(BundlePath, String)>,
    /// Everything that is to be said.
    pub diagnostics: Vec<Diagnostic>,
    /// The files of the bundle and of its charts, for the lines that are shown.
    pub shown: BundleFiles,
}

/// Renders everything that has to be rendered and resolves every image.
pub async fn lock(bundle: &Bundle, tools: &Tools, events: &(dyn Fn(Event) + Sync)) -> Locked {
    let mut made = Making::new(bundle);
    for dependency in &bundle.dependencies {
        if let Some(outcome) = render::render(bundle, dependency, tools, events).await {
            made.take(dependency, outcome);
        }
    }
    if made.diagnostics.iter().any(Diagnostic::is_error) {
        return made.failed();
    }
    made.images.extend(lock::images_of_bundle(bundle));
    made.images.extend(plan::images(bundle));
    events(Event::Resolving {
        images: made.images.len(),
    });
    let (known, unknown) = resolve(&made.images, tools.mirror.as_ref()).await;
    let platforms = platforms(&known, tools.mirror.as_ref(), bundle.lock.as_ref()).await;
    made.finish(tools, known, platforms, &unknown)
}

/// A lock in the making.
struct Making<'a> {
    bundle: &'a Bundle,
    dependencies: BTreeMap<String, LockedDependency>,
    files: Vec<(BundlePath, String)>,
    images: BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
    shown: BundleFiles,
}

impl<'a> Making<'a> {
    fn new(bundle: &'a Bundle) -> Self {
        Self {
            bundle,
            dependencies: BTreeMap::new(),
            files: Vec::new(),
            images: BTreeSet::new(),
            diagnostics: Vec::new(),
            shown: bundle.files.clone(),
        }
    }

    fn take(&mut self, dependency: &Dependency, outcome: Outcome) {
        self.diagnostics.extend(outcome.problems);
        for (path, content) in outcome.shown {
            let file = File {
                content: content.into(),
                executable: false,
            };
            self.shown.insert(path, Entry::File(file));
        }
        let Some(rendering) = outcome.rendering else {
            return;
        };
        let name = dependency.name.as_str();
        let kept = self.kept(dependency).filter(|_| !rendering.is_steady);
        let objects = kept.unwrap_or(rendering.objects);
        let text = match lock::to_yaml(&objects) {
            Ok(text) => text,
            Err(problem) => {
                let message = format!("what was rendered cannot be written: {problem}");
                let problem = Diagnostic::new(Code::NotRendered, dependency.at.file.clone(), message);
                return self.diagnostics.push(problem.at(dependency.at.span));
            }
        };
        self.images.extend(lock::images_of(&objects));
        self.images.extend(lock::images_of(&rendering.hooks));
        let locked = LockedDependency {
            source: rendering.source,
            chart: rendering.chart,
            inputs: lock::inputs(self.bundle, dependency).unwrap_or_default(),
            manifests: lock::digest(text.as_bytes()),
            objects: objects.len(),
        };
        self.dependencies.insert(name.to_owned(), locked);
        self.files.push((lock::manifests_path(name), text));
    }

    /// The objects that were locked before, if nothing has changed since: random values are to stay.
    fn kept(&self, dependency: &Dependency) -> Option<Vec<Value>> {
        match lock::state(self.bundle, dependency) {
            lock::LockState::Locked {
                manifests,
                is_fresh: true,
            } => lock::from_yaml(&manifests).ok(),
            _ => None,
        }
    }

    fn failed(mut self) -> Locked {
        bundle::diagnostic::sort(&mut self.diagnostics);
        Locked {
            lock: None,
            files: Vec::new(),
            diagnostics: self.diagnostics,
            shown: self.shown,
        }
    }

    fn finish(
        mut self,
        tools: &Tools,
        known: BTreeMap<String, String>,
        platforms: BTreeMap<String, Vec<String>>,
        unknown: &[ImageError],
    ) -> Locked {
        self.diagnostics.extend(unknown.iter().map(unresolved));
        let mut images: BTreeMap<String, Option<String>> = known
            .into_iter()
            .map(|(image, digest)| (image, Some(digest)))
            .collect();
        images.extend(unknown.iter().map(|error| (error.image.clone(), None)));
        let lock = Lock {
            version: lock::VERSION,
            kubernetes: self.bundle.environment.kubernetes_version.to_string(),
            vcluster: plan::CHART_VERSION.to_owned(),
            rendered_by: rendered_by(self.bundle, tools),
            dependencies: std::mem::take(&mut self.dependencies),
            images,
            platforms,
        };
        match lock.to_text() {
            Ok(text) => self.files.push((BundlePath::lossy(lock::FILE), text)),
            Err(problem) => {
                let message = format!("the lock cannot be written: {problem}");
                self.diagnostics.push(Diagnostic::new(
                    Code::BrokenLock,
                    BundlePath::lossy(lock::FILE),
                    message,
                ));
                return self.failed();
            }
        }
        bundle::diagnostic::sort(&mut self.diagnostics);
        Locked {
            lock: Some(lock),
            files: self.files,
            diagnostics: self.diagnostics,
            shown: self.shown,
        }
    }
}

fn unresolved(error: &ImageError) -> Diagnostic {
    let message = format!(
        "the digest of image `{}` is not known: {}",
        error.image, error.reason
    );
    Diagnostic::new(Code::UnresolvedImage, BundlePath::lossy("task.yaml"), message)
        .hint("is its name right, and can this machine reach its registry? a `mirror` in the host's settings is asked first")
}

fn rendered_by(bundle: &Bundle, tools: &Tools) -> BTreeMap<String, String> {
    let uses = |test: fn(&Source) -> bool| bundle.dependencies.iter().any(|one| test(&one.source));
    let mut programs = BTreeMap::new();
    if let Some(helm) = tools
        .helm
        .as_ref()
        .filter(|_| uses(|source| matches!(source, Source::Helm { .. })))
    {
        programs.insert("helm".to_owned(), helm.version().to_string());
    }
    let kubectl = tools.kubectl.as_ref();
    if let Some(kubectl) = kubectl.filter(|_| uses(|source| matches!(source, Source::Kustomize { .. }))) {
        programs.insert(
            "kubectl".to_owned(),
            kubectl.version().trim_start_matches('v').to_owned(),
        );
    }
    programs
}

/// An image whose name stands for something else by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its full name.
    pub image: String,
    /// What was locked.
    pub locked: String,
    /// What it stands for now.
    pub now: String,
}

/// What a lock says of a bundle, compared with what there is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What differs in the bundle.
    pub drifts: Vec<Drift>,
    /// Images that have moved.
    pub moved: Vec<Moved>,
    /// Images that could not be asked for; they may have moved.
    pub unasked: Vec<ImageError>,
}

impl Checked {
    /// Whether anything differs.
    pub fn has_drifted(&self) -> bool {
        !self.drifts.is_empty() || !self.moved.is_empty()
    }
}

/// Compares a bundle with its lock: its files, and what its images' names stand for now.
pub async fn check(bundle: &Bundle, mirror: Option<&Mirror>, events: &(dyn Fn(Event) + Sync)) -> Checked {
    let Some(lock) = &bundle.lock else {
        return Checked::default();
    };
    let mut drifts = lock::drifts(bundle);
    let unresolved = lock.images.iter().filter(|(_, digest)| digest.is_none());
    drifts.extend(unresolved.map(|(image, _)| Drift::Unresolved { image: image.clone() }));
    let locked: BTreeMap<&String, &String> = lock
        .images
        .iter()
        .filter_map(|(image, digest)| Some((image, digest.as_ref()?)))
        .collect();
    let images: BTreeSet<String> = locked.keys().map(|image| (*image).clone()).collect();
    events(Event::Resolving { images: images.len() });
    let (known, unasked) = resolve(&images, mirror).await;
    let moved = known.into_iter().filter_map(|(image, now)| {
        let locked = (*locked.get(&image)?).clone();
        (locked != now).then_some(Moved { image, locked, now })
    });
    Checked {
        drifts,
        moved: moved.collect(),
        unasked,
    }
}
