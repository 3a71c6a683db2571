//! Whatever the input: an answer with its place, soon, and no more memory than a small multiple of the input.
#![expect(clippy::unwrap_used, reason = "the helpers of these tests fail loudly")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bundle::{BundleFiles, BundlePath, Code, Entry};

/// Generous for unoptimised tests on a busy machine; optimised ones keep the promise itself.
const PATIENCE: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(10)
} else {
    Duration::from_millis(50)
};

/// What `line` makes of each number below `count`, put together.
fn many(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

fn bundle_with(path: &str, content: Vec<u8>) -> BundleFiles {
    let task = "apiVersion: taskwright.dev/v1alpha1\nkind: Task\nmetadata: {name: a}\nspec:\n  title: t\n  \
                difficulty: expert\n  timeLimit: 1m\n  dependencies: [{name: m, manifests: [dependencies/m.yaml]}]\n";
    let mut files = BundleFiles::new();
    files.insert_file(BundlePath::new("task.yaml").unwrap(), task.as_bytes());
    files.insert_file(BundlePath::new("statement.md").unwrap(), *b"Do it.");
    files.insert_file(BundlePath::new("dependencies/m.yaml").unwrap(), *b"{}");
    files.insert_file(BundlePath::new(path).unwrap(), content);
    files
}

/// Each hostile content at each place where YAML is read: an error of one of these codes, with a place, in time.
fn refused(what: &str, content: &[u8], codes: &[Code]) {
    for path in ["task.yaml", "dependencies/m.yaml", "vcluster.yaml"] {
        let files = bundle_with(path, content.to_vec());
        // Twice: the first run may pay for what is made once per process.
        bundle::check(&files);
        let start = Instant::now();
        let checked = bundle::check(&files);
        let took = start.elapsed();
        assert!(took <= PATIENCE, "{what} in {path} took {took:?}");
        let own = || {
            checked
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.file.as_str() == path)
        };
        let expected = own().find(|diagnostic| codes.contains(&diagnostic.code));
        let found: Vec<_> = own()
            .map(|diagnostic| (diagnostic.code, &diagnostic.message))
            .collect();
        assert!(
            expected.is_some_and(|diagnostic| diagnostic.span.is_some()),
            "{what} in {path}: {found:?}"
        );
        assert!(checked.bundle.is_none());
    }
}

#[test]
fn bombs_of_aliases_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let (row, alias) = (level, format!("*a{}", level - 1));
        let _ = writeln!(bomb, "a{row}: &a{row} [{}]", [alias.as_str(); 9].join(", "));
    }
    refused(
        "a bomb of lists",
        bomb.as_bytes(),
        &[Code::YamlSize, Code::YamlDepth],
    );
    let mut merges = String::from("a0: &a0 {k0: 1, k1: 1, k2: 1}\n");
    for level in 1..40 {
        let _ = writeln!(
            merges,
            "a{level}: &a{level}\n  <<: [*a{0}, *a{0}, *a{0}]\n  own{level}: *a{0}",
            level - 1
        );
    }
    refused(
        "a bomb of merges",
        merges.as_bytes(),
        &[Code::YamlSize, Code::YamlDepth],
    );
}

#[test]
fn deep_nesting_is_refused() {
    let codes = [
        Code::YamlDepth,
        Code::YamlSize,
        Code::YamlSyntax,
        Code::FileTooLarge,
    ];
    refused("100000 open lists", "[".repeat(100_000).as_bytes(), &codes);
    refused("100000 open mappings", "{a: ".repeat(100_000).as_bytes(), &codes);
    refused("nested items", "- ".repeat(100_000).as_bytes(), &codes);
    refused("nested keys", "? ".repeat(100_000).as_bytes(), &codes);
    let stairs = many(400, |depth| format!("{}a:\n", " ".repeat(depth)));
    refused("stairs", stairs.as_bytes(), &codes);
    refused(
        "lists in lists",
        ["[".repeat(200), "]".repeat(200)].concat().as_bytes(),
        &codes,
    );
}

#[test]
fn what_is_too_much_is_refused() {
    let codes = [
        Code::FileTooLarge,
        Code::YamlSize,
        Code::YamlSyntax,
        Code::WrongType,
        Code::NotAnObject,
        Code::ChartSchema,
    ];
    refused("a scalar of 100 MB", &vec![b'x'; 100 << 20], &codes);
    refused("a scalar at the limit", &vec![b'x'; 256 << 10], &codes);
    refused("many items", "- a\n".repeat(65_000).as_bytes(), &codes);
    refused(
        "many commas",
        format!("[{}]", "a,".repeat(120_000)).as_bytes(),
        &codes,
    );
    refused(
        "many pairs",
        format!("{{{}}}", "a: b,".repeat(49_000)).as_bytes(),
        &[&codes[..], &[Code::DuplicateKey]].concat(),
    );
    refused(
        "a long key",
        format!("{}: b\n", "x".repeat(200_000)).as_bytes(),
        &[&codes[..], &[Code::UnknownKey]].concat(),
    );
    let anchors = many(20_000, |number| format!("- &a{number} x\n"));
    refused("many anchors", anchors.as_bytes(), &codes);
}

#[test]
fn many_problems_are_capped() {
    let keys = many(4_000, |number| format!("unknown{number}: x\n"));
    let checked = bundle::check(&bundle_with("task.yaml", keys.into_bytes()));
    assert!(checked.diagnostics.len() <= 110);
    assert!(
        checked
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code == Code::TooManyProblems)
    );
}

#[test]
fn what_is_no_text_is_refused() {
    refused("a NUL byte", b"a: b\n\0", &[Code::NulByte]);
    refused("a megabyte of NUL bytes", &vec![0; 200 << 10], &[Code::NulByte]);
    refused("no UTF-8", b"a: \xc3\x28\n", &[Code::NotUtf8]);
    refused("a byte order mark", b"\xef\xbb\xbfa: b\n", &[Code::ByteOrderMark]);
    refused("a byte order mark of UTF-16", b"\xff\xfea\0:\0", &[Code::NotUtf8]);
    refused("carriage returns", b"a: b\r\nc: d\r\n", &[Code::WindowsLineEnds]);
    refused("a tab", b"a:\n\tb: c\n", &[Code::YamlTab]);
    refused(
        "only carriage returns",
        "\r".repeat(200_000).as_bytes(),
        &[Code::WindowsLineEnds],
    );
}

#[test]
fn entries_that_are_no_files_are_named() {
    let mut files = bundle_with("task.yaml", b"a".to_vec());
    let path = |text| BundlePath::new(text).unwrap();
    files.insert(path("big"), Entry::TooLarge { size: 1 << 40 });
    files.insert(
        path("closed"),
        Entry::Unreadable {
            reason: "permission denied".into(),
        },
    );
    files.insert(path("pipe"), Entry::Special);
    files.insert(path("task.yaml"), Entry::TooLarge { size: 100 << 20 });
    files.mark_truncated();
    let checked = bundle::check(&files);
    let found: Vec<Code> = checked
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect();
    for code in [
        Code::FileTooLarge,
        Code::Unreadable,
        Code::SpecialFile,
        Code::TooManyFiles,
    ] {
        assert!(found.contains(&code), "{code}");
    }
}

#[test]
fn a_long_chain_of_needs_is_fine() {
    let steps = many(1_500, |number| {
        format!(
            "  - {{name: s{number}, run: init/a.sh, needs: [s{}]}}\n",
            number + 1
        )
    });
    let text = format!("spec:\n  init:\n{steps}");
    let start = Instant::now();
    bundle::check(&bundle_with("task.yaml", text.into_bytes()));
    assert!(start.elapsed() < PATIENCE * 4);
}
