//! Boots on the real sandbox: order, gates, output, several at once, and other tools finding them.

use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context, Result, ensure};
use e2e::bundle::{Bundle, deployment};
use e2e::{Preview, host, run, span, taskwright};
use preview::{BootEvent, What};

const BUSYBOX: &str = "docker.io/library/busybox:1.36";

#[test]
fn the_smallest_bundle_ends_in_the_prompt() -> Result<()> {
    let bundle = Bundle::new("smallest", "")?;
    let preview = Preview::boot(bundle.path())?;
    ensure!(preview.sh("id -un; pwd")? == "candidate\n/home/candidate\n");
    let namespaces = preview.sh("kubectl get namespaces -o name")?;
    ensure!(namespaces.contains("namespace/default") && namespaces.contains("namespace/kube-system"));
    ensure!(preview.sh("kubectl auth can-i create clusterroles")? == "yes\n");
    ensure!(preview.sh("kubectl config view --minify -o jsonpath={..namespace}")? == "default");
    Ok(())
}

#[test]
fn dependencies_run_in_waves_and_init_after_what_it_needs() -> Result<()> {
    let bundle = Bundle::new(
        "waves",
        "  dependencies:
  - name: definition
    manifests: [dependencies/crd.yaml]
    ready: [{crd: widgets.example.org}]
  - name: widget
    needs: [definition]
    manifests: [dependencies/widget.yaml]
    ready: [{dryRun: dependencies/widget.yaml}]
  - name: web
    manifests: [dependencies/web.yaml]
    ready: [{rollout: deployment/web, namespace: default}]
  - name: once
    manifests: [dependencies/job.yaml]
    ready: [{job: once, namespace: default}]
  init:
  - {name: seed, run: init/seed.sh, needs: [widget, web], timeout: 1m}
  - {name: after, run: init/after.sh, needs: [seed], timeout: 1m, target: job}
",
    )?
    .file("dependencies/crd.yaml", CRD)?
    .file("dependencies/widget.yaml", "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 3}\n")?
    .file("dependencies/web.yaml", &deployment("web", BUSYBOX, "[sleep, \"86400\"]"))?
    .file("dependencies/job.yaml", JOB)?
    .file("init/seed.sh", "#!/bin/bash\nset -e\necho to stdout\necho to stderr >&2\nkubectl create configmap seeded --from-literal=by=$(id -un)\n")?
    .file("init/after.sh", "#!/bin/bash\nset -e\nkubectl get configmap seeded -o jsonpath='{.data.by}{\"\\n\"}'\n")?;
    let preview = Preview::boot(bundle.path())?;
    let of = |step| span(&preview.events, step);
    ensure!(
        of("dependency/widget")?.0 >= of("dependency/definition")?.1,
        "the widget waits for its definition"
    );
    ensure!(
        of("init/seed")?.0 >= of("dependency/web")?.1,
        "seed waits for web"
    );
    ensure!(
        of("dependency/web")?.0 < of("dependency/widget")?.1,
        "what is independent runs at the same time"
    );
    let lines = printed(&preview.events);
    for expected in [
        "init/seed to stdout",
        "init/seed to stderr",
        "init/after candidate",
    ] {
        ensure!(
            lines.iter().any(|line| line == expected),
            "no `{expected}` in {lines:?}"
        );
    }
    ensure!(
        preview
            .sh("kubectl get clusterrolebindings -o name")?
            .lines()
            .all(|name| !name.contains("init-"))
    );
    Ok(())
}

#[test]
fn a_chart_in_the_bundle_is_rendered_and_applied() -> Result<()> {
    let bundle = Bundle::new(
        "chart",
        "  dependencies:
  - name: app
    helm: {chart: dependencies/app, namespace: shop, values: [dependencies/app.yaml]}
    ready: [{rollout: deployment/app, namespace: shop}]
",
    )?
    .file("dependencies/app.yaml", "greeting: from values\n")?
    .file("dependencies/app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n")?
    .file("dependencies/app/values.yaml", "greeting: default\n")?
    .file("dependencies/app/templates/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {greeting: {{ .Values.greeting | quote }}}\n")?
    .file("dependencies/app/templates/app.yaml", &deployment("app", BUSYBOX, "[sleep, \"86400\"]"))?;
    let preview = Preview::boot(bundle.path())?;
    ensure!(preview.sh("kubectl get configmap -n shop app -o jsonpath={.data.greeting}")? == "from values");
    Ok(())
}

#[test]
fn home_files_and_message_of_the_day_are_there() -> Result<()> {
    let bundle = Bundle::new("home", "")?
        .file("tty/home/.taskrc", "answer=42\n")?
        .file("tty/home/bin/hello", "#!/bin/sh\necho hello\n")?;
    let preview = Preview::boot(bundle.path())?;
    ensure!(preview.sh("cat ~/.taskrc")? == "answer=42\n");
    ensure!(preview.sh("sh ~/bin/hello && touch ~/mine && stat -c %U ~/mine")? == "hello\ncandidate\n");
    Ok(())
}

#[test]
fn the_inventory_and_other_tools_find_a_preview() -> Result<()> {
    let bundle = Bundle::new("found", "")?;
    let (one, two) = (Preview::boot(bundle.path())?, Preview::boot(bundle.path())?);
    ensure!(
        one.id != two.id,
        "two previews of one bundle have names of their own"
    );
    let listed = run(taskwright(&[
        "previews",
        "--host",
        host::CONTEXT,
        "--output",
        "json",
    ]))?
    .expect(0)?
    .stdout;
    ensure!(listed.contains(&one.id) && listed.contains(&two.id), "{listed}");
    let Some(vcluster) = std::env::var_os("TASKWRIGHT_E2E_VCLUSTERCTL") else {
        anyhow::bail!("TASKWRIGHT_E2E_VCLUSTERCTL is not set; run scripts/e2e.sh");
    };
    let mut command = std::process::Command::new(vcluster);
    command.args(["list", "--output", "json", "--driver", "helm"]);
    command.env(
        "KUBECONFIG",
        std::env::var_os("TASKWRIGHT_E2E_KUBECONFIG").context("no kubeconfig")?,
    );
    let found = run(command)?.expect(0)?.stdout;
    ensure!(
        found.contains(&one.id) && found.contains(&two.id),
        "vcluster list: {found}"
    );
    Ok(())
}

#[test]
fn a_kubeconfig_reaches_the_vcluster_from_outside() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("kubeconfig");
    let bundle = Bundle::new("outside", "")?;
    let arguments = [
        "preview",
        &bundle.path().to_string_lossy(),
        "--host",
        host::CONTEXT,
        "--rm",
    ]
    .map(str::to_owned);
    let mut command = taskwright(&[]);
    command
        .args(arguments)
        .arg("--kubeconfig")
        .arg(&file)
        .args(["--exec", "bash", "-c"]);
    command.arg("until kubectl get configmap leave -o name 2>/dev/null; do sleep 0.2; done");
    let running = e2e::Running(
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()?,
    );
    host::eventually("a kubeconfig", std::time::Duration::from_mins(2), || {
        Ok(file.exists())
    })?;
    ensure!(
        std::fs::metadata(&file)?.permissions().mode() & 0o777 == 0o600,
        "only its owner may read it"
    );
    let text = std::fs::read_to_string(&file)?;
    host::block_on(async {
        let api = cluster::Cluster::from_kubeconfig_yaml(&text).await?;
        let map = serde_json::json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "leave", "namespace": "default" } });
        api.apply(&[map], &cluster::ApplyOptions::default(), |_| {})
            .await?;
        Ok(())
    })?;
    let mut running = running;
    host::eventually("the end", std::time::Duration::from_mins(1), || {
        Ok(running.0.try_wait()?.is_some())
    })
}

/// What the steps printed, each line behind the name of its step.
fn printed(events: &[BootEvent]) -> Vec<String> {
    events
        .iter()
        .filter_map(|event| match &event.what {
            What::Output { step, line, .. } => Some(format!("{step} {line}")),
            _ => None,
        })
        .collect()
}

const CRD: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}
";

const JOB: &str = "apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: docker.io/library/busybox:1.36, command: [\"true\"]}
";
