//! A YAML text read by its lines and indentation, whatever is missing in it: which keys and items there are, and
//! what stands below what.
//!
//! A reader for texts that are being typed. It never fails; of what is no YAML it makes the most likely thing.

use std::collections::HashMap;
use std::ops::Range;

/// The keys, items and words of a text.
#[derive(Debug)]
pub(super) struct Sketch<'a> {
    pub(super) text: &'a str,
    pub(super) entries: Vec<Entry>,
}

/// A key, an item of a list, or a word that is neither yet.
#[derive(Debug)]
pub(super) struct Entry {
    /// What it stands in; nothing at the top.
    pub(super) parent: Option<usize>,
    pub(super) kind: Kind,
    /// The column of the key, the dash or the word.
    pub(super) column: usize,
    /// The scalar behind it, in its quotes; nothing if there is none on its line.
    pub(super) value: Option<Range<usize>>,
    /// Whether it stands between brackets.
    pub(super) in_flow: bool,
    /// Whether brackets open behind it.
    pub(super) opens_flow: bool,
}

/// What kinds of entries there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key, in its quotes.
    Key(Range<usize>),
    /// An item, counted from 0.
    Item(usize),
    /// A word that stands where a key or a list could.
    Word(Range<usize>),
}

impl<'a> Sketch<'a> {
    /// Reads a text.
    pub(super) fn read(text: &'a str) -> Self {
        let mut reader = Reader {
            text,
            entries: Vec::new(),
            open: Vec::new(),
            items: HashMap::new(),
            literal: None,
            at: 0,
        };
        while reader.at < text.len() {
            reader.line();
        }
        Self {
            text,
            entries: reader.entries,
        }
    }

    /// The key of an entry, without quotes.
    pub(super) fn key(&self, entry: &Entry) -> Option<&'a str> {
        match &entry.kind {
            Kind::Key(range) => Some(unquoted(&self.text[range.clone()])),
            Kind::Item(_) | Kind::Word(_) => None,
        }
    }

    /// The scalar of an entry, without quotes.
    pub(super) fn value(&self, entry: &Entry) -> Option<&'a str> {
        Some(unquoted(&self.text[entry.value.clone()?]))
    }

    /// The entries right below one, or at the top.
    pub(super) fn children(&self, parent: Option<usize>) -> impl Iterator<Item = (usize, &Entry)> {
        let all = self.entries.iter().enumerate();
        all.filter(move |(_, entry)| entry.parent == parent)
    }

    /// The entry of a key right below another entry.
    pub(super) fn find(&self, parent: Option<usize>, key: &str) -> Option<usize> {
        let mut found = self
            .children(parent)
            .filter(|(_, entry)| self.key(entry) == Some(key));
        found.next().map(|(index, _)| index)
    }

    /// The entries from the top down to one, itself included.
    pub(super) fn way(&self, index: usize) -> Vec<usize> {
        let above = std::iter::successors(Some(index), |index| self.entries[*index].parent);
        let mut way: Vec<usize> = above.collect();
        way.reverse();
        way
    }
}

fn unquoted(text: &str) -> &str {
    let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
        return text;
    };
    let inner = &text[1..];
    inner.strip_suffix(quote).unwrap_or(inner)
}

struct Reader<'a> {
    text: &'a str,
    entries: Vec<Entry>,
    /// The keys and items of blocks that the next line may be in.
    open: Vec<usize>,
    /// How many items there are so far in what.
    items: HashMap<Option<usize>, usize>,
    /// The column that the lines of a text behind `|` are indented against.
    literal: Option<usize>,
    at: usize,
}

impl Reader<'_> {
    /// Reads a line, and the lines that belong to what begins on it.
    fn line(&mut self) {
        let start = self.at;
        let stop = self.stop(start);
        self.at = stop + 1;
        let line = &self.text[start..stop];
        let content = line.trim_start_matches(' ');
        let column = line.len() - content.len();
        if content.trim().is_empty() || self.is_literal(column) || content.starts_with('#') {
            return;
        }
        if column == 0 && (line.starts_with("---") || line.starts_with("...") || line.starts_with('%')) {
            self.open.clear();
            return;
        }
        self.content(start + column, column, stop);
    }

    fn is_literal(&mut self, column: usize) -> bool {
        let inside = self.literal.is_some_and(|owner| column > owner);
        if !inside {
            self.literal = None;
        }
        inside
    }

    /// Reads the dashes, the key and the value of a line.
    fn content(&mut self, start: usize, column: usize, stop: usize) {
        let (mut at, mut column) = (start, column);
        let mut item = None;
        while self.is_dash(at, stop) {
            self.close(|entry| {
                entry.column > column || (entry.column == column && matches!(entry.kind, Kind::Item(_)))
            });
            let parent = self.open.last().copied();
            let index = self.item(parent, column, false);
            self.open.push(index);
            item = Some(index);
            let behind = self.skip_blanks(at + 1, stop);
            column += behind - at;
            at = behind;
        }
        if at >= stop || self.text[at..stop].starts_with('#') {
            return;
        }
        if let Some((key, behind)) = self.key(at, stop) {
            self.close(|entry| entry.column >= column);
            let parent = self.open.last().copied();
            let index = self.add(parent, Kind::Key(key), column, false);
            self.open.push(index);
            self.value(index, behind, column, stop);
        } else if let Some(item) = item {
            self.value(item, at, self.entries[item].column, stop);
        } else {
            self.word(at, column, stop);
        }
    }

    /// A word that is no key yet, or brackets on a line of their own.
    fn word(&mut self, at: usize, column: usize, stop: usize) {
        let above = self
            .open
            .iter()
            .rev()
            .find(|index| self.entries[**index].column < column);
        let parent = above.copied();
        if self.text[at..stop].starts_with(['{', '[']) {
            self.flow(parent, at, column);
            return;
        }
        let range = at..self.plain_end(at, stop);
        self.add(parent, Kind::Word(range), column, false);
    }

    /// Reads what stands behind a key or a dash.
    fn value(&mut self, owner: usize, at: usize, column: usize, stop: usize) {
        let at = self.skip_properties(at, stop);
        let rest = &self.text[at..stop];
        match rest.chars().next() {
            None | Some('#') => {}
            Some('|' | '>') => self.literal = Some(column),
            Some('{' | '[') => {
                self.entries[owner].opens_flow = true;
                self.flow(Some(owner), at, column);
            }
            Some(quote @ ('"' | '\'')) => {
                let end = self.quoted_end(at, quote, column);
                self.entries[owner].value = Some(at..end);
                self.at = self.at.max(self.stop(end) + 1);
            }
            Some(_) => self.entries[owner].value = Some(at..self.plain_end(at, stop)),
        }
    }

    /// Reads brackets with all that is in them.
    fn flow(&mut self, owner: Option<usize>, at: usize, column: usize) {
        let mut flow = Flow {
            open: Vec::new(),
            owner,
            column,
            at,
        };
        while flow.step(self) {}
        self.at = self.at.max(self.stop(flow.at.min(self.text.len())) + 1);
    }

    /// A key at a place, with what is behind its colon.
    fn key(&self, at: usize, stop: usize) -> Option<(Range<usize>, usize)> {
        let line = &self.text[at..stop];
        let length = match line.chars().next()? {
            quote @ ('"' | '\'') => line[1..].find(quote)? + 2,
            '{' | '[' | '|' | '>' | '#' | '%' | '@' | ',' => return None,
            _ => {
                let colon = line.match_indices(':').find(|(at, _)| is_end(&line[at + 1..]))?.0;
                let comment = line.find(" #").unwrap_or(line.len());
                (colon < comment).then_some(colon)?
            }
        };
        let rest = line[length..]
            .trim_start_matches(' ')
            .strip_prefix(':')
            .filter(|rest| is_end(rest))?;
        let key = line[..length].trim_end();
        Some((
            at..at + key.len(),
            stop - rest.trim_start_matches([' ', '\t']).len(),
        ))
    }

    fn add(&mut self, parent: Option<usize>, kind: Kind, column: usize, in_flow: bool) -> usize {
        self.entries.push(Entry {
            parent,
            kind,
            column,
            value: None,
            in_flow,
            opens_flow: false,
        });
        self.entries.len() - 1
    }

    fn item(&mut self, parent: Option<usize>, column: usize, in_flow: bool) -> usize {
        let count = self.items.entry(parent).or_default();
        let number = *count;
        *count += 1;
        self.add(parent, Kind::Item(number), column, in_flow)
    }

    fn close(&mut self, is_over: impl Fn(&Entry) -> bool) {
        while self
            .open
            .last()
            .is_some_and(|index| is_over(&self.entries[*index]))
        {
            self.open.pop();
        }
    }

    fn is_dash(&self, at: usize, stop: usize) -> bool {
        self.text[at..stop].strip_prefix('-').is_some_and(is_end)
    }

    fn stop(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |length| at + length)
    }

    fn skip_blanks(&self, at: usize, stop: usize) -> usize {
        let rest = &self.text[at..stop];
        stop - rest.trim_start_matches([' ', '\t', '\r']).len()
    }

    /// Behind an anchor and a tag.
    fn skip_properties(&self, at: usize, stop: usize) -> usize {
        let mut at = self.skip_blanks(at, stop);
        while self.text[at..stop].starts_with(['&', '!']) {
            let rest = &self.text[at..stop];
            at = self.skip_blanks(at + rest.find(' ').unwrap_or(rest.len()), stop);
        }
        at
    }

    fn plain_end(&self, at: usize, stop: usize) -> usize {
        let rest = &self.text[at..stop];
        let plain = &rest[..rest.find(" #").unwrap_or(rest.len())];
        at + plain.trim_end().len()
    }

    /// Behind the last quote, or the end of the line if none comes before the text is less indented.
    fn quoted_end(&self, at: usize, quote: char, column: usize) -> usize {
        let mut line = at + 1;
        loop {
            let stop = self.stop(line);
            if let Some(end) = closing(&self.text[line..stop], quote) {
                return line + end;
            }
            let next = self.text.get(stop + 1..).unwrap_or_default();
            let content = next.trim_start_matches([' ', '\r', '\n']);
            let indent = content.as_ptr().addr() - next.as_ptr().addr();
            let last_line = next[..indent].rfind('\n').map_or(0, |newline| newline + 1);
            if content.is_empty() || indent - last_line <= column {
                return self.stop(at);
            }
            line = stop + 1;
        }
    }
}

/// Whether a sign that has to be followed by a blank is.
fn is_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t', '\r'])
}

/// Behind the quote that ends a text which has begun.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let is_twice = quote == '\'' && letters.peek().is_some_and(|(_, next)| *next == quote);
        if letter == quote && !is_twice {
            return Some(at + 1);
        }
        if letter == quote || (letter == '\\' && quote == '"') {
            letters.next();
        }
    }
    None
}

/// A walk through brackets.
struct Flow {
    /// What each bracket belongs to, and whether it is of a mapping.
    open: Vec<(Option<usize>, bool)>,
    /// What the next bracket belongs to.
    owner: Option<usize>,
    /// The column of the block it stands in.
    column: usize,
    at: usize,
}

impl Flow {
    /// Reads the next thing; says whether there is more.
    fn step(&mut self, reader: &mut Reader<'_>) -> bool {
        let Some(letter) = reader.text[self.at..].chars().next() else {
            return false;
        };
        match letter {
            '{' | '[' => {
                let owner = match self.open.last() {
                    Some((owner, false)) if self.owner.is_none_or(|own| Some(own) == *owner) => {
                        Some(reader.item(*owner, self.column, true))
                    }
                    _ => self.owner,
                };
                self.open.push((owner, letter == '{'));
                self.owner = owner;
                self.at += 1;
            }
            '}' | ']' => {
                self.open.pop();
                self.owner = self.open.last().and_then(|(owner, _)| *owner);
                self.at += 1;
            }
            ',' => {
                self.owner = self.open.last().and_then(|(owner, _)| *owner);
                self.at += 1;
            }
            '\n' if self.is_left(reader) => return false,
            '#' => self.at = reader.stop(self.at),
            letter if letter.is_whitespace() => self.at += letter.len_utf8(),
            _ => self.token(reader),
        }
        !self.open.is_empty()
    }

    /// Whether the next line is one of the block around: somebody has not closed the brackets yet.
    fn is_left(&self, reader: &Reader<'_>) -> bool {
        let start = self.at + 1;
        let stop = reader.stop(start.min(reader.text.len()));
        let line = reader.text.get(start..stop).unwrap_or_default();
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        let at = start + indent;
        let begins = |at: usize| reader.is_dash(at, stop) || reader.key(at, stop).is_some();
        !content.is_empty() && indent <= self.column && begins(at)
    }

    fn token(&mut self, reader: &mut Reader<'_>) {
        let start = self.at;
        let end = self.token_end(reader);
        let is_mapping = self.open.last().is_some_and(|(_, is_mapping)| *is_mapping);
        let parent = self.open.last().and_then(|(owner, _)| *owner);
        let behind = &reader.text[end..];
        let blanks = behind.len() - behind.trim_start_matches(' ').len();
        let has_colon = behind[blanks..].starts_with(':');
        self.at = end;
        if is_mapping && self.owner == parent {
            let range = start..end;
            if has_colon {
                self.owner = Some(reader.add(parent, Kind::Key(range), self.column, true));
                self.at = end + blanks + 1;
            } else {
                reader.add(parent, Kind::Word(range), self.column, true);
            }
        } else if is_mapping {
            if let Some(owner) = self.owner {
                reader.entries[owner].value = Some(start..end);
            }
        } else {
            let item = reader.item(parent, self.column, true);
            reader.entries[item].value = Some(start..end);
            // A pair without its own brackets.
            self.at = if has_colon { end + blanks + 1 } else { end };
        }
        self.at = self.at.max(start + 1);
    }

    fn token_end(&self, reader: &Reader<'_>) -> usize {
        let stop = reader.stop(self.at);
        let line = &reader.text[self.at..stop];
        if let Some(quote) = line.chars().next().filter(|first| matches!(first, '"' | '\'')) {
            let length = closing(&line[1..], quote).map_or(line.len(), |length| length + 1);
            return self.at + length;
        }
        let is_over = |at: usize, letter: char| match letter {
            ',' | '[' | ']' | '{' | '}' => true,
            ':' => line[at + 1..]
                .chars()
                .next()
                .is_none_or(|next| matches!(next, ' ' | ',' | ']' | '}' | '\r')),
            '#' => line[..at].ends_with(' '),
            _ => false,
        };
        let length = line.char_indices().find(|(at, letter)| is_over(*at, *letter));
        let token = &line[..length.map_or(line.len(), |(at, _)| at)];
        self.at + token.trim_end().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every entry as its path and its value.
    fn shown(text: &str) -> Vec<String> {
        let sketch = Sketch::read(text);
        let part = |index: &usize| match &sketch.entries[*index].kind {
            Kind::Key(range) => text[range.clone()].to_owned(),
            Kind::Item(number) => number.to_string(),
            Kind::Word(range) => format!("?{}", &text[range.clone()]),
        };
        let show = |(index, entry): (usize, &Entry)| {
            let way: Vec<String> = sketch.way(index).iter().map(part).collect();
            let value = sketch
                .value(entry)
                .map(|value| format!("={value}"))
                .unwrap_or_default();
            way.join("/") + &value
        };
        sketch.entries.iter().enumerate().map(show).collect()
    }

    #[test]
    fn blocks_are_read_by_their_columns() {
        let text = "# c\na: 1 # d\nb:\n- x: 'q # r'\n  y:\n    - z\n-\n- - deep\n\"c d\": &n !t v\ne:\n  - 1\nf: |\n  a: 1\n\n  # no\ng: \"one\n  two\"\nh: http://x\n";
        let expected = [
            "a=1",
            "b",
            "b/0",
            "b/0/x=q # r",
            "b/0/y",
            "b/0/y/0=z",
            "b/1",
            "b/2",
            "b/2/0=deep",
            "\"c d\"=v",
            "e",
            "e/0=1",
            "f",
            "g=one\n  two",
            "h=http://x",
        ];
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn brackets_are_read_over_lines() {
        let text = "a: {b: 1, 'c': [x, {d: e}, \"f\"], g: , h}\ni: [\n  j, # k\n  l\n]\nm:\n  {n: o}\np: [[q], [r: s]]\n";
        let expected = [
            "a",
            "a/b=1",
            "a/'c'",
            "a/'c'/0=x",
            "a/'c'/1",
            "a/'c'/1/d=e",
            "a/'c'/2=f",
            "a/g",
            "a/?h",
            "i",
            "i/0=j",
            "i/1=l",
            "m",
            "m/n=o",
            "p",
            "p/0",
            "p/0/0=q",
            "p/1",
            "p/1/0=r",
            "p/1/1=s",
        ];
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn what_is_half_written_hides_nothing() {
        let cases: [(&str, &[&str]); 7] = [
            ("a:\n  b: 1\n  wor\n  c: 2\n", &["a", "a/b=1", "a/?wor", "a/c=2"]),
            ("a: [x, \nb: 1\n", &["a", "a/0=x", "b=1"]),
            (
                "- a: {b: 1\n  c: 2\n- d: 3\n",
                &["0", "0/a", "0/a/b=1", "0/c=2", "1", "1/d=3"],
            ),
            ("a: \"open\nb: 1\n", &["a=open", "b=1"]),
            ("a:\n- na\n- name: x\n", &["a", "a/0=na", "a/1", "a/1/name=x"]),
            ("wo", &["?wo"]),
            ("a:\n  b:\n\n c\n", &["a", "a/b", "a/?c"]),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn any_text_is_read_and_in_no_time() {
        let hostile = [
            "[",
            "{",
            "- ",
            "a: ",
            "\"",
            "'",
            ": ",
            "a:\n ",
            "[a: {",
            "|\n",
            "&",
            "!",
            "}",
            "# \n",
            "\t",
            "é: [ü",
            "\r\n",
            "- - {a: [",
        ];
        let started = std::time::Instant::now();
        for text in hostile {
            let _ = Sketch::read(&text.repeat(20_000));
            for other in hostile {
                for third in hostile {
                    let _ = Sketch::read(&format!("{text}{other}{third}").repeat(2));
                }
            }
        }
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }
}
