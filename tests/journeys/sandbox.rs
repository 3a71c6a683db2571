//! The sandbox itself: repaired whatever breaks, with nodes that come and go, and gone without a trace when it is
//! told to. What is left is looked for without Taskwright's help.
//!
//! These journeys take the sandbox down, so they run apart from the others. They leave it up.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{Outcome, host, run, taskwright};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Node, Pod};
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

const STATE: &str = "/var/lib/taskwright/sandbox";
const RUN: &str = "/run/taskwright";

/// Everything that is no node, and everything of one node: each kind of part once.
const PARTS: [&str; 9] = [
    "plane/etcd",
    "plane/registry",
    "plane/kube-apiserver",
    "plane/kube-controller-manager",
    "plane/kube-scheduler",
    "task-1/containerd",
    "task-1/kubelet",
    "task-1/kube-proxy",
    "task-1/felix",
];

fn sandbox(arguments: &[&str]) -> Result<Outcome> {
    run(taskwright(&[&["sandbox"], arguments].concat()))
}

/// Starts or repairs it, and gives the entries of its log.
fn up() -> Result<Vec<Value>> {
    let outcome = sandbox(&["up", "--yes", "--output", "json"])?.expect(0)?;
    let log = outcome.stdout.lines().map(serde_json::from_str);
    let log = log.collect::<Result<Vec<Value>, _>>()?;
    let last = log.last().context("the log is empty")?;
    ensure!(last["event"] == "up", "the log does not end with up: {last}");
    Ok(log)
}

fn status() -> Result<Value> {
    let outcome = sandbox(&["status", "--output", "json"])?;
    Ok(serde_json::from_str(&outcome.stdout)?)
}

fn healthy() -> Result<()> {
    let status = status()?;
    ensure!(status["healthy"] == true, "not healthy: {status:#}");
    Ok(())
}

/// Runs a pod to its end, on a node that was named or on any.
fn runs_a_pod(node: Option<&str>) -> Result<()> {
    let name = "sandbox-journey";
    let mut spec = json!({
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "containers": [{
            "name": "main",
            "image": "docker.io/library/busybox:1.36",
            // Rules for a new pod may come a moment after its start.
            "command": ["sh", "-c", "for i in 1 2 3 4 5; do nslookup kubernetes.default.svc.cluster.local && exit; sleep 1; done; exit 1"],
        }],
    });
    if let Some(node) = node {
        spec["nodeSelector"] = json!({ "kubernetes.io/hostname": node });
    }
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "default" }, "spec": spec,
    });
    host::block_on(async {
        let cluster = host::connect().await?;
        cluster
            .apply(&[pod], &cluster::ApplyOptions::default(), |_| {})
            .await?;
        let phase = |pod: Option<&Pod>| {
            let phase = pod?.status.as_ref()?.phase.clone()?;
            ["Succeeded", "Failed"].contains(&phase.as_str()).then_some(phase)
        };
        let ended = cluster.wait_for::<Pod, String>(Some("default"), name, phase);
        let ended = tokio::time::timeout(Duration::from_mins(1), ended).await;
        let log = cluster
            .pod_log(&cluster::LogRequest {
                namespace: "default".to_owned(),
                pod: name.to_owned(),
                ..cluster::LogRequest::default()
            })
            .await;
        cluster.delete::<Pod>(Some("default"), name, Some(0)).await?;
        let gone = |pod: Option<&Pod>| pod.is_none().then_some(());
        cluster.wait_for::<Pod, ()>(Some("default"), name, gone).await?;
        ensure!(
            ended.context("the pod did not end")?? == "Succeeded",
            "it did not end well: {log:?}"
        );
        Ok(())
    })
}

/// The process of a part, as `status` names it.
fn pid_of(part: &str) -> Result<i32> {
    let status = status()?;
    let all = status["processes"].as_array().context("no processes")?;
    let found = all.iter().find(|process| process["name"] == part);
    let pid = found.and_then(|process| process["pid"].as_i64());
    Ok(i32::try_from(
        pid.with_context(|| format!("{part} was never started"))?,
    )?)
}

fn kill(pid: i32) -> Result<()> {
    let pid = rustix::process::Pid::from_raw(pid).context("a process id")?;
    Ok(rustix::process::kill_process(pid, rustix::process::Signal::KILL)?)
}

/// What a command prints; nothing when it fails, as it does when there is nothing to list.
fn printed(program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(run(command)?.stdout)
}

fn lines_with(text: &str, words: &[&str]) -> Vec<String> {
    let ours = |line: &&str| words.iter().any(|word| line.contains(word));
    text.lines().filter(ours).map(str::to_owned).collect()
}

/// Folders called `name` in any cgroup file system, at any depth up to `depth`.
fn cgroups(folder: &Path, name: &str, depth: u32) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !path.is_dir() {
            continue;
        }
        if entry.file_name().to_str() == Some(name) {
            found.push(path.display().to_string());
        } else if depth > 0 {
            found.extend(cgroups(&path, name, depth - 1));
        }
    }
    found
}

/// Processes whose command line or working files speak of the sandbox: its own, its shims, its pods'.
fn processes(words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        let cgroup = fs::read_to_string(entry.path().join("cgroup")).unwrap_or_default();
        let is_process = entry.file_name().to_string_lossy().parse::<u32>().is_ok();
        // One that has ended and whose parent has not looked yet holds nothing any more.
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if stat
            .rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('Z'))
        {
            continue;
        }
        let ours = words
            .iter()
            .any(|word| command.contains(word) || cgroup.contains(&format!("/taskwright/{word}")));
        if is_process && (ours || cgroup.contains("/taskwright/") && words.contains(&STATE)) {
            found.push(format!("{} {command}", entry.file_name().to_string_lossy()));
        }
    }
    found
}

/// Everything on this machine that belongs to the sandbox while it runs, looked for with the system's own tools.
fn traces() -> Result<Vec<String>> {
    let mut found = Vec::new();
    found.extend(lines_with(&printed("ip", &["netns", "list"])?, &["tw-"]));
    found.extend(lines_with(&printed("ip", &["-o", "link"])?, &["tw-", "twbr0"]));
    found.extend(lines_with(&printed("ip", &["route"])?, &["twbr0"]));
    found.extend(lines_with(
        &fs::read_to_string("/proc/mounts")?,
        &[STATE, RUN, "/run/netns/tw-"],
    ));
    for save in ["iptables-save", "ip6tables-save", "iptables-legacy-save"] {
        let rules = printed(save, &[]).unwrap_or_default();
        found.extend(lines_with(&rules, &["TASKWRIGHT", "twbr0", "cali", "KUBE-"]));
    }
    found.extend(cgroups(Path::new("/sys/fs/cgroup"), "taskwright", 2));
    found.extend(processes(&[STATE, RUN]));
    found.extend(lines_with(&fs::read_to_string("/proc/net/unix")?, &[STATE, RUN]));
    if Path::new(RUN).exists() {
        found.push(RUN.to_owned());
    }
    for entry in fs::read_dir(STATE).into_iter().flatten().flatten() {
        let kept = ["registry", "lock"];
        if !kept.iter().any(|kept| entry.file_name().to_str() == Some(kept)) {
            found.push(entry.path().display().to_string());
        }
    }
    Ok(found)
}

/// The same for one node.
fn traces_of(node: &str) -> Result<Vec<String>> {
    let space = format!("tw-{node}");
    let (root, sockets) = (format!("{STATE}/nodes/{node}"), format!("{RUN}/{node}"));
    let mut found = Vec::new();
    found.extend(lines_with(&printed("ip", &["netns", "list"])?, &[&space]));
    found.extend(lines_with(&printed("ip", &["-o", "link"])?, &[&space]));
    found.extend(lines_with(
        &fs::read_to_string("/proc/mounts")?,
        &[&root, &sockets, &format!("/run/netns/{space}")],
    ));
    found.extend(cgroups(Path::new("/sys/fs/cgroup"), node, 3));
    found.extend(processes(&[&root, &sockets, node]));
    found.extend(
        [root, sockets]
            .into_iter()
            .filter(|path| Path::new(path).exists()),
    );
    Ok(found)
}

fn started(log: &[Value]) -> BTreeSet<&str> {
    log.iter()
        .filter(|entry| entry["event"] == "process-started")
        .filter_map(|entry| entry["process"].as_str())
        .collect()
}

#[test]
fn a_second_up_changes_nothing() -> Result<()> {
    up()?;
    let began = std::time::Instant::now();
    let log = up()?;
    ensure!(started(&log).is_empty(), "it started {:?}", started(&log));
    println!("up on a sandbox that is up: {:?}", began.elapsed());
    healthy()
}

#[test]
fn every_part_that_is_killed_runs_again() -> Result<()> {
    up()?;
    for part in PARTS {
        kill(pid_of(part)?)?;
        let status = status()?;
        ensure!(
            status["healthy"] == false,
            "{part} is killed, and all is said to be well"
        );
        let text = sandbox(&["status"])?;
        ensure!(text.stdout.contains("✗ stopped"), "{part}: {}", text.stdout);
        ensure!(
            text.stdout.contains("`taskwright sandbox up`"),
            "no remedy: {}",
            text.stdout
        );
        let log = up()?;
        ensure!(
            started(&log) == BTreeSet::from([part]),
            "{part}: {:?}",
            started(&log)
        );
    }
    healthy()?;
    runs_a_pod(Some("task-1"))
}

/// What the API server says of nodes right after its start is what it heard before.
#[test]
fn a_repaired_sandbox_has_heard_of_every_node() -> Result<()> {
    up()?;
    kill(pid_of("plane/kube-apiserver")?)?;
    let killed = Timestamp::now();
    up()?;
    host::block_on(async {
        let cluster = host::connect().await?;
        let leases: Vec<Lease> = cluster.list(Some("kube-node-lease"), None).await?;
        ensure!(leases.len() == 3, "there are {} leases", leases.len());
        for lease in leases {
            let renewed = lease.spec.and_then(|spec| spec.renew_time);
            ensure!(
                renewed.as_ref().is_some_and(|renewed| renewed.0 >= killed),
                "{:?} was renewed at {renewed:?}, and the API server killed at {killed}",
                lease.metadata.name
            );
        }
        Ok(())
    })
}

#[test]
fn a_lost_cable_and_a_lost_registry_are_made_again() -> Result<()> {
    up()?;
    printed("ip", &["link", "del", "tw-task-1"])?;
    fs::remove_dir_all(Path::new(STATE).join("registry"))?;
    up()?;
    healthy()?;
    runs_a_pod(Some("task-1"))
}

/// What a machine looks like that was switched off: files are there, everything that lives in the kernel is not.
#[test]
fn a_sandbox_survives_a_reboot() -> Result<()> {
    up()?;
    for _ in 0..50 {
        for process in processes(&[STATE, RUN]) {
            let pid = process.split(' ').next().and_then(|pid| pid.parse().ok());
            // It may have ended meanwhile.
            let _gone = pid.map(kill);
        }
        std::thread::sleep(Duration::from_millis(20));
        if processes(&[STATE, RUN]).is_empty() {
            break;
        }
    }
    let mounts = fs::read_to_string("/proc/mounts")?;
    for line in lines_with(&mounts, &[STATE, RUN]).iter().rev() {
        printed(
            "umount",
            &["-l", line.split(' ').nth(1).context("a mount point")?],
        )?;
    }
    for line in lines_with(&printed("ip", &["netns", "list"])?, &["tw-"]) {
        printed(
            "ip",
            &["netns", "del", line.split(' ').next().unwrap_or_default()],
        )?;
    }
    printed("ip", &["link", "del", "twbr0"])?;
    fs::remove_dir_all(RUN)?;
    up()?;
    healthy()?;
    runs_a_pod(None)
}

#[test]
fn a_node_comes_and_goes() -> Result<()> {
    up()?;
    let before = started(&up()?).len();
    ensure!(before == 0, "it was not up");
    let added = sandbox(&["node", "add", "--pool", "task", "--output", "json"])?.expect(0)?;
    let last: Value = serde_json::from_str(added.stdout.lines().last().context("no output")?)?;
    let name = last["node"].as_str().context("no name")?.to_owned();
    runs_a_pod(Some(&name))?;
    ensure!(
        !traces_of(&name)?.is_empty(),
        "the node has left no trace while it runs"
    );
    let log = sandbox(&["up", "--nodes", "control=1,task=2", "--output", "json"])?.expect(0)?;
    let last: Value = serde_json::from_str(log.stdout.lines().last().context("no output")?)?;
    ensure!(
        last["surplus"] == json!([name]),
        "surplus nodes are not told: {last}"
    );
    sandbox(&["node", "remove", &name])?.expect(0)?;
    let left = traces_of(&name)?;
    ensure!(left.is_empty(), "left of {name}: {left:#?}");
    host::block_on(async {
        let node = host::connect().await?.get::<Node>(None, &name).await?;
        ensure!(node.is_none(), "the node object is still there");
        Ok(())
    })?;
    healthy()
}

#[test]
fn down_leaves_nothing_and_up_brings_it_back() -> Result<()> {
    up()?;
    runs_a_pod(None)?;
    ensure!(
        traces()?.len() > 20,
        "the search finds too little of a sandbox that runs"
    );
    sandbox(&["down"])?.expect(0)?;
    let left = traces()?;
    let back = up();
    ensure!(left.is_empty(), "left: {left:#?}");
    back?;
    healthy()?;
    runs_a_pod(None)
}
