//! A preview that runs is brought up to date with its bundle: what has changed, what is new and what has left.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::bundle::Bundle;
use e2e::host::eventually;
use e2e::pty::Terminal;
use e2e::{Outcome, Preview, events, host, run, taskwright};
use preview::What;

const SPEC: &str = "  dependencies:
  - name: kinds
    manifests: [dependencies/kinds.yaml]
    ready: [{crd: widgets.example.org}]
  - name: app
    manifests: [dependencies/app.yaml]
    needs: [kinds]
  - name: queue
    helm: {chart: dependencies/queue, namespace: queue, engine: helm}
";
const SPEC_AFTER: &str = "  dependencies:
  - name: app
    manifests: [dependencies/app.yaml]
  - name: more
    manifests: [dependencies/more.yaml]
    needs: [app]
    ready: [{exists: configmap/new, namespace: shop, timeout: 30s}]
";
const KINDS: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Cluster
  names: {kind: Widget, plural: widgets, singular: widget}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
";
const APP: &str = "apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {colour: red}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: moved, namespace: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: extra, namespace: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: []
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: one}
";
const APP_AFTER: &str = "apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {colour: blue}
";
const MORE: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: moved, namespace: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: new, namespace: shop}
---
# Lives in no namespace, whatever it says.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader, namespace: shop}
rules: []
";

fn update(preview: &Preview, bundle: &Bundle) -> Result<Outcome> {
    let folder = bundle.path().to_string_lossy();
    let arguments = [
        "update",
        &preview.id,
        &folder,
        "--host",
        host::CONTEXT,
        "--output",
        "json",
    ];
    run(taskwright(&arguments))
}

/// Puts other text in the place of some of a file.
fn edit(bundle: &Bundle, path: &str, before: &str, after: &str) -> Result<()> {
    let path = bundle.path().join(path);
    let text = fs::read_to_string(&path)?;
    ensure!(text.contains(before), "{} has no {before:?}", path.display());
    Ok(fs::write(path, text.replace(before, after))?)
}

#[test]
fn what_changed_is_applied_and_what_left_is_removed() -> Result<()> {
    let bundle = Bundle::new("updated", SPEC)?
        .file("dependencies/kinds.yaml", KINDS)?
        .file("dependencies/app.yaml", APP)?
        .file(
            "dependencies/queue/Chart.yaml",
            "apiVersion: v2\nname: queue\nversion: 1.0.0\n",
        )?
        .file(
            "dependencies/queue/templates/map.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: queue}\n",
        )?;
    let preview = Preview::boot(bundle.path())?;
    preview.sh("kubectl -n shop create configmap mine; kubectl -n queue get configmap queue")?;
    let identity = "kubectl -n shop get configmap moved -o jsonpath='{.metadata.uid}'";
    let moved = preview.sh(identity)?;

    edit(&bundle, "task.yaml", SPEC, SPEC_AFTER)?;
    edit(&bundle, "dependencies/app.yaml", APP, APP_AFTER)?;
    let bundle = bundle.file("dependencies/more.yaml", MORE)?;
    let told = events(&update(&preview, &bundle)?.expect(0)?.stdout);
    ensure!(
        told.last().is_some_and(|event| event.what == What::Ready),
        "{told:?}"
    );

    let present = preview.sh(
        "kubectl get configmaps,clusterroles,crds -A -o name | grep -E '/(settings|moved|new|extra|mine|queue|reader|widgets.example.org)$' | sort",
    )?;
    let names: Vec<&str> = present
        .lines()
        .filter_map(|line| line.rsplit('/').next())
        .collect();
    ensure!(
        names == ["reader", "mine", "moved", "new", "settings"],
        "{names:?}"
    );
    ensure!(
        preview.sh(identity)? == moved,
        "an object that moved between dependencies was made anew"
    );
    let colour = preview.sh("kubectl -n shop get configmap settings -o jsonpath='{.data.colour}'")?;
    ensure!(colour == "blue", "{colour}");
    ensure!(
        preview.sh("helm list -A -q")?.trim().is_empty(),
        "the release is still there"
    );

    // Nothing has left since.
    let again = update(&preview, &bundle)?.expect(0)?;
    ensure!(!again.stdout.contains("removal of"), "{}", again.stdout);
    Ok(())
}

/// Init scripts break things on purpose; a change elsewhere must not mend them.
#[test]
fn a_dependency_that_has_not_changed_is_left_as_it_is() -> Result<()> {
    let map = |name: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{is: whole}}\n")
    };
    let spec = "  dependencies:\n  - {name: one, manifests: [dependencies/one.yaml]}\n  - {name: two, manifests: [dependencies/two.yaml], needs: [one]}\n";
    let bundle = Bundle::new("kept", spec)?
        .file("dependencies/one.yaml", &map("one"))?
        .file("dependencies/two.yaml", &map("two"))?;
    let preview = Preview::boot(bundle.path())?;
    preview.sh(
        "for name in one two; do kubectl patch configmap $name --type merge -p '{\"data\":{\"is\":\"broken\"}}'; done",
    )?;
    edit(&bundle, "dependencies/two.yaml", "whole", "new")?;
    update(&preview, &bundle)?.expect(0)?;
    let data = |name: &str| {
        preview.sh(&format!(
            "kubectl get configmap {name} -o jsonpath='{{.data.is}}'"
        ))
    };
    ensure!(data("one")? == "broken" && data("two")? == "new");
    Ok(())
}

/// Helm would take the objects of its release with it, which are the other way's by then.
#[test]
fn a_release_that_becomes_manifests_leaves_them_there() -> Result<()> {
    const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: queue, namespace: default}\n";
    let spec = |what: &str| {
        format!("  dependencies:\n  - {{name: queue, {what}, ready: [{{exists: configmap/queue}}]}}\n")
    };
    let helm = spec("helm: {chart: dependencies/queue, engine: helm}");
    let manifests = spec("manifests: [dependencies/queue.yaml]");
    let bundle = Bundle::new("unhelmed", &helm)?
        .file(
            "dependencies/queue/Chart.yaml",
            "apiVersion: v2\nname: queue\nversion: 1.0.0\n",
        )?
        .file("dependencies/queue/templates/map.yaml", MAP)?
        .file("dependencies/queue.yaml", MAP)?;
    let preview = Preview::boot(bundle.path())?;
    let owner =
        "kubectl get configmap queue -o jsonpath='{.metadata.labels.app\\.kubernetes\\.io/managed-by}'";
    ensure!(preview.sh(owner)? == "Helm", "the release is not there");

    edit(&bundle, "task.yaml", &helm, &manifests)?;
    update(&preview, &bundle)?.expect(0)?;
    ensure!(preview.sh(owner)?.is_empty(), "helm's object is still there");
    ensure!(
        preview.sh("helm list -A -q")?.trim().is_empty(),
        "the release is still there"
    );
    Ok(())
}

#[test]
fn what_does_not_go_away_is_named_with_what_holds_it() -> Result<()> {
    let held = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, namespace: default, finalizers: [example.org/guard]}\n";
    let spec = "  dependencies:\n  - {name: app, manifests: [dependencies/app.yaml]}\n";
    let plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain, namespace: default}\n";
    let both = format!("{plain}---\n{held}");
    let bundle = Bundle::new("held", spec)?.file("dependencies/app.yaml", &both)?;
    let preview = Preview::boot(bundle.path())?;
    edit(&bundle, "dependencies/app.yaml", &both, plain)?;
    let failed = update(&preview, &bundle)?.expect(1)?;
    ensure!(
        failed.stdout.contains("its finalizer example.org/guard"),
        "{}",
        failed.stdout
    );

    // It is not forgotten: once it can go, the next update is done with it.
    preview.sh(
        "kubectl -n default patch configmap held --type merge -p '{\"metadata\":{\"finalizers\":null}}'",
    )?;
    update(&preview, &bundle)?.expect(0)?;
    Ok(())
}

#[test]
fn another_bundle_than_the_preview_was_booted_from_is_refused() -> Result<()> {
    let bundle = Bundle::new("first", "")?;
    let preview = Preview::boot(bundle.path())?;
    let refused = update(&preview, &Bundle::new("second", "")?)?.expect(2)?;
    ensure!(
        refused.stderr.contains("`first`") && refused.stderr.contains("`second`"),
        "{}",
        refused.stderr
    );
    Ok(())
}

#[test]
fn each_change_of_the_bundle_reaches_the_preview_that_is_watched() -> Result<()> {
    const SOON: Duration = Duration::from_mins(1);
    let spec = "  dependencies:\n  - {name: app, manifests: [dependencies/app.yaml]}\n";
    let settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {colour: red}\n";
    let bundle = Bundle::new("watched", spec)?.file("dependencies/app.yaml", settings)?;
    let preview = Preview::boot(bundle.path())?;
    let folder = bundle.path().to_string_lossy();
    let arguments = ["update", &preview.id, &folder, "--watch", "--host", host::CONTEXT];
    let mut watching = Terminal::start(&arguments, 50, 160)?;
    watching.wait_for("waiting for changes", SOON)?;

    edit(&bundle, "dependencies/app.yaml", "colour: red", "colour: [")?;
    watching.wait_for("changed: dependencies/app.yaml", SOON)?;
    watching.wait_for("error", SOON)?;
    edit(&bundle, "dependencies/app.yaml", "colour: [", "colour: blue")?;
    eventually("the change reaches the preview", SOON, || {
        let colour = preview.sh("kubectl get configmap settings -o jsonpath='{.data.colour}'")?;
        Ok(colour == "blue")
    })?;
    watching.type_text("\x03")?;
    ensure!(watching.exit_code(SOON)? == 130);
    Ok(())
}
