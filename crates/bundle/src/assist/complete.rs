//! What could be written at a place: keys, values, names and files.

use std::collections::HashSet;
use std::ops::Range;

use super::fields::{self, Source};
use super::grammar::{Grammar, Shape, Spot};
use super::sketch::{Entry, Kind as EntryKind, Sketch};
use crate::files::BundleFiles;

/// What could be written in place of a stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// What is replaced, in bytes.
    pub range: Range<usize>,
    /// The offers.
    pub items: Vec<Completion>,
}

/// An offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it is called.
    pub label: String,
    /// What is written.
    pub insert: String,
    /// What it is.
    pub kind: Kind,
    /// What it is, in a word or two.
    pub detail: Option<String>,
    /// What it is for (Markdown).
    pub documentation: Option<String>,
}

/// What kinds of offers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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

/// Marks the cursor in the text; for private use, so that no text has it.
const MARK: char = '\u{f8ff}';

/// What could be written at a byte of a file; nothing where nothing is known.
pub fn complete(files: &BundleFiles, path: &str, text: &str, at: usize) -> Option<Completions> {
    let grammar = Grammar::of(path)?;
    let (before, after) = text.split_at_checked(at)?;
    let range = at - word_before(before)..at + word_after(after);
    let marked = format!("{before}{MARK}{after}");
    let sketch = Sketch::read(&marked);
    let place = Place::find(grammar, &sketch, at, files)?;
    let mut items = place.offers();
    if before[..range.start].ends_with(['"', '\'']) {
        // The quotes are there already.
        for item in &mut items {
            item.insert = item.insert.trim_matches('"').to_owned();
        }
    }
    (!items.is_empty()).then_some(Completions { range, items })
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/' | '*')
}

fn word_before(text: &str) -> usize {
    text.len() - text.trim_end_matches(is_of_word).len()
}

fn word_after(text: &str) -> usize {
    text.len() - text.trim_start_matches(is_of_word).len()
}

/// Where the cursor is.
struct Place<'a, 't> {
    grammar: Grammar,
    sketch: &'a Sketch<'t>,
    files: &'a BundleFiles,
    /// The entry that the cursor is in.
    index: usize,
    position: Position,
}

/// What can be written where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// A key of what stands in `parent`, with a colon or already before one.
    Key { parent: Option<usize>, has_colon: bool },
    /// A value behind the entry.
    Value,
}

impl<'a, 't> Place<'a, 't> {
    fn find(grammar: Grammar, sketch: &'a Sketch<'t>, at: usize, files: &'a BundleFiles) -> Option<Self> {
        let holds = |range: &Range<usize>| range.start <= at && at < range.end;
        let position_in = |index: usize, entry: &Entry| match &entry.kind {
            EntryKind::Word(range) if holds(range) => Some(Position::Key {
                parent: entry.parent,
                has_colon: false,
            }),
            EntryKind::Key(range) if holds(range) => Some(Position::Key {
                parent: entry.parent,
                has_colon: true,
            }),
            EntryKind::Item(_) if entry.value.as_ref().is_some_and(holds) => {
                let is_part = grammar
                    .behind(sketch, Some(index))
                    .is_some_and(|spot| spot.shape() == Shape::Part);
                let parent = Some(index);
                let key = Position::Key {
                    parent,
                    has_colon: false,
                };
                Some(if is_part { key } else { Position::Value })
            }
            _ => entry
                .value
                .as_ref()
                .filter(|range| holds(range))
                .map(|_| Position::Value),
        };
        let mut entries = sketch.entries.iter().enumerate();
        let (index, position) =
            entries.find_map(|(index, entry)| Some((index, position_in(index, entry)?)))?;
        Some(Self {
            grammar,
            sketch,
            files,
            index,
            position,
        })
    }

    fn offers(&self) -> Vec<Completion> {
        match self.position {
            Position::Value => self.values(),
            Position::Key { parent, has_colon } => {
                let mut offers = self.items_of_list_above(parent);
                offers.extend(self.keys_of(parent, has_colon));
                offers
            }
        }
    }

    fn keys_of(&self, parent: Option<usize>, has_colon: bool) -> Vec<Completion> {
        let above = parent.filter(|parent| *parent != self.index);
        let has_value = above.is_some_and(|parent| self.sketch.entries[parent].value.is_some());
        match self.grammar.behind(self.sketch, parent) {
            Some(spot) if !has_value => self.below(spot, parent, has_colon),
            _ => Vec::new(),
        }
    }

    /// A list may stand at the column of its key, so that a word there can be an item of it as well.
    fn items_of_list_above(&self, parent: Option<usize>) -> Vec<Completion> {
        let entry = &self.sketch.entries[self.index];
        let mut before = self.sketch.entries[..self.index].iter().enumerate().rev();
        let key = before.find(|(_, one)| one.parent == parent && one.column == entry.column);
        let Some((key, above)) = key.filter(|_| !entry.in_flow && matches!(entry.kind, EntryKind::Word(_)))
        else {
            return Vec::new();
        };
        let is_open = above.value.is_none() && !above.opens_flow && self.sketch.key(above).is_some();
        let fits = |(_, child): (usize, &Entry)| {
            matches!(child.kind, EntryKind::Item(_)) && child.column == entry.column
        };
        let spot = self.grammar.behind(self.sketch, Some(key)).filter(|_| is_open);
        match spot {
            Some(spot) if spot.item().is_some() && self.sketch.children(Some(key)).all(fits) => {
                self.below(spot, Some(key), false)
            }
            _ => Vec::new(),
        }
    }

    /// What may stand right below something.
    fn below(&self, spot: Spot, parent: Option<usize>, has_colon: bool) -> Vec<Completion> {
        match spot.shape() {
            Shape::Part => self.keys(spot, parent, has_colon),
            Shape::Parts => Self::new_part(spot).into_iter().collect(),
            Shape::List => {
                let items = spot
                    .item()
                    .map(|item| self.values_of(item, parent))
                    .unwrap_or_default();
                let dashed = |item: Completion| Completion {
                    insert: format!("- {}", item.insert),
                    ..item
                };
                items.into_iter().map(dashed).collect()
            }
            Shape::Free | Shape::Leaf => Vec::new(),
        }
    }

    fn keys(&self, spot: Spot, parent: Option<usize>, has_colon: bool) -> Vec<Completion> {
        let others = self
            .sketch
            .children(parent)
            .filter(|(index, _)| *index != self.index);
        let present: HashSet<&str> = others.filter_map(|(_, entry)| self.sketch.key(entry)).collect();
        let choices = spot.one_of();
        let is_chosen = choices.iter().any(|key| present.contains(key));
        let is_free = |key: &&str| {
            let is_other_choice = is_chosen && choices.contains(key);
            !present.contains(key) && !is_other_choice && !self.grammar.is_refused(self.sketch, parent, key)
        };
        let mut keys: Vec<&str> = spot.keys().into_iter().filter(is_free).collect();
        // What has to be there is offered first.
        keys.sort_by_key(|key| !spot.requires(key));
        let offer = |key: &str| self.key(spot, key, has_colon);
        keys.into_iter().filter_map(offer).collect()
    }

    fn key(&self, spot: Spot, key: &str, has_colon: bool) -> Option<Completion> {
        let behind = spot.below(key)?;
        let words = behind.in_words();
        let insert = if has_colon {
            key.to_owned()
        } else {
            format!("{key}:{}", self.behind_new_key(behind))
        };
        Some(Completion {
            label: key.to_owned(),
            insert,
            kind: Kind::Key,
            detail: Some(if spot.requires(key) {
                format!("{words}, required")
            } else {
                words
            }),
            documentation: behind.about().map(str::to_owned),
        })
    }

    /// What is written behind a new key: the beginning of what is nested, where that is sure.
    fn behind_new_key(&self, spot: Spot) -> String {
        let entry = &self.sketch.entries[self.index];
        let column = self.key_column(entry);
        let nested = |column: usize, text: &str| format!("\n{}{text}", " ".repeat(column));
        match spot.shape() {
            _ if entry.in_flow => " ".to_owned(),
            Shape::Part => nested(column + 2, &first_key(spot)),
            Shape::Free => nested(column + 2, ""),
            Shape::Parts => {
                let first = spot.item().map(first_key).unwrap_or_default();
                nested(column + self.list_step(), &format!("- {first}"))
            }
            Shape::List => nested(column + self.list_step(), "- "),
            Shape::Leaf => match spot.choices().as_slice() {
                [only] => format!(" {only}"),
                _ => " ".to_owned(),
            },
        }
    }

    /// The column of a key at the cursor: behind a dash it is not the entry's own.
    fn key_column(&self, entry: &Entry) -> usize {
        let Some(value) = entry
            .value
            .as_ref()
            .filter(|_| matches!(entry.kind, EntryKind::Item(_)))
        else {
            return entry.column;
        };
        let line = self.sketch.text[..value.start]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        self.sketch.text[line..value.start].chars().count()
    }

    /// How far lists are indented against their keys in this text.
    fn list_step(&self) -> usize {
        let entries = &self.sketch.entries;
        let of_key = entries.iter().find_map(|entry| {
            let key = &entries[entry.parent?];
            let is_block = matches!(entry.kind, EntryKind::Item(_)) && !entry.in_flow;
            let is_of_key = is_block && matches!(key.kind, EntryKind::Key(_));
            is_of_key.then(|| entry.column.saturating_sub(key.column))
        });
        of_key.unwrap_or(0)
    }

    /// The beginning of a new item of a list of parts.
    fn new_part(spot: Spot) -> Option<Completion> {
        let item = spot.item()?;
        let insert = format!("- {}", first_key(item));
        Some(Completion {
            label: insert.trim_end_matches([':', ' ']).to_owned(),
            insert,
            kind: Kind::Snippet,
            detail: Some("new item".to_owned()),
            documentation: item.about().map(str::to_owned),
        })
    }

    fn values(&self) -> Vec<Completion> {
        let Some(spot) = self.grammar.behind(self.sketch, Some(self.index)) else {
            return Vec::new();
        };
        match spot.shape() {
            Shape::Leaf => self.values_of(spot, self.sketch.entries[self.index].parent),
            Shape::List => {
                let items = spot
                    .item()
                    .map(|item| self.values_of(item, Some(self.index)))
                    .unwrap_or_default();
                let bracketed = |item: Completion| Completion {
                    insert: format!("[{}]", item.insert),
                    ..item
                };
                items.into_iter().map(bracketed).collect()
            }
            Shape::Part | Shape::Parts | Shape::Free => Vec::new(),
        }
    }

    /// The values of a leaf, which may be one of a list.
    fn values_of(&self, spot: Spot, list: Option<usize>) -> Vec<Completion> {
        let elsewhere = spot.field.and_then(|(part, key)| fields::source(part, key));
        match elsewhere {
            Some(Source::Steps) => {
                let mut steps = self.references(list, "dependencies", "dependency");
                steps.extend(self.references(list, "init", "init step"));
                steps
            }
            Some(Source::Checks) => self.references(list, "checks", "check"),
            Some(Source::Files(wanted)) => {
                let paths = fields::paths(self.files, wanted).into_iter();
                paths.map(|path| offer(path, Kind::File, None)).collect()
            }
            None => known_values(spot),
        }
    }

    /// The names of a section, without those that the list has already.
    fn references(&self, list: Option<usize>, section: &str, what: &str) -> Vec<Completion> {
        let others = self
            .sketch
            .children(list)
            .filter(|(index, _)| *index != self.index);
        let taken: HashSet<&str> = others.filter_map(|(_, entry)| self.sketch.value(entry)).collect();
        let names = fields::names(self.sketch, section, self.index).into_iter();
        let free = names.filter(|name| !taken.contains(name));
        free.map(|name| offer(name.to_owned(), Kind::Reference, Some(what)))
            .collect()
    }
}

/// The first key of a new part that has to be there.
fn first_key(spot: Spot) -> String {
    let mut keys: Vec<&str> = spot.keys().into_iter().filter(|key| spot.requires(key)).collect();
    keys.sort_by_key(|key| *key != "name");
    keys.first().map(|key| format!("{key}: ")).unwrap_or_default()
}

/// The values of a closed list, or the default of an open one.
fn known_values(spot: Spot) -> Vec<Completion> {
    let default = spot.default();
    let mut values = spot.choices();
    if values.is_empty() {
        values.extend(default.clone());
    }
    let detail = |value: &String| (Some(value) == default.as_ref()).then_some("default");
    let offers = values.into_iter().map(|value| {
        let detail = detail(&value);
        offer(value, Kind::Value, detail)
    });
    offers.collect()
}

fn offer(text: String, kind: Kind, detail: Option<&str>) -> Completion {
    Completion {
        insert: text.clone(),
        label: text,
        kind,
        detail: detail.map(str::to_owned),
        documentation: None,
    }
}
