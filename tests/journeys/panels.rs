//! The creator's panels beside the seat: objects, events and logs of a preview, through the commands of the window.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::bundle::{Bundle, deployment};
use e2e::window::Window;
use e2e::{Preview, host};
use serde_json::{Value, json};

const BUSYBOX: &str = "docker.io/library/busybox:1.36";
const SOON: Duration = Duration::from_mins(1);
/// Pods that crash are started again after 10 and 20 seconds.
const LATER: Duration = Duration::from_mins(2);

const SECRET: &str = "---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {password: hunter2}
";

/// A preview with a pod that counts, one that crashes, and a secret.
fn boot() -> Result<Preview> {
    let count = "[sh, -c, \"i=0; while true; do i=$((i+1)); echo line $i; sleep 0.1; done\"]";
    let spec = "  dependencies:\n  - name: app\n    manifests: [dependencies/app.yaml]\n    \
                ready: [{rollout: deployment/talker, namespace: default}]\n";
    let manifests = deployment("talker", BUSYBOX, count) + SECRET;
    let bundle = Bundle::new("panels", spec)?.file("dependencies/app.yaml", &manifests)?;
    let preview = Preview::boot(bundle.path())?;
    // Only now: a boot does not end with a pod that crashes.
    preview.sh(&format!(
        "kubectl run crasher --image {BUSYBOX} -- sh -c 'echo the disk is on fire; exit 7'"
    ))?;
    Ok(preview)
}

/// Arguments that name the preview, and others.
fn about(preview: &Preview, others: Value) -> Value {
    let mut arguments = json!({"context": host::CONTEXT, "preview": preview.id});
    if let (Some(arguments), Value::Object(others)) = (arguments.as_object_mut(), others) {
        arguments.extend(others);
    }
    arguments
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The last row that was told of a pod.
fn row<'a>(told: &'a [Value], name: &str) -> Option<&'a Value> {
    let rows = told.iter().rev().filter_map(|change| change.get("row"));
    rows.into_iter().find(|row| text(row, "/name").starts_with(name))
}

fn has_status(told: &[Value], name: &str, status: &str) -> bool {
    row(told, name).is_some_and(|row| text(row, "/status/text") == status && row["hostPod"].is_string())
}

#[test]
fn panels_show_what_is_in_the_preview() -> Result<()> {
    let preview = boot()?;
    let window = Window::open()?;
    let talker = pods(&window, &preview)?;
    every_kind_can_be_watched(&window, &preview)?;
    secrets_keep_their_values(&window, &preview)?;
    events(&window, &preview)?;
    logs(&window, &preview, &talker)?;
    host_pods(&window, &preview)
}

/// What a row has in a column.
fn column<'a>(row: &'a Value, name: &str) -> &'a str {
    let columns = row["columns"].as_array().into_iter().flatten();
    let found = columns.into_iter().find(|column| column[0] == name);
    found.and_then(|column| column[1].as_str()).unwrap_or_default()
}

/// Gives the name of the pod that counts.
fn pods(window: &Window, preview: &Preview) -> Result<String> {
    let arguments = about(preview, json!({"kind": "pods"}));
    let told = window.follow("watch_objects", arguments.clone(), LATER, |told| {
        has_status(told, "talker", "Running") && has_status(told, "crasher", "CrashLoopBackOff")
    })?;
    let crasher = row(&told, "crasher").context("the crasher")?;
    ensure!(
        text(crasher, "/status/tone") == "bad" && column(crasher, "Ready") == "0/1",
        "{crasher}"
    );
    let talker = row(&told, "talker").context("the talker")?;
    let name = text(talker, "/name").to_owned();
    let columns = ["Ready", "Restarts"].map(|name| column(talker, name));
    let kubectl = preview.sh(&format!("kubectl get pod {name} --no-headers"))?;
    let printed: Vec<&str> = kubectl.split_whitespace().collect();
    ensure!(
        printed[1..4] == [columns[0], "Running", columns[1]],
        "{kubectl} and {talker}"
    );

    vanishing(window, preview, &arguments)?;
    Ok(name)
}

/// A pod that is done, and is deleted while somebody looks.
fn vanishing(window: &Window, preview: &Preview, arguments: &Value) -> Result<()> {
    preview.sh(&format!(
        "kubectl run passing --image {BUSYBOX} --restart Never -- true"
    ))?;
    let told = window.follow("watch_objects", arguments.clone(), SOON, |told| {
        has_status(told, "passing", "Completed")
    })?;
    let gone = json!({"change": "gone", "uid": row(&told, "passing").context("the pod")?["uid"]});
    std::thread::scope(|scope| {
        scope.spawn(|| preview.sh("sleep 2; kubectl delete pod passing --now"));
        window.follow("watch_objects", arguments.clone(), SOON, |told| {
            row(told, "passing").is_some() && told.contains(&gone)
        })
    })?;
    Ok(())
}

fn every_kind_can_be_watched(window: &Window, preview: &Preview) -> Result<()> {
    let kinds = [
        "deployments",
        "statefulsets",
        "jobs",
        "services",
        "ingresses",
        "networkpolicies",
        "configmaps",
        "secrets",
        "persistentvolumeclaims",
        "nodes",
        "namespaces",
        "customresourcedefinitions",
    ];
    for kind in kinds {
        let told = window.follow(
            "watch_objects",
            about(preview, json!({"kind": kind})),
            SOON,
            |told| !told.is_empty(),
        )?;
        ensure!(
            matches!(text(&told[0], "/change"), "applied" | "restarted"),
            "{kind}: {told:#?}"
        );
    }
    Ok(())
}

fn secrets_keep_their_values(window: &Window, preview: &Preview) -> Result<()> {
    let secret = json!({"kind": "Secret", "apiVersion": "v1", "namespace": "default", "name": "keys"});
    let shown = window.call("object_yaml", about(preview, secret.clone()))?;
    ensure!(text(&shown, "/yaml").contains("password: (7 bytes)"), "{shown}");
    ensure!(
        !shown.to_string().contains("hunter2") && !shown.to_string().contains("aHVudGVyMg"),
        "{shown}"
    );
    for name in ["?limit=5", "nobody"] {
        let mut other = secret.clone();
        other["name"] = name.into();
        let error = window
            .call("object_yaml", about(preview, other))
            .err()
            .context("there is none")?;
        ensure!(error.code == api::Code::NotFound, "`{name}`: {error}");
    }
    Ok(())
}

/// A crash is told by the host, once, under the name that the pod has in the task.
fn events(window: &Window, preview: &Preview) -> Result<()> {
    let of = |event: &Value, from: &str, object: &str| {
        text(event, "/from") == from && text(event, "/object").starts_with(object)
    };
    let told = window.follow("watch_events", about(preview, json!({})), LATER, |told| {
        let is_there = |from, object, reason| {
            told.iter()
                .any(|event| of(event, from, object) && text(event, "/reason") == reason)
        };
        is_there("host", "default/crasher", "BackOff")
            && is_there("task", "default/talker", "SuccessfulCreate")
    })?;
    let mut seen = HashSet::new();
    for event in &told {
        let what = ["/at", "/reason", "/object"].map(|pointer| text(event, pointer));
        ensure!(
            seen.insert((what, event["count"].to_string())),
            "{event} was told twice: {told:#?}"
        );
    }
    let of_kubelet = |event: &&Value| {
        matches!(
            text(event, "/reason"),
            "Pulled" | "Created" | "Started" | "BackOff"
        )
    };
    ensure!(
        told.iter()
            .filter(of_kubelet)
            .all(|event| text(event, "/from") == "host"),
        "{told:#?}"
    );
    Ok(())
}

fn lines(told: &[Value]) -> Vec<&str> {
    let all = told.iter().filter_map(Value::as_array).flatten();
    all.map(|line| text(line, "/text")).collect()
}

fn logs(window: &Window, preview: &Preview, talker: &str) -> Result<()> {
    let wanted = |pod: &str, previous: bool, tail: u32| {
        let log = json!({"namespace": "default", "pod": pod, "container": null, "previous": previous, "tail": tail});
        about(preview, log)
    };
    let told = window.follow("follow_logs", wanted(talker, false, 5), SOON, |told| {
        lines(told).len() >= 50
    })?;
    let numbers: Vec<u32> = lines(&told)
        .iter()
        .map(|line| line.trim_start_matches("line ").parse())
        .collect::<Result<_, _>>()?;
    ensure!(
        numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{numbers:?}"
    );
    ensure!(told[0][0]["at"].is_string(), "{told:#?}");

    let fire = "the disk is on fire";
    let told = window.follow(
        "follow_logs",
        wanted("crasher", false, 100),
        Duration::from_mins(5),
        |told| lines(told).len() >= 2,
    )?;
    ensure!(
        lines(&told) == [fire, fire],
        "two runs, one after the other: {told:#?}"
    );
    let told = window.follow("follow_logs", wanted("crasher", true, 100), SOON, |told| {
        !told.is_empty()
    })?;
    ensure!(lines(&told) == [fire], "{told:#?}");

    for (pod, previous) in [(talker, true), ("nobody", false)] {
        let none = window.follow("follow_logs", wanted(pod, previous, 100), SOON, |_| false);
        let error = none.err().context("there is none")?;
        let error: &api::Error = error.downcast_ref().with_context(|| format!("{pod}: {error}"))?;
        ensure!(error.code == api::Code::NotFound, "{pod}: {error}");
    }
    Ok(())
}

fn host_pods(window: &Window, preview: &Preview) -> Result<()> {
    let pod = |name: &str| about(preview, json!({"namespace": "default", "name": name}));
    // It runs for a moment now and then; between two runs it waits longer than it takes to look at it.
    window.follow(
        "watch_objects",
        about(preview, json!({"kind": "pods"})),
        LATER,
        |told| has_status(told, "crasher", "CrashLoopBackOff"),
    )?;
    let crasher = window.call("host_pod", pod("crasher"))?;
    let container = &crasher["containers"][0];
    ensure!(
        text(container, "/state").contains("ended with code 7"),
        "{crasher:#}"
    );
    ensure!(
        container["restarts"].as_i64() >= Some(1) && container["ready"] == false,
        "{crasher:#}"
    );
    ensure!(
        crasher["node"].is_string() && text(&crasher, "/pod").starts_with("crasher-x-default-x-"),
        "{crasher:#}"
    );
    let events = crasher["events"].as_array().context("events")?;
    ensure!(
        events.iter().any(|event| text(event, "/reason") == "BackOff"),
        "{crasher:#}"
    );
    let error = window
        .call("host_pod", pod("nobody"))
        .err()
        .context("there is none")?;
    ensure!(error.code == api::Code::NotFound, "{error}");
    Ok(())
}
