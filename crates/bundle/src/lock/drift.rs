//! What differs between a bundle and its lock, seen from the files alone.

use std::fmt;

use super::{Lock, LockedDependency, images_of_bundle, inputs, is_rendered, manifests_path};
use crate::diagnostic::{Code, Diagnostic};
use crate::files::Content;
use crate::model::{Bundle, Dependency};
use crate::path::BundlePath;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// Another version of Kubernetes is asked for.
    Kubernetes {
        /// What was locked.
        locked: String,
        /// What the bundle asks for.
        now: String,
    },
    /// Another version of the vCluster is used.
    Vcluster {
        /// What was locked.
        locked: String,
        /// What is used.
        now: String,
    },
    /// A dependency that has to be rendered is not in the lock.
    Added {
        /// Its name.
        dependency: String,
    },
    /// A dependency of the lock is not rendered any more.
    Removed {
        /// Its name.
        dependency: String,
    },
    /// What a dependency is rendered from has changed.
    Inputs {
        /// Its name.
        dependency: String,
    },
    /// The rendered manifests of a dependency are gone.
    ManifestsMissing {
        /// Their path.
        path: BundlePath,
    },
    /// The rendered manifests of a dependency were edited.
    ManifestsChanged {
        /// Their path.
        path: BundlePath,
    },
    /// An image is used that was not locked.
    Image {
        /// Its full name.
        image: String,
    },
    /// An image's digest was not known when the bundle was locked.
    Unresolved {
        /// Its full name.
        image: String,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kubernetes { locked, now } => write!(f, "Kubernetes {now} instead of {locked}"),
            Self::Vcluster { locked, now } => write!(f, "vCluster {now} instead of {locked}"),
            Self::Added { dependency } => write!(f, "dependency `{dependency}` was added"),
            Self::Removed { dependency } => write!(f, "dependency `{dependency}` was removed"),
            Self::Inputs { dependency } => {
                write!(f, "what dependency `{dependency}` is rendered from has changed")
            }
            Self::ManifestsMissing { path } => write!(f, "`{path}` is gone"),
            Self::ManifestsChanged { path } => write!(f, "`{path}` was edited"),
            Self::Image { image } => write!(f, "image `{image}` was added"),
            Self::Unresolved { image } => write!(f, "the digest of image `{image}` is not known"),
        }
    }
}

/// What the lock says about one dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockState {
    /// Nothing.
    None,
    /// Its rendered manifests are there and unchanged.
    Locked {
        /// The manifests.
        manifests: Content,
        /// Whether what they were rendered from is unchanged, too.
        is_fresh: bool,
    },
    /// Its manifests are not what was locked.
    Broken(Drift),
}

/// What the lock of a bundle says about a dependency.
pub fn state(bundle: &Bundle, dependency: &Dependency) -> LockState {
    let locked = bundle
        .lock
        .as_ref()
        .and_then(|lock| Some((lock, lock.dependencies.get(dependency.name.as_str())?)));
    let Some((lock, locked)) = locked else {
        return LockState::None;
    };
    match manifests(bundle, dependency.name.as_str(), locked) {
        Err(drift) => LockState::Broken(drift),
        Ok(manifests) => LockState::Locked {
            manifests,
            is_fresh: versions(bundle, lock).is_empty()
                && inputs(bundle, dependency).as_ref() == Some(&locked.inputs),
        },
    }
}

fn manifests(bundle: &Bundle, name: &str, locked: &LockedDependency) -> Result<Content, Drift> {
    let path = manifests_path(name);
    match bundle.files.content(path.as_str()) {
        Err(_) => Err(Drift::ManifestsMissing { path }),
        Ok(content) if super::digest(content) != locked.manifests => Err(Drift::ManifestsChanged { path }),
        Ok(content) => Ok(content.clone()),
    }
}

/// Everything in which a bundle differs from its lock; nothing for one that was never locked.
pub fn drifts(bundle: &Bundle) -> Vec<Drift> {
    let Some(lock) = &bundle.lock else {
        return Vec::new();
    };
    let mut drifts = versions(bundle, lock);
    for dependency in &bundle.dependencies {
        drifts.extend(of_dependency(bundle, lock, dependency));
    }
    let is_there = |name: &str| {
        let mut dependencies = bundle.dependencies.iter();
        dependencies.any(|dependency| dependency.name.as_str() == name && is_rendered(&dependency.source))
    };
    let gone = lock.dependencies.keys().filter(|name| !is_there(name));
    drifts.extend(gone.map(|name| Drift::Removed {
        dependency: name.clone(),
    }));
    let unknown = images_of_bundle(bundle)
        .into_iter()
        .filter(|image| !lock.images.contains_key(image));
    drifts.extend(unknown.map(|image| Drift::Image { image }));
    drifts
}

fn versions(bundle: &Bundle, lock: &Lock) -> Vec<Drift> {
    let mut drifts = Vec::new();
    let now = bundle.environment.kubernetes_version.to_string();
    if lock.kubernetes != now {
        let locked = lock.kubernetes.clone();
        drifts.push(Drift::Kubernetes { locked, now });
    }
    if lock.vcluster != crate::vcluster::CHART_VERSION {
        drifts.push(Drift::Vcluster {
            locked: lock.vcluster.clone(),
            now: crate::vcluster::CHART_VERSION.to_owned(),
        });
    }
    drifts
}

fn of_dependency(bundle: &Bundle, lock: &Lock, dependency: &Dependency) -> Vec<Drift> {
    let Some(inputs) = inputs(bundle, dependency) else {
        return Vec::new();
    };
    let name = dependency.name.to_string();
    let Some(locked) = lock.dependencies.get(&name) else {
        return vec![Drift::Added { dependency: name }];
    };
    let mut drifts: Vec<Drift> = manifests(bundle, &name, locked).err().into_iter().collect();
    if inputs != locked.inputs {
        drifts.push(Drift::Inputs { dependency: name });
    }
    drifts
}

/// The differences as warnings of a check.
pub fn diagnostics(bundle: &Bundle) -> Vec<Diagnostic> {
    let one = |drift: Drift| {
        let message = format!("the lock is stale: {drift}");
        Diagnostic::new(Code::StaleLock, BundlePath::lossy(super::FILE), message)
            .hint("lock the bundle again with `taskwright lock`")
    };
    drifts(bundle).into_iter().map(one).collect()
}
