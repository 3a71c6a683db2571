//! What of a bundle its Kubernetes version, its limits or its boundaries will refuse, found before anything boots.
//!
//! One module per thing that refuses. Nearly all are warnings: a task may be about a pod that does not fit.

mod api_versions;
mod budget;
mod custom;
mod pod_security;
mod services;
mod workload;

use bundle::diagnostic::{Code, Span};
use bundle::lock::{self, LockState};
use bundle::model::{Dependency, ManifestDocument, ManifestFile, Source};
use bundle::{Bundle, BundlePath, Diagnostic};
use serde_json::Value;

use crate::{object_name, objects_of};

/// An object of a dependency, with its place.
struct Placed {
    file: BundlePath,
    line: u32,
    object: Value,
}

/// Everything in the manifests of `bundle`, and in what was rendered when it was locked, that will be refused.
#[must_use]
pub fn fit(bundle: &Bundle) -> Vec<Diagnostic> {
    let objects = placed(bundle);
    let rules = [
        api_versions::refused,
        budget::refused,
        custom::refused,
        pod_security::refused,
        services::refused,
    ];
    let found = rules.iter().flat_map(|refused| refused(bundle, &objects));
    let mut found: Vec<Diagnostic> = found.collect();
    bundle::diagnostic::sort(&mut found);
    found
}

/// Claims of `bundle` that name a storage class which the host does not have, as notes: they will wait for ever.
pub(crate) fn claims_without_class(bundle: &Bundle, present: &[String]) -> Vec<String> {
    let is_missing = |class: &str| !class.is_empty() && !present.iter().any(|one| one == class);
    placed(bundle)
        .iter()
        .flat_map(|placed| {
            workload::storage_classes(&placed.object)
                .filter(|class| is_missing(class))
                .map(|class| {
                    format!(
                        "{} ({}:{}) names the storage class `{class}`, which this host does not have: it will wait for its volume",
                        placed.name(),
                        placed.file,
                        placed.line
                    )
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn placed(bundle: &Bundle) -> Vec<Placed> {
    let of = |dependency: &Dependency| match &dependency.source {
        Source::Manifests { files } => files.iter().flat_map(in_file).collect(),
        Source::Helm { .. } | Source::Kustomize { .. } => rendered(bundle, dependency),
    };
    bundle.dependencies.iter().flat_map(of).collect()
}

fn in_file(file: &ManifestFile) -> impl Iterator<Item = Placed> {
    let placed = |document: &ManifestDocument, object| Placed {
        file: file.path.clone(),
        line: document.line,
        object,
    };
    let documents = file.documents.iter();
    documents.flat_map(move |document| {
        objects_of(&document.value)
            .into_iter()
            .map(move |object| placed(document, object))
    })
}

/// What a dependency was rendered to; nothing as long as it is not locked.
fn rendered(bundle: &Bundle, dependency: &Dependency) -> Vec<Placed> {
    let LockState::Locked { manifests, .. } = lock::state(bundle, dependency) else {
        return Vec::new();
    };
    // One that cannot be read is told of where the lock is.
    let objects = lock::from_yaml(&manifests).unwrap_or_default();
    let file = lock::manifests_path(dependency.name.as_str());
    let placed = |(object, line)| Placed {
        file: file.clone(),
        line,
        object,
    };
    objects
        .into_iter()
        .zip(documents(&manifests))
        .map(placed)
        .collect()
}

/// The line at which each document of a rendering starts; a lock writes one object to a document.
fn documents(manifests: &[u8]) -> impl Iterator<Item = u32> {
    let breaks = manifests.split(|byte| *byte == b'\n').zip(2_u32..);
    let after = breaks.filter(|(line, _)| *line == b"---").map(|(_, next)| next);
    let first = (!manifests.starts_with(b"---\n")).then_some(1);
    first.into_iter().chain(after)
}

impl Placed {
    /// A problem with this object.
    fn problem(&self, bundle: &Bundle, code: Code, message: String) -> Diagnostic {
        let problem = Diagnostic::new(code, self.file.clone(), message);
        match self.span(bundle) {
            Some(span) => problem.at(span),
            None => problem,
        }
    }

    /// The first line of its document.
    fn span(&self, bundle: &Bundle) -> Option<Span> {
        let content = bundle.files.content(self.file.as_str()).ok()?;
        Some(Span::in_line(std::str::from_utf8(content).ok()?, self.line, 0))
    }

    fn name(&self) -> String {
        object_name(&self.object)
    }
}

#[cfg(test)]
mod tests;
