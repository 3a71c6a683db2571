//! A file read as text: what no text file may hold is refused here, and marks become positions.

use std::cell::OnceCell;

use crate::diagnostic::{Code, Diagnostic, Position, Span};
use crate::path::BundlePath;
use crate::report::Report;

/// A place as parsers count it: line from 1, column in characters from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A stretch between two marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) start: Mark,
    pub(crate) end: Mark,
}

impl Marks {
    /// The beginning of a file.
    pub(crate) const START: Self = Self {
        start: Mark { line: 1, column: 0 },
        end: Mark { line: 1, column: 0 },
    };
}

/// A file's text with its name.
#[derive(Debug)]
pub(crate) struct TextFile<'a> {
    pub(crate) path: &'a BundlePath,
    text: &'a str,
    line_starts: OnceCell<Vec<u32>>,
}

const BYTE_ORDER_MARK: &str = "\u{feff}";

impl<'a> TextFile<'a> {
    /// Decodes a file; nothing is returned if it cannot be read as text at all.
    pub(crate) fn decode(
        path: &'a BundlePath,
        bytes: &'a [u8],
        limit: usize,
        report: &mut Report,
    ) -> Option<Self> {
        if bytes.len() > limit {
            report.push(too_large(path, bytes.len() as u64, limit));
            return None;
        }
        let text = valid_utf8(path, bytes, report)?;
        let file = Self {
            path,
            text,
            line_starts: OnceCell::new(),
        };
        let readable = file.refuse_nul(report);
        file.refuse_byte_order_mark(report);
        file.refuse_windows_line_ends(report);
        readable.then_some(file)
    }

    /// The text, without a byte order mark.
    pub(crate) fn text(&self) -> &'a str {
        self.text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(self.text)
    }

    /// A problem of this file at a stretch of it.
    pub(crate) fn diagnostic(&self, code: Code, marks: Marks, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.path.clone(), message).at(self.span(marks))
    }

    /// The positions of a stretch.
    pub(crate) fn span(&self, marks: Marks) -> Span {
        let start = self.position(marks.start);
        let end = if marks.end > marks.start {
            self.position(marks.end)
        } else {
            start
        };
        Span { start, end }
    }

    /// The text of a line, without its end.
    pub(crate) fn line(&self, number: u32) -> &'a str {
        let start = self.line_start(number);
        let rest = self.text.get(start..).unwrap_or_default();
        rest.split(['\n', '\r']).next().unwrap_or_default()
    }

    fn position(&self, mark: Mark) -> Position {
        let start = self.line_start(mark.line);
        let rest = self.text.get(start..).unwrap_or_default();
        let column = mark.column as usize;
        // Counting characters is slow on a long line, and most text has one byte for each.
        let is_plain = rest.as_bytes().get(..column).is_some_and(<[u8]>::is_ascii);
        let counted = || {
            rest.char_indices()
                .nth(column)
                .map_or(rest.len(), |(byte, _)| byte)
        };
        let bytes = if is_plain { column } else { counted() };
        Position {
            line: mark.line.max(1),
            column: mark.column + 1,
            byte: clamp(start + bytes),
        }
    }

    fn position_of_byte(&self, byte: usize) -> Position {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| (*start as usize) <= byte).max(1);
        let start = starts.get(line - 1).map_or(0, |start| *start as usize);
        let before = self.text.get(start..byte).unwrap_or_default();
        Position {
            line: clamp(line),
            column: clamp(before.chars().count()) + 1,
            byte: clamp(byte),
        }
    }

    fn line_start(&self, number: u32) -> usize {
        let starts = self.line_starts();
        let index = (number.max(1) as usize - 1).min(starts.len() - 1);
        starts[index] as usize
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let first = if self.text.starts_with(BYTE_ORDER_MARK) {
                3
            } else {
                0
            };
            let bytes = self.text.as_bytes();
            let ends_line = |at: &usize| {
                bytes[*at] == b'\n' || (bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'))
            };
            std::iter::once(first)
                .chain((0..bytes.len()).filter(ends_line).map(|at| clamp(at + 1)))
                .collect()
        })
    }

    fn at_byte(&self, code: Code, byte: usize, length: usize, message: &str) -> Diagnostic {
        let span = Span {
            start: self.position_of_byte(byte),
            end: self.position_of_byte(byte + length),
        };
        Diagnostic::new(code, self.path.clone(), message).at(span)
    }

    fn refuse_nul(&self, report: &mut Report) -> bool {
        let Some(byte) = self.text.bytes().position(|byte| byte == 0) else {
            return true;
        };
        let problem = self.at_byte(Code::NulByte, byte, 1, "the file holds a NUL byte");
        report.push(problem.hint("it is not a text file, or was written in UTF-16; save it as UTF-8"));
        false
    }

    fn refuse_byte_order_mark(&self, report: &mut Report) {
        if self.text.starts_with(BYTE_ORDER_MARK) {
            let problem = self.at_byte(
                Code::ByteOrderMark,
                0,
                3,
                "the file starts with a byte order mark",
            );
            report.push(
                problem
                    .hint("save it as UTF-8 without a byte order mark")
                    .fix("remove it", ""),
            );
        }
    }

    fn refuse_windows_line_ends(&self, report: &mut Report) {
        if let Some(byte) = self.text.bytes().position(|byte| byte == b'\r') {
            let message = "the file has Windows line ends (CR), which shells take for a part of the line";
            let hint =
                "save it with LF line ends; `* text eol=lf` in .gitattributes keeps git from changing them";
            report.push(self.at_byte(Code::WindowsLineEnds, byte, 1, message).hint(hint));
        }
    }
}

/// The problem of a file that is too large for its kind.
pub(crate) fn too_large(path: &BundlePath, size: u64, limit: usize) -> Diagnostic {
    let message = format!("the file has {size} bytes, at most {limit} are read here");
    Diagnostic::new(Code::FileTooLarge, path.clone(), message).at(Span {
        start: Position {
            line: 1,
            column: 1,
            byte: 0,
        },
        end: Position {
            line: 1,
            column: 1,
            byte: 0,
        },
    })
}

fn valid_utf8<'a>(path: &'a BundlePath, bytes: &'a [u8], report: &mut Report) -> Option<&'a str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            let file = TextFile {
                path,
                text: valid,
                line_starts: OnceCell::new(),
            };
            let message = format!("the file is not UTF-8: byte {:#04x}", bytes[error.valid_up_to()]);
            let problem = file.at_byte(Code::NotUtf8, error.valid_up_to(), 0, &message);
            let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            report.push(problem.hint(if is_utf16 {
                "it is UTF-16; save it as UTF-8"
            } else {
                "save it as UTF-8"
            }));
            None
        }
    }
}

fn clamp(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(bytes: &[u8], look: impl Fn(Option<&TextFile>, Vec<Diagnostic>)) {
        let path = BundlePath::new("task.yaml").unwrap();
        let mut report = Report::default();
        let file = TextFile::decode(&path, bytes, 1000, &mut report);
        look(file.as_ref(), report.finish());
    }

    #[test]
    fn positions_count_lines_characters_and_bytes() {
        with("a\r\näb\rc\nd".as_bytes(), |file, _| {
            let file = file.unwrap();
            let at = |line, column| file.position(Mark { line, column });
            assert_eq!(
                at(1, 0),
                Position {
                    line: 1,
                    column: 1,
                    byte: 0
                }
            );
            assert_eq!(
                at(2, 1),
                Position {
                    line: 2,
                    column: 2,
                    byte: 5
                }
            );
            assert_eq!(
                at(4, 0),
                Position {
                    line: 4,
                    column: 1,
                    byte: 9
                }
            );
            assert_eq!(at(9, 9).byte, 10, "past the end is the end");
            assert_eq!(file.position_of_byte(5), at(2, 1));
            assert_eq!(file.line(2), "äb");
        });
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let cases: [(&[u8], Code, u32, bool); 4] = [
            (b"ab\ncd\0", Code::NulByte, 5, false),
            (b"ab\n\xff", Code::NotUtf8, 3, false),
            (b"\xef\xbb\xbfab", Code::ByteOrderMark, 0, true),
            (b"ab\r\n", Code::WindowsLineEnds, 2, true),
        ];
        for (bytes, code, byte, readable) in cases {
            with(bytes, |file, diagnostics| {
                assert_eq!(diagnostics.len(), 1);
                assert_eq!(diagnostics[0].code, code);
                assert_eq!(diagnostics[0].span.map(|span| span.start.byte), Some(byte));
                assert_eq!(file.is_some(), readable);
            });
        }
    }
}
