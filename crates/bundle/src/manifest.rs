//! Files of Kubernetes objects: read to JSON, each document shown to be an object.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::files::{BundleFiles, Entry};
use crate::model::{ManifestDocument, ManifestFile};
use crate::name::{ClusterRoleName, NamespaceName, ObjectName};
use crate::path::BundlePath;
use crate::report::Report;
use crate::text::{Marks, TextFile};
use crate::yaml::{self, Node, Value};

/// The items of a `List`; nothing for any other object.
pub fn list_items(object: &serde_json::Value) -> Option<&Vec<serde_json::Value>> {
    let is_list = object["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    object["items"].as_array().filter(|_| is_list)
}

/// Whether objects are there to be created, or to be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// They need a name.
    Whole,
    /// A name is not needed.
    Partial,
}

/// Reads a manifest, reporting all that is wrong with it.
pub(crate) fn read(
    files: &BundleFiles,
    path: &BundlePath,
    completeness: Completeness,
    report: &mut Report,
) -> Option<ManifestFile> {
    let Ok((own_path, Entry::File(file))) = files.follow(path.as_str()) else {
        return None;
    };
    let text = TextFile::decode(own_path, &file.content, yaml::MANIFEST.bytes, report)?;
    let parsed = yaml::parse(&text, yaml::MANIFEST, report);
    let documents: Vec<_> = parsed
        .documents
        .iter()
        .filter_map(|document| Some((document.root.as_deref()?, document.line)))
        .collect();
    if documents.is_empty() && parsed.complete {
        report.push(text.diagnostic(Code::EmptyManifest, Marks::START, "the file holds no object"));
    }
    let mut inspection = Inspection {
        file: &text,
        completeness,
        count: documents.len(),
        seen: HashSet::new(),
        report,
    };
    for (index, (root, _)) in documents.iter().enumerate() {
        inspection.document(root, index + 1);
        surprises(root, None, &text, inspection.report);
    }
    let to_document = |(root, line): &(&Node, u32)| ManifestDocument {
        value: root.to_json(),
        line: *line,
    };
    Some(ManifestFile {
        path: path.clone(),
        documents: documents.iter().map(to_document).collect(),
    })
}

/// One look through the objects of a file.
struct Inspection<'r, 'f> {
    file: &'r TextFile<'f>,
    completeness: Completeness,
    count: usize,
    seen: HashSet<[String; 4]>,
    report: &'r mut Report,
}

impl Inspection<'_, '_> {
    fn document(&mut self, root: &Node, number: usize) {
        let place = if self.count > 1 {
            format!("document {number}: ")
        } else {
            String::new()
        };
        self.object(root, root.marks, &place);
    }

    fn object(&mut self, node: &Node, owner: Marks, place: &str) {
        if node.entries().is_none() {
            let message = format!("{place}expected a Kubernetes object, found {}", node.describe());
            self.push(Code::NotAnObject, node.marks, &message);
            return;
        }
        let api_version = self.text_of(node, "apiVersion", owner, place);
        let kind = self.text_of(node, "kind", owner, place);
        let items = node.get("items").and_then(Node::items);
        match (api_version, kind, items) {
            (_, Some(kind), Some(items)) if kind.ends_with("List") => self.items(items, place),
            (Some(api_version), Some(kind), _) => self.metadata(node, [api_version, kind], place),
            _ => {}
        }
    }

    fn items(&mut self, items: &[std::sync::Arc<Node>], place: &str) {
        for (index, item) in items.iter().enumerate() {
            self.object(item, item.marks, &format!("{place}item {}: ", index + 1));
        }
    }

    /// A key that has to hold a text.
    fn text_of<'n>(&mut self, node: &'n Node, key: &str, owner: Marks, place: &str) -> Option<&'n str> {
        let Some((name, value)) = node.entry(key) else {
            self.push(Code::NotAnObject, owner, &format!("{place}`{key}` is missing"));
            return None;
        };
        let text = value.string().filter(|text| !text.is_empty());
        if text.is_none() {
            let message = format!("{place}`{key}` has to be a text, not {}", value.describe());
            self.push(Code::NotAnObject, name.marks, &message);
        }
        text
    }

    fn metadata(&mut self, node: &Node, [api_version, kind]: [&str; 2], place: &str) {
        let owner = node.entry("kind").map_or(node.marks, |(key, _)| key.marks);
        let metadata = node.get("metadata");
        let name = metadata.and_then(|metadata| metadata.get("name"));
        let namespace = metadata.and_then(|metadata| metadata.get("namespace"));
        if let Some(namespace) = namespace {
            self.namespace(namespace, place);
        }
        let Some(name) = name else {
            if self.completeness == Completeness::Whole {
                self.no_name(metadata, owner, kind, place);
            }
            return;
        };
        self.name(name, api_version, place);
        let text = |node: Option<&Node>| node.and_then(Node::text).unwrap_or_default().to_owned();
        let identity = [
            api_version.to_owned(),
            kind.to_owned(),
            text(namespace),
            text(Some(name)),
        ];
        if !self.seen.insert(identity) {
            let message = format!("{place}`{kind}/{}` is there twice", text(Some(name)));
            self.push(Code::DuplicateObject, name.marks, &message);
        }
    }

    fn no_name(&mut self, metadata: Option<&Node>, owner: Marks, kind: &str, place: &str) {
        let generated = metadata.and_then(|metadata| metadata.entry("generateName"));
        let marks = generated.map_or(owner, |(key, _)| key.marks);
        let message = format!("{place}the {kind} has no `metadata.name`");
        let problem = self.file.diagnostic(Code::NoObjectName, marks, message);
        self.report.push(match generated {
            Some(_) => {
                problem.hint("objects are applied, and applying needs a name; `generateName` has none")
            }
            None => problem,
        });
    }

    fn name(&mut self, name: &Node, api_version: &str, place: &str) {
        let Some(text) = name.string() else {
            let message = format!("{place}`metadata.name` has to be a text, not {}", name.describe());
            self.push(Code::InvalidObjectName, name.marks, &message);
            return;
        };
        let error = if api_version.starts_with("rbac.authorization.k8s.io/") {
            ClusterRoleName::new(text).err()
        } else {
            ObjectName::new(text).err()
        };
        if let Some(error) = error {
            let message = format!("{place}the name `{}` {error}", yaml::shorten(text));
            self.push(Code::InvalidObjectName, name.marks, &message);
        }
    }

    fn namespace(&mut self, namespace: &Node, place: &str) {
        let problem = match namespace.string().map(NamespaceName::new) {
            Some(Ok(_)) => return,
            Some(Err(error)) => format!(
                "`{}` {error}",
                yaml::shorten(namespace.text().unwrap_or_default())
            ),
            None => format!("has to be a text, not {}", namespace.describe()),
        };
        let message = format!("{place}the namespace {problem}");
        self.push(Code::InvalidObjectName, namespace.marks, &message);
    }

    fn push(&mut self, code: Code, marks: Marks, message: &str) {
        let problem: Diagnostic = self.file.diagnostic(code, marks, message);
        self.report.push(problem);
    }
}

/// Warns of every value that YAML readers disagree about. File modes are octal to all who matter.
pub(crate) fn surprises(node: &Node, key: Option<&str>, file: &TextFile<'_>, report: &mut Report) {
    match &node.value {
        Value::Mapping(entries) => {
            for (key, value) in entries {
                surprises(value, key.text(), file, report);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| surprises(item, None, file, report)),
        Value::Scalar(scalar) => {
            let is_mode = key.is_some_and(|key| key == "mode" || key.ends_with("Mode"));
            let surprise = if is_mode { None } else { scalar.surprise() };
            if let Some(surprise) = surprise.filter(|_| !report.is_full(file.path)) {
                let quoted = format!("\"{}\"", scalar.text);
                let problem = file.diagnostic(Code::SurprisingScalar, node.marks, surprise);
                report.push(
                    problem
                        .hint("put it in quotes, or write what is meant")
                        .fix("put it in quotes", quoted),
                );
            }
        }
    }
}
