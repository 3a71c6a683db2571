//! The published JSON Schema is the one that the types make. `UPDATE_EXPECTED=1` publishes it.

use std::fs;
use std::path::Path;

use bundle::BundlePath;

fn published() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/task.schema.json")
}

#[test]
fn the_published_schema_is_up_to_date() {
    let text = format!("{:#}\n", bundle::schema());
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(published(), &text).unwrap();
    }
    let found = fs::read_to_string(published()).unwrap_or_default();
    assert!(
        found == text,
        "docs/task.schema.json is out of date; run the tests with UPDATE_EXPECTED=1"
    );
}

/// What follows the first two lines of a `task.yaml`, and whether it is good.
const CASES: [(&str, bool); 13] = [
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 1h30m}",
        true,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 1h30m, x-note: [1]}",
        true,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 1h30m, note: 1}",
        false,
    ),
    ("metadata: {name: a}\nspec: {title: t, difficulty: expert}", false),
    (
        "metadata: {name: A}\nspec: {title: t, difficulty: expert, timeLimit: 1m}",
        false,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: hard, timeLimit: 1m}",
        false,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 90}",
        false,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 1m, tty: {shell: bash}}",
        false,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 1m, dependencies: [{name: b}]}",
        false,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 1m, environment: {resources: {cpu: 2, memory: 4Gi}}}",
        true,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 1m, environment: {resources: {memory: 4GB}}}",
        false,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 1m, environment: {kubernetesVersion: \"1.36\"}}",
        true,
    ),
    (
        "metadata: {name: a}\nspec: {title: t, difficulty: expert, timeLimit: 1m, environment: {kubernetesVersion: 1.36}}",
        false,
    ),
];

#[test]
fn the_schema_and_the_check_agree() {
    let validator = jsonschema::validator_for(&bundle::schema()).unwrap();
    for (rest, good) in CASES {
        let text = format!("apiVersion: taskwright.dev/v1alpha1\nkind: Task\n{rest}\n");
        let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(validator.is_valid(&value), good, "schema: {rest}");
        let mut files = bundle::BundleFiles::new();
        files.insert_file(BundlePath::new("task.yaml").unwrap(), text.into_bytes());
        files.insert_file(BundlePath::new("statement.md").unwrap(), *b"Do it.");
        let checked = bundle::check(&files);
        assert_eq!(
            checked.bundle.is_some(),
            good,
            "check: {rest}: {:?}",
            checked.diagnostics
        );
    }
}
