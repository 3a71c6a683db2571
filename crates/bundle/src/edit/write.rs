//! Makes an edit in the text: as a row of the smallest changes that lead to the value that is wanted.

use serde_json::{Map, Value};

use super::layout::{Indents, Lines};
use super::render::{Writer, flow, flow_entry, in_quotes};
use super::splice::Splices;
use super::tree::{Collection, Kind, Node, Quotes};
use super::{Edit, EditError, Step, flow as brackets, model, parse, place};

/// The text after an edit that makes `wanted` of `before`.
pub(super) fn apply(text: &str, edit: &Edit, before: &Value, wanted: &Value) -> Result<String, EditError> {
    let mut page = Page {
        text: text.to_owned(),
    };
    match edit {
        Edit::Set { path, .. } | Edit::Append { path, .. } => {
            // What is not there yet is a change of the deepest place that is.
            let (place, old) = deepest(before, path);
            let new = model::at(wanted, place).ok_or_else(|| refused(path))?;
            page.change(place, old, new)?;
        }
        Edit::Remove { path } => {
            let is_there = model::at(before, path).is_some();
            if let Some((last, parent)) = path.split_last().filter(|_| is_there) {
                page.remove(parent, last)?;
            }
        }
        Edit::Move { path, to } => page.move_item(path, *to)?,
    }
    Ok(page.text)
}

/// The longest part of a path that leads to something, with what is there.
fn deepest<'a, 'p>(value: &'a Value, path: &'p [Step]) -> (&'p [Step], &'a Value) {
    let lengths = (0..=path.len()).rev();
    let mut there = lengths.filter_map(|length| Some((&path[..length], model::at(value, &path[..length])?)));
    there.next().unwrap_or((&path[..0], value))
}

/// A text that is changed step by step, and read again after each.
struct Page {
    text: String,
}

/// A text as it is read for one change.
struct Sheet<'a> {
    root: Node,
    lines: Lines<'a>,
    writer: Writer<'a>,
}

impl Page {
    /// Makes one value of another one in the places where they differ.
    fn change(&mut self, path: &[Step], old: &Value, new: &Value) -> Result<(), EditError> {
        match (old, new) {
            _ if old == new => Ok(()),
            (Value::Object(old), Value::Object(new)) => self.change_entries(path, old, new),
            (Value::Array(old), Value::Array(new)) => self.change_items(path, old, new),
            _ => self.splice(path, |sheet, node| sheet.replace(path, node, new)),
        }
    }

    fn change_entries(
        &mut self,
        path: &[Step],
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Result<(), EditError> {
        for (key, value) in new {
            match old.get(key) {
                Some(old) => self.change(&below(path, Step::Key(key.clone())), old, value)?,
                None => self.splice(path, |sheet, node| sheet.add_entry(node, key, value))?,
            }
        }
        for key in old.keys().filter(|key| !new.contains_key(*key)) {
            self.remove(path, &Step::Key(key.clone()))?;
        }
        Ok(())
    }

    /// What both lists begin and end with stays; what is between is changed item by item.
    fn change_items(&mut self, path: &[Step], old: &[Value], new: &[Value]) -> Result<(), EditError> {
        let shorter = old.len().min(new.len());
        let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let both_ends = old.iter().rev().zip(new.iter().rev());
        let tail = both_ends
            .take(shorter - head)
            .take_while(|(old, new)| old == new)
            .count();
        let common = shorter - tail;
        for index in head..common {
            self.change(&below(path, Step::Index(index)), &old[index], &new[index])?;
        }
        for (index, value) in new.iter().enumerate().take(new.len() - tail).skip(common) {
            self.splice(path, |sheet, node| sheet.add_item(node, index, value))?;
        }
        for index in (common..old.len() - tail).rev() {
            self.remove(path, &Step::Index(index))?;
        }
        Ok(())
    }

    fn remove(&mut self, parent: &[Step], last: &Step) -> Result<(), EditError> {
        self.splice(parent, |sheet, node| {
            let collection = node.collection()?;
            let index = collection.index(last)?;
            Some(sheet.remove(node, collection, index))
        })
    }

    fn move_item(&mut self, path: &[Step], to: usize) -> Result<(), EditError> {
        let Some((Step::Index(from), parent)) = path.split_last() else {
            return Err(refused(path));
        };
        self.splice(parent, |sheet, node| {
            let collection = node.collection()?;
            let chunks = if collection.is_flow {
                brackets::chunks(collection)
            } else {
                sheet.lines.chunks(node, collection)
            };
            let is_there = chunks.len() > *from && chunks.len() > to;
            is_there.then(|| brackets::reorder(sheet.lines, &chunks, *from, to))
        })
    }

    /// Reads the text, finds a place in it, and makes one change there.
    fn splice(
        &mut self,
        path: &[Step],
        change: impl FnOnce(&Sheet<'_>, &Node) -> Option<Splices>,
    ) -> Result<(), EditError> {
        let root = parse::parse(&self.text).ok_or_else(|| refused(path))?;
        let lines = Lines::new(&self.text);
        let indents = Indents::of(lines, &root);
        let writer = Writer { lines, indents };
        let sheet = Sheet { root, lines, writer };
        let node = sheet.root.at(path).ok_or_else(|| refused(path))?;
        let splices = change(&sheet, node).ok_or_else(|| refused(path))?;
        self.text = splices.apply(&self.text);
        Ok(())
    }
}

impl Sheet<'_> {
    /// Puts a value in place of another one.
    fn replace(&self, path: &[Step], node: &Node, new: &Value) -> Option<Splices> {
        let quotes = match node.kind {
            Kind::Scalar(quotes) => quotes,
            _ => Quotes::None,
        };
        let in_flow = self.is_in_flow(path);
        let short = if in_flow {
            in_quotes(new, quotes, true).or_else(|| Some(flow(new)))
        } else {
            in_quotes(new, quotes, false)
        };
        match (&node.kind, short) {
            (Kind::Nothing, Some(short)) => Some(Splices::one(node.slot..node.slot, format!(" {short}"))),
            (Kind::Scalar(_) | Kind::Alias, Some(short)) => Some(Splices::one(node.range.clone(), short)),
            (Kind::Collection(collection), Some(short)) if collection.is_flow => {
                Some(Splices::one(node.range.clone(), short))
            }
            (_, short) => self.replace_block(path, node, new, short),
        }
    }

    /// A block with its lines goes, or one comes; a comment behind the key stays there.
    fn replace_block(
        &self,
        path: &[Step],
        node: &Node,
        new: &Value,
        short: Option<String>,
    ) -> Option<Splices> {
        let (last, parent) = path.split_last()?;
        let parent = self.root.at(parent)?.collection()?;
        let child = parent.children.get(parent.index(last)?)?;
        let column = self.lines.column(child.start);
        let is_item = child.key.is_none();
        let text = match short {
            Some(short) => format!(" {short}"),
            None if is_item => self.writer.after_dash(new, column),
            None => self.writer.after_colon(new, column),
        };
        // What is on the line of the key goes before a comment there, the rest below it.
        let (first, rest) = text.split_at(text.find(self.lines.end).unwrap_or(text.len()));
        let behind_slot = self.lines.stop(node.slot);
        let end = node.range.end.max(node.slot);
        if end > behind_slot && self.lines.ends_line(node.slot) {
            let lines_of_old = Splices::one(behind_slot..self.lines.stop(end), rest);
            return Some(lines_of_old.and(node.slot..node.slot, first));
        }
        let behind = self.lines.stop(end);
        Some(Splices::one(node.slot..end, first).and(behind..behind, rest))
    }

    fn add_entry(&self, node: &Node, key: &str, value: &Value) -> Option<Splices> {
        let collection = node.collection()?;
        if collection.is_flow {
            let end = collection.children.len();
            return Some(brackets::insert(node, collection, end, &flow_entry(key, value)));
        }
        let column = self.lines.column(collection.children.first()?.start);
        let entry = self.writer.entry(key, value, column);
        self.add_line(node, collection, collection.children.len(), &entry)
    }

    fn add_item(&self, node: &Node, index: usize, value: &Value) -> Option<Splices> {
        let collection = node.collection()?;
        if collection.is_flow {
            let is_empty_block = collection.children.is_empty() && (value.is_object() || value.is_array());
            return Some(
                if is_empty_block && !self.lines.text[node.range.clone()].contains('#') {
                    self.open_brackets(node, value)
                } else {
                    brackets::insert(node, collection, index, &flow(value))
                },
            );
        }
        let column = self.lines.column(collection.children.first()?.start);
        let item = self.writer.item(value, column);
        self.add_line(node, collection, index, &item)
    }

    /// `key: []` becomes a block when something large is put into it, where blocks may stand.
    fn open_brackets(&self, node: &Node, value: &Value) -> Splices {
        let start = self.lines.start(node.slot);
        let before = &self.lines.text[start..node.slot];
        let opens_block = before.ends_with(':') && !before.contains(['{', '[', '"', '\'', '#']);
        let is_alone =
            self.lines.ends_line(node.range.end) && self.lines.stop(node.range.end) == node.range.end;
        if !opens_block || !is_alone {
            return Splices::one(node.range.clone(), flow(&Value::Array(vec![value.clone()])));
        }
        let column = before.len() - before.trim_start_matches([' ', '-']).len();
        let block = self
            .writer
            .after_colon(&Value::Array(vec![value.clone()]), column);
        Splices::one(node.slot..node.range.end, block)
    }

    /// Puts a child of a block before another one, or behind the last.
    fn add_line(&self, node: &Node, collection: &Collection, index: usize, new: &str) -> Option<Splices> {
        let chunks = self.lines.chunks(node, collection);
        let column = self.lines.column(collection.children.first()?.start);
        let indent = self.lines.indent(column);
        if let Some(next) = chunks.get(index) {
            return Some(Splices::one(next.start..next.start, format!("{new}{indent}")));
        }
        let end = self.lines.behind_inner_comments(chunks.last()?.end, column);
        Some(Splices::one(end..end, format!("{indent}{new}")))
    }

    fn remove(&self, node: &Node, collection: &Collection, index: usize) -> Splices {
        if collection.is_flow {
            return brackets::remove(node, collection, index);
        }
        if collection.children.len() == 1 {
            return self.empty(node, collection);
        }
        let chunks = self.lines.chunks(node, collection);
        let chunk = &chunks[index];
        if !self.lines.begins_line(chunk.start) {
            // It stands behind a dash, and what comes next moves up to it.
            let rest = &self.lines.text[chunk.end..];
            let next = chunk.end + (rest.len() - rest.trim_start().len());
            return Splices::one(chunk.start..next, "");
        }
        let start = self.lines.start(chunk.start);
        let is_last_line = chunk.end == self.lines.text.len() && start > 0;
        let lines = if is_last_line {
            self.lines.stop(start - 1)..chunk.end
        } else {
            start..self.lines.next(chunk.end)
        };
        Splices::one(lines, "")
    }

    /// The only child goes, and brackets say that nothing is left.
    fn empty(&self, node: &Node, collection: &Collection) -> Splices {
        let brackets = if collection.is_mapping { "{}" } else { "[]" };
        let behind_slot = self.lines.stop(node.slot);
        let is_below = node.range.start > behind_slot && node.slot > 0;
        if !is_below {
            return Splices::one(node.range.clone(), brackets);
        }
        let chunk = self.lines.chunk(node.range.start, node.range.end, behind_slot);
        let start = self.lines.stop(self.lines.start(chunk.start).saturating_sub(1));
        Splices::one(node.slot..node.slot, format!(" {brackets}")).and(start..chunk.end, "")
    }

    fn is_in_flow(&self, path: &[Step]) -> bool {
        (0..path.len()).any(|length| {
            let above = self.root.at(&path[..length]).and_then(Node::collection);
            above.is_some_and(|collection| collection.is_flow)
        })
    }
}

fn below(path: &[Step], step: Step) -> Vec<Step> {
    let mut path = path.to_vec();
    path.push(step);
    path
}

fn refused(path: &[Step]) -> EditError {
    EditError::Unsafe { place: place(path) }
}
