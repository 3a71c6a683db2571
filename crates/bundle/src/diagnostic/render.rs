//! Diagnostics as text, JSON, SARIF and GitHub annotations. The same diagnostics give the same bytes.

mod github;
mod json;
mod sarif;
mod text;

pub use github::github;
pub use json::json;
pub use sarif::sarif;
pub use text::{Colour, text};

use super::{Diagnostic, Severity};
use crate::files::BundleFiles;

/// One checked bundle as the renderers see it.
#[derive(Debug, Clone, Copy)]
pub struct Checkup<'a> {
    /// The folder as the user named it; put before every path. Empty for none.
    pub root: &'a str,
    /// The files, for the lines that are shown.
    pub files: &'a BundleFiles,
    /// What is wrong.
    pub diagnostics: &'a [Diagnostic],
}

impl Checkup<'_> {
    /// A file's path as the user would write it.
    fn path(&self, file: &crate::BundlePath) -> String {
        match self.root.trim_end_matches('/') {
            "" if self.root.is_empty() => file.to_string(),
            root => format!("{root}/{file}"),
        }
    }

    fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }
}
