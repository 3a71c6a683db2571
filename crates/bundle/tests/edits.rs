//! Edits of task.yaml by its structure: what changes, and that nothing else does.

use bundle::edit::{Edit, EditError, Step, edit, value};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A path as in `spec.checks.0.title`.
fn path(text: &str) -> Vec<Step> {
    let step = |part: &str| {
        part.parse()
            .map_or_else(|_| Step::Key(part.to_owned()), Step::Index)
    };
    text.split('.')
        .filter(|part| !part.is_empty())
        .map(step)
        .collect()
}

fn set(at: &str, value: Value) -> Edit {
    Edit::Set {
        path: path(at),
        value,
    }
}

fn remove(at: &str) -> Edit {
    Edit::Remove { path: path(at) }
}

fn append(at: &str, value: Value) -> Edit {
    Edit::Append {
        path: path(at),
        value,
    }
}

fn moved(at: &str, to: usize) -> Edit {
    Edit::Move { path: path(at), to }
}

const TASK: &str = "\
# The task.
spec:
  title: \"The orders\"   # shown to candidates
  difficulty: 'expert'
  dependencies:
  # The database
  # of the shop.
  - name: orders-db
    needs: [a, b]   # both
    ready: [{rollout: statefulset/orders, timeout: 2m}]

  # The queue.
  - name: queue
    role: service # default
  init:
  - name: seed
    run: init/seed.sh
  text: |
    one

    two
  # The end.
";

#[test]
fn a_line_changes_and_no_other() {
    let cases = [
        (
            set("spec.title", json!("New \"one\"")),
            "  title: \"The orders\"  ",
            "  title: \"New \\\"one\\\"\"  ",
        ),
        (
            set("spec.difficulty", json!("beginner")),
            "'expert'",
            "'beginner'",
        ),
        (set("spec.difficulty", json!("it's")), "'expert'", "'it''s'"),
        (
            set("spec.init.0.run", json!("init/other.sh")),
            "init/seed.sh",
            "init/other.sh",
        ),
        (set("spec.init.0.run", json!("yes")), "init/seed.sh", "\"yes\""),
        (set("spec.init.0.run", json!("1.36")), "init/seed.sh", "\"1.36\""),
        (set("spec.init.0.run", json!(3)), "init/seed.sh", "3"),
        (set("spec.init.0.run", json!("a: b")), "init/seed.sh", "\"a: b\""),
        (set("spec.init.0.run", json!("")), "init/seed.sh", "\"\""),
        (
            set("spec.dependencies.0.needs", json!(["a", "c", "b"])),
            "[a, b] ",
            "[a, c, b] ",
        ),
        (set("spec.dependencies.0.needs", json!(["b"])), "[a, b] ", "[b] "),
        (
            set("spec.dependencies.0.needs.1", json!("x, y")),
            "[a, b] ",
            "[a, \"x, y\"] ",
        ),
        (remove("spec.dependencies.0.needs.1"), "[a, b] ", "[a] "),
        (
            append("spec.dependencies.0.needs", json!("c")),
            "[a, b] ",
            "[a, b, c] ",
        ),
        (moved("spec.dependencies.0.needs.0", 1), "[a, b] ", "[b, a] "),
        (remove("spec.dependencies.0.ready.0.timeout"), ", timeout: 2m", ""),
        (
            remove("spec.dependencies.0.ready.0"),
            "[{rollout: statefulset/orders, timeout: 2m}]",
            "[]",
        ),
        (
            set("spec.dependencies.0.ready.0.namespace", json!("shop")),
            "2m}",
            "2m, namespace: shop}",
        ),
        (
            set("spec.text", json!("a\nb\n")),
            "|\n    one\n\n    two",
            "|\n    a\n    b",
        ),
        (set("spec.text", json!("short")), "|\n    one\n\n    two", "short"),
        (
            set("spec.init.0.timeout", json!("1m")),
            "seed.sh\n",
            "seed.sh\n    timeout: 1m\n",
        ),
        (
            set("spec.init.0.needs", json!(["queue"])),
            "seed.sh\n",
            "seed.sh\n    needs: [queue]\n",
        ),
        (
            set("spec.dependencies.1.needs", json!(["x"])),
            "# default\n",
            "# default\n    needs: [x]\n",
        ),
        (
            remove("spec.dependencies.1.role"),
            "    role: service # default\n",
            "",
        ),
        (
            remove("spec.dependencies.1.name"),
            "name: queue\n    role",
            "role",
        ),
        (
            remove("spec.dependencies.1"),
            "  # The queue.\n  - name: queue\n    role: service # default\n",
            "",
        ),
        (
            remove("spec.init.0"),
            "  init:\n  - name: seed\n    run: init/seed.sh\n",
            "  init: []\n",
        ),
        (
            remove("spec.title"),
            "  title: \"The orders\"   # shown to candidates\n",
            "",
        ),
        (
            append("spec.init", json!({"run": "init/b.sh", "name": "b"})),
            "init/seed.sh\n",
            "init/seed.sh\n  - name: b\n    run: init/b.sh\n",
        ),
        (
            append(
                "spec.checks",
                json!({"name": "c", "title": "C", "points": 1, "run": "checks/c.sh"}),
            ),
            "    two\n",
            "    two\n  checks:\n  - name: c\n    title: C\n    points: 1\n    run: checks/c.sh\n",
        ),
        (
            set("spec.environment.bootBudget", json!("4m")),
            "    two\n",
            "    two\n  environment:\n    bootBudget: 4m\n",
        ),
        (
            set("metadata.name", json!("a")),
            "  # The end.\n",
            "  # The end.\nmetadata:\n  name: a\n",
        ),
    ];
    for (edit_made, from, to) in cases {
        assert_eq!(TASK.matches(from).count(), 1, "{from:?}");
        let edited = edit(TASK, std::slice::from_ref(&edit_made));
        assert_eq!(
            edited.as_deref(),
            Ok(TASK.replace(from, to).as_str()),
            "{edit_made:?}"
        );
    }
}

#[test]
fn items_move_with_the_comments_above_them() {
    let edited = edit(TASK, &[moved("spec.dependencies.1", 0)]).unwrap();
    let expected = "\
  dependencies:
  # The queue.
  - name: queue
    role: service # default

  # The database
  # of the shop.
  - name: orders-db
    needs: [a, b]   # both
    ready: [{rollout: statefulset/orders, timeout: 2m}]
  init:
";
    assert!(edited.contains(expected), "{edited}");
}

#[test]
fn what_is_written_in_other_ways_is_edited_as_well() {
    let cases = [
        // A text, an edit, and what comes out.
        ("a: {}\n", set("a.b", json!(1)), "a: {b: 1}\n"),
        ("a:\n", set("a.b", json!(1)), "a:\n  b: 1\n"),
        ("a:   # c\n", set("a", json!("x")), "a: x   # c\n"),
        (
            "a:   # c\nb: 1\n",
            set("a.b", json!(1)),
            "a:   # c\n  b: 1\nb: 1\n",
        ),
        (
            "a: 1 # c\nb: 1\n",
            set("a", json!({"x": {"z": 2}})),
            "a: # c\n  x:\n    z: 2\nb: 1\n",
        ),
        (
            "a:\n    b: 1\n    c:\n        d: 1\n",
            set("a.e.f", json!(1)),
            "a:\n    b: 1\n    c:\n        d: 1\n    e:\n        f: 1\n",
        ),
        (
            "a:\n  # c\n  b: 1 # d\n  # e\nc: 2\n",
            set("a", json!("x")),
            "a: x\n  # e\nc: 2\n",
        ),
        (
            "a:\n  - 1\n  - 2\nb: []\n",
            append("b", json!({"x": 1})),
            "a:\n  - 1\n  - 2\nb:\n  - x: 1\n",
        ),
        ("a: []\n", append("a", json!("x")), "a: [x]\n"),
        ("a: [ 1, 2, ]\n", append("a", json!(3)), "a: [ 1, 2, 3, ]\n"),
        (
            "a: [1,\n  2 # two\n]\n",
            append("a", json!(3)),
            "a: [1,\n  2, 3 # two\n]\n",
        ),
        ("- - 1\n  - 2\n- 3\n", moved("0.0", 1), "- - 2\n  - 1\n- 3\n"),
        ("- - 1\n  - 2\n- 3\n", remove("0.0"), "- - 2\n- 3\n"),
        ("- a: 1\n\n  # two\n  b: 2\n", remove("0.a"), "- # two\n  b: 2\n"),
        ("- a: 1\n", remove("0.a"), "- {}\n"),
        ("a: 1", remove("a"), "{}"),
        ("a: 1\nb: 2", remove("b"), "a: 1"),
        ("a: 1\nb: 2", set("c", json!(3)), "a: 1\nb: 2\nc: 3"),
        (
            "a: 1\r\nb:\r\n- 1\r\n",
            append("b", json!(2)),
            "a: 1\r\nb:\r\n- 1\r\n- 2\r\n",
        ),
        ("-\n- 2\n", set("0", json!(1)), "- 1\n- 2\n"),
        (
            "ä: ö # ü\nb: [é, è]\n",
            set("b.0", json!("x")),
            "ä: ö # ü\nb: [x, è]\n",
        ),
        ("--- # start\na: 1\n", set("a", json!(2)), "--- # start\na: 2\n"),
        (
            "a: |+\n  keep\n\nb: 1\n",
            set("c", json!(1)),
            "a: |+\n  keep\n\nb: 1\nc: 1\n",
        ),
        (
            "b: 1\na: |+\n  keep\n\n",
            set("c", json!(1)),
            "b: 1\na: |+\n  keep\n\nc: 1\n",
        ),
        (
            "a: >-\n  folded\n  more\nb: 1\n",
            set("a", json!("x")),
            "a: x\nb: 1\n",
        ),
        (
            "a: plain\n  more # c\nb: 1\n",
            set("a", json!("x")),
            "a: x # c\nb: 1\n",
        ),
        (
            "a: x\n",
            set("a", json!("one\ntwo\n\nthree")),
            "a: |-\n  one\n  two\n\n  three\n",
        ),
        (
            "a:\n- x\n",
            set("a.0", json!("one\ntwo\n")),
            "a:\n- |\n  one\n  two\n",
        ),
        (
            "a: &x 1\nb: *x\nc: 3\n",
            set("c", json!(4)),
            "a: &x 1\nb: *x\nc: 4\n",
        ),
        ("a: &x 1\nb: *x\n", set("b", json!(2)), "a: &x 1\nb: 2\n"),
        ("a: 1\n", remove("b.c"), "a: 1\n"),
        ("a: 1\n", set("a", json!(1)), "a: 1\n"),
        ("a: [x]\n", set("a", json!([])), "a: []\n"),
        ("a: {k: v}\n", set("a", json!("text")), "a: text\n"),
        ("a: v\n", set("a", json!(["x", "z"])), "a: [x, z]\n"),
        ("? a\n: 1\nb: 2\n", set("b", json!(3)), "? a\n: 1\nb: 3\n"),
    ];
    for (text, edit_made, expected) in cases {
        assert_eq!(
            edit(text, std::slice::from_ref(&edit_made)).as_deref(),
            Ok(expected),
            "{text:?} {edit_made:?}"
        );
    }
}

#[test]
fn what_cannot_be_done_safely_is_refused_and_says_why() {
    let cases = [
        ("a: &x 1\nb: *x\n", set("a", json!(2))),
        ("a: &x {k: 1}\nb: *x\n", set("b.k", json!(2))),
        ("base: &b {k: 1}\na:\n  <<: *b\n", set("a.k", json!(2))),
        ("a: [b: 1]\n", set("a.0.c", json!(2))),
        ("a: 1\n", set("a.b", json!(2))),
        ("a: 1\n", append("a", json!(2))),
        ("a: [1]\n", moved("a.0", 7)),
        ("a: [1]\n", set("a.5", json!(2))),
        ("a: [1\n", set("a", json!(2))),
        ("", set("a", json!(2))),
    ];
    for (text, edit_made) in cases {
        let refused = edit(text, std::slice::from_ref(&edit_made));
        let error = refused.expect_err(&format!("{text:?} {edit_made:?}"));
        assert!(error.to_string().contains("text"), "{error}");
    }
    assert_eq!(edit("a: [1\n", &[remove("a")]), Err(EditError::NotYaml));
}

#[test]
fn all_edits_are_made_or_none() {
    let edits = [set("a", json!(2)), set("a.b.c", json!(3))];
    assert!(edit("a: 1\n", &edits).is_err());
    assert_eq!(
        edit("a: 1\n", &[set("a", json!(2)), set("b", json!(3))]).unwrap(),
        "a: 2\nb: 3\n"
    );
}

#[test]
fn values_are_read_as_kubectl_reads_them() {
    assert_eq!(
        value("a: yes\nb: \"yes\"\nc: [1, 2]\n"),
        Some(json!({"a": true, "b": "yes", "c": [1, 2]}))
    );
    assert_eq!(value("a: ["), None);
    assert_eq!(value("# nothing\n"), None);
}

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
                    self.text += &format!("{stray}\n\n");
                }
                if layout.comments {
                    let comment = self.comment();
                    self.text += &format!("{indent}{comment}\n");
                }
                self.text += &indent;
            }
            match key {
                Some(key) => self.text += &format!("{key}:"),
                None => self.text += "-",
            }
            self.value(child, column, key.is_none());
        }
    }

    fn end_line(&mut self, with_comment: bool) {
        if with_comment {
            let comment = self.comment();
            self.text += &format!("  {comment}");
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
            0 => Edit::Set { path: place, value: new },
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
