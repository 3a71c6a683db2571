//! Dependencies for real: what was locked boots, gates open when they should, and what can go wrong is named.

use anyhow::{Result, ensure};
use e2e::bundle::{Bundle, deployment};
use e2e::{Preview, events, expect_cause, failed, host, run, taskwright};
use preview::Cause;

const BUSYBOX: &str = "docker.io/library/busybox:1.36";
const NGINX: &str = "docker.io/library/nginx:1.22";

#[test]
fn what_was_locked_boots_and_every_kind_of_gate_opens() -> Result<()> {
    let spec = "  dependencies:
  - name: settings
    kustomize: dependencies/settings
    ready: [{exists: configmap/team-settings}]
  - name: web
    helm: {chart: dependencies/web, namespace: shop}
    needs: [settings]
    ready:
    - {apiService: v1.apps}
    - {cel: object.status.availableReplicas >= 1, object: deployment/web, namespace: shop, timeout: 2m}
    - {tcp: 'web.shop.svc:80', timeout: 2m}
    - {http: 'http://web.shop.svc/', timeout: 2m}
    - {http: 'http://web.shop.svc/nothing', status: 404, timeout: 2m}
";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
    let bundle = Bundle::new("locked", spec)?
        .file(
            "dependencies/settings/kustomization.yaml",
            "namePrefix: team-\nconfigMapGenerator:\n- name: settings\n  literals: [a=b]\n  options: {disableNameSuffixHash: true}\n",
        )?
        .file("dependencies/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")?
        .file(
            "dependencies/web/templates/web.yaml",
            &deployment("web", NGINX, "[nginx, -g, daemon off;]"),
        )?
        .file("dependencies/web/templates/service.yaml", service)?;
    bundle.lock()?;
    let preview = Preview::boot(bundle.path())?;
    let settings = preview.sh("kubectl get configmap team-settings -o jsonpath='{.data.a}'")?;
    ensure!(settings.trim() == "b", "{settings}");
    Ok(())
}

#[test]
fn what_would_have_to_be_fetched_and_was_never_locked_does_not_boot() -> Result<()> {
    let spec = "  dependencies:\n  - {name: far, preset: cert-manager}\n  - {name: web, kustomize: dependencies/web}\n";
    let bundle =
        Bundle::new("unlocked", spec)?.file("dependencies/web/kustomization.yaml", "resources: []\n")?;
    // Nothing is made, so there is no preview to be removed.
    let folder = bundle.path().to_string_lossy();
    let arguments = ["preview", &folder, "--host", host::CONTEXT, "--output", "json"];
    let refused = run(taskwright(&arguments))?.expect(1)?;
    let (step, failure) = failed(&events(&refused.stdout))?;
    ensure!(step == "preflight", "{step}");
    expect_cause(&failure, |cause| {
        matches!(cause, Cause::Misfit { problems } if problems.len() == 2
            && problems.iter().all(|problem| problem.contains("taskwright lock")))
    })
}

#[test]
fn a_definition_whose_names_are_taken_is_named() -> Result<()> {
    let spec = "  dependencies:
  - {name: first, manifests: [dependencies/first.yaml]}
  - {name: second, manifests: [dependencies/second.yaml], needs: [first]}
";
    let crd = |plural: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {plural}.example.org}}\n\
             spec:\n  group: example.org\n  scope: Namespaced\n  names: {{plural: {plural}, kind: Thing}}\n  versions:\n  \
             - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}\n"
        )
    };
    let bundle = Bundle::new("taken", spec)?
        .file("dependencies/first.yaml", &crd("things"))?
        .file("dependencies/second.yaml", &crd("others"))?;
    let (_preview, step, failure) = Preview::boot_to_failure(bundle.path())?;
    ensure!(step == "dependency/second", "{step}");
    expect_cause(
        &failure,
        |cause| matches!(cause, Cause::NotServed { crd, message } if crd == "others.example.org" && message.contains("Thing")),
    )
}

#[test]
fn a_webhook_that_never_answers_is_named_within_the_timeout() -> Result<()> {
    let spec = "  dependencies:
  - {name: hook, manifests: [dependencies/hook.yaml]}
  - name: app
    manifests: [dependencies/app.yaml]
    needs: [hook]
    ready: [{exists: configmap/app, timeout: 5s}]
";
    let hook = "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: nobody}
webhooks:
- name: nobody.example.org
  clientConfig: {service: {name: nobody, namespace: default}}
  rules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}]
  objectSelector: {matchLabels: {guarded: 'yes'}}
  sideEffects: None
  admissionReviewVersions: [v1]
  timeoutSeconds: 1
";
    let app = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, labels: {guarded: 'yes'}}\n";
    let bundle = Bundle::new("webhook", spec)?
        .file("dependencies/hook.yaml", hook)?
        .file("dependencies/app.yaml", app)?;
    let (_preview, step, failure) = Preview::boot_to_failure(bundle.path())?;
    ensure!(step == "dependency/app", "{step}");
    expect_cause(
        &failure,
        |cause| matches!(cause, Cause::Webhook { webhook, .. } if webhook == "nobody.example.org"),
    )
}

#[test]
fn a_namespace_that_does_not_go_away_is_named_with_what_holds_it() -> Result<()> {
    let spec = "  dependencies:
  - {name: held, manifests: [dependencies/held.yaml]}
  - name: late
    manifests: [dependencies/late.yaml]
    needs: [break]
    ready: [{exists: configmap/late, namespace: stuck, timeout: 8s}]
  init:
  - {name: break, run: init/break.sh, needs: [held], timeout: 1m}
";
    let held = "apiVersion: v1\nkind: Namespace\nmetadata: {name: stuck}\n---\napiVersion: v1\nkind: ConfigMap\n\
                metadata: {name: held, namespace: stuck, finalizers: [example.org/never]}\n";
    let bundle = Bundle::new("stuck", spec)?
        .file("dependencies/held.yaml", held)?
        .file(
            "dependencies/late.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: late, namespace: stuck}\n",
        )?
        .file(
            "init/break.sh",
            "#!/bin/sh\nkubectl delete namespace stuck --wait=false\n",
        )?;
    let (_preview, step, failure) = Preview::boot_to_failure(bundle.path())?;
    ensure!(step == "dependency/late", "{step}");
    expect_cause(&failure, |cause| matches!(cause, Cause::NamespaceStuck { .. }))?;
    ensure!(
        failure
            .evidence
            .iter()
            .any(|line| line.contains("example.org/never")),
        "what holds it: {failure:?}"
    );
    Ok(())
}

#[test]
fn a_gate_that_asks_from_the_seat_says_why_it_is_shut() -> Result<()> {
    let spec = "  dependencies:
  - name: app
    manifests: [dependencies/app.yaml]
    ready: [{tcp: 'app.default.svc:81', timeout: 5s}]
";
    let app = "apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec: {selector: {app: none}, ports: [{port: 80}]}\n";
    let bundle = Bundle::new("shut", spec)?.file("dependencies/app.yaml", app)?;
    let (_preview, _, failure) = Preview::boot_to_failure(bundle.path())?;
    expect_cause(
        &failure,
        |cause| matches!(cause, Cause::TimedOut { seconds: 5, waiting_for } if waiting_for.contains("app.default.svc:81")),
    )?;
    ensure!(!failure.evidence.is_empty(), "why it is shut: {failure:?}");
    Ok(())
}

#[test]
fn an_expression_that_never_holds_says_what_it_is_about() -> Result<()> {
    let spec = "  dependencies:
  - name: app
    manifests: [dependencies/app.yaml]
    ready: [{cel: object.data.phase == 'done', object: configmap/app, timeout: 3s}]
";
    let bundle = Bundle::new("unmet", spec)?.file(
        "dependencies/app.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {phase: begun}\n",
    )?;
    let (_preview, _, failure) = Preview::boot_to_failure(bundle.path())?;
    expect_cause(
        &failure,
        |cause| matches!(cause, Cause::TimedOut { seconds: 3, waiting_for } if waiting_for.contains("object.data.phase")),
    )?;
    ensure!(
        failure.evidence.contains(&"it is false".to_owned()),
        "{failure:?}"
    );
    Ok(())
}

#[test]
fn a_script_is_run_again_when_it_fails_and_twice_when_that_is_asked() -> Result<()> {
    let spec = "  init:\n  - {name: seed, run: init/seed.sh, retries: 2, timeout: 30s}\n";
    // Succeeds at the third attempt, and only once.
    let script = "#!/bin/sh\necho x >>/tmp/tries\n[ \"$(wc -l </tmp/tries)\" -eq 3 ]\n";
    let bundle = Bundle::new("again", spec)?.file("init/seed.sh", script)?;
    let preview = Preview::boot(bundle.path())?;
    ensure!(preview.sh("wc -l </tmp/tries")?.trim() == "3", "three attempts");
    drop(preview);
    let folder = bundle.path().to_string_lossy().into_owned();
    let arguments = [
        "preview",
        &folder,
        "--host",
        host::CONTEXT,
        "--output",
        "json",
        "--twice",
        "--rm",
    ];
    let outcome = run(taskwright(&arguments))?.expect(1)?;
    ensure!(
        outcome.stdout.contains("\"kind\":\"not-idempotent\""),
        "{outcome:?}"
    );
    ensure!(outcome.stdout.contains("init/seed.sh"), "{outcome:?}");
    Ok(())
}

#[test]
fn a_deployment_that_crashes_behind_its_gate_is_named_before_the_timeout() -> Result<()> {
    let spec = "  dependencies:
  - name: app
    manifests: [dependencies/app.yaml]
    ready: [{cel: object.status.availableReplicas >= 1, object: deployment/app, timeout: 5m}]
";
    let crash = deployment(
        "app",
        BUSYBOX,
        "[sh, -c, 'echo no settings; exit 4'], readinessProbe: {exec: {command: [test, -e, /tmp/up]}}",
    );
    let bundle = Bundle::new("crashing", spec)?.file("dependencies/app.yaml", &crash)?;
    let (_preview, _, failure) = Preview::boot_to_failure(bundle.path())?;
    expect_cause(&failure, |cause| {
        matches!(cause, Cause::CrashLoop { code: Some(4), .. })
    })?;
    ensure!(
        failure.evidence.iter().any(|line| line.contains("no settings")),
        "{failure:?}"
    );
    Ok(())
}

/// A chart whose hook runs `command` before anything is installed, and whose template asks the cluster.
fn with_hook(name: &str, command: &str) -> Result<Bundle> {
    let spec = "  dependencies:
  - name: app
    helm: {chart: dependencies/app, namespace: shop, engine: helm}
    ready: [{exists: configmap/app, namespace: shop, timeout: 2m}]
";
    let hook = format!(
        "apiVersion: batch/v1
kind: Job
metadata: {{name: prepare, annotations: {{helm.sh/hook: pre-install}}}}
spec:
  backoffLimit: 0
  template:
    spec: {{restartPolicy: Never, containers: [{{name: it, image: '{BUSYBOX}', command: [sh, -c, '{command}']}}]}}
"
    );
    let map = "apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data: {seen: {{ (lookup \"v1\" \"Namespace\" \"\" \"kube-system\").metadata.name | quote }}}
";
    Bundle::new(name, spec)?
        .file(
            "dependencies/app/Chart.yaml",
            "apiVersion: v2\nname: app\nversion: 1.0.0\n",
        )?
        .file("dependencies/app/templates/hook.yaml", &hook)?
        .file("dependencies/app/templates/map.yaml", map)
}

#[test]
fn a_chart_that_needs_its_hooks_is_installed_by_helm() -> Result<()> {
    let bundle = with_hook("hooked", "echo prepared")?;
    let preview = Preview::boot(bundle.path())?;
    let done = preview.sh("kubectl -n shop get job prepare -o jsonpath='{.status.succeeded}'")?;
    ensure!(done.trim() == "1", "the hook ran: {done}");
    let seen = preview.sh("kubectl -n shop get configmap app -o jsonpath='{.data.seen}'")?;
    ensure!(
        seen.trim() == "kube-system",
        "the template asked the cluster: {seen}"
    );
    let releases = preview.sh("helm list -n shop -q")?;
    ensure!(releases.trim() == "app", "{releases}");
    Ok(())
}

#[test]
fn a_hook_that_fails_is_named_with_its_last_lines() -> Result<()> {
    let bundle = with_hook("unhooked", "echo no database; exit 3")?;
    let (_preview, step, failure) = Preview::boot_to_failure(bundle.path())?;
    ensure!(step == "dependency/app", "{step}");
    ensure!(format!("{failure:?}").contains("prepare"), "{failure:?}");
    ensure!(
        failure.evidence.iter().any(|line| line.contains("no database")),
        "{failure:?}"
    );
    Ok(())
}
