//! Edits of task.yaml by its structure: what changes, and that nothing else does.

use bundle::edit::{Edit, EditError, Step, edit, value};
use serde_json::{Value, json};

/// An edit as in `set spec.checks.0.title = "text"`, `append a = 1`, `remove a.b` or `move a.0 to 1`.
fn read(line: &str) -> Edit {
    let (operation, rest) = line.split_once(' ').expect("an operation");
    let json = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let (at, value) = rest
        .split_once(" = ")
        .map_or((rest, Value::Null), |(at, text)| (at, json(text)));
    match operation {
        "set" => Edit::Set {
            path: path(at),
            value,
        },
        "append" => Edit::Append {
            path: path(at),
            value,
        },
        "remove" => Edit::Remove { path: path(at) },
        _ => {
            let (at, to) = at.split_once(" to ").expect("an index");
            let to = to.parse().expect("a number");
            Edit::Move { path: path(at), to }
        }
    }
}

fn path(text: &str) -> Vec<Step> {
    let step = |part: &str| {
        part.parse()
            .map_or_else(|_| Step::Key(part.to_owned()), Step::Index)
    };
    text.split('.').map(step).collect()
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

/// An edit of that task, a part of it that is there once, and what this part is afterwards.
const LINES: &[(&str, &str, &str)] = &[
    (
        r#"set spec.title = "New \"one\"""#,
        "  title: \"The orders\"  ",
        "  title: \"New \\\"one\\\"\"  ",
    ),
    (r#"set spec.difficulty = "beginner""#, "'expert'", "'beginner'"),
    (r#"set spec.difficulty = "it's""#, "'expert'", "'it''s'"),
    (
        r#"set spec.init.0.run = "init/other.sh""#,
        "init/seed.sh",
        "init/other.sh",
    ),
    (r#"set spec.init.0.run = "yes""#, "init/seed.sh", "\"yes\""),
    (r#"set spec.init.0.run = "1.36""#, "init/seed.sh", "\"1.36\""),
    ("set spec.init.0.run = 3", "init/seed.sh", "3"),
    (r#"set spec.init.0.run = "a: b""#, "init/seed.sh", "\"a: b\""),
    (r#"set spec.init.0.run = """#, "init/seed.sh", "\"\""),
    (
        r#"set spec.dependencies.0.needs = ["a", "c", "b"]"#,
        "[a, b] ",
        "[a, c, b] ",
    ),
    (r#"set spec.dependencies.0.needs = ["b"]"#, "[a, b] ", "[b] "),
    (
        r#"set spec.dependencies.0.needs.1 = "x, y""#,
        "[a, b] ",
        "[a, \"x, y\"] ",
    ),
    ("remove spec.dependencies.0.needs.1", "[a, b] ", "[a] "),
    (
        r#"append spec.dependencies.0.needs = "c""#,
        "[a, b] ",
        "[a, b, c] ",
    ),
    ("move spec.dependencies.0.needs.0 to 1", "[a, b] ", "[b, a] "),
    ("remove spec.dependencies.0.ready.0.timeout", ", timeout: 2m", ""),
    (
        "remove spec.dependencies.0.ready.0",
        "[{rollout: statefulset/orders, timeout: 2m}]",
        "[]",
    ),
    (
        r#"set spec.dependencies.0.ready.0.namespace = "shop""#,
        "2m}",
        "2m, namespace: shop}",
    ),
    (
        r#"set spec.text = "a\nb\n""#,
        "|\n    one\n\n    two",
        "|\n    a\n    b",
    ),
    (r#"set spec.text = "short""#, "|\n    one\n\n    two", "short"),
    (
        r#"set spec.init.0.timeout = "1m""#,
        "seed.sh\n",
        "seed.sh\n    timeout: 1m\n",
    ),
    (
        r#"set spec.init.0.needs = ["queue"]"#,
        "seed.sh\n",
        "seed.sh\n    needs: [queue]\n",
    ),
    (
        r#"set spec.dependencies.1.needs = ["x"]"#,
        "# default\n",
        "# default\n    needs: [x]\n",
    ),
    (
        "remove spec.dependencies.1.role",
        "    role: service # default\n",
        "",
    ),
    ("remove spec.dependencies.1.name", "name: queue\n    role", "role"),
    (
        "remove spec.dependencies.1",
        "  # The queue.\n  - name: queue\n    role: service # default\n",
        "",
    ),
    (
        "remove spec.init.0",
        "  init:\n  - name: seed\n    run: init/seed.sh\n",
        "  init: []\n",
    ),
    (
        "remove spec.title",
        "  title: \"The orders\"   # shown to candidates\n",
        "",
    ),
    (
        r#"append spec.init = {"run": "init/b.sh", "name": "b"}"#,
        "init/seed.sh\n",
        "init/seed.sh\n  - name: b\n    run: init/b.sh\n",
    ),
    (
        r#"append spec.checks = {"name": "c", "title": "C", "points": 1, "run": "checks/c.sh"}"#,
        "    two\n",
        "    two\n  checks:\n  - name: c\n    title: C\n    points: 1\n    run: checks/c.sh\n",
    ),
    (
        r#"set spec.environment.bootBudget = "4m""#,
        "    two\n",
        "    two\n  environment:\n    bootBudget: 4m\n",
    ),
    (
        r#"set metadata.name = "a""#,
        "  # The end.\n",
        "  # The end.\nmetadata:\n  name: a\n",
    ),
];

/// A text, an edit, and the text afterwards.
const TEXTS: &[(&str, &str, &str)] = &[
    // A text, an edit, and what comes out.
    ("a: {}\n", "set a.b = 1", "a: {b: 1}\n"),
    ("a:\n", "set a.b = 1", "a:\n  b: 1\n"),
    ("a:   # c\n", r#"set a = "x""#, "a: x   # c\n"),
    ("a:   # c\nb: 1\n", "set a.b = 1", "a:   # c\n  b: 1\nb: 1\n"),
    (
        "a: 1 # c\nb: 1\n",
        r#"set a = {"x": {"z": 2}}"#,
        "a: # c\n  x:\n    z: 2\nb: 1\n",
    ),
    (
        "a:\n    b: 1\n    c:\n        d: 1\n",
        "set a.e.f = 1",
        "a:\n    b: 1\n    c:\n        d: 1\n    e:\n        f: 1\n",
    ),
    (
        "a:\n  # c\n  b: 1 # d\n  # e\nc: 2\n",
        r#"set a = "x""#,
        "a: x\n  # e\nc: 2\n",
    ),
    (
        "a:\n  - 1\n  - 2\nb: []\n",
        r#"append b = {"x": 1}"#,
        "a:\n  - 1\n  - 2\nb:\n  - x: 1\n",
    ),
    ("a: []\n", r#"append a = "x""#, "a: [x]\n"),
    ("a: [ 1, 2, ]\n", "append a = 3", "a: [ 1, 2, 3, ]\n"),
    (
        "a: [1,\n  2 # two\n]\n",
        "append a = 3",
        "a: [1,\n  2, 3 # two\n]\n",
    ),
    ("- - 1\n  - 2\n- 3\n", "move 0.0 to 1", "- - 2\n  - 1\n- 3\n"),
    ("- - 1\n  - 2\n- 3\n", "remove 0.0", "- - 2\n- 3\n"),
    ("- a: 1\n\n  # two\n  b: 2\n", "remove 0.a", "- # two\n  b: 2\n"),
    ("- a: 1\n", "remove 0.a", "- {}\n"),
    ("a: 1", "remove a", "{}"),
    ("a: 1\nb: 2", "remove b", "a: 1"),
    ("a: 1\nb: 2", "set c = 3", "a: 1\nb: 2\nc: 3"),
    (
        "a: 1\r\nb:\r\n- 1\r\n",
        "append b = 2",
        "a: 1\r\nb:\r\n- 1\r\n- 2\r\n",
    ),
    ("-\n- 2\n", "set 0 = 1", "- 1\n- 2\n"),
    (
        "ä: ö # ü\nb: [é, è]\n",
        r#"set b.0 = "x""#,
        "ä: ö # ü\nb: [x, è]\n",
    ),
    ("--- # start\na: 1\n", "set a = 2", "--- # start\na: 2\n"),
    (
        "a: |+\n  keep\n\nb: 1\n",
        "set c = 1",
        "a: |+\n  keep\n\nb: 1\nc: 1\n",
    ),
    (
        "b: 1\na: |+\n  keep\n\n",
        "set c = 1",
        "b: 1\na: |+\n  keep\n\nc: 1\n",
    ),
    (
        "a: >-\n  folded\n  more\nb: 1\n",
        r#"set a = "x""#,
        "a: x\nb: 1\n",
    ),
    (
        "a: plain\n  more # c\nb: 1\n",
        r#"set a = "x""#,
        "a: x # c\nb: 1\n",
    ),
    (
        "a: x\n",
        r#"set a = "one\ntwo\n\nthree""#,
        "a: |-\n  one\n  two\n\n  three\n",
    ),
    (
        "a:\n- x\n",
        r#"set a.0 = "one\ntwo\n""#,
        "a:\n- |\n  one\n  two\n",
    ),
    ("a: &x 1\nb: *x\nc: 3\n", "set c = 4", "a: &x 1\nb: *x\nc: 4\n"),
    ("a: &x 1\nb: *x\n", "set b = 2", "a: &x 1\nb: 2\n"),
    ("a: 1\n", "remove b.c", "a: 1\n"),
    ("a: 1\n", "set a = 1", "a: 1\n"),
    ("a: [x]\n", "set a = []", "a: []\n"),
    ("a: {k: v}\n", r#"set a = "text""#, "a: text\n"),
    ("a: v\n", r#"set a = ["x", "z"]"#, "a: [x, z]\n"),
    ("? a\n: 1\nb: 2\n", "set b = 3", "? a\n: 1\nb: 3\n"),
];

/// A text and an edit that cannot be made in it.
const REFUSED: &[(&str, &str)] = &[
    ("a: &x 1\nb: *x\n", "set a = 2"),
    ("a: &x {k: 1}\nb: *x\n", "set b.k = 2"),
    ("base: &b {k: 1}\na:\n  <<: *b\n", "set a.k = 2"),
    ("a: [b: 1]\n", "set a.0.c = 2"),
    ("a: 1\n", "set a.b = 2"),
    ("a: 1\n", "append a = 2"),
    ("a: [1]\n", "move a.0 to 7"),
    ("a: [1]\n", "set a.5 = 2"),
    ("a: [1\n", "set a = 2"),
    ("", "set a = 2"),
];

#[test]
fn a_line_changes_and_no_other() {
    for (line, from, to) in LINES {
        assert_eq!(TASK.matches(*from).count(), 1, "{from:?}");
        let edited = edit(TASK, &[read(line)]);
        assert_eq!(edited.as_deref(), Ok(TASK.replace(*from, to).as_str()), "{line}");
    }
}

#[test]
fn items_move_with_the_comments_above_them() {
    let edited = edit(TASK, &[read("move spec.dependencies.1 to 0")]).unwrap();
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
    for (text, line, expected) in TEXTS {
        assert_eq!(
            edit(text, &[read(line)]).as_deref(),
            Ok(*expected),
            "{text:?} {line}"
        );
    }
}

#[test]
fn what_cannot_be_done_safely_is_refused_and_says_why() {
    for (text, line) in REFUSED {
        let refused = edit(text, &[read(line)]);
        let error = refused.expect_err(&format!("{text:?} {line}"));
        assert!(error.to_string().contains("text"), "{error}");
    }
    assert_eq!(edit("a: [1\n", &[read("remove a")]), Err(EditError::NotYaml));
}

#[test]
fn all_edits_are_made_or_none() {
    let edits = [read("set a = 2"), read("set a.b.c = 3")];
    assert!(edit("a: 1\n", &edits).is_err());
    assert_eq!(
        edit("a: 1\n", &[read("set a = 2"), read("set b = 3")]).unwrap(),
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
