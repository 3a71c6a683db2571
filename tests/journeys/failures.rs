//! Each cause of a failed boot, provoked for real: it is named, with its step, before a timeout hides it.

use anyhow::{Result, ensure};
use e2e::bundle::{Bundle, deployment};
use e2e::{Preview, expect_cause, host, run, taskwright};
use preview::Cause;

const BUSYBOX: &str = "docker.io/library/busybox:1.36";

/// A bundle with one deployment that has to roll out.
fn with_deployment(name: &str, manifest: &str) -> Result<Bundle> {
    let spec = "  dependencies:
  - name: app
    manifests: [dependencies/app.yaml]
    ready: [{rollout: deployment/app, namespace: default, timeout: 3m}]
";
    Bundle::new(name, spec)?.file("dependencies/app.yaml", manifest)
}

#[test]
fn an_image_that_does_not_exist() -> Result<()> {
    let bundle = with_deployment(
        "no-image",
        &deployment("app", "docker.io/library/no-such-image:1", "[sleep]"),
    )?;
    let (_preview, step, failure) = Preview::boot_to_failure(bundle.path())?;
    ensure!(step == "dependency/app", "{step}");
    expect_cause(
        &failure,
        |cause| matches!(cause, Cause::ImagePull { image, .. } if image.contains("no-such-image")),
    )
}

#[test]
fn a_container_that_keeps_crashing_shows_its_last_lines() -> Result<()> {
    let crash = deployment(
        "app",
        BUSYBOX,
        "[sh, -c, \"echo the disk is on fire; exit 7\"], readinessProbe: {exec: {command: [test, -e, /tmp/up]}}",
    );
    let (_preview, _, failure) = Preview::boot_to_failure(with_deployment("crash", &crash)?.path())?;
    expect_cause(&failure, |cause| {
        matches!(cause, Cause::CrashLoop { code: Some(7), .. })
    })?;
    ensure!(
        failure
            .evidence
            .iter()
            .any(|line| line.contains("the disk is on fire")),
        "{failure:?}"
    );
    Ok(())
}

#[test]
fn a_pod_that_no_node_can_take() -> Result<()> {
    let hungry = deployment("app", BUSYBOX, "[sleep, \"1\"]")
        + "        resources: {requests: {cpu: \"1\"}}\n      nodeSelector: {no-such: node}\n";
    let hungry = hungry.replace(
        "command: [sleep, \"1\"]}\n        resources: {requests: {cpu: \"1\"}}",
        "command: [sleep, \"1\"], resources: {requests: {cpu: \"1\"}}}",
    );
    let (_preview, _, failure) = Preview::boot_to_failure(with_deployment("no-node", &hungry)?.path())?;
    expect_cause(&failure, |cause| matches!(cause, Cause::Unschedulable { .. }))
}

#[test]
fn more_than_the_quota_allows() -> Result<()> {
    let large = deployment(
        "app",
        BUSYBOX,
        "[sleep, \"1\"], resources: {requests: {cpu: \"64\"}, limits: {cpu: \"64\"}}",
    );
    let (_preview, _, failure) = Preview::boot_to_failure(with_deployment("quota", &large)?.path())?;
    expect_cause(&failure, |cause| matches!(cause, Cause::Quota { .. }))
}

#[test]
fn what_pod_security_forbids() -> Result<()> {
    let privileged = deployment(
        "app",
        BUSYBOX,
        "[sleep, \"1\"], securityContext: {privileged: true}",
    );
    let (_preview, _, failure) = Preview::boot_to_failure(with_deployment("denied", &privileged)?.path())?;
    expect_cause(&failure, |cause| matches!(cause, Cause::Denied { .. }))
}

#[test]
fn an_object_that_the_schema_refuses() -> Result<()> {
    let spec = "  dependencies:\n  - {name: app, manifests: [dependencies/app.yaml]}\n";
    let bundle = Bundle::new("refused", spec)?.file(
        "dependencies/app.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec: {ports: [{port: 99999999}]}\n",
    )?;
    let (_preview, _, failure) = Preview::boot_to_failure(bundle.path())?;
    expect_cause(
        &failure,
        |cause| matches!(cause, Cause::Refused { object, .. } if object.contains("Service/app")),
    )
}

#[test]
fn a_script_that_fails_shows_its_last_lines() -> Result<()> {
    let spec = "  init:\n  - {name: seed, run: init/seed.sh, timeout: 1m}\n";
    let bundle =
        Bundle::new("script", spec)?.file("init/seed.sh", "#!/bin/bash\necho about to fail >&2\nexit 3\n")?;
    let (_preview, step, failure) = Preview::boot_to_failure(bundle.path())?;
    ensure!(step == "init/seed", "{step}");
    expect_cause(&failure, |cause| matches!(cause, Cause::Script { code: 3, .. }))?;
    ensure!(failure.evidence == ["about to fail"], "{failure:?}");
    Ok(())
}

#[test]
fn a_script_that_takes_too_long_is_ended() -> Result<()> {
    let spec = "  init:\n  - {name: seed, run: init/seed.sh, timeout: 3s}\n";
    let bundle = Bundle::new("slow", spec)?.file("init/seed.sh", "#!/bin/bash\nsleep 987 &\nsleep 987\n")?;
    let (preview, _, failure) = Preview::boot_to_failure(bundle.path())?;
    expect_cause(&failure, |cause| {
        matches!(cause, Cause::TimedOut { seconds: 3, .. })
    })?;
    let left = preview.try_sh("pgrep -af 'sleep 987' | grep -v pgrep")?;
    ensure!(left.stdout.is_empty(), "still running: {}", left.stdout);
    Ok(())
}

#[test]
fn a_gate_that_never_opens_names_what_it_waits_for() -> Result<()> {
    let spec = "  dependencies:\n  - name: app\n    manifests: [dependencies/map.yaml]\n    \
                ready: [{crd: never.example.org, timeout: 3s}]\n";
    let bundle = Bundle::new("gate", spec)?.file(
        "dependencies/map.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n",
    )?;
    let (_preview, _, failure) = Preview::boot_to_failure(bundle.path())?;
    expect_cause(
        &failure,
        |cause| matches!(cause, Cause::TimedOut { seconds: 3, waiting_for } if waiting_for.contains("never.example.org")),
    )?;
    ensure!(!failure.evidence.is_empty(), "why it is shut: {failure:?}");
    Ok(())
}

#[test]
fn a_chart_with_an_error_names_the_template() -> Result<()> {
    let spec = "  dependencies:\n  - {name: app, helm: {chart: dependencies/app, namespace: shop}}\n";
    let bundle = Bundle::new("template", spec)?
        .file(
            "dependencies/app/Chart.yaml",
            "apiVersion: v2\nname: app\nversion: 1.0.0\n",
        )?
        .file(
            "dependencies/app/templates/bad.yaml",
            "{{ required \"size is needed\" .Values.size }}\n",
        )?;
    let (_preview, _, failure) = Preview::boot_to_failure(bundle.path())?;
    expect_cause(
        &failure,
        |cause| matches!(cause, Cause::Chart { message, .. } if message.contains("size is needed")),
    )
}

#[test]
fn a_host_that_does_not_let_us_names_verb_and_resource() -> Result<()> {
    let account = host::LimitedAccount::make()?;
    let bundle = Bundle::new("rights", "")?;
    let mut command = taskwright(&[
        "preview",
        &bundle.path().to_string_lossy(),
        "--host",
        account.context(),
        "--output",
        "json",
    ]);
    command.env("KUBECONFIG", account.kubeconfig());
    let outcome = run(command)?;
    ensure!(
        outcome.status.code() == Some(1) || outcome.status.code() == Some(3),
        "{outcome:?}"
    );
    ensure!(outcome.stdout.contains("create namespaces"), "{outcome:?}");
    Ok(())
}

#[test]
fn a_host_that_does_not_answer_is_an_error_before_anything_is_made() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("config");
    std::fs::write(
        &config,
        host::kubeconfig("https://127.0.0.1:9", "nobody", "", "token"),
    )?;
    let bundle = Bundle::new("nobody", "")?;
    let mut command = taskwright(&["preview", &bundle.path().to_string_lossy(), "--host", "nobody"]);
    command.env("KUBECONFIG", &config);
    let outcome = run(command)?.expect(3)?;
    ensure!(outcome.stderr.contains("127.0.0.1:9"), "{outcome:?}");
    Ok(())
}
