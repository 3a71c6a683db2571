//! Bundles on disk: making, checking and opening them.

use std::path::{Path, PathBuf};

use bundle::diagnostic::render::{self, Checkup, Colour};
pub use bundle::{Bundle, Diagnostic, Severity};
use serde::Serialize;
use serde_json::Value;
use workspace::templates;

use crate::{Code, Error, fit};

/// A folder that was checked.
#[derive(Debug)]
pub struct CheckedFolder {
    inner: workspace::CheckedFolder,
    root: String,
}

impl CheckedFolder {
    fn new(mut inner: workspace::CheckedFolder, folder: &Path) -> Self {
        fit::complete(&mut inner.checked);
        Self {
            inner,
            root: root(folder),
        }
    }

    /// What is wrong with it.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.inner.checked.diagnostics
    }

    /// Whether it cannot be used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics().iter().any(Diagnostic::is_error)
    }

    /// The bundle, if it can be used.
    pub fn into_bundle(self) -> Option<Bundle> {
        self.inner.checked.bundle
    }

    fn checkup(&self) -> Checkup<'_> {
        self.inner.checkup(&self.root)
    }
}

/// Ways to print diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The source line with a mark below, and a count at the end.
    Text {
        /// Whether to colour it.
        coloured: bool,
    },
    /// One document.
    Json,
    /// For code scanning services.
    Sarif,
    /// Annotations of GitHub workflows.
    Github,
}

/// Checks folders, all of them even when some cannot be opened; those come back as errors.
pub fn check(folders: &[PathBuf]) -> (Vec<CheckedFolder>, Vec<Error>) {
    let mut checked = Vec::new();
    let mut unopened = Vec::new();
    for (result, folder) in workspace::check_folders(folders).into_iter().zip(folders) {
        match result {
            Ok(inner) => checked.push(CheckedFolder::new(inner, folder)),
            Err(error) => unopened.push(Error::of(Code::Bundle, &error)),
        }
    }
    (checked, unopened)
}

/// Checks one folder.
pub fn check_one(folder: &Path) -> Result<CheckedFolder, Error> {
    let inner = workspace::check_folder(folder).map_err(|error| Error::of(Code::Bundle, &error))?;
    Ok(CheckedFolder::new(inner, folder))
}

/// What is put before paths: nothing for the folder we are in.
fn root(folder: &Path) -> String {
    let text = folder.display().to_string();
    if text == "." { String::new() } else { text }
}

/// All diagnostics in a format.
pub fn render(checked: &[CheckedFolder], format: Format) -> String {
    let checkups: Vec<Checkup<'_>> = checked.iter().map(CheckedFolder::checkup).collect();
    match format {
        Format::Text { coloured } => {
            let colour = if coloured { Colour::Always } else { Colour::Never };
            let texts: String = checkups
                .iter()
                .map(|checkup| render::text(checkup, colour))
                .collect();
            texts + &counted(checked)
        }
        Format::Json => pretty(&render::json(&checkups)),
        Format::Sarif => pretty(&render::sarif(&checkups)),
        Format::Github => checkups.iter().map(render::github).collect(),
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn counted(checked: &[CheckedFolder]) -> String {
    let of = |severity: Severity| {
        checked
            .iter()
            .flat_map(CheckedFolder::diagnostics)
            .filter(|one| one.severity == severity)
            .count()
    };
    let several =
        |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let found = [(of(Severity::Error), "error"), (of(Severity::Warning), "warning")];
    let found: Vec<String> = found
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| several(*number, noun))
        .collect();
    let found = if found.is_empty() {
        "no problems".to_owned()
    } else {
        found.join(" and ")
    };
    format!("{found} in {}\n", several(checked.len(), "bundle"))
}

/// The JSON Schema of `task.yaml`.
pub fn schema() -> String {
    pretty(&bundle::schema())
}

/// A template for new bundles.
#[derive(Debug, Clone, Serialize)]
pub struct Template {
    /// Its name.
    pub name: &'static str,
    /// The title of its task.
    pub title: String,
    /// What it is about, in a sentence.
    pub summary: String,
}

/// A bundle that was made.
#[derive(Debug, Clone, Serialize)]
pub struct Made {
    /// Its folder.
    pub folder: PathBuf,
    /// The name of its task.
    pub name: String,
    /// The template it was made from.
    pub template: String,
}

/// The templates there are.
pub fn templates() -> Vec<Template> {
    let view = |template: templates::Template| Template {
        name: template.name,
        title: template.title,
        summary: template.summary,
    };
    templates::templates().into_iter().map(view).collect()
}

/// Makes a bundle from a template. Without a name the task is called as its folder.
pub fn new(folder: &Path, template: &str, name: Option<&str>) -> Result<Made, Error> {
    let from = templates::find(template)?;
    let name = templates::name_for(name.map_or(folder, Path::new))?;
    templates::scaffold(&from, folder, &name)?;
    Ok(Made {
        folder: folder.to_owned(),
        name: name.to_string(),
        template: template.to_owned(),
    })
}
