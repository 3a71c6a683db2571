//! Small bundles written for one test.

use std::path::Path;

use anyhow::Result;
use tempfile::TempDir;

use crate::{host, run, taskwright};

/// A bundle in a folder of its own; removed when dropped.
#[derive(Debug)]
pub struct Bundle {
    folder: TempDir,
}

impl Bundle {
    /// A bundle whose `task.yaml` has `spec` below its fixed part.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(name: &str, spec: &str) -> Result<Self> {
        let bundle = Self {
            folder: tempfile::tempdir()?,
        };
        let task = format!(
            "apiVersion: taskwright.dev/v1alpha1\nkind: Task\nmetadata: {{name: {name}}}\nspec:\n  \
             title: End-to-end {name}\n  difficulty: beginner\n  timeLimit: 30m\n  checks:\n  \
             - {{name: done, title: Done, points: 1, cel: \"true\", timeout: 10s}}\n{spec}"
        );
        bundle
            .file("task.yaml", &task)?
            .file("statement.md", "# A task\n")
    }

    /// Adds a file; scripts get a shebang of their own making.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn file(self, path: &str, content: &str) -> Result<Self> {
        let target = self.folder.path().join(path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(target, content)?;
        Ok(self)
    }

    /// Locks it, as the sandbox has what it names.
    ///
    /// # Errors
    /// When it cannot be locked.
    pub fn lock(&self) -> Result<()> {
        let folder = self.path().to_string_lossy().into_owned();
        run(taskwright(&["lock", &folder, "--host", host::CONTEXT]))?
            .expect(0)
            .map(drop)
    }

    /// Its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A Deployment of one pod in `default`, as YAML.
#[must_use]
pub fn deployment(name: &str, image: &str, command: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    \
         metadata: {{labels: {{app: {name}}}}}\n    spec:\n      terminationGracePeriodSeconds: 0\n      \
         containers:\n      - {{name: main, image: {image}, command: {command}}}\n"
    )
}

/// A copy of one of the project's templates, in a folder of its own.
///
/// # Errors
/// When it cannot be copied.
pub fn copy_of_template(name: &str) -> Result<TempDir> {
    let template = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../task-templates")
        .join(name);
    let folder = tempfile::tempdir()?;
    copy(&template, folder.path())?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
