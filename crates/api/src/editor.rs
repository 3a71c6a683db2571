//! Help in the editor: problems and the outline while somebody types, completions, explanations, edits by structure.

use std::path::PathBuf;
use std::time::Duration;

use bundle::assist;
use bundle::assist::outline::{self, StepKind};
use bundle::diagnostic::{self, Span};
use bundle::edit::{self, EditError, Step};
use bundle::model::Role;
use bundle::{BundleFiles, BundlePath, Entry, File};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::files::aside;
use crate::units::Units;
use crate::{Code, Error};

/// Text of an editor that counts instead of the file on disk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Overlay {
    /// The file.
    pub path: String,
    /// What is in the editor.
    pub text: String,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CheckResult {
    /// All problems.
    pub diagnostics: Vec<Diagnostic>,
    /// What the task is made of; nothing while its text is no YAML.
    pub outline: Option<Outline>,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// Its code.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The file it is in.
    pub file: String,
    /// Where it starts.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// What to do about it.
    pub help: Option<String>,
    /// Changes that remove it.
    pub fixes: Vec<Fix>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The bundle cannot be used.
    Error,
    /// The bundle likely does not do what was meant.
    Warning,
}

/// A place in a file, in units of UTF-16 as editors count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// The offset, counted from 0.
    pub offset: usize,
}

/// A change that removes a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// What it does, as an offer.
    pub title: String,
    /// What it replaces.
    pub edits: Vec<TextEdit>,
}

/// A replacement in a file, in units of UTF-16.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TextEdit {
    /// The file.
    pub file: String,
    /// Where it starts.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What comes there.
    pub insert: String,
}

/// Another place that belongs to a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Related {
    /// The file.
    pub file: String,
    /// Where it starts.
    pub start: Position,
    /// What is there.
    pub message: String,
}

/// A task in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// How hard it is, as written.
    pub difficulty: Option<String>,
    /// How long the candidate has.
    pub time_limit_ms: u64,
    /// How long a boot may take.
    pub boot_budget_ms: u64,
    /// Dependencies, then init steps.
    pub steps: Vec<OutlineStep>,
    /// What grades the work.
    pub checks: Vec<OutlineCheck>,
    /// What solves it, rightly and wrongly.
    pub solutions: Vec<OutlineSolution>,
}

/// A dependency or an init step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutlineStep {
    /// As a boot calls it: `dependency/orders-db`.
    pub id: String,
    /// Which of the two it is.
    pub kind: OutlineKind,
    /// What a dependency is to the task, if it says so.
    pub role: Option<OutlineRole>,
    /// What it is made of, in words.
    pub source: String,
    /// The ids of the steps that have to be ready before it.
    pub needs: Vec<String>,
    /// When it counts as ready, in words.
    pub gates: Vec<String>,
    /// The line of its name.
    pub line: u32,
}

/// What a dependency is to the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum OutlineRole {
    /// Works on the whole cluster.
    Controller,
    /// Serves the task.
    Service,
}

/// The two kinds of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum OutlineKind {
    /// Runs in the cluster.
    Dependency,
    /// A script.
    Init,
}

/// What grades one aspect of the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutlineCheck {
    /// Its name.
    pub name: String,
    /// What it looks at.
    pub title: String,
    /// What it is worth.
    pub points: u32,
    /// The line of its name.
    pub line: u32,
}

/// What solves the task, or fails to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutlineSolution {
    /// Its name.
    pub name: String,
    /// The checks it has to fail.
    pub must_fail: Vec<String>,
    /// The line of its name.
    pub line: u32,
}

/// A step on the way to a value: a key, or an index.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(untagged)]
pub enum FormStep {
    /// Into a list.
    Index(usize),
    /// Into a mapping.
    Key(String),
}

/// A change of task.yaml by its structure.
#[derive(Debug, Clone, PartialEq, Deserialize, TS)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum FormEdit {
    /// Puts a value at a place.
    Set {
        /// The place.
        path: Vec<FormStep>,
        /// The value.
        #[ts(type = "unknown")]
        value: Value,
    },
    /// Takes away what is at a place.
    Remove {
        /// The place.
        path: Vec<FormStep>,
    },
    /// Adds to the end of a list.
    Append {
        /// The list.
        path: Vec<FormStep>,
        /// What is added.
        #[ts(type = "unknown")]
        value: Value,
    },
    /// Moves something within its list.
    Move {
        /// What is moved.
        path: Vec<FormStep>,
        /// The index it has afterwards.
        to: usize,
    },
}

/// A text that was edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Edited {
    /// All of it.
    pub text: String,
}

/// What could be written in place of a stretch of a text, in units of UTF-16.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Completions {
    /// Where it starts.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// The offers.
    pub items: Vec<Completion>,
}

/// An offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// What it is called.
    pub label: String,
    /// What is written.
    pub insert: String,
    /// What it is.
    pub kind: CompletionKind,
    /// What it is, in a word or two.
    pub detail: Option<String>,
    /// What it is for (Markdown).
    pub documentation: Option<String>,
}

/// What kinds of offers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum CompletionKind {
    /// A key.
    Key,
    /// A value of a closed list, or the default.
    Value,
    /// The name of something else in the task.
    Reference,
    /// A file or folder of the bundle.
    File,
    /// Several things at once.
    Snippet,
}

/// An explanation of a stretch of a text, in units of UTF-16.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Hover {
    /// Where it starts.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// The explanation.
    pub markdown: String,
}

/// The value of a text.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TaskValue {
    /// The value; nothing while the text cannot be read.
    #[ts(type = "unknown")]
    pub value: Option<Value>,
}

/// Checks a bundle with what is in the editor and not on disk yet.
pub async fn check_bundle(bundle: PathBuf, overlays: Vec<Overlay>) -> Result<CheckResult, Error> {
    aside(move || {
        let opened = workspace::open(&bundle).map_err(|error| Error::of(Code::NotFound, &error))?;
        Ok(check(&overlaid(opened, overlays)))
    })
    .await
}

fn overlaid(mut files: BundleFiles, overlays: Vec<Overlay>) -> BundleFiles {
    for Overlay { path, text } in overlays {
        // A path that is none cannot be one of the bundle's files.
        let Ok(path) = BundlePath::new(&path) else {
            continue;
        };
        let (path, executable) = match files.follow(path.as_str()) {
            Ok((real, Entry::File(file))) => (real.clone(), file.executable),
            _ => (path, false),
        };
        let content = text.into_bytes().into();
        files.insert(path, Entry::File(File { content, executable }));
    }
    files
}

fn check(files: &BundleFiles) -> CheckResult {
    let mut checked = bundle::check(files);
    crate::fit::complete(&mut checked);
    CheckResult {
        diagnostics: shown(files, checked.diagnostics),
        outline: outline::outline(files).map(Into::into),
    }
}

/// Problems as the window shows them.
pub(crate) fn shown(files: &BundleFiles, diagnostics: Vec<diagnostic::Diagnostic>) -> Vec<Diagnostic> {
    let mut places = Places::new(files);
    diagnostics
        .into_iter()
        .map(|one| places.diagnostic(one))
        .collect()
}

/// From bytes to units of UTF-16, each file counted once.
struct Places<'a> {
    files: &'a BundleFiles,
    counted: std::collections::HashMap<BundlePath, Units<'a>>,
}

impl<'a> Places<'a> {
    fn new(files: &'a BundleFiles) -> Self {
        Self {
            files,
            counted: std::collections::HashMap::new(),
        }
    }

    fn units(&mut self, file: &BundlePath) -> &Units<'a> {
        let files = self.files;
        self.counted.entry(file.clone()).or_insert_with(|| {
            let content = files
                .content(file.as_str())
                .map(|content| &**content)
                .unwrap_or_default();
            Units::of_bytes(content)
        })
    }

    fn range(&mut self, file: &BundlePath, span: Option<Span>) -> (Position, Position) {
        let start = Position {
            line: 1,
            column: 1,
            offset: 0,
        };
        let Some(span) = span else { return (start, start) };
        let units = self.units(file);
        (
            units.position(span.start.byte as usize),
            units.position(span.end.byte as usize),
        )
    }

    fn diagnostic(&mut self, one: diagnostic::Diagnostic) -> Diagnostic {
        let (start, end) = self.range(&one.file, one.span);
        let fixes = one.fix.into_iter().map(|fix| self.fix(&one.file, fix)).collect();
        let related = one
            .related
            .into_iter()
            .map(|related| self.related(related))
            .collect();
        Diagnostic {
            code: one.code.to_string(),
            severity: match one.severity {
                diagnostic::Severity::Error => Severity::Error,
                diagnostic::Severity::Warning => Severity::Warning,
            },
            message: one.message,
            file: one.file.to_string(),
            start,
            end,
            help: one.hint,
            fixes,
            related,
        }
    }

    fn fix(&mut self, file: &BundlePath, fix: diagnostic::Fix) -> Fix {
        let edits = fix.edits.into_iter().map(|edit| {
            let (from, to) = self.range(file, Some(edit.span));
            TextEdit {
                file: file.to_string(),
                from: from.offset,
                to: to.offset,
                insert: edit.text,
            }
        });
        Fix {
            edits: edits.collect(),
            title: fix.title,
        }
    }

    fn related(&mut self, related: diagnostic::Related) -> Related {
        Related {
            start: self.range(&related.file, related.span).0,
            file: related.file.to_string(),
            message: related.message,
        }
    }
}

impl From<outline::Outline> for Outline {
    fn from(outline: outline::Outline) -> Self {
        Self {
            name: outline.name.unwrap_or_default(),
            title: outline.title.unwrap_or_default(),
            difficulty: outline.difficulty,
            time_limit_ms: outline.time_limit.map(milliseconds).unwrap_or_default(),
            boot_budget_ms: milliseconds(outline.boot_budget),
            steps: outline.steps.into_iter().map(Into::into).collect(),
            checks: outline.checks.into_iter().map(Into::into).collect(),
            solutions: outline.solutions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<outline::Step> for OutlineStep {
    fn from(step: outline::Step) -> Self {
        let needs = step.needs.into_iter();
        Self {
            id: id(step.kind, step.name),
            kind: match step.kind {
                StepKind::Dependency => OutlineKind::Dependency,
                StepKind::Init => OutlineKind::Init,
            },
            role: step.role.map(|role| match role {
                Role::Controller => OutlineRole::Controller,
                Role::Service => OutlineRole::Service,
            }),
            source: step.source,
            needs: needs.map(|(kind, name)| id(kind, name)).collect(),
            gates: step.gates,
            line: step.line,
        }
    }
}

/// As a boot calls a step.
fn id(kind: StepKind, name: String) -> String {
    match kind {
        StepKind::Dependency => plan::StepId::Dependency(name),
        StepKind::Init => plan::StepId::Init(name),
    }
    .to_string()
}

impl From<outline::Check> for OutlineCheck {
    fn from(check: outline::Check) -> Self {
        Self {
            name: check.name,
            title: check.title,
            points: check.points,
            line: check.line,
        }
    }
}

impl From<outline::Solution> for OutlineSolution {
    fn from(solution: outline::Solution) -> Self {
        Self {
            name: solution.name,
            must_fail: solution.must_fail,
            line: solution.line,
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// What could be written at an offset of a file's text; nothing where nothing is known.
pub async fn complete(
    bundle: PathBuf,
    path: String,
    text: String,
    offset: usize,
) -> Result<Option<Completions>, Error> {
    aside(move || {
        let units = Units::new(&text);
        // Only names of files are offered, so that what is in them need not be read.
        let files = named(workspace::browse::list(&bundle)?);
        let found = assist::complete(&files, &path, &text, units.byte(offset));
        Ok(found.map(|found| Completions {
            from: units.position(found.range.start).offset,
            to: units.position(found.range.end).offset,
            items: found.items.into_iter().map(Into::into).collect(),
        }))
    })
    .await
}

fn named(list: Vec<workspace::browse::Listed>) -> BundleFiles {
    let mut files = BundleFiles::new();
    for listed in list.into_iter().filter(|listed| !listed.is_folder) {
        files.insert_file(listed.path, []);
    }
    files
}

/// Explains what stands at an offset of a file's text; nothing where nothing is known.
pub fn hover(path: &str, text: &str, offset: usize) -> Option<Hover> {
    let units = Units::new(text);
    let found = assist::hover(path, text, units.byte(offset))?;
    Some(Hover {
        from: units.position(found.range.start).offset,
        to: units.position(found.range.end).offset,
        markdown: found.markdown,
    })
}

impl From<assist::Completion> for Completion {
    fn from(offer: assist::Completion) -> Self {
        Self {
            label: offer.label,
            insert: offer.insert,
            kind: match offer.kind {
                assist::complete::Kind::Key => CompletionKind::Key,
                assist::complete::Kind::Value => CompletionKind::Value,
                assist::complete::Kind::Reference => CompletionKind::Reference,
                assist::complete::Kind::File => CompletionKind::File,
                assist::complete::Kind::Snippet => CompletionKind::Snippet,
            },
            detail: offer.detail,
            documentation: offer.documentation,
        }
    }
}

/// The text of task.yaml as a plain value; nothing while it cannot be read.
pub fn task_value(text: &str) -> TaskValue {
    TaskValue {
        value: edit::value(text),
    }
}

/// Edits the text of task.yaml by its structure: all edits or none, and what they are not about stays as it is.
pub fn edit_task(text: &str, edits: Vec<FormEdit>) -> Result<Edited, Error> {
    let edits: Vec<edit::Edit> = edits.into_iter().map(Into::into).collect();
    let text = edit::edit(text, &edits)?;
    Ok(Edited { text })
}

impl From<FormEdit> for edit::Edit {
    fn from(edit: FormEdit) -> Self {
        let steps = |path: Vec<FormStep>| path.into_iter().map(Into::into).collect();
        match edit {
            FormEdit::Set { path, value } => Self::Set {
                path: steps(path),
                value,
            },
            FormEdit::Remove { path } => Self::Remove { path: steps(path) },
            FormEdit::Append { path, value } => Self::Append {
                path: steps(path),
                value,
            },
            FormEdit::Move { path, to } => Self::Move {
                path: steps(path),
                to,
            },
        }
    }
}

impl From<FormStep> for Step {
    fn from(step: FormStep) -> Self {
        match step {
            FormStep::Index(index) => Self::Index(index),
            FormStep::Key(key) => Self::Key(key),
        }
    }
}

impl From<EditError> for Error {
    fn from(error: EditError) -> Self {
        let text = error.to_string();
        let (said, advice) = text.split_once("; ").unwrap_or((&text, ""));
        Self::new(Code::Usage, said).hint(advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bundle() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        crate::bundles::new(&folder.path().join("my-task"), "postgres-recovery", None).unwrap();
        folder
    }

    fn overlay(path: &str, text: &str) -> Overlay {
        Overlay {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[tokio::test]
    async fn what_is_typed_counts_before_it_is_saved() {
        let folder = bundle();
        let bundle = folder.path().join("my-task");
        let clean = check_bundle(bundle.clone(), Vec::new()).await.unwrap();
        assert_eq!(clean.diagnostics, []);
        let text = std::fs::read_to_string(bundle.join("task.yaml")).unwrap();
        let typed = text.replacen("title: The", "title: \"\u{1f600}\" #", 1).replacen(
            "difficulty: intermediate",
            "dificulty: expert",
            1,
        );
        let overlays = vec![
            overlay("task.yaml", &typed),
            overlay("../out", "x"),
            overlay("statement.md", "# New"),
        ];
        let found = check_bundle(bundle, overlays).await.unwrap();
        let unknown = found.diagnostics.iter().find(|one| one.code == "TW3001").unwrap();
        let units: Vec<u16> = typed.encode_utf16().collect();
        let slice = |from: usize, to: usize| String::from_utf16(&units[from..to]).unwrap();
        assert_eq!(slice(unknown.start.offset, unknown.end.offset), "dificulty");
        assert_eq!(
            typed.lines().nth(unknown.start.line - 1),
            Some("  dificulty: expert")
        );
        assert_eq!(unknown.start.column, 3);
        let fix = &unknown.fixes[0].edits[0];
        assert_eq!(
            (slice(fix.from, fix.to).as_str(), fix.insert.as_str()),
            ("dificulty", "difficulty")
        );
        assert_eq!(unknown.help.as_deref(), Some("did you mean `difficulty`?"));
        let outline = found.outline.unwrap();
        assert_eq!(outline.title, "\u{1f600}");
        let steps: Vec<_> = outline
            .steps
            .iter()
            .map(|step| (step.id.as_str(), step.needs.join(" ")))
            .collect();
        let expected = [
            ("dependency/orders-db", ""),
            ("init/seed", "dependency/orders-db"),
            ("init/last-nights-change", "init/seed"),
        ];
        assert_eq!(steps, expected.map(|(id, needs)| (id, needs.to_owned())));
    }

    #[tokio::test]
    async fn the_shapes_are_those_that_the_window_expects() {
        let folder = bundle();
        let found = check_bundle(
            folder.path().join("my-task"),
            vec![overlay("task.yaml", "kind: [")],
        )
        .await
        .unwrap();
        let found = serde_json::to_value(found).unwrap();
        assert_eq!(found["outline"], json!(null));
        let keys: Vec<&String> = found["diagnostics"][0].as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "code", "end", "file", "fixes", "help", "message", "related", "severity", "start"
            ]
        );
        let found = check_bundle(folder.path().join("my-task"), Vec::new())
            .await
            .unwrap();
        let outline = serde_json::to_value(found.outline).unwrap();
        assert_eq!(
            (&outline["timeLimitMs"], &outline["bootBudgetMs"]),
            (&json!(1_800_000), &json!(240_000))
        );
        let expected = json!({
            "id": "dependency/orders-db", "kind": "dependency", "role": "service", "line": 17,
            "source": "manifests dependencies/orders/*.yaml", "needs": [], "gates": ["rollout statefulset/orders"],
        });
        assert_eq!(outline["steps"][0], expected);
    }

    #[tokio::test]
    async fn help_counts_as_editors_do() {
        let folder = bundle();
        let text = "# \u{1f600}\nspec:\n  init:\n  - run: ini";
        let offset = text.encode_utf16().count();
        let found = complete(
            folder.path().join("my-task"),
            "task.yaml".into(),
            text.into(),
            offset,
        )
        .await
        .unwrap()
        .unwrap();
        assert_eq!((found.from, found.to), (offset - 3, offset));
        let files: Vec<&str> = found.items.iter().map(|item| item.insert.as_str()).collect();
        assert_eq!(files, ["init/last-nights-change.sh", "init/seed.sh"]);
        let hover = hover("task.yaml", text, offset - 6).unwrap();
        assert_eq!((hover.from, hover.to), (offset - 8, offset - 5));
    }

    #[test]
    fn the_form_edits_the_text() {
        let edits: Vec<FormEdit> = serde_json::from_value(json!([
            {"op": "set", "path": ["spec", "title"], "value": "New"},
            {"op": "append", "path": ["spec", "checks"], "value": {"name": "a"}},
            {"op": "move", "path": ["spec", "checks", 1], "to": 0},
            {"op": "remove", "path": ["spec", "checks", 1]},
        ]))
        .unwrap();
        let edited = edit_task("spec:\n  title: Old # c\n  checks: [{name: b}]\n", edits).unwrap();
        assert_eq!(edited.text, "spec:\n  title: New # c\n  checks: [{name: a}]\n");
        let refused = edit_task("a: [", vec![FormEdit::Remove { path: Vec::new() }]).unwrap_err();
        assert_eq!(
            (refused.code, refused.hints.as_slice()),
            (Code::Usage, &["correct it first".to_owned()][..])
        );
        assert_eq!(
            serde_json::to_value(task_value("a: [")).unwrap(),
            json!({"value": null})
        );
    }
}
