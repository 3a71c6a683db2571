//! What a bundle must be before it is published. A platform puts its own rules here.

use std::path::Path;

use export::{Report, file, verify};

/// One thing that is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The place in the bundle, where there is one.
    pub place: Option<String>,
    /// What is wrong, and what to do.
    pub detail: String,
}

/// Judges bundles.
pub trait Verify: Send + Sync + 'static {
    /// Everything that is wrong with a file that is to be published for a task. Nothing is unpacked to disk.
    fn verify(&self, file: &Path, task: &str) -> Vec<Finding>;
}

/// Takes what is whole, locked and proven, and was exported without force.
#[derive(Debug, Clone, Copy)]
pub struct Proven;

impl Verify for Proven {
    fn verify(&self, path: &Path, task: &str) -> Vec<Finding> {
        let unread = |error: &dyn std::fmt::Display| vec![finding(format!("it cannot be read: {error}"))];
        let mut opened = match file::open(path) {
            Ok(opened) => opened,
            Err(error) => return unread(&error),
        };
        match verify::archive(&mut opened) {
            Ok(received) => findings(&received.report, task),
            Err(error) => unread(&error),
        }
    }
}

fn findings(report: &Report, task: &str) -> Vec<Finding> {
    let problems = report.problems.iter();
    let mut all: Vec<Finding> = problems
        .map(|problem| finding(format!("{problem}; {}", problem.remedy())))
        .collect();
    let forced = report.forced.iter();
    all.extend(forced.map(|objection| {
        finding(format!(
            "it was exported by force: {objection}; {}",
            objection.remedy()
        ))
    }));
    if let Some(manifest) = report
        .manifest
        .as_ref()
        .filter(|manifest| manifest.task.name != task)
    {
        let found = &manifest.task.name;
        all.push(finding(format!(
            "it is the task `{found}`, not `{task}`; announce it under its own name"
        )));
    }
    all
}

fn finding(detail: String) -> Finding {
    Finding { place: None, detail }
}

/// Takes any bytes: for trying the API by hand, and what is below it in tests.
#[derive(Debug, Clone, Copy)]
pub struct Anything;

impl Verify for Anything {
    fn verify(&self, _: &Path, _: &str) -> Vec<Finding> {
        Vec::new()
    }
}
