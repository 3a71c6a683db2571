//! Grading and proving on a real vCluster: every kind of check, from out of the candidate's reach, and planted faults.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use bundle::proof::{Case, CaseKind, Proof};
use e2e::bundle::Bundle;
use e2e::{Preview, host, run, taskwright};
use preview::grade::{CheckOutcome, Grade};

const HEAD: &str = "apiVersion: taskwright.dev/v1alpha1\nkind: Task\nmetadata: {name: graded}\nspec:\n  title: Graded\n  \
                    difficulty: beginner\n  timeLimit: 30m\n";
const SOLVE: &str = "#!/usr/bin/env bash\nset -euo pipefail\nkubectl create deployment web --image=docker.io/library/nginx:1.22\n\
                     kubectl expose deployment web --port=80\nkubectl rollout status deployment/web --timeout=90s\n";

fn graded(checks: &str, solutions: &str) -> Result<Bundle> {
    Bundle::new("graded", "")?
        .file(
            "task.yaml",
            &format!("{HEAD}  checks:\n{checks}  solutions:\n{solutions}"),
        )?
        .file("solutions/reference.sh", SOLVE)
}

const REFERENCE: &str = "  - {name: reference, run: solutions/reference.sh}\n";

const EVERY_KIND: &str = r#"  - {name: script, title: By script, points: 3, run: checks/web.sh}
  - {name: example, title: By example, assert: checks/web.yaml}
  - name: expression
    title: By expression
    cel: web != null && pods.exists(p, p.status.phase == "Running")
    objects:
    - {as: web, get: deployment/web}
    - {as: pods, list: pods, selector: app=web}
  - {name: port, title: By port, tcp: "web.default.svc:80", retries: 2}
  - {name: answer, title: By answer, http: "http://web/", contains: Welcome to nginx, needs: [port], failureMessage: No page.}
  - {name: untouched, title: The default account is there, cel: account != null, expectInitially: pass, objects: [{as: account, get: serviceaccount/default}]}
"#;

fn every_kind() -> Result<Bundle> {
    let script = "#!/usr/bin/env bash\nset -euo pipefail\n\
                  test \"$(kubectl get deployment web -o jsonpath={.status.availableReplicas})\" = 1\n";
    let example = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  paused: null\n  \
                   template: {spec: {containers: {\"0\": {image: docker.io/library/nginx:1.22}}}}\n";
    graded(EVERY_KIND, REFERENCE)?
        .file("checks/web.sh", script)?
        .file("checks/web.yaml", example)
}

fn grade(preview: &Preview, bundle: &Bundle, code: i32) -> Result<Grade> {
    let folder = bundle.path().to_string_lossy();
    let arguments = [
        "grade",
        &preview.id,
        "--bundle",
        &folder,
        "--host",
        host::CONTEXT,
        "--output",
        "json",
    ];
    let outcome = run(taskwright(&arguments))?.expect(code)?;
    serde_json::from_str(&outcome.stdout).with_context(|| outcome.stdout)
}

fn outcomes(grade: &Grade) -> Vec<(&str, CheckOutcome)> {
    grade
        .checks
        .iter()
        .map(|check| (check.name.as_str(), check.outcome))
        .collect()
}

#[test]
fn every_kind_of_check_is_decided_out_of_the_candidates_reach() -> Result<()> {
    let bundle = every_kind()?;
    let preview = Preview::boot(bundle.path())?;
    let before = grade(&preview, &bundle, 1)?;
    ensure!((before.points, before.of) == (1, 8), "{before:?}");
    let failed = before
        .checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Fail);
    ensure!(failed.count() == 5, "{before:?}");
    let answer = before
        .checks
        .iter()
        .find(|check| check.name == "answer")
        .context("no answer")?;
    ensure!(
        answer.reason.as_deref() == Some("it needs `port`, which did not pass"),
        "{answer:?}"
    );
    ensure!(answer.message.as_deref() == Some("No page."), "{answer:?}");

    // What a candidate might do to be graded better, in their own pod and with all rights in the task.
    preview.sh(
        "mkdir -p ~/bin && printf '#!/bin/sh\\necho 1\\n' >~/bin/kubectl && chmod +x ~/bin/kubectl \
         && echo 'export PATH=$HOME/bin:$PATH; alias test=true' >>~/.bashrc && echo 'export PATH=$HOME/bin:$PATH' >>~/.profile",
    )?;
    let cheated = grade(&preview, &bundle, 1)?;
    ensure!(outcomes(&cheated) == outcomes(&before), "{cheated:?}");

    preview.sh(SOLVE)?;
    let after = grade(&preview, &bundle, 0)?;
    ensure!((after.points, after.of) == (8, 8) && after.decided, "{after:?}");
    Ok(())
}

#[test]
fn nothing_of_the_grader_shows_inside_the_task() -> Result<()> {
    let slow = "#!/usr/bin/env bash\nset -euo pipefail\n# the canary of this test is this very line of the check\nsleep 8\nexit 3\n";
    let bundle = graded("  - {name: slow, title: Slow, run: checks/slow.sh}\n", REFERENCE)?
        .file("checks/slow.sh", slow)?;
    let preview = Preview::boot(bundle.path())?;
    let folder = bundle.path().to_string_lossy().into_owned();
    let arguments = ["grade", &preview.id, "--bundle", &folder, "--host", host::CONTEXT];
    let mut grading = taskwright(&arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut seen = 0;
    while grading.try_wait()?.is_none() {
        seen += 1;
        let all = preview.sh(
            "for kind in $(kubectl api-resources --verbs=list -o name | grep -v '^events$'); do \
             kubectl get $kind -A -o yaml 2>/dev/null; done; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'",
        )?;
        ensure!(!all.contains("very line of the check"), "the check's text shows");
        ensure!(!all.contains("grader"), "the grader shows");
    }
    ensure!(seen > 0, "nothing was looked at while the work was graded");
    let left = host::block_on(graders(&preview))?;
    ensure!(left.is_empty(), "left after grading: {left:?}");
    Ok(())
}

/// Namespaces of graders that are there and not on their way out.
async fn graders(preview: &Preview) -> Result<Vec<String>> {
    use k8s_openapi::api::core::v1::Namespace;
    let host = host::connect().await?;
    let selector = format!("taskwright.dev/grader={}", preview.id);
    let all: Vec<Namespace> = host.list(None, Some(&selector)).await?;
    let there = all
        .into_iter()
        .filter(|one| one.metadata.deletion_timestamp.is_none());
    Ok(there.filter_map(|one| one.metadata.name).collect())
}

/// Locks and proves a bundle that is expected to come out wrong, and gives what was recorded.
fn refused(bundle: &Bundle, repeat: &str) -> Result<(Proof, String)> {
    bundle.lock()?;
    let folder = bundle.path().to_string_lossy();
    let arguments = ["prove", &folder, "--host", host::CONTEXT, "--repeat", repeat];
    let outcome = run(taskwright(&arguments))?.expect(1)?;
    let text = std::fs::read_to_string(bundle.path().join("proof.json"))?;
    let proof = Proof::from_text(&text).map_err(anyhow::Error::msg)?;
    ensure!(!proof.passed, "{}", outcome.stdout);
    Ok((proof, outcome.stdout))
}

fn case(proof: &Proof, name: &str) -> Result<Case> {
    let found = proof.cases.iter().find(|case| case.name == name);
    found.cloned().with_context(|| format!("no case {name}"))
}

fn wrong(case: &Case) -> Vec<&str> {
    case.checks
        .iter()
        .filter(|check| !check.is_right())
        .map(|check| check.name.as_str())
        .collect()
}

#[test]
fn checks_that_always_pass_never_pass_or_break_are_caught() -> Result<()> {
    let checks = "  - {name: always, title: Always, run: checks/always.sh}\n  - {name: never, title: Never, run: checks/never.sh}\n  \
                  - {name: broken, title: Broken, run: checks/broken.sh}\n  - {name: good, title: Good, run: checks/good.sh}\n";
    let solutions = "  - {name: reference, run: solutions/reference.sh}\n  - {name: nothing, run: solutions/wrong/nothing.sh, mustFail: [good, always]}\n  \
                     - {name: host, run: solutions/host.sh}\n";
    let bundle = graded(checks, solutions)?
        .file("checks/always.sh", "#!/bin/sh\nexit 0\n")?
        .file("checks/never.sh", "#!/bin/sh\nexit 1\n")?
        .file("checks/broken.sh", "#!/bin/sh\nno-such-program\n")?
        .file("checks/good.sh", "#!/bin/sh\nkubectl get deployment web\n")?
        .file("solutions/wrong/nothing.sh", "#!/bin/sh\necho nothing is done\n")?
        .file(
            "solutions/host.sh",
            "#!/bin/sh\nset -e\nchroot /proc/1/root kubectl get nodes\n",
        )?;
    let (proof, shown) = refused(&bundle, "1")?;
    ensure!(
        wrong(&case(&proof, "untouched")?) == ["always", "broken"],
        "{shown}"
    );
    ensure!(
        wrong(&case(&proof, "reference")?) == ["never", "broken"],
        "{shown}"
    );
    ensure!(
        wrong(&case(&proof, "nothing")?) == ["always", "broken"],
        "{shown}"
    );
    let host = case(&proof, "host")?;
    ensure!(
        host.problem
            .as_deref()
            .is_some_and(|problem| problem.contains("did not end well")),
        "{host:?}"
    );
    ensure!(shown.contains("not proven"), "{shown}");
    Ok(())
}

#[test]
fn a_flaky_check_and_a_leaked_one_are_caught() -> Result<()> {
    // A coin that each environment throws once: the check comes out the same however often it looks there.
    let flaky = "#!/usr/bin/env bash\nuid=$(kubectl get namespace default -o jsonpath={.metadata.uid})\n\
                 test $(( 0x${uid:0:4} % 2 )) = 0\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: notes}\ndata: {notes: PAYLOAD}\n";
    let payload = encoded(flaky);
    let task = format!(
        "{HEAD}  dependencies:\n  - {{name: notes, manifests: [dependencies/notes.yaml]}}\n  checks:\n  \
         - {{name: flaky, title: Flaky, run: checks/flaky.sh}}\n  solutions:\n{REFERENCE}"
    );
    let bundle = Bundle::new("graded", "")?
        .file("task.yaml", &task)?
        .file("checks/flaky.sh", flaky)?
        .file("dependencies/notes.yaml", &secret.replace("PAYLOAD", &payload))?
        .file("solutions/reference.sh", "#!/bin/sh\necho solved\n")?;
    let (proof, shown) = refused(&bundle, "4")?;
    let untouched = proof.cases.iter().filter(|case| case.kind == CaseKind::Untouched);
    for case in untouched {
        let problem = case.problem.clone().unwrap_or_default();
        ensure!(
            problem.contains("checks/flaky.sh") && problem.contains("Secret/notes"),
            "{shown}"
        );
    }
    let flaky = proof.cases.iter().filter(|case| !wrong(case).is_empty());
    ensure!(
        flaky.count() > 0,
        "eight throws in a row came out as wished: {shown}"
    );
    Ok(())
}

fn encoded(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
