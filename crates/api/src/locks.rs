//! Locking bundles: rendering and pinning what they pull in, and saying what has drifted since.

use std::path::{Path, PathBuf};

use bundle::diagnostic::render::{self, Checkup, Colour};
use bundle::lock::{FILE, FOLDER, Lock};
use bundle::model::Source;
use bundle::{Bundle, BundleFiles, BundlePath, Diagnostic};
use cluster::{Helm, Kubectl};
pub use lock::Event;
use lock::Tools;
use plan::{HostSettings, Mirror};
use serde::Serialize;
use ts_rs::TS;
use workspace::files;

use crate::{Code, Error, editor, hosts, sandbox};

/// What came of locking a bundle.
#[derive(Debug, Serialize)]
pub struct LockView {
    /// The bundle's folder.
    pub folder: PathBuf,
    /// What was pinned; nothing when an error is among the problems, and then nothing was written.
    pub lock: Option<Lock>,
    /// Files that were written because they differed.
    pub written: Vec<String>,
    /// Rendered manifests that nothing needs any more.
    pub removed: Vec<String>,
    /// Everything that is to be said.
    pub diagnostics: Vec<Diagnostic>,
    #[serde(skip)]
    shown: BundleFiles,
}

impl LockView {
    /// The problems with their source lines.
    pub fn problems(&self, coloured: bool) -> String {
        let checkup = Checkup {
            root: "",
            files: &self.shown,
            diagnostics: &self.diagnostics,
        };
        render::text(&checkup, if coloured { Colour::Always } else { Colour::Never })
    }
}

/// What came of locking a bundle, with problems as the editor shows them.
#[derive(Debug, Clone, Serialize, TS)]
pub struct LockedBundle {
    /// Whether it is locked now; if not, nothing was written.
    pub locked: bool,
    /// Files that were written because they differed.
    pub written: Vec<String>,
    /// Rendered manifests that nothing needs any more.
    pub removed: Vec<String>,
    /// Everything that is to be said.
    pub diagnostics: Vec<editor::Diagnostic>,
}

impl From<LockView> for LockedBundle {
    fn from(view: LockView) -> Self {
        Self {
            locked: view.lock.is_some(),
            written: view.written,
            removed: view.removed,
            diagnostics: editor::shown(&view.shown, view.diagnostics),
        }
    }
}

/// How a bundle differs from its lock.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftView {
    /// The bundle's folder.
    pub folder: PathBuf,
    /// Whether there is a lock at all.
    pub is_locked: bool,
    /// Whether it still holds.
    pub has_drifted: bool,
    /// Each difference.
    pub drifts: Vec<String>,
    /// Images that could not be asked for, so that they may have moved.
    pub notes: Vec<String>,
}

/// Locks the bundle of a folder, for whatever host: `host` only says whose mirror and programs are used.
pub async fn lock(
    folder: &Path,
    bundle: &Bundle,
    host: Option<&str>,
    events: &(dyn Fn(Event) + Sync),
) -> Result<LockView, Error> {
    let tools = tools(bundle, &hosts::settings_unasked(host)?).await?;
    let locked = lock::lock(bundle, &tools, events).await;
    let mut view = LockView {
        folder: folder.to_owned(),
        lock: locked.lock,
        written: Vec::new(),
        removed: Vec::new(),
        diagnostics: locked.diagnostics,
        shown: locked.shown,
    };
    if view.lock.is_some() {
        view.written = write(folder, &locked.files)?;
        view.removed = remove(folder, bundle, &locked.files)?;
    }
    Ok(view)
}

/// Compares a bundle with its lock.
pub async fn check(
    folder: &Path,
    bundle: &Bundle,
    host: Option<&str>,
    events: &(dyn Fn(Event) + Sync),
) -> Result<DriftView, Error> {
    let mirror = mirror(&hosts::settings_unasked(host)?)?;
    let checked = lock::check(bundle, mirror.as_ref(), events).await;
    let moved = checked.moved.iter().map(|moved| {
        let (image, locked, now) = (&moved.image, &moved.locked, &moved.now);
        format!("image `{image}` is {now} instead of {locked}")
    });
    let unasked = checked.unasked.iter();
    let is_locked = bundle.lock.is_some();
    Ok(DriftView {
        folder: folder.to_owned(),
        is_locked,
        has_drifted: !is_locked || checked.has_drifted(),
        drifts: checked
            .drifts
            .iter()
            .map(ToString::to_string)
            .chain(moved)
            .collect(),
        notes: unasked
            .map(|error| format!("image `{}` could not be asked for: {}", error.image, error.reason))
            .collect(),
    })
}

async fn tools(bundle: &Bundle, settings: &HostSettings) -> Result<Tools, Error> {
    let uses = |test: fn(&Source) -> bool| bundle.dependencies.iter().any(|one| test(&one.source));
    let helm: Option<Helm> = if uses(|source| matches!(source, Source::Helm { .. })) {
        Some(sandbox::helm(settings.helm.as_deref()).await?)
    } else {
        None
    };
    let kubectl: Option<Kubectl> = if uses(|source| matches!(source, Source::Kustomize { .. })) {
        Some(sandbox::kubectl().await?)
    } else {
        None
    };
    Ok(Tools {
        helm,
        kubectl,
        mirror: mirror(settings)?,
    })
}

pub(crate) fn mirror(settings: &HostSettings) -> Result<Option<Mirror>, Error> {
    let Some(address) = &settings.mirror else {
        return Ok(None);
    };
    match Mirror::new(address) {
        Some(mirror) => Ok(Some(mirror)),
        None => Err(Error::new(
            Code::Usage,
            format!("`{address}` is not the address of a registry"),
        )
        .hint("write `mirror: http://HOST:PORT` or `https://HOST` in the host's settings")),
    }
}

/// Writes files that differ, each if nobody else has changed it meanwhile; gives their paths.
pub(crate) fn write(folder: &Path, files: &[(BundlePath, String)]) -> Result<Vec<String>, Error> {
    let mut written = Vec::new();
    for (path, text) in files {
        let before = match files::read(folder, path.as_str()) {
            Ok(before) => Some(before),
            Err(files::FileError::Missing { .. }) => None,
            Err(error) => return Err(Error::of(Code::Disk, &error)),
        };
        if before
            .as_ref()
            .is_some_and(|before| before.content == text.as_bytes())
        {
            continue;
        }
        let version = before.as_ref().map(|before| before.version.as_str());
        files::write(folder, path.as_str(), text, version).map_err(|error| Error::of(Code::Disk, &error))?;
        written.push(path.to_string());
    }
    Ok(written)
}

/// Manifests of dependencies that are not rendered any more.
fn remove(folder: &Path, bundle: &Bundle, files: &[(BundlePath, String)]) -> Result<Vec<String>, Error> {
    let is_kept = |path: &BundlePath| files.iter().any(|(kept, _)| kept == path);
    let manifests = bundle.files.below(FOLDER).map(|(path, _)| path);
    let gone = manifests.filter(|path| path.extension() == Some("yaml") && !is_kept(path));
    let mut removed = Vec::new();
    for path in gone {
        files::delete(folder, path.as_str()).map_err(|error| Error::of(Code::Disk, &error))?;
        removed.push(path.to_string());
    }
    Ok(removed)
}

/// The name of the lock's file, for words.
pub const LOCK_FILE: &str = FILE;
