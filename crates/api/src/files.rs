//! The files of a workspace, as an editor needs them: listed, read, written without losing anybody's change, watched.

use std::path::{Path, PathBuf};

use bundle::BundlePath;
use bundle::assist::outline;
use serde::Serialize;
use tokio::sync::{Notify, mpsc};
use ts_rs::TS;
use workspace::browse;
use workspace::files::FileError;
use workspace::watch::{Watch, WatchError};

use crate::{Code, Error, bundles, fit};

/// A folder with bundles in it, or a bundle itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    /// The folder.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// The bundles in it.
    pub bundles: Vec<BundleSummary>,
}

/// A bundle in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BundleSummary {
    /// Its folder.
    pub folder: String,
    /// The name of its task, or of its folder.
    pub name: String,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// How hard it is, as written.
    pub difficulty: Option<String>,
    /// How many errors it has.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
}

/// A template for new bundles, with what it teaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Template")]
pub struct TemplateView {
    /// Its name.
    pub name: String,
    /// The title of its task.
    pub title: String,
    /// What it is about, in a sentence.
    pub summary: String,
    /// What an author learns from it.
    pub teaches: Vec<String>,
    /// The paths of its files.
    pub files: Vec<String>,
}

/// Something in a bundle's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FileNode {
    /// Its path in the bundle.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Whether a candidate never sees it.
    pub restricted: bool,
    /// Its size in bytes.
    pub size: u64,
}

/// What lies in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A file, or a link.
    File,
    /// A folder.
    Folder,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FileContent {
    /// Its path in the bundle.
    pub path: String,
    /// Its text, if it is one.
    pub text: Option<String>,
    /// What tells this content from any other.
    pub version: String,
    /// Its size in bytes.
    pub size: usize,
    /// Whether a candidate never sees it.
    pub restricted: bool,
    /// What it is written in.
    pub language: FileLanguage,
}

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum FileLanguage {
    /// YAML.
    Yaml,
    /// Markdown.
    Markdown,
    /// A shell script.
    Shell,
    /// Any other text.
    Text,
    /// No text.
    Binary,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// What tells its content from any other.
    pub version: String,
}

/// Files that others changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// Their paths.
    pub paths: Vec<String>,
}

/// Opens a folder: the bundle that it is, or those that lie in it.
pub async fn open_workspace(folder: PathBuf) -> Result<Workspace, Error> {
    aside(move || {
        let found = browse::find_bundles(&folder)?;
        if found.is_empty() {
            let message = format!("{} has no bundle in it", folder.display());
            let hint = "choose a folder that holds a task.yaml, or make a new bundle there";
            return Err(Error::new(Code::NotFound, message).hint(hint));
        }
        let checked = workspace::check_folders(&found).into_iter().zip(&found);
        Ok(Workspace {
            folder: folder.display().to_string(),
            name: last_part(&folder),
            bundles: checked
                .map(|(result, folder)| summary(folder, result.ok()))
                .collect(),
        })
    })
    .await
}

fn summary(folder: &Path, mut opened: Option<workspace::CheckedFolder>) -> BundleSummary {
    if let Some(opened) = &mut opened {
        fit::complete(&mut opened.checked);
    }
    let opened = opened.as_ref();
    let outline = opened.and_then(|opened| outline(&opened.files));
    let diagnostics = opened
        .map(|opened| opened.checked.diagnostics.as_slice())
        .unwrap_or_default();
    let errors = diagnostics.iter().filter(|one| one.is_error()).count();
    let name = outline.as_ref().and_then(|outline| outline.name.clone());
    BundleSummary {
        folder: folder.display().to_string(),
        name: name.unwrap_or_else(|| last_part(folder)),
        title: outline.as_ref().and_then(|outline| outline.title.clone()),
        difficulty: outline.and_then(|outline| outline.difficulty),
        // A folder that cannot even be read has a problem, too.
        errors: if opened.is_some() { errors } else { 1 },
        warnings: diagnostics.len() - errors,
    }
}

fn last_part(folder: &Path) -> String {
    let real = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = real.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| real.display().to_string())
}

/// The templates there are.
pub fn list_templates() -> Vec<TemplateView> {
    let view = |template: workspace::templates::Template| TemplateView {
        name: template.name.to_owned(),
        files: template.paths().map(ToString::to_string).collect(),
        title: template.title,
        summary: template.summary,
        teaches: template.teaches,
    };
    workspace::templates::templates().into_iter().map(view).collect()
}

/// Makes a bundle of this name from a template, in a folder of its own.
pub async fn new_bundle(parent: PathBuf, template: String, name: String) -> Result<BundleSummary, Error> {
    aside(move || {
        // The name becomes a folder's, so it is looked at before it is put behind the parent's.
        let task = workspace::templates::name_for(Path::new(&name))?;
        if task.as_str() != name {
            let message = format!("`{name}` cannot be the name of a task");
            return Err(Error::new(Code::Usage, message).hint(format!("call it `{task}`")));
        }
        let folder = parent.join(task.as_str());
        bundles::new(&folder, &template, Some(task.as_str()))?;
        Ok(summary(&folder, workspace::check_folder(&folder).ok()))
    })
    .await
}

/// Everything in a bundle's folder, folders first.
pub async fn list_files(bundle: PathBuf) -> Result<Vec<FileNode>, Error> {
    let node = |listed: browse::Listed| FileNode {
        path: listed.path.to_string(),
        kind: if listed.is_folder {
            FileKind::Folder
        } else {
            FileKind::File
        },
        restricted: listed.path.is_restricted(),
        size: listed.size,
    };
    aside(move || Ok(browse::list(&bundle)?.into_iter().map(node).collect())).await
}

/// Reads a file.
pub async fn read_file(bundle: PathBuf, path: String) -> Result<FileContent, Error> {
    aside(move || {
        let read = workspace::files::read(&bundle, &path)?;
        let size = read.content.len();
        let text = String::from_utf8(read.content)
            .ok()
            .filter(|text| !text.contains('\0'));
        let at = BundlePath::lossy(&path);
        Ok(FileContent {
            restricted: at.is_restricted(),
            language: language(&at, text.as_deref()),
            version: read.version,
            path,
            text,
            size,
        })
    })
    .await
}

fn language(path: &BundlePath, text: Option<&str>) -> FileLanguage {
    let Some(text) = text else {
        return FileLanguage::Binary;
    };
    let runs_in_shell = || {
        let first = text.lines().next().unwrap_or_default();
        first.starts_with("#!") && first.ends_with("sh")
    };
    match path.extension() {
        Some("yaml" | "yml") => FileLanguage::Yaml,
        Some("md" | "markdown") => FileLanguage::Markdown,
        Some("sh" | "bash") => FileLanguage::Shell,
        _ if runs_in_shell() => FileLanguage::Shell,
        _ => FileLanguage::Text,
    }
}

/// Writes a file if it still is what was read (`expected`), or, with nothing expected, is not there yet.
///
/// # Errors
/// [`Code::Conflict`] when somebody else has changed it; nothing is written then.
pub async fn write_file(
    bundle: PathBuf,
    path: String,
    text: String,
    expected: Option<String>,
) -> Result<Written, Error> {
    aside(move || {
        let version = workspace::files::write(&bundle, &path, &text, expected.as_deref())?;
        Ok(Written { version })
    })
    .await
}

/// Gives a file or folder another path; nothing is overwritten.
pub async fn rename_file(bundle: PathBuf, from: String, to: String) -> Result<(), Error> {
    aside(move || Ok(workspace::files::rename(&bundle, &from, &to)?)).await
}

/// Deletes a file or an empty folder.
pub async fn delete_file(bundle: PathBuf, path: String) -> Result<(), Error> {
    aside(move || Ok(workspace::files::delete(&bundle, &path)?)).await
}

/// Tells which files others change, until nobody listens any more.
pub async fn watch_bundle(bundle: PathBuf, items: mpsc::Sender<Changes>) -> Result<(), Error> {
    let happened = std::sync::Arc::new(Notify::new());
    let wake = std::sync::Arc::clone(&happened);
    let mut watch = aside(move || Ok(Watch::new(&bundle, move || wake.notify_one())?)).await?;
    loop {
        tokio::select! {
            () = items.closed() => return Ok(()),
            () = happened.notified() => {}
        }
        let (back, found) = aside(move || {
            let found = watch.changes()?;
            Ok((watch, found))
        })
        .await?;
        watch = back;
        let paths: Vec<String> = found.iter().map(ToString::to_string).collect();
        if !paths.is_empty() && items.send(Changes { paths }).await.is_err() {
            return Ok(());
        }
    }
}

/// Work with the disk, which may be slow, away from what has to answer at once.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Error::new(Code::Cancelled, "the program is about to end")))
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        let code = match &error {
            FileError::Changed { .. } => Code::Conflict,
            FileError::Missing { .. } | FileError::Folder { .. } => Code::NotFound,
            FileError::Path { .. }
            | FileError::Outside { .. }
            | FileError::Occupied { .. }
            | FileError::IntoItself { .. }
            | FileError::NotAFile { .. }
            | FileError::NotEmpty { .. } => Code::Usage,
            FileError::TooLarge { .. } | FileError::Read { .. } | FileError::Write { .. } => Code::Disk,
        };
        advised(code, &error)
    }
}

impl From<WatchError> for Error {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Files(error) => error.into(),
            WatchError::Refused { .. } => advised(Code::Disk, &error),
        }
    }
}

/// What to do stands behind the semicolon of these messages.
fn advised(code: Code, error: &(dyn std::error::Error + 'static)) -> Error {
    let text = error.to_string();
    let Some((said, advice)) = text.split_once("; ") else {
        return Error::of(code, error);
    };
    let mut told = Error::of(code, error);
    told.message = told.message.replacen(&text, said, 1);
    told.hint(advice)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    fn workspace() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        bundles::new(&folder.path().join("tasks/first"), "blank", None).unwrap();
        bundles::new(&folder.path().join("tasks/second"), "postgres-recovery", None).unwrap();
        fs::write(folder.path().join("tasks/second/tty/motd"), b"\xff").unwrap();
        folder
    }

    #[tokio::test]
    async fn a_workspace_is_its_bundles() {
        let folder = workspace();
        let opened = open_workspace(folder.path().to_owned()).await.unwrap();
        let shown: Vec<_> = opened
            .bundles
            .iter()
            .map(|one| (one.name.as_str(), one.difficulty.as_deref(), one.errors > 0))
            .collect();
        assert_eq!(
            shown,
            [
                ("first", Some("beginner"), false),
                ("second", Some("intermediate"), true)
            ]
        );
        let one = open_workspace(folder.path().join("tasks/first")).await.unwrap();
        assert_eq!((one.name.as_str(), one.bundles.len()), ("first", 1));
        let nothing = open_workspace(folder.path().join("tasks/first/checks"))
            .await
            .unwrap_err();
        assert_eq!(nothing.code, Code::NotFound);
        assert!(!nothing.hints.is_empty());
    }

    #[tokio::test]
    async fn files_are_shown_with_what_they_are() {
        let folder = workspace();
        let bundle = folder.path().join("tasks/second");
        let read = async |path: &str| read_file(bundle.clone(), path.to_owned()).await.unwrap();
        let cases = [
            ("task.yaml", FileLanguage::Yaml, false),
            ("statement.md", FileLanguage::Markdown, false),
            ("checks/original-volume.sh", FileLanguage::Shell, true),
            ("tty/motd", FileLanguage::Binary, false),
        ];
        for (path, language, restricted) in cases {
            let file = read(path).await;
            assert_eq!((file.language, file.restricted), (language, restricted), "{path}");
            assert_eq!(file.text.is_none(), language == FileLanguage::Binary);
        }
        let files = list_files(bundle.clone()).await.unwrap();
        assert_eq!(
            files[0],
            FileNode {
                path: "checks".into(),
                kind: FileKind::Folder,
                restricted: true,
                size: 0
            }
        );
        assert!(files.iter().any(|file| file.path == "task.yaml" && file.size > 0));
    }

    #[tokio::test]
    async fn a_conflict_names_the_file_and_what_to_do() {
        let folder = workspace();
        let bundle = folder.path().join("tasks/first");
        let written = write_file(bundle, "task.yaml".into(), "x".into(), Some("old".into())).await;
        let problem = serde_json::to_value(written.unwrap_err()).unwrap();
        let expected = serde_json::json!({
            "code": "conflict",
            "message": "`task.yaml` changed on disk since it was read",
            "hints": ["compare the two, then keep one"],
        });
        assert_eq!(problem, expected);
    }

    #[tokio::test]
    async fn new_bundles_stay_in_their_parent() {
        let folder = workspace();
        let parent = folder.path().join("tasks");
        let make = async |name: &str| new_bundle(parent.clone(), "blank".into(), name.into()).await;
        assert_eq!(make("third").await.unwrap().name, "third");
        for name in ["third", "../up", "a/b", "/tmp/x", "Not A Name", ""] {
            assert_eq!(make(name).await.unwrap_err().code, Code::Usage, "{name}");
        }
        assert_eq!(fs::read_dir(parent).unwrap().count(), 3);
    }

    #[tokio::test]
    async fn changes_of_others_are_told_until_nobody_listens() {
        let folder = workspace();
        let bundle = folder.path().join("tasks/first");
        let (sender, mut receiver) = mpsc::channel(4);
        let watching = tokio::spawn(watch_bundle(bundle.clone(), sender));
        // The watch is there as soon as something of others is told.
        let told = async {
            for number in 0.. {
                fs::write(bundle.join("statement.md"), format!("# {number}")).unwrap();
                let next = tokio::time::timeout(Duration::from_millis(500), receiver.recv()).await;
                if let Ok(changes) = next {
                    return changes;
                }
            }
            None
        };
        assert_eq!(told.await.unwrap().paths, ["statement.md"]);
        drop(receiver);
        assert_eq!(watching.await.unwrap(), Ok(()));
    }
}
