//! The templates that new bundles start from: embedded, listed, and written out all or nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bundle::name::{NameError, TaskName};
use bundle::{BundleFiles, BundlePath, Entry, File};
use include_dir::{Dir, include_dir};
use thiserror::Error;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../task-templates");

/// The keys in a template's `task.yaml` that describe it in lists; new bundles do not have them.
const SUMMARY_KEY: &str = "x-summary: ";
const TEACHES_KEY: &str = "x-teaches: ";

/// A bundle to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What `--template` calls it.
    pub name: &'static str,
    /// The title of its task.
    pub title: String,
    /// What it is about, in a sentence.
    pub summary: String,
    /// What an author learns from it.
    pub teaches: Vec<String>,
    files: BundleFiles,
}

/// Why no bundle was written.
#[derive(Debug, Error)]
pub enum ScaffoldError {
    /// There is no such template.
    #[error("there is no template `{name}`; there are {known}")]
    UnknownTemplate {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The task cannot be called that.
    #[error("`{name}` cannot be the name of a task: it {source}; name it with `--name`")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        #[source]
        source: NameError,
    },
    /// Something is there already.
    #[error("`{target}` is there already and not an empty folder; name a new folder")]
    Occupied {
        /// The folder.
        target: PathBuf,
    },
    /// The system refused.
    #[error("failed to write the bundle to `{target}`; nothing was left there")]
    Write {
        /// The folder.
        target: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// All templates, in the order of their names.
pub fn templates() -> Vec<Template> {
    let mut templates: Vec<Template> = TEMPLATES.dirs().map(template).collect();
    templates.sort_by_key(|template| template.name);
    templates
}

/// The template of this name.
pub fn find(name: &str) -> Result<Template, ScaffoldError> {
    let templates = templates();
    let known = templates
        .iter()
        .map(|template| template.name)
        .collect::<Vec<_>>()
        .join(", ");
    let unknown = || ScaffoldError::UnknownTemplate {
        name: name.to_owned(),
        known,
    };
    templates
        .into_iter()
        .find(|template| template.name == name)
        .ok_or_else(unknown)
}

/// The name of a task that lies in this folder.
pub fn name_for(target: &Path) -> Result<TaskName, ScaffoldError> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    TaskName::new(&name).map_err(|source| ScaffoldError::Name {
        name: name.into_owned(),
        source,
    })
}

/// Writes a new bundle: all of it, or nothing.
pub fn scaffold(template: &Template, target: &Path, name: &TaskName) -> Result<(), ScaffoldError> {
    if is_occupied(target) {
        return Err(ScaffoldError::Occupied {
            target: target.to_owned(),
        });
    }
    write_beside(template, target, name).map_err(|source| ScaffoldError::Write {
        target: target.to_owned(),
        source,
    })
}

impl Template {
    /// The paths of its files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &BundlePath> {
        self.files.iter().map(|(path, _)| path)
    }

    /// Its files, as a bundle of this name has them.
    pub fn files(&self, name: &TaskName) -> BundleFiles {
        let rename = |(path, entry): (&BundlePath, &Entry)| match entry {
            Entry::File(file) if path.as_str() == "task.yaml" => (path.clone(), self.task(file, name)),
            _ => (path.clone(), entry.clone()),
        };
        self.files.iter().map(rename).collect()
    }

    fn task(&self, file: &File, name: &TaskName) -> Entry {
        let text = String::from_utf8_lossy(&file.content);
        let own_name = format!("  name: {}", self.name);
        let is_of_list = |line: &&str| line.starts_with(SUMMARY_KEY) || line.starts_with(TEACHES_KEY);
        let lines = text.lines().filter(|line| !is_of_list(line));
        let renamed = lines.map(|line| {
            if line == own_name {
                format!("  name: {name}\n")
            } else {
                format!("{line}\n")
            }
        });
        Entry::File(File {
            content: renamed.collect::<String>().into_bytes().into(),
            executable: false,
        })
    }
}

fn template(folder: &'static Dir<'static>) -> Template {
    let mut files = BundleFiles::new();
    collect(folder, folder, &mut files);
    let task = files
        .content("task.yaml")
        .map(|content| content.to_vec())
        .unwrap_or_default();
    let task = String::from_utf8_lossy(&task).into_owned();
    let value_of = |key: &str| {
        task.lines()
            .find_map(|line| line.strip_prefix(key))
            .unwrap_or_default()
            .to_owned()
    };
    Template {
        name: folder
            .path()
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default(),
        title: value_of("  title: "),
        summary: value_of(SUMMARY_KEY),
        teaches: serde_yaml::from_str(&value_of(TEACHES_KEY)).unwrap_or_default(),
        files,
    }
}

fn collect(root: &'static Dir<'static>, folder: &'static Dir<'static>, files: &mut BundleFiles) {
    for file in folder.files() {
        let relative = file.path().strip_prefix(root.path()).unwrap_or(file.path());
        let content = file.contents();
        let entry = Entry::File(File {
            content: content.into(),
            executable: content.starts_with(b"#!"),
        });
        files.insert(
            BundlePath::lossy(&relative.to_string_lossy().replace('\\', "/")),
            entry,
        );
    }
    for below in folder.dirs() {
        collect(root, below, files);
    }
}

fn is_occupied(target: &Path) -> bool {
    match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Writes to a folder beside the target, which then takes the target's place in one step.
fn write_beside(template: &Template, target: &Path, name: &TaskName) -> io::Result<()> {
    let parent = match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent)?;
    let draft = tempfile::Builder::new()
        .prefix(".taskwright-new-")
        .tempdir_in(parent)?;
    for (path, entry) in template.files(name).iter() {
        if let Entry::File(file) = entry {
            write_file(&draft.path().join(path.as_str()), file)?;
        }
    }
    open_to_all(draft.path())?;
    if target.exists() {
        fs::remove_dir(target)?;
    }
    fs::rename(draft.path(), target)?;
    // What was renamed is no longer there to be removed.
    let _ = draft.keep();
    Ok(())
}

fn write_file(path: &Path, file: &File) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, &file.content)?;
    if file.executable {
        make_executable(path)
    } else {
        Ok(())
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode();
    // Whoever may read it may run it, as the user's umask has it.
    fs::set_permissions(path, fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

/// Elsewhere there is nothing to say.
#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Temporary folders are closed to others; a bundle's folder is like any other.
#[cfg(unix)]
fn open_to_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

/// Elsewhere temporary folders are like any other.
#[cfg(not(unix))]
fn open_to_all(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> TaskName {
        TaskName::new(text).unwrap()
    }

    #[test]
    fn every_template_is_listed_and_checks_clean() {
        let names: Vec<_> = templates().iter().map(|template| template.name).collect();
        assert_eq!(
            names,
            [
                "blank",
                "certificate-expired",
                "ingress-502",
                "istio-retries",
                "node-pressure",
                "postgres-recovery",
                "rabbitmq-backlog"
            ]
        );
        for template in templates() {
            assert!(
                !template.title.is_empty() && !template.summary.is_empty() && !template.teaches.is_empty(),
                "{}",
                template.name
            );
            assert!(template.paths().any(|path| path.as_str() == "statement.md"));
            let checked = bundle::check(&template.files(&name("my-task")));
            assert_eq!(checked.diagnostics, [], "{}", template.name);
            assert_eq!(checked.bundle.map(|bundle| bundle.name), Some(name("my-task")));
        }
    }

    #[test]
    fn a_new_bundle_is_what_its_template_is() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("deep/my-task");
        let template = find("postgres-recovery").unwrap();
        scaffold(&template, &target, &name("my-task")).unwrap();
        assert_eq!(crate::open(&target).unwrap(), template.files(&name("my-task")));
        let task = fs::read_to_string(target.join("task.yaml")).unwrap();
        assert!(!task.contains("x-"), "what describes the template is left out");
        let left: Vec<_> = fs::read_dir(folder.path().join("deep")).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing else is left behind");
    }

    #[test]
    fn a_folder_in_use_is_refused_and_an_empty_one_taken() {
        let folder = tempfile::tempdir().unwrap();
        let template = find("blank").unwrap();
        scaffold(&template, folder.path(), &name("a")).unwrap();
        let again = scaffold(&template, folder.path(), &name("b"));
        assert!(matches!(again, Err(ScaffoldError::Occupied { .. })));
        let file = folder.path().join("task.yaml");
        assert!(matches!(
            scaffold(&template, &file, &name("b")),
            Err(ScaffoldError::Occupied { .. })
        ));
    }

    #[test]
    fn unknown_templates_and_bad_names_say_what_to_do() {
        let error = find("mysql").unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no template `mysql`; there are blank, certificate-expired, ingress-502, istio-retries, node-pressure, postgres-recovery, rabbitmq-backlog"
        );
        assert!(
            name_for(Path::new("/tmp/My Task"))
                .unwrap_err()
                .to_string()
                .contains("--name")
        );
        assert_eq!(name_for(Path::new("tasks/my-task")).unwrap(), name("my-task"));
    }
}
