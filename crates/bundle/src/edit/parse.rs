//! From a text to the tree of its places. The parser says what there is, and where scalars stand; where a block
//! begins and ends is found between them.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::tree::{Child, Collection, Kind, Node, Quotes};

/// The tree of the first document that holds a value; nothing for what is no YAML, or written in a way that people
/// do not use.
pub(super) fn parse(text: &str) -> Option<Node> {
    let bytes = ByteOf::new(text);
    let parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(text);
    let mut events = Vec::new();
    let mut after_start = 0;
    for next in parser {
        let (event, span) = next.ok()?;
        match event {
            Event::StreamStart | Event::StreamEnd | Event::Nothing => {}
            Event::DocumentStart(_) if events.is_empty() => after_start = bytes.at(span.end.index()),
            Event::DocumentStart(_) | Event::DocumentEnd => break,
            event => events.push((event, span)),
        }
    }
    let mut builder = Builder {
        text,
        bytes,
        events: events.into_iter(),
        at: after_start,
    };
    builder.node()
}

/// From places in characters to places in bytes.
struct ByteOf(Option<Vec<usize>>);

impl ByteOf {
    fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self(None);
        }
        let starts = text.char_indices().map(|(byte, _)| byte);
        Self(Some(starts.chain([text.len()]).collect()))
    }

    fn at(&self, character: usize) -> usize {
        match &self.0 {
            None => character,
            Some(starts) => starts
                .get(character)
                .or(starts.last())
                .copied()
                .unwrap_or_default(),
        }
    }
}

struct Builder<'a> {
    text: &'a str,
    bytes: ByteOf,
    events: std::vec::IntoIter<(Event<'a>, Span)>,
    /// Behind what was read last.
    at: usize,
}

impl Builder<'_> {
    fn node(&mut self) -> Option<Node> {
        let (event, span) = self.events.next()?;
        match event {
            Event::Scalar(text, ScalarStyle::Plain, 0, None) if text.is_empty() => Some(self.nothing()),
            Event::Scalar(_, style, ..) => Some(self.scalar(style, span)),
            Event::Alias(_) => Some(self.leaf(Kind::Alias, span)),
            Event::SequenceStart(..) => self.collection(false, span),
            Event::MappingStart(..) => self.collection(true, span),
            _ => None,
        }
    }

    fn nothing(&self) -> Node {
        Node {
            slot: self.at,
            range: self.at..self.at,
            kind: Kind::Nothing,
        }
    }

    fn leaf(&mut self, kind: Kind, span: Span) -> Node {
        let slot = self.at;
        let range = self.bytes.at(span.start.index())..self.bytes.at(span.end.index());
        self.at = range.end;
        Node { slot, range, kind }
    }

    fn scalar(&mut self, style: ScalarStyle, span: Span) -> Node {
        match style {
            ScalarStyle::Plain => self.leaf(Kind::Scalar(Quotes::None), span),
            ScalarStyle::SingleQuoted => self.quoted(Quotes::Single, '\'', span),
            ScalarStyle::DoubleQuoted => self.quoted(Quotes::Double, '"', span),
            ScalarStyle::Literal | ScalarStyle::Folded => self.block_scalar(span),
        }
    }

    /// A quoted scalar up to its last quote: the parser's end lies behind a comment that follows.
    fn quoted(&mut self, quotes: Quotes, quote: char, span: Span) -> Node {
        let mut node = self.leaf(Kind::Scalar(quotes), span);
        let text = &self.text[node.range.clone()];
        let open = text.find(quote).unwrap_or_default() + 1;
        let mut rest = text.char_indices().skip_while(|(at, _)| *at < open).peekable();
        while let Some((at, letter)) = rest.next() {
            let is_twice = quote == '\'' && rest.peek().is_some_and(|(_, next)| *next == quote);
            if letter == quote && !is_twice {
                node.range.end = node.range.start + at + 1;
                break;
            }
            if letter == quote || (letter == '\\' && quote == '"') {
                rest.next();
            }
        }
        self.at = node.range.end;
        node
    }

    /// A block scalar from its sign on; empty lines at its end count only if it keeps them.
    fn block_scalar(&mut self, span: Span) -> Node {
        let slot = self.at;
        let start = self.skip_blank(slot);
        let end = self.bytes.at(span.end.index()).max(start);
        let header = self.text[start..end].lines().next().unwrap_or_default();
        let keeps = header.split('#').next().is_some_and(|signs| signs.contains('+'));
        let content = &self.text[start..end];
        let kept = if keeps {
            content.strip_suffix('\n').unwrap_or(content)
        } else {
            content.trim_end()
        };
        self.at = start + kept.len();
        Node {
            slot,
            range: start..self.at,
            kind: Kind::Scalar(Quotes::Block),
        }
    }

    fn collection(&mut self, is_mapping: bool, span: Span) -> Option<Node> {
        let slot = self.at;
        let start = self.bytes.at(span.start.index());
        let is_flow = span.end.index() > span.start.index();
        if is_flow {
            self.at = self.bytes.at(span.end.index());
        }
        let mut children = Vec::new();
        while !self.is_at_end() {
            children.push(if is_mapping {
                self.entry()?
            } else {
                self.item(is_flow)?
            });
        }
        let (_, end) = self.events.next()?;
        let range = if is_flow {
            self.at = self.bytes.at(end.start.index()) + 1;
            // With an anchor or a tag the parser's start is before the bracket.
            start..self.at
        } else {
            let first = children.first().map_or(slot, |child: &Child| child.start);
            first..children.last().map_or(first, Child::end)
        };
        let kind = Kind::Collection(Collection {
            is_flow,
            is_mapping,
            children,
        });
        Some(Node { slot, range, kind })
    }

    fn is_at_end(&self) -> bool {
        let next = self.events.as_slice().first();
        next.is_none_or(|(event, _)| matches!(event, Event::SequenceEnd | Event::MappingEnd))
    }

    fn item(&mut self, is_flow: bool) -> Option<Child> {
        if is_flow {
            self.at = self.skip_between(self.at);
            let start = self.at;
            let value = self.node()?;
            let start = value.range.start.max(start);
            return Some(Child {
                start,
                key: None,
                value,
            });
        }
        let start = self.sign('-')?;
        let value = self.node()?;
        Some(Child {
            start,
            key: None,
            value,
        })
    }

    fn entry(&mut self) -> Option<Child> {
        let Some((Event::Scalar(text, ..), _)) = self.events.as_slice().first() else {
            return None;
        };
        let key = Some(text.clone().into_owned());
        let start = self.node()?.range.start;
        // In brackets a key may stand without a colon.
        let _ = self.sign(':');
        let value = self.node()?;
        Some(Child { start, key, value })
    }

    /// The next sign, which is stepped over.
    fn sign(&mut self, sign: char) -> Option<usize> {
        let at = self.skip_between(self.at);
        self.text[at..].starts_with(sign).then(|| {
            self.at = at + sign.len_utf8();
            at
        })
    }

    /// Behind blanks, line ends, comments and commas.
    fn skip_between(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            let rest = &self.text[at..];
            match rest.as_bytes().first() {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => at += 1,
                Some(b'#') => at += rest.find('\n').unwrap_or(rest.len()),
                _ => return at,
            }
        }
    }

    fn skip_blank(&self, from: usize) -> usize {
        from + self.text[from..]
            .bytes()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count()
    }
}
