//! Any bytes in any file of a bundle that is good otherwise: checking ends, with diagnostics or a bundle, and all of it can be shown.
//!
//! `cargo +nightly fuzz run check` from the project's folder. The first byte chooses the file.

#![no_main]

use bundle::diagnostic::Diagnostic;
use bundle::diagnostic::render::{Checkup, Colour, github, json, sarif, text};
use bundle::{BundleFiles, BundlePath};
use libfuzzer_sys::fuzz_target;

const TASK: &str = "apiVersion: taskwright.dev/v1alpha1
kind: Task
metadata: {name: sample}
spec:
  title: A sample
  difficulty: expert
  timeLimit: 1h
  dependencies:
  - {name: web, manifests: [dependencies/web.yaml], ready: [{dryRun: dependencies/web.yaml}]}
  - {name: chart, helm: {chart: dependencies/chart, values: [dependencies/values.yaml]}, needs: [web]}
  - {name: built, kustomize: dependencies/built}
  init: [{name: seed, run: init/seed.sh}]
  checks: [{name: one, title: One, run: checks/one.sh}, {name: two, title: Two, assert: checks/two.yaml}]
  solutions: [{name: reference, run: solutions/reference.sh}]
";
const OBJECT: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}}";
const SCRIPT: &str = "#!/bin/sh\ntrue\n";

const FILES: [(&str, &str); 12] = [
    ("task.yaml", TASK),
    ("vcluster.yaml", "sync: {}"),
    ("dependencies/web.yaml", OBJECT),
    ("dependencies/values.yaml", "{}"),
    ("dependencies/chart/Chart.yaml", "{apiVersion: v2, name: a, version: 1.0.0}"),
    ("dependencies/built/kustomization.yaml", "resources: []"),
    ("checks/two.yaml", OBJECT),
    ("init/seed.sh", SCRIPT),
    ("checks/one.sh", SCRIPT),
    ("solutions/reference.sh", SCRIPT),
    ("statement.md", "Do it."),
    ("tty/motd", "Hello."),
];

fuzz_target!(|data: &[u8]| {
    let (choice, data) = data.split_first().unwrap_or((&0, &[]));
    let changed = usize::from(*choice) % FILES.len();
    let mut files = BundleFiles::new();
    for (index, (path, content)) in FILES.iter().enumerate() {
        let content = if index == changed { data } else { content.as_bytes() };
        files.insert_file(BundlePath::lossy(path), content);
    }
    let checked = bundle::check(&files);
    let has_error = checked.diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(checked.bundle.is_none(), has_error, "a bundle exactly when there is no error");
    let checkup = Checkup { root: "sample", files: &files, diagnostics: &checked.diagnostics };
    text(&checkup, Colour::Never);
    github(&checkup);
    json(&[checkup]);
    sarif(&[checkup]);
});
