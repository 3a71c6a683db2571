//! From parser events to the tree, with every bound kept on the way.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::node::Entry;
use super::{Document, Limits, MAX_DEPTH, Node, Parsed, Scalar, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::report::Report;
use crate::text::{Mark, Marks, TextFile};

/// Builds the documents of one file.
pub(super) struct Builder<'a, 'b> {
    file: &'b TextFile<'a>,
    limits: Limits,
    values: usize,
    open: Vec<Open>,
    anchors: HashMap<usize, Measured>,
    documents: Vec<Document>,
    root: Option<Arc<Node>>,
    line: u32,
}

/// A collection whose end has not come yet.
struct Open {
    items: Vec<Arc<Node>>,
    is_mapping: bool,
    anchor: usize,
    start: Marks,
    weight: usize,
    height: usize,
}

/// A value with what it costs to walk it, aliases followed.
#[derive(Clone)]
struct Measured {
    node: Arc<Node>,
    weight: usize,
    height: usize,
}

impl<'a, 'b> Builder<'a, 'b> {
    pub(super) fn new(file: &'b TextFile<'a>, limits: Limits) -> Self {
        Self {
            file,
            limits,
            values: 0,
            open: Vec::new(),
            anchors: HashMap::new(),
            documents: Vec::new(),
            root: None,
            line: 1,
        }
    }

    /// Reads all documents, or those before the first thing that cannot be read.
    pub(super) fn run(mut self, report: &mut Report) -> Parsed {
        let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(self.file.text());
        while let Some(next) = parser.next_event() {
            let step = match next {
                Ok((event, span)) => self.take(event, marks(span), report),
                Err(error) => Err(self.syntax_error(&error).into()),
            };
            if let Err(problem) = step {
                report.push(*problem);
                return Parsed {
                    documents: self.documents,
                    complete: false,
                };
            }
        }
        Parsed {
            documents: self.documents,
            complete: true,
        }
    }

    fn take(&mut self, event: Event<'_>, at: Marks, report: &mut Report) -> Result<(), Box<Diagnostic>> {
        match event {
            Event::DocumentStart(_) => self.line = at.start.line,
            Event::DocumentEnd => self.end_document(),
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = self.scalar(&text, style, tag.as_deref(), at)?;
                let node = Arc::new(Node {
                    value: Value::Scalar(scalar),
                    marks: at,
                });
                self.add(
                    Measured {
                        node,
                        weight: 1,
                        height: 0,
                    },
                    anchor,
                    at,
                )?;
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).cloned().ok_or_else(|| {
                    self.problem(Code::YamlSyntax, at, "the alias stands inside of what it names")
                })?;
                self.add(target, 0, at)?;
            }
            Event::SequenceStart(anchor, tag) => self.begin(false, anchor, tag.as_deref(), at)?,
            Event::MappingStart(anchor, tag) => self.begin(true, anchor, tag.as_deref(), at)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(at, report)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
        }
        Ok(())
    }

    fn end_document(&mut self) {
        let root = self.root.take().filter(|root| !root.is_null());
        let line = root.as_ref().map_or(self.line, |root| root.marks.start.line);
        self.documents.push(Document { root, line });
        self.anchors.clear();
    }

    fn begin(
        &mut self,
        is_mapping: bool,
        anchor: usize,
        tag: Option<&Tag>,
        at: Marks,
    ) -> Result<(), Box<Diagnostic>> {
        let allowed = if is_mapping { "map" } else { "seq" };
        self.refuse_tag(tag, &[allowed], at)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(self.too_deep(at).into());
        }
        self.count(1, at)?;
        self.open.push(Open {
            items: Vec::new(),
            is_mapping,
            anchor,
            start: at,
            weight: 1,
            height: 0,
        });
        Ok(())
    }

    fn end(&mut self, at: Marks, report: &mut Report) -> Result<(), Box<Diagnostic>> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let marks = extent(&open, at);
        let value = if open.is_mapping {
            Value::Mapping(self.mapping(open.items, report)?)
        } else {
            Value::Sequence(open.items)
        };
        let node = Arc::new(Node { value, marks });
        self.place(
            Measured {
                node,
                weight: open.weight,
                height: open.height,
            },
            open.anchor,
        );
        Ok(())
    }

    /// Adds a scalar or what an alias stands for.
    fn add(&mut self, value: Measured, anchor: usize, at: Marks) -> Result<(), Box<Diagnostic>> {
        self.count(value.weight, at)?;
        if self.open.len() + value.height > MAX_DEPTH {
            return Err(self.too_deep(at).into());
        }
        self.place(value, anchor);
        Ok(())
    }

    fn place(&mut self, value: Measured, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            Some(open) => {
                open.weight = open.weight.saturating_add(value.weight);
                open.height = open.height.max(value.height + 1);
                open.items.push(value.node);
            }
            None => self.root = Some(value.node),
        }
    }

    fn count(&mut self, weight: usize, at: Marks) -> Result<(), Box<Diagnostic>> {
        self.values = self.values.saturating_add(weight);
        if self.values <= self.limits.values {
            return Ok(());
        }
        let message = format!(
            "here the file has grown to more than {} values",
            self.limits.values
        );
        let problem = self.problem(Code::YamlSize, at, &message);
        Err(problem
            .hint("aliases (`*name`) count as often as they stand; write less, or split the file")
            .into())
    }

    fn mapping(&self, items: Vec<Arc<Node>>, report: &mut Report) -> Result<Vec<Entry>, Box<Diagnostic>> {
        let mut entries = Vec::with_capacity(items.len() / 2);
        let mut merges = Vec::new();
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            match key.scalar() {
                Some(scalar) if scalar.plain && scalar.text.as_ref() == "<<" => merges.push((key, value)),
                Some(_) => entries.push((key, value)),
                None => {
                    let message = format!("a key has to be a text, not {}", key.describe());
                    let problem = self.problem(Code::YamlKey, key.marks, &message);
                    return Err(advise(problem, self.file.line(key.marks.start.line)).into());
                }
            }
        }
        self.refuse_duplicates(&mut entries, report);
        for (key, value) in merges {
            self.merge(&mut entries, &key, &value)?;
        }
        Ok(entries)
    }

    /// Reports a key that is there twice; the first one counts.
    fn refuse_duplicates(&self, entries: &mut Vec<Entry>, report: &mut Report) {
        let mut first: HashMap<Box<str>, Marks> = HashMap::new();
        entries.retain(|(key, _)| {
            let Some(text) = key.text() else { return false };
            let Some(earlier) = first.get(text) else {
                first.insert(text.into(), key.marks);
                return true;
            };
            if !report.is_full(self.file.path) {
                let name = super::scalar::shorten(text);
                let message = format!("the key `{name}` is there twice");
                let problem = self.problem(Code::DuplicateKey, key.marks, &message);
                let place = self.file.span(*earlier);
                report.push(problem.related(self.file.path.clone(), Some(place), "it is here first"));
            }
            false
        });
    }

    /// `<<` adds the entries of other mappings that are not there already.
    fn merge(&self, entries: &mut Vec<Entry>, key: &Node, value: &Arc<Node>) -> Result<(), Box<Diagnostic>> {
        let sources = value.items().unwrap_or(std::slice::from_ref(value));
        let mut known: HashSet<Box<str>> = entries
            .iter()
            .filter_map(|(key, _)| key.text().map(Into::into))
            .collect();
        for source in sources {
            let Some(more) = source.entries() else {
                let message = format!(
                    "`<<` takes a mapping or a list of them, not {}",
                    source.describe()
                );
                return Err(self.problem(Code::YamlKey, key.marks, &message).into());
            };
            for (key, value) in more {
                if key.text().is_some_and(|text| known.insert(text.into())) {
                    entries.push((Arc::clone(key), Arc::clone(value)));
                }
            }
        }
        Ok(())
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        at: Marks,
    ) -> Result<Scalar, Box<Diagnostic>> {
        self.refuse_tag(tag, &["str", "int", "float", "bool", "null"], at)?;
        let is_string = tag.is_some_and(|tag| tag.suffix == "str" || tag.suffix.is_empty());
        Ok(Scalar {
            text: text.into(),
            plain: style == ScalarStyle::Plain && !is_string,
        })
    }

    fn refuse_tag(&self, tag: Option<&Tag>, allowed: &[&str], at: Marks) -> Result<(), Box<Diagnostic>> {
        let Some(tag) = tag else { return Ok(()) };
        let known = tag.is_yaml_core_schema() && allowed.contains(&tag.suffix.as_str());
        if known || tag.suffix.is_empty() {
            return Ok(());
        }
        let name = super::scalar::shorten(&tag.suffix);
        let problem = self.problem(
            Code::YamlTag,
            at,
            &format!("the tag `!{name}` means nothing here"),
        );
        Err(problem.hint("remove the tag").into())
    }

    fn problem(&self, code: Code, at: Marks, message: &str) -> Diagnostic {
        self.file.diagnostic(code, at, message)
    }

    fn too_deep(&self, at: Marks) -> Diagnostic {
        let message = format!("values are nested more than {MAX_DEPTH} deep here");
        self.problem(Code::YamlDepth, at, &message)
    }

    fn syntax_error(&self, error: &ScanError) -> Diagnostic {
        let at = mark(*error.marker());
        let marks = Marks { start: at, end: at };
        let line = self.file.line(at.line);
        let indent = &line[..line.len() - line.trim_start().len()];
        if let Some(tab) = indent.find('\t') {
            let start = Mark {
                line: at.line,
                column: u32::try_from(tab).unwrap_or_default(),
            };
            let end = Mark {
                column: start.column + 1,
                ..start
            };
            let problem = self.problem(
                Code::YamlTab,
                Marks { start, end },
                "a tab stands where YAML wants spaces",
            );
            return problem.hint("indent with spaces");
        }
        if error.info().contains("recursion limit") {
            return self.too_deep(marks);
        }
        let problem = self.problem(Code::YamlSyntax, marks, &format!("not YAML: {}", error.info()));
        advise(problem, line)
    }
}

/// Adds what the line of a syntax error suggests.
fn advise(problem: Diagnostic, line: &str) -> Diagnostic {
    if line.contains("{{") {
        return problem.hint("this looks like a template; put it into a chart and use `helm:`");
    }
    if line.matches(": ").count() > 1 && !line.contains(['{', '"', '\'']) {
        return problem.hint("quote a text that holds `: `");
    }
    problem
}

/// Where a collection stands: a flow collection as a whole, of a block its first key or item.
fn extent(open: &Open, end: Marks) -> Marks {
    let is_flow = open.start.end > open.start.start;
    match open.items.first() {
        _ if is_flow => Marks {
            start: open.start.start,
            end: end.end,
        },
        Some(first) => first.marks,
        None => open.start,
    }
}

fn mark(marker: Marker) -> Mark {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Mark {
        line: number(marker.line()),
        column: number(marker.col()),
    }
}

fn marks(span: Span) -> Marks {
    Marks {
        start: mark(span.start),
        end: mark(span.end),
    }
}
