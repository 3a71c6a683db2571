//! YAML with a place for every value: the only module that knows the parser.
//!
//! The tree is built from the parser's events, so that depth, size and aliases are bounded while
//! reading, whatever the input. Plain scalars mean what kubectl takes them for.

mod build;
mod node;
mod scalar;

pub(crate) use node::{Node, Value};
pub(crate) use scalar::{Resolved, Scalar, shorten, shorten_to};

use std::sync::Arc;

use crate::diagnostic::Code;
use crate::report::Report;
use crate::text::{Marks, TextFile};

/// How large a YAML file may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// In bytes.
    pub(crate) bytes: usize,
    /// In values, those behind aliases counted wherever they appear.
    pub(crate) values: usize,
    /// In commas and brackets: the parser keeps what stands between brackets in memory until it knows whether it
    /// is a key.
    pub(crate) flow_marks: usize,
}

/// Files that a person writes by hand.
pub(crate) const HAND_WRITTEN: Limits = Limits {
    bytes: 256 << 10,
    values: 20_000,
    flow_marks: 10_000,
};
/// Files that hold generated objects, such as custom resource definitions.
pub(crate) const MANIFEST: Limits = Limits {
    bytes: 4 << 20,
    values: 300_000,
    flow_marks: 50_000,
};

/// Deeper than any schema of a custom resource definition in use.
pub(crate) const MAX_DEPTH: usize = 100;

/// One document of a file.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its value; nothing for an empty document.
    pub(crate) root: Option<Arc<Node>>,
    /// The line it starts at.
    pub(crate) line: u32,
}

/// What was read of a file.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// The documents before the first thing that cannot be read.
    pub(crate) documents: Vec<Document>,
    /// Whether that is all of them.
    pub(crate) complete: bool,
}

/// Reads all documents of a file.
pub(crate) fn parse(file: &TextFile<'_>, limits: Limits, report: &mut Report) -> Parsed {
    if too_many_flow_marks(file, limits.flow_marks, report) {
        return Parsed::default();
    }
    build::Builder::new(file, limits).run(report)
}

/// Reads the only document of a file.
pub(crate) fn parse_one(file: &TextFile<'_>, limits: Limits, report: &mut Report) -> Option<Arc<Node>> {
    let parsed = parse(file, limits, report);
    let mut written = parsed.documents.into_iter().filter_map(|document| document.root);
    let first = written.next();
    match (&first, written.next()) {
        (Some(_), Some(second)) => report.push(
            file.diagnostic(
                Code::DocumentCount,
                second.marks,
                "the file holds a second document",
            )
            .hint("keep one document; remove the `---`"),
        ),
        (None, _) if parsed.complete => {
            report.push(file.diagnostic(Code::DocumentCount, Marks::START, "the file holds no value"));
        }
        _ => {}
    }
    first
}

fn too_many_flow_marks(file: &TextFile<'_>, limit: usize, report: &mut Report) -> bool {
    let is_mark = |byte: u8| matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
    let count = file.text().bytes().filter(|byte| is_mark(*byte)).count();
    if count > limit {
        let message = format!("the file holds {count} commas and brackets, at most {limit} are read");
        let problem = file.diagnostic(Code::YamlSize, Marks::START, message);
        report.push(problem.hint("split the file, or write it in block style"));
    }
    count > limit
}
