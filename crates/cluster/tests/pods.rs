//! Against a real cluster with nodes: commands in pods, terminals, logs, and the true causes of pods that fail.
//!
//! `TASKWRIGHT_TEST_IMAGE` names another image with a shell and the usual small programs than `busybox`.

mod support;

use std::time::{Duration, Instant};

use cluster::causes::{PodCause, root_cause};
use cluster::wait::pod_ready;
use cluster::{
    Chunk, Cluster, ExecInput, ExecOutput, ExecRequest, ExecStatus, ExitStatus, LogRequest, Readiness,
    TerminalSize,
};
use futures::StreamExt;
use k8s_openapi::api::core::v1::{Event, Pod};
use serde_json::{Value, json};
use support::{apply, in_namespace};

const PATIENCE: Duration = Duration::from_mins(2);
const SIZE: TerminalSize = TerminalSize {
    columns: 132,
    rows: 43,
};

fn image() -> String {
    std::env::var("TASKWRIGHT_TEST_IMAGE").unwrap_or_else(|_| "docker.io/library/busybox:1.36".into())
}

fn pod(namespace: &str, name: &str, script: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
        "spec": {"terminationGracePeriodSeconds": 0, "automountServiceAccountToken": false,
            "containers": [{"name": "main", "image": image(), "command": ["sh", "-c", script]}]}})
}

async fn ready_pod(cluster: &Cluster, namespace: &str) {
    apply(cluster, &[pod(namespace, "shell", "sleep 100000")]).await;
    let ready = cluster.wait_for(Some(namespace), "shell", |pod: Option<&Pod>| {
        pod.is_some_and(|pod| pod_ready(pod) == Readiness::Ready)
            .then_some(())
    });
    tokio::time::timeout(PATIENCE, ready)
        .await
        .expect("the pod is ready in time")
        .expect("the pod can be watched");
}

async fn terminal(
    cluster: &Cluster,
    namespace: &str,
    command: &[&str],
) -> (ExecInput, ExecOutput, ExecStatus) {
    let request = ExecRequest {
        namespace: namespace.into(),
        pod: "shell".into(),
        container: "main".into(),
        command: command.iter().map(|&part| part.into()).collect(),
        tty: true,
        stdin: true,
        size: Some(SIZE),
    };
    cluster.exec(request).await.expect("the command starts").split()
}

/// Reads until a text was printed, and gives all that was read.
async fn read_until(output: &mut ExecOutput, text: &str) -> String {
    let mut all = Vec::new();
    while let Some(Chunk::Stdout(data)) = output.next().await {
        all.extend_from_slice(&data);
        if all.windows(text.len()).any(|window| window == text.as_bytes()) {
            return String::from_utf8_lossy(&all).into_owned();
        }
    }
    panic!("`{text}` was never printed: {}", String::from_utf8_lossy(&all));
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn commands_run_to_their_end() {
    in_namespace(|cluster, namespace| async move {
        ready_pod(&cluster, &namespace).await;
        let run = async |command: &[&str], input: Option<Vec<u8>>| {
            cluster.run(&namespace, "shell", "main", command, input).await
        };
        let output = run(&["sh", "-c", "echo out; echo err >&2; exit 7"], None)
            .await
            .unwrap();
        assert_eq!(output.status, ExitStatus::Exit { code: 7 });
        assert_eq!(
            (&output.stdout[..], &output.stderr[..]),
            (&b"out\n"[..], &b"err\n"[..])
        );
        let data: Vec<u8> = (0..3_000_000u32).map(|at| at.to_le_bytes()[0]).collect();
        let output = run(&["cat"], Some(data.clone())).await.unwrap();
        assert!(output.status.success() && output.stdout == data);
        let missing = run(&["no-such-program"], None).await.unwrap();
        assert!(
            matches!(&missing.status, ExitStatus::Failed { message } if message.contains("no-such-program")),
            "{missing:?}"
        );
        let absent = cluster
            .run(&namespace, "absent", "main", &["true"], None)
            .await
            .unwrap_err();
        assert!(absent.to_string().contains("\"absent\" not found"), "{absent}");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn a_terminal_has_its_size_from_the_start_and_follows() {
    in_namespace(|cluster, namespace| async move {
        ready_pod(&cluster, &namespace).await;
        let (input, mut output, status) =
            terminal(&cluster, &namespace, &["sh", "-c", "stty size; exec sh"]).await;
        read_until(&mut output, "43 132").await;
        input
            .resize(TerminalSize {
                columns: 80,
                rows: 24,
            })
            .await
            .unwrap();
        input.write(b"sleep 0.2; stty size\n").await.unwrap();
        read_until(&mut output, "24 80").await;
        input.write(b"exit 5\n").await.unwrap();
        while output.next().await.is_some() {}
        assert_eq!(status.await, ExitStatus::Exit { code: 5 });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn keys_come_back_fast_and_floods_come_whole() {
    in_namespace(|cluster, namespace| async move {
        ready_pod(&cluster, &namespace).await;
        let (input, mut output, _status) =
            terminal(&cluster, &namespace, &["sh", "-c", "stty raw -echo; echo ready; exec cat"]).await;
        read_until(&mut output, "ready").await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        while output.try_next().is_some() {}
        let mut times = Vec::new();
        for _ in 0..500 {
            let started = Instant::now();
            input.write(b"x").await.unwrap();
            output.next().await.unwrap();
            times.push(started.elapsed());
        }
        times.sort();
        println!("echo of 500 keys: p50 {:?}, p95 {:?}", times[250], times[475]);

        let script = "yes abcdefghijklmnopqrstuvwxyz | head -c 67108864 > /tmp/text; echo ready; read go; cat /tmp/text";
        let (input, mut output, status) = terminal(&cluster, &namespace, &["sh", "-c", script]).await;
        read_until(&mut output, "ready").await;
        input.write(b"\n").await.unwrap();
        let (started, mut letters) = (Instant::now(), 0_u64);
        while let Some(Chunk::Stdout(data)) = output.next().await {
            letters += data.iter().filter(|byte| byte.is_ascii_lowercase()).map(|_| 1).sum::<u64>();
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("64 MiB through a terminal: {:.1} MB/s", 67.108_864 / seconds);
        assert_eq!(status.await, ExitStatus::Exit { code: 0 });
        // Of every 27 bytes, one is a line end; the last line is cut.
        assert_eq!(letters, 67_108_864 - 67_108_864 / 27);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn an_interrupt_arrives_while_nobody_reads() {
    in_namespace(|cluster, namespace| async move {
        ready_pod(&cluster, &namespace).await;
        let script = "yes; echo $? > /tmp/ended; exec sleep 1000";
        let (input, output, _status) = terminal(&cluster, &namespace, &["sh", "-c", script]).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let started = Instant::now();
        input.write(b"\x03").await.unwrap();
        let check = [
            "sh",
            "-c",
            "while pidof yes >/dev/null; do usleep 5000 2>/dev/null || sleep 0.01; done",
        ];
        let ended = cluster.run(&namespace, "shell", "main", &check, None);
        let ended = tokio::time::timeout(Duration::from_secs(5), ended)
            .await
            .expect("yes ends while nobody reads");
        assert!(ended.unwrap().status.success());
        println!(
            "interrupt to the end of `yes`, seen by a second command: {:?}",
            started.elapsed()
        );
        drop(output);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn logs_are_followed_to_their_end() {
    in_namespace(|cluster, namespace| async move {
        let mut talker = pod(
            &namespace,
            "talker",
            "for i in 1 2 3; do echo line $i; sleep 0.3; done",
        );
        talker["spec"]["restartPolicy"] = json!("Never");
        apply(&cluster, &[talker]).await;
        let started = cluster.wait_for(Some(&namespace), "talker", |pod: Option<&Pod>| {
            let phase = pod?.status.as_ref()?.phase.as_deref()?;
            (phase != "Pending").then_some(())
        });
        tokio::time::timeout(PATIENCE, started).await.unwrap().unwrap();
        let request = LogRequest {
            namespace: namespace.clone(),
            pod: "talker".into(),
            container: None,
            previous: false,
            tail_lines: None,
            since: None,
        };
        let lines: Vec<String> = cluster
            .pod_log_stream(&request)
            .await
            .unwrap()
            .map(Result::unwrap)
            .collect()
            .await;
        assert_eq!(lines, ["line 1", "line 2", "line 3"]);
        let request = LogRequest {
            tail_lines: Some(1),
            ..request
        };
        assert_eq!(cluster.pod_log(&request).await.unwrap(), "line 3\n");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster: TASKWRIGHT_TEST_KUBECONFIG"]
async fn the_true_cause_of_a_failing_pod_is_named() {
    in_namespace(|cluster, namespace| async move {
        let mut pulls = pod(&namespace, "pulls", "true");
        pulls["spec"]["containers"][0]["image"] = json!("127.0.0.1:1/no/such:image");
        let crashes = pod(&namespace, "crashes", "exit 3");
        let mut lacks = pod(&namespace, "lacks", "true");
        lacks["spec"]["containers"][0]["envFrom"] = json!([{"secretRef": {"name": "absent"}}]);
        let mut huge = pod(&namespace, "huge", "true");
        huge["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "4000"}});
        apply(&cluster, &[pulls, crashes, lacks, huge]).await;
        for (name, expected) in [
            ("pulls", "ImagePull"),
            ("crashes", "CrashLoop"),
            ("lacks", "ConfigError"),
            ("huge", "Unschedulable"),
        ] {
            let cause = cluster.wait_for(Some(&namespace), name, |pod: Option<&Pod>| {
                root_cause(pod?, &[]).filter(|cause| kind_of(cause) == expected)
            });
            let cause = tokio::time::timeout(PATIENCE, cause)
                .await
                .expect("the cause shows in time")
                .unwrap();
            println!("{name}: {cause:?}");
        }
        let events = cluster.list::<Event>(Some(&namespace), None).await.unwrap();
        let pulls = cluster
            .get::<Pod>(Some(&namespace), "pulls")
            .await
            .unwrap()
            .unwrap();
        println!("pulls, with events: {:?}", root_cause(&pulls, &events));
    })
    .await;
}

fn kind_of(cause: &PodCause) -> String {
    let shown = format!("{cause:?}");
    shown.split([' ', '{']).next().unwrap_or_default().to_owned()
}
