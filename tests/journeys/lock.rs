//! Locking a bundle through the binary: what is rendered and pinned, what is lost, and every way in which it cannot be done.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use e2e::bundle::Bundle;
use e2e::{Outcome, host, registry, run, taskwright};
use serde_json::Value;

fn lock(bundle: &Bundle, options: &[&str]) -> Result<Outcome> {
    let folder = bundle.path().to_string_lossy().into_owned();
    let mut arguments = vec!["lock", &folder, "--host", host::CONTEXT];
    arguments.extend(options);
    run(taskwright(&arguments))
}

fn read(bundle: &Bundle, path: &str) -> Result<String> {
    std::fs::read_to_string(bundle.path().join(path)).with_context(|| path.to_owned())
}

const CHART: &str = "apiVersion: v2\nname: app\nversion: 1.0.0\n";

fn with_chart(values: &str, template: &str) -> Result<Bundle> {
    let spec = "  dependencies:\n  - {name: app, helm: {chart: dependencies/app, namespace: shop, values: [dependencies/values.yaml]}}\n";
    Bundle::new("lock", spec)?
        .file("dependencies/app/Chart.yaml", CHART)?
        .file("dependencies/app/templates/app.yaml", template)?
        .file("dependencies/values.yaml", values)
}

const MAP: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {size: {{ .Values.size | quote }}}\n";

#[test]
fn the_same_bundle_is_locked_to_the_same_bytes_and_drift_is_named() -> Result<()> {
    let spec = "  dependencies:
  - {name: app, helm: {chart: dependencies/app, namespace: shop, values: [dependencies/values.yaml]}}
  - {name: web, kustomize: dependencies/web}
  - {name: cache, manifests: [dependencies/cache.yaml]}
";
    let cache = "apiVersion: v1\nkind: Pod\nmetadata: {name: cache}\nspec: {containers: [{name: redis, image: 'redis:7'}]}\n";
    let bundle = Bundle::new("lock", spec)?
        .file("dependencies/app/Chart.yaml", CHART)?
        .file("dependencies/app/templates/app.yaml", MAP)?
        .file("dependencies/values.yaml", "size: 3\n")?
        .file(
            "dependencies/web/kustomization.yaml",
            "namePrefix: test-\nresources: [../base]\n",
        )?
        .file("dependencies/base/kustomization.yaml", "resources: [map.yaml]\n")?
        .file(
            "dependencies/base/map.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
        )?
        .file("dependencies/cache.yaml", cache)?;
    let first = lock(&bundle, &[])?.expect(0)?;
    ensure!(first.stdout.contains("4 of 4 images pinned"), "{first:?}");
    let text = read(&bundle, "task.lock")?;
    ensure!(text.contains("\"docker.io/library/redis:7\": sha256:"), "{text}");
    ensure!(
        read(&bundle, "lock/app.yaml")?.contains("size: \"3\""),
        "the values count"
    );
    ensure!(
        read(&bundle, "lock/web.yaml")?.contains("name: test-web"),
        "it is built"
    );
    let again = lock(&bundle, &[])?.expect(0)?;
    ensure!(again.stdout.contains("as it was"), "{again:?}");
    ensure!(read(&bundle, "task.lock")? == text, "the same bytes");
    lock(&bundle, &["--check"])?.expect(0)?;
    let bundle = bundle.file(
        "dependencies/base/map.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n",
    )?;
    let drift = lock(&bundle, &["--check", "--output", "json"])?.expect(1)?;
    let drift: Value = serde_json::from_str(&drift.stdout)?;
    let expected = serde_json::json!(["what dependency `web` is rendered from has changed"]);
    ensure!(drift["drifts"] == expected, "{drift}");
    Ok(())
}

#[test]
fn an_image_whose_tag_was_moved_is_named_and_a_chart_that_changed_is_not_exported() -> Result<()> {
    let registry = registry::address()?;
    let image = |name: &str| format!("{registry}/docker.io/{name}");
    registry::copy(&image("library/nginx:1.22"), &image("e2e/moving:1"))?;
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: moving}\nspec: {containers: [{name: it, image: 'e2e/moving:1'}]}\n";
    let bundle = with_chart("size: 3\n", &format!("{MAP}---\n{pod}"))?;
    lock(&bundle, &[])?.expect(0)?;
    let text = read(&bundle, "task.lock")?;
    ensure!(
        text.contains("platforms:") && text.contains("- linux/"),
        "it says what images are made for: {text}"
    );
    lock(&bundle, &["--check"])?.expect(0)?;

    registry::copy(&image("library/redis:7"), &image("e2e/moving:1"))?;
    let drift = lock(&bundle, &["--check"])?.expect(1)?;
    ensure!(
        drift.stdout.contains("image `docker.io/e2e/moving:1` is sha256:"),
        "{drift:?}"
    );

    let bundle = bundle.file(
        "dependencies/app/templates/app.yaml",
        &MAP.replace("app", "other"),
    )?;
    let folder = bundle.path().to_string_lossy().into_owned();
    let refused = run(taskwright(&[
        "export",
        &folder,
        "--to",
        &format!("{folder}/x.taskbundle"),
    ]))?
    .expect(1)?;
    ensure!(
        refused.stderr.contains("changed since it was locked")
            && !bundle.path().join("x.taskbundle").exists(),
        "{refused:?}"
    );
    Ok(())
}

#[test]
fn a_bundle_that_was_never_locked_has_drifted() -> Result<()> {
    let outcome = lock(&Bundle::new("never", "")?, &["--check"])?.expect(1)?;
    ensure!(outcome.stdout.contains("never locked"), "{outcome:?}");
    Ok(())
}

/// What `lock` says of a chart that cannot be used, with where it points; nothing is written.
fn refused(bundle: &Bundle, code: &str, place: &str, words: &[&str]) -> Result<()> {
    let outcome = lock(bundle, &[])?.expect(1)?;
    for expected in [code, place].iter().chain(words) {
        ensure!(
            outcome.stderr.contains(expected),
            "`{expected}` in {}",
            outcome.stderr
        );
    }
    ensure!(
        !Path::exists(&bundle.path().join("task.lock")),
        "nothing is written"
    );
    Ok(())
}

#[test]
fn a_template_error_names_its_file_and_line() -> Result<()> {
    let bundle = with_chart(
        "size: 3\n",
        "# first\n{{ required \"size is needed\" .Values.nothing }}\n",
    )?;
    refused(
        &bundle,
        "TW8003",
        "dependencies/app/templates/app.yaml:2",
        &["size is needed"],
    )?;
    let bundle = with_chart("size: 3\n", "{{ if }}\n")?;
    refused(
        &bundle,
        "TW8003",
        "dependencies/app/templates/app.yaml:1",
        &["missing value for if"],
    )
}

#[test]
fn values_that_the_schema_refuses_are_named() -> Result<()> {
    let schema = r#"{"type": "object", "properties": {"size": {"type": "integer"}}}"#;
    let bundle = with_chart("size: large\n", MAP)?.file("dependencies/app/values.schema.json", schema)?;
    refused(
        &bundle,
        "TW8003",
        "dependencies/values.yaml",
        &["schema refuses", "size", "integer"],
    )
}

#[test]
fn a_chart_that_needs_a_hook_names_it() -> Result<()> {
    let hook = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations:\n    helm.sh/hook: post-install\n";
    refused(
        &with_chart("{}\n", hook)?,
        "TW8005",
        "dependencies/app/templates/app.yaml:6",
        &["Job/migrate", "post-install"],
    )
}

#[test]
fn a_chart_that_is_nowhere_says_what_was_asked() -> Result<()> {
    let far = |chart: &str| {
        Bundle::new(
            "far",
            &format!("  dependencies:\n  - {{name: app, helm: {chart}}}\n"),
        )
    };
    let nobody = far("{chart: app, repo: 'http://127.0.0.1:9', version: 1.0.0}")?;
    refused(
        &nobody,
        "TW8004",
        "task.yaml:",
        &["http://127.0.0.1:9/app 1.0.0", "cannot be fetched", "mirror"],
    )?;
    let oci = far("{chart: 'oci://127.0.0.1:9/team/app', version: 1.0.0}")?;
    refused(
        &oci,
        "TW8004",
        "task.yaml:",
        &["oci://127.0.0.1:9/team/app 1.0.0", "cannot be fetched"],
    )
}

#[test]
fn what_rendering_loses_is_a_warning_with_its_line() -> Result<()> {
    let template = format!(
        "{MAP}---\napiVersion: v1\nkind: Secret\nmetadata: {{name: app}}\nstringData:\n  password: {{{{ randAlphaNum 20 }}}}\n  \
         known: {{{{ lookup \"v1\" \"Secret\" \"shop\" \"app\" | quote }}}}\n"
    );
    let bundle = with_chart("size: 3\n", &template)?;
    let outcome = lock(&bundle, &[])?.expect(0)?;
    for expected in ["TW8006", "TW8008", "app.yaml:10", "app.yaml:11", "Secret/app"] {
        ensure!(
            outcome.stderr.contains(expected),
            "`{expected}` in {}",
            outcome.stderr
        );
    }
    let first = read(&bundle, "lock/app.yaml")?;
    lock(&bundle, &[])?.expect(0)?;
    ensure!(
        read(&bundle, "lock/app.yaml")? == first,
        "a random value stays as long as nothing else changes"
    );
    Ok(())
}

#[test]
fn an_image_that_nobody_knows_is_a_warning_and_has_no_digest() -> Result<()> {
    let spec = "  tty: {image: 'registry.invalid/team/tty:1'}\n";
    let bundle = Bundle::new("image", spec)?;
    let outcome = lock(&bundle, &[])?.expect(0)?;
    ensure!(outcome.stderr.contains("TW8009"), "{outcome:?}");
    ensure!(
        read(&bundle, "task.lock")?.contains("\"registry.invalid/team/tty:1\": null"),
        "it stands in the lock"
    );
    let drift = lock(&bundle, &["--check"])?.expect(1)?;
    ensure!(drift.stdout.contains("registry.invalid/team/tty:1"), "{drift:?}");
    Ok(())
}
