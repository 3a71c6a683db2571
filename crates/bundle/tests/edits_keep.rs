//! Edits of any text: its value is what was asked for, and what was not edited stays.

use bundle::edit::{Edit, Step, edit, value};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A value with the way it is written.
#[derive(Debug, Clone)]
enum Written {
    Scalar(String),
    List(Layout, Vec<Written>),
    Mapping(Layout, Vec<(String, Written)>),
}

/// How a collection is written.
#[derive(Debug, Clone, Copy)]
struct Layout {
    flow: bool,
    comments: bool,
    gaps: bool,
}

fn layout() -> impl Strategy<Value = Layout> {
    (any::<bool>(), any::<bool>(), prop::bool::weighted(0.2)).prop_map(|(flow, comments, gaps)| Layout {
        flow,
        comments,
        gaps,
    })
}

fn scalar() -> impl Strategy<Value = Written> {
    let texts = [
        "a",
        "word",
        "'quoted'",
        "\"double # no\"",
        "12",
        "1.5",
        "true",
        "\"1.36\"",
        "~",
        "two words",
        "x/y.z",
        "ünï",
    ];
    prop::sample::select(texts.to_vec()).prop_map(|text| Written::Scalar(text.to_owned()))
}

fn written() -> impl Strategy<Value = Written> {
    let inner = scalar().prop_recursive(4, 24, 4, |inner| {
        let keys = prop::sample::subsequence(vec!["name", "needs", "k", "other", "x y"], 1..=4);
        let entries = (keys, prop::collection::vec(inner.clone(), 4));
        let mapping = (layout(), entries).prop_map(|(layout, (keys, values))| {
            Written::Mapping(layout, keys.into_iter().map(str::to_owned).zip(values).collect())
        });
        let list = (layout(), prop::collection::vec(inner, 0..4))
            .prop_map(|(layout, items)| Written::List(layout, items));
        prop_oneof![mapping, list]
    });
    let keys = prop::sample::subsequence(vec!["a", "b", "c"], 2..=3);
    (keys, prop::collection::vec(inner, 3), layout()).prop_map(|(keys, values, layout)| {
        let layout = Layout {
            flow: false,
            ..layout
        };
        Written::Mapping(layout, keys.into_iter().map(str::to_owned).zip(values).collect())
    })
}

/// Writes values with numbered comments.
struct Printer {
    text: String,
    comments: usize,
    indented_lists: bool,
}

impl Printer {
    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# <{}>", self.comments)
    }

    fn flow(value: &Written) -> String {
        match value {
            Written::Scalar(text) => text.clone(),
            Written::List(_, items) => format!(
                "[{}]",
                items.iter().map(Self::flow).collect::<Vec<_>>().join(", ")
            ),
            Written::Mapping(_, entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| format!("{key}: {}", Self::flow(value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Writes a value behind a key or dash at a column.
    fn value(&mut self, value: &Written, column: usize, is_item: bool) {
        let (layout, is_list) = match value {
            Written::List(layout, items) if !layout.flow && !items.is_empty() => (layout, true),
            Written::Mapping(layout, _) if !layout.flow => (layout, false),
            other => {
                self.text += " ";
                self.text += &Self::flow(other);
                self.end_line(matches!(other, Written::List(layout, _) | Written::Mapping(layout, _) if layout.comments));
                return;
            }
        };
        if is_item {
            self.text += " ";
        } else {
            self.end_line(layout.comments);
        }
        let step = if is_list && !is_item && !self.indented_lists {
            0
        } else {
            2
        };
        self.block(value, column + step, !is_item);
    }

    fn block(&mut self, value: &Written, column: usize, indent_first: bool) {
        let (layout, children): (Layout, Vec<(Option<&str>, &Written)>) = match value {
            Written::List(layout, items) => (*layout, items.iter().map(|item| (None, item)).collect()),
            Written::Mapping(layout, entries) => (
                *layout,
                entries
                    .iter()
                    .map(|(key, value)| (Some(key.as_str()), value))
                    .collect(),
            ),
            Written::Scalar(_) => return,
        };
        for (index, (key, child)) in children.into_iter().enumerate() {
            let indent = " ".repeat(column);
            if index > 0 || indent_first {
                if layout.gaps {
                    let stray = self.comment();
                    self.text += &(stray + "\n\n");
                }
                if layout.comments {
                    let comment = self.comment();
                    self.text += &(indent.clone() + &comment + "\n");
                }
                self.text += &indent;
            }
            match key {
                Some(key) => self.text += &(key.to_owned() + ":"),
                None => self.text += "-",
            }
            self.value(child, column, key.is_none());
        }
    }

    fn end_line(&mut self, with_comment: bool) {
        if with_comment {
            let comment = self.comment();
            self.text += &("  ".to_owned() + &comment);
        }
        self.text += "\n";
    }
}

fn print(value: &Written, indented_lists: bool) -> String {
    let mut printer = Printer {
        text: String::new(),
        comments: 0,
        indented_lists,
    };
    printer.block(value, 0, true);
    printer.text
}

/// Every place in a value.
fn places(value: &Value, at: &[Step], found: &mut Vec<Vec<Step>>) {
    found.push(at.to_vec());
    let below = |step| [at, &[step]].concat();
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                places(value, &below(Step::Key(key.clone())), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                places(value, &below(Step::Index(index)), found);
            }
        }
        _ => {}
    }
}

fn look_up<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(*index),
    })
}

fn new_value() -> impl Strategy<Value = Value> {
    let values = [
        json!("word"),
        json!("needs: quotes"),
        json!("12"),
        json!(7),
        json!(null),
        json!(["a", "b"]),
        json!([]),
        json!({"name": "n", "run": "r.sh"}),
        json!([{"rollout": "deployment/a"}]),
        json!("two\nlines\n"),
    ];
    prop::sample::select(values.to_vec())
}

/// How many comments of the first text are not in the second.
fn lost_comments(before: &str, after: &str) -> usize {
    let comments = before
        .split("# <")
        .skip(1)
        .filter_map(|rest| rest.split('>').next());
    comments
        .filter(|number| !after.contains(&format!("# <{number}>")))
        .count()
}

fn lines_of(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// How many lines at the beginning and the end two texts share.
fn shared(before: &str, after: &str) -> (usize, usize) {
    let (before, after) = (lines_of(before), lines_of(after));
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let rest = before.len().min(after.len()) - head;
    let ends = before.iter().rev().zip(after.iter().rev());
    (head, ends.take(rest).take_while(|(a, b)| a == b).count())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn the_value_is_what_was_asked_for_and_comments_stay(
        written in written(),
        indented in any::<bool>(),
        pick in any::<prop::sample::Index>(),
        operation in 0_u8..5,
        new in new_value(),
        to in any::<prop::sample::Index>(),
    ) {
        let text = print(&written, indented);
        let before = value(&text).expect("what is printed is YAML");
        let mut all = Vec::new();
        places(&before, &[], &mut all);
        all.remove(0);
        let place = all[pick.index(all.len())].clone();
        let old = look_up(&before, &place).unwrap();
        let edit_made = match operation {
            1 => Edit::Remove { path: place },
            2 if old.is_array() || old.is_null() => Edit::Append { path: place, value: new },
            3 if old.as_object().is_some_and(|entries| !entries.contains_key("fresh")) => {
                Edit::Set { path: [place, vec![Step::Key("fresh".into())]].concat(), value: new }
            }
            4 => match place.split_last() {
                Some((Step::Index(_), parent)) => {
                    let length = look_up(&before, parent).and_then(Value::as_array).map_or(1, Vec::len);
                    Edit::Move { path: place.clone(), to: to.index(length) }
                }
                _ => Edit::Remove { path: place },
            },
            _ => Edit::Set { path: place, value: new },
        };
        // That the value is right is looked at by the edit itself, which refuses otherwise.
        let after = edit(&text, std::slice::from_ref(&edit_made));
        prop_assert!(after.is_ok(), "{edit_made:?} of\n{text}\n{after:?}");
        let after = after.unwrap();
        match &edit_made {
            Edit::Append { .. } => prop_assert_eq!(lost_comments(&text, &after), 0, "{:?}\n{}\n->\n{}", edit_made, text, after),
            Edit::Move { .. } => {
                prop_assert_eq!(lost_comments(&text, &after), 0, "{:?}\n{}\n->\n{}", edit_made, text, after);
                prop_assert_eq!(lines_of(&text).len(), lines_of(&after).len());
            }
            Edit::Set { value: Value::String(_) | Value::Number(_), path }
                if look_up(&before, path).is_none_or(|old| !old.is_array() && !old.is_object()) =>
            {
                prop_assert_eq!(lost_comments(&text, &after), 0, "{:?}\n{}\n->\n{}", edit_made, text, after);
                let (head, tail) = shared(&text, &after);
                prop_assert!(head + tail + 1 >= lines_of(&text).len(), "one line at most changes\n{text}\n->\n{after}");
            }
            _ => {}
        }
    }
}
