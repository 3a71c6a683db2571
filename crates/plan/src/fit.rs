//! What of a bundle its Kubernetes version, its limits or its boundaries will refuse, found before anything boots.
//!
//! One module per thing that refuses. Nearly all are warnings: a task may be about a pod that does not fit.

mod api_versions;
mod budget;
mod custom;
mod pod_security;
mod services;
mod workload;

use bundle::diagnostic::{Code, Position, Span};
use bundle::model::{ManifestFile, Source};
use bundle::{Bundle, BundlePath, Diagnostic};
use serde_json::Value;

use crate::objects_of;

/// An object of a dependency, with its place.
struct Placed<'a> {
    file: &'a BundlePath,
    line: u32,
    object: Value,
}

/// Everything in the manifests of `bundle` that will be refused.
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

fn placed(bundle: &Bundle) -> Vec<Placed<'_>> {
    let manifests = bundle.dependencies.iter().filter_map(|dependency| {
        if let Source::Manifests { files } = &dependency.source {
            Some(files)
        } else {
            None
        }
    });
    manifests.flatten().flat_map(in_file).collect()
}

fn in_file(file: &ManifestFile) -> impl Iterator<Item = Placed<'_>> {
    let documents = file.documents.iter();
    documents.flat_map(move |document| {
        objects_of(&document.value).into_iter().map(move |object| Placed {
            file: &file.path,
            line: document.line,
            object,
        })
    })
}

impl Placed<'_> {
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
        let text = std::str::from_utf8(bundle.files.content(self.file.as_str()).ok()?).ok()?;
        let line = text
            .split_inclusive('\n')
            .nth(usize::try_from(self.line).ok()?.checked_sub(1)?)?;
        let start = line.as_ptr().addr() - text.as_ptr().addr();
        let length = line.trim_end();
        let at = |column: usize, byte: usize| Position {
            line: self.line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
            byte: u32::try_from(byte).unwrap_or(u32::MAX),
        };
        Some(Span {
            start: at(1, start),
            end: at(1 + length.chars().count(), start + length.len()),
        })
    }

    /// Its kind and name, as in `Deployment/web`.
    fn name(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!(
            "{}/{}",
            text(&self.object["kind"]),
            text(&self.object["metadata"]["name"])
        )
    }
}

#[cfg(test)]
mod tests;
