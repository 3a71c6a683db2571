//! The STATUS of pods: each case is a pod with what kubectl prints for it.

#![expect(clippy::needless_pass_by_value, reason = "json! reads better without borrows")]

use serde_json::{Value, json};

use super::super::{ObjectKind, row};

/// A pod of one container; `status` is its status.
fn check(status: &Value, expected: &str) {
    check_spec(
        &json!({"nodeName": "n", "containers": [{"name": "main"}]}),
        status,
        expected,
    );
}

fn check_spec(spec: &Value, status: &Value, expected: &str) {
    let pod = json!({"metadata": {"name": "p"}, "spec": spec, "status": status});
    let expected = expected
        .replacen(" R ", " | Ready: ", 1)
        .replacen(" X ", " | Restarts: ", 1);
    assert_eq!(
        row::line(ObjectKind::Pods, &pod),
        format!("{expected} | Node: n"),
        "{pod}"
    );
}

fn container(state: Value) -> Value {
    json!({"name": "main", "ready": state.get("running").is_some(), "restartCount": 2, "state": state})
}

fn waiting(reason: &str) -> Value {
    container(json!({"waiting": {"reason": reason}}))
}

fn ended(code: i64, reason: &str) -> Value {
    container(json!({"terminated": {"exitCode": code, "reason": reason}}))
}

fn running() -> Value {
    container(json!({"running": {}}))
}

fn condition(kind: &str, status: &str, reason: &str) -> Value {
    json!([{"type": kind, "status": status, "reason": reason}])
}

#[test]
fn pods_of_one_container() {
    let of = |phase: &str, container: Value| json!({"phase": phase, "containerStatuses": [container]});
    let not_ready = json!({"name": "main", "ready": false, "restartCount": 0, "state": {"running": {}}});
    let signal = container(json!({"terminated": {"exitCode": 137, "signal": 9}}));
    let code = container(json!({"terminated": {"exitCode": 3}}));
    let cases = [
        (json!({"phase": "Pending"}), "Pending, busy R 0/1 X 0"),
        (json!({}), ", none R 0/1 X 0"),
        (of("Running", running()), "Running, ok R 1/1 X 2"),
        (of("Running", not_ready), "Running, busy R 0/1 X 0"),
        (
            of("Pending", waiting("ContainerCreating")),
            "ContainerCreating, busy R 0/1 X 2",
        ),
        (
            of("Pending", waiting("ImagePullBackOff")),
            "ImagePullBackOff, bad R 0/1 X 2",
        ),
        (
            of("Pending", waiting("ErrImagePull")),
            "ErrImagePull, bad R 0/1 X 2",
        ),
        (
            of("Pending", waiting("CreateContainerConfigError")),
            "CreateContainerConfigError, bad R 0/1 X 2",
        ),
        (
            of("Running", waiting("CrashLoopBackOff")),
            "CrashLoopBackOff, bad R 0/1 X 2",
        ),
        (of("Running", ended(1, "Error")), "Error, bad R 0/1 X 2"),
        (of("Running", ended(137, "OOMKilled")), "OOMKilled, bad R 0/1 X 2"),
        (of("Succeeded", ended(0, "Completed")), "Completed, ok R 0/1 X 2"),
        (of("Failed", signal), "Signal:9, bad R 0/1 X 2"),
        (of("Failed", code), "ExitCode:3, bad R 0/1 X 2"),
        (
            json!({"phase": "Failed", "reason": "Evicted"}),
            "Evicted, bad R 0/1 X 0",
        ),
        (
            json!({"phase": "Pending", "conditions": condition("PodScheduled", "False", "Unschedulable")}),
            "Pending, bad R 0/1 X 0",
        ),
        (
            json!({"phase": "Pending", "conditions": condition("PodScheduled", "False", "SchedulingGated")}),
            "SchedulingGated, busy R 0/1 X 0",
        ),
    ];
    for (status, expected) in &cases {
        check(status, expected);
    }
}

#[test]
fn pods_with_init_containers() {
    let spec = json!({"nodeName": "n", "containers": [{"name": "main"}],
        "initContainers": [{"name": "first"}, {"name": "second"}]});
    let of = |init: &[Value]| json!({"phase": "Pending", "initContainerStatuses": init, "containerStatuses": [waiting("PodInitializing")]});
    let nameless = container(json!({"terminated": {"exitCode": 4}}));
    let killed = container(json!({"terminated": {"exitCode": 137, "signal": 9}}));
    let cases = [
        (of(&[waiting("PodInitializing")]), "Init:0/2, busy R 0/1 X 2"),
        (of(&[running()]), "Init:0/2, busy R 0/1 X 2"),
        (
            of(&[ended(0, "Completed"), running()]),
            "Init:1/2, busy R 0/1 X 4",
        ),
        (
            of(&[ended(0, "Completed"), ended(1, "Error")]),
            "Init:Error, bad R 0/1 X 4",
        ),
        (
            of(&[waiting("CrashLoopBackOff")]),
            "Init:CrashLoopBackOff, bad R 0/1 X 2",
        ),
        (
            of(&[waiting("ImagePullBackOff")]),
            "Init:ImagePullBackOff, bad R 0/1 X 2",
        ),
        (of(&[nameless]), "Init:ExitCode:4, bad R 0/1 X 2"),
        (of(&[killed]), "Init:Signal:9, bad R 0/1 X 2"),
        (
            of(&[ended(0, "Completed"), ended(0, "Completed")]),
            "PodInitializing, busy R 0/1 X 2",
        ),
    ];
    for (status, expected) in &cases {
        check_spec(&spec, status, expected);
    }
    // Once it is initialized, restarts are those of its main containers.
    let mut again = of(&[running()]);
    again["conditions"] = condition("Initialized", "True", "");
    again["containerStatuses"] = json!([running()]);
    check_spec(&spec, &again, "Init:0/2, busy R 1/1 X 2");
}

#[test]
fn pods_with_sidecars() {
    let spec = json!({"nodeName": "n", "containers": [{"name": "main"}],
        "initContainers": [{"name": "proxy", "restartPolicy": "Always"}, {"name": "setup"}]});
    let proxy = |ready: bool, started: bool| json!({"name": "proxy", "ready": ready, "started": started, "restartCount": 1, "state": {"running": {}}});
    let setup = |state: Value| json!({"name": "setup", "restartCount": 5, "state": state});
    let done = setup(json!({"terminated": {"exitCode": 0}}));
    let cases = [
        (
            json!({"phase": "Pending", "initContainerStatuses": [proxy(false, false)]}),
            "Init:0/2, busy R 0/2 X 1",
        ),
        (
            json!({"phase": "Pending", "initContainerStatuses": [proxy(true, true), setup(json!({"running": {}}))]}),
            "Init:1/2, busy R 1/2 X 6",
        ),
        (
            json!({"phase": "Running", "initContainerStatuses": [proxy(true, true), done], "containerStatuses": [running()]}),
            "Running, ok R 2/2 X 3",
        ),
    ];
    for (status, expected) in &cases {
        check_spec(&spec, status, expected);
    }
}

#[test]
fn pods_of_which_some_containers_are_done() {
    let spec = json!({"nodeName": "n", "containers": [{"name": "a"}, {"name": "b"}]});
    let ready = |status: &str| condition("Ready", status, "");
    let of = |conditions: Value, containers: &[Value]| json!({"phase": "Running", "conditions": conditions, "containerStatuses": containers});
    let done = || ended(0, "Completed");
    let cases = [
        (of(ready("True"), &[done(), running()]), "Running, ok R 1/2 X 4"),
        (
            of(ready("False"), &[done(), running()]),
            "NotReady, bad R 1/2 X 4",
        ),
        (
            of(ready("False"), &[done(), ended(1, "Error")]),
            "Error, bad R 0/2 X 4",
        ),
        (
            of(ready("False"), &[ended(1, "Error"), done()]),
            "Error, bad R 0/2 X 4",
        ),
        (
            of(ready("False"), &[waiting("CrashLoopBackOff"), running()]),
            "CrashLoopBackOff, bad R 1/2 X 4",
        ),
        (of(ready("False"), &[done(), done()]), "Completed, ok R 0/2 X 4"),
    ];
    for (status, expected) in &cases {
        check_spec(&spec, status, expected);
    }
}

#[test]
fn pods_that_leave() {
    let shown = |phase: &str, reason: &str| {
        let pod = json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"},
            "status": {"phase": phase, "reason": reason, "containerStatuses": [ended(0, "Completed")]}});
        let line = row::line(ObjectKind::Pods, &pod);
        line.split(" | ").next().unwrap_or_default().to_owned()
    };
    assert_eq!(shown("Running", ""), "Terminating, busy");
    assert_eq!(shown("Running", "NodeLost"), "Unknown, bad");
    // What is done keeps its end.
    assert_eq!(shown("Succeeded", ""), "Completed, ok");
}
