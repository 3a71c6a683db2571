//! For people: the message, the line with a mark under the place, and what to do.

use std::borrow::Cow;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Checkup;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::files::BundleFiles;
use crate::path::BundlePath;

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// For a terminal.
    Always,
    /// For a file or a pipe.
    Never,
}

/// Longer lines are not shown, only named.
const LINE_LIMIT: usize = 4_000;

/// All diagnostics of a bundle, each ended by an empty line.
pub fn text(checkup: &Checkup<'_>, colour: Colour) -> String {
    let renderer = match colour {
        Colour::Always => Renderer::styled(),
        Colour::Never => Renderer::plain(),
    };
    let one = |diagnostic| format!("{}\n\n", render(checkup, diagnostic, &renderer));
    checkup.diagnostics.iter().map(one).collect()
}

fn render(checkup: &Checkup<'_>, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(visible(&diagnostic.message))
        .id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    group = place(group, checkup, &diagnostic.file, diagnostic.span, &Mark::Primary);
    for related in &diagnostic.related {
        group = place(
            group,
            checkup,
            &related.file,
            related.span,
            &Mark::Context(&related.message),
        );
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(visible(hint)));
    }
    renderer.render(&[group])
}

/// The mark under a place.
enum Mark<'a> {
    Primary,
    Context(&'a str),
}

fn place<'a>(
    group: Group<'a>,
    checkup: &Checkup<'_>,
    file: &BundlePath,
    span: Option<Span>,
    mark: &Mark<'a>,
) -> Group<'a> {
    let path = checkup.path(file);
    let Some(line) = span.and_then(|span| Line::find(checkup.files, file, span)) else {
        let origin = Origin::path(path);
        return group.element(match span {
            Some(span) => origin
                .line(span.start.line as usize)
                .char_column(span.start.column as usize),
            None => origin,
        });
    };
    let annotation = match mark {
        Mark::Primary => AnnotationKind::Primary.span(line.marked.clone()),
        Mark::Context(label) => AnnotationKind::Context
            .span(line.marked.clone())
            .label(visible(label)),
    };
    group.element(
        Snippet::source(line.text)
            .line_start(line.number)
            .path(path)
            .annotation(annotation),
    )
}

/// One line of a file and the stretch of it that is marked, in bytes.
struct Line {
    text: String,
    number: usize,
    marked: std::ops::Range<usize>,
}

impl Line {
    fn find(files: &BundleFiles, file: &BundlePath, span: Span) -> Option<Self> {
        let content = files.content(file.as_str()).ok()?;
        let at = (span.start.byte as usize).min(content.len());
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        // No more of a line is looked at than would be shown.
        let (from, to) = (at.saturating_sub(LINE_LIMIT), content.len().min(at + LINE_LIMIT));
        let start = content[from..at]
            .iter()
            .rposition(is_end)
            .map(|end| from + end + 1);
        let start = start.or((from == 0).then_some(0))?;
        let end = content[at..to].iter().position(is_end).map(|length| at + length);
        let end = end.or((to == content.len()).then_some(to))?;
        let marked_end = (span.end.byte as usize).clamp(at, end);
        let before = printable(&content[start..at]);
        let inside = printable(&content[at..marked_end]);
        let after = printable(&content[marked_end..end]);
        let first_after = after.chars().next().map_or(0, char::len_utf8);
        let length = if inside.is_empty() {
            first_after
        } else {
            inside.len()
        };
        let marked = before.len()..before.len() + length;
        Some(Self {
            text: [before, inside, after].concat(),
            number: span.start.line as usize,
            marked,
        })
    }
}

/// Bytes as they can be shown; a character cut in two shows as a replacement.
fn printable(bytes: &[u8]) -> String {
    visible(&String::from_utf8_lossy(bytes)).into_owned()
}

/// Control characters could steer the reader's terminal.
fn visible(text: &str) -> Cow<'_, str> {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let is_hostile = |c: char| c.is_control() && c != '\t' || turns(c);
    if text.contains(is_hostile) {
        text.chars()
            .map(|c| if is_hostile(c) { '\u{fffd}' } else { c })
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}
