//! Offsets as editors count them, in units of UTF-16, and as files do, in bytes.

use crate::editor::Position;

/// A text whose lines were counted.
pub(crate) struct Units<'a> {
    text: &'a str,
    /// Where lines start: in bytes, and in units.
    lines: Vec<(usize, usize)>,
}

impl<'a> Units<'a> {
    /// A file's text, as far as it is one.
    pub(crate) fn of_bytes(bytes: &'a [u8]) -> Self {
        let valid = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        Self::new(valid)
    }

    pub(crate) fn new(text: &'a str) -> Self {
        let mut lines = Vec::new();
        let (mut byte, mut unit) = (0, 0);
        for line in text.split_inclusive('\n') {
            lines.push((byte, unit));
            byte += line.len();
            unit += units_of(line);
        }
        if text.is_empty() || text.ends_with('\n') {
            lines.push((byte, unit));
        }
        Self { text, lines }
    }

    /// The place of a byte.
    pub(crate) fn position(&self, byte: usize) -> Position {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let line = self.lines.partition_point(|(start, _)| *start <= byte).max(1);
        let (start, before) = self.lines.get(line - 1).copied().unwrap_or_default();
        let column = units_of(&self.text[start..byte]);
        Position {
            line,
            column: column + 1,
            offset: before + column,
        }
    }

    /// The byte of an offset in units; the end of the text for what lies behind it.
    pub(crate) fn byte(&self, offset: usize) -> usize {
        let line = self.lines.partition_point(|(_, start)| *start <= offset).max(1);
        let (byte, before) = self.lines.get(line - 1).copied().unwrap_or_default();
        let mut left = offset - before;
        let rest = self.text[byte..].char_indices();
        let mut rest = rest.skip_while(|(_, letter)| {
            let is_before = left >= letter.len_utf16();
            left -= if is_before { letter.len_utf16() } else { 0 };
            is_before
        });
        rest.next().map_or(self.text.len(), |(at, _)| byte + at)
    }
}

fn units_of(text: &str) -> usize {
    // Most text has one unit for each byte.
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().map(char::len_utf16).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_units_of_utf_16() {
        let text = "a: ü\nb: \u{1f600}x\r\n\nend";
        let units = Units::new(text);
        let at = |needle: &str| {
            let position = units.position(text.find(needle).unwrap());
            (position.line, position.column, position.offset)
        };
        assert_eq!(at("ü"), (1, 4, 3));
        assert_eq!(at("b:"), (2, 1, 5));
        assert_eq!(at("x"), (2, 6, 10));
        assert_eq!(at("end"), (4, 1, 14));
        assert_eq!(units.position(999).offset, 17, "behind the end is the end");
        assert_eq!(
            Units::new("").position(0),
            Position {
                line: 1,
                column: 1,
                offset: 0
            }
        );
        assert_eq!(Units::of_bytes(b"ab\xff").position(3).offset, 2);
    }

    #[test]
    fn offsets_go_there_and_back() {
        let text = "a: ü\nb: \u{1f600}x\r\n\nend";
        let units = Units::new(text);
        for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
            assert_eq!(units.byte(units.position(byte).offset), byte);
        }
        assert_eq!(
            units.byte(9),
            text.find('\u{1f600}').unwrap(),
            "within a pair is before it"
        );
        assert_eq!(units.byte(999), text.len());
    }
}
