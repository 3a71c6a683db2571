//! Measures how long 500 objects take to apply: ours, eight at a time, against `kubectl apply --server-side`, in turns, on
//! the sandbox that is up. `scripts/bench.sh apply` runs it and names everything it needs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cluster::ApplyOptions;
use e2e::host;
use k8s_openapi::api::core::v1::Namespace;
use serde_json::{Value, json};

/// As many objects as a large chart has, and some more.
const OBJECTS: usize = 500;

fn main() -> Result<()> {
    let rounds: usize = std::env::args().nth(1).context("how many rounds")?.parse()?;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        // In turns, and each side first as often as the other, so that a slow minute hits both.
        let (one, other) = if round % 2 == 0 {
            let one = in_namespace(round, "ours", with_taskwright)?;
            (one, in_namespace(round, "kubectl", with_kubectl)?)
        } else {
            let other = in_namespace(round, "kubectl", with_kubectl)?;
            (in_namespace(round, "ours", with_taskwright)?, other)
        };
        print(&format!(
            "round {}: taskwright {:.2} s, kubectl {:.2} s",
            round + 1,
            one.as_secs_f64(),
            other.as_secs_f64()
        ));
        ratios.push(one.as_secs_f64() / other.as_secs_f64());
        ours.push(one.as_secs_f64());
        theirs.push(other.as_secs_f64());
    }
    print(&format!(
        "{OBJECTS} objects: taskwright {:.2} s, kubectl {:.2} s, ratio {:.2} (medians of {rounds})",
        median(&mut ours),
        median(&mut theirs),
        median(&mut ratios)
    ));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn print(line: &str) {
    println!("{line}");
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Gives `apply` a namespace of its own, and removes it afterwards, whatever came of it.
fn in_namespace(round: usize, side: &str, apply: fn(&str) -> Result<Duration>) -> Result<Duration> {
    let name = format!("bench-apply-{}-{round}-{side}", std::process::id());
    host::block_on(async {
        let host = host::connect().await?;
        let namespace = Namespace {
            metadata: k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
                name: Some(name.clone()),
                ..Default::default()
            },
            ..Namespace::default()
        };
        host.create(None, &namespace).await?;
        Ok(())
    })?;
    let took = apply(&name);
    host::block_on(async {
        let host = host::connect().await?;
        host.delete::<Namespace>(None, &name, None).await?;
        Ok(())
    })?;
    took
}

/// Settings and accounts in the sizes that they usually have.
fn objects(namespace: &str) -> Vec<Value> {
    let one = |number: usize| {
        let metadata = json!({ "name": format!("object-{number}"), "namespace": namespace, "labels": { "app": "bench" } });
        match number % 5 {
            0 => json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata }),
            1 => {
                json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": { "key": "x".repeat(200) } })
            }
            _ => {
                json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "settings": "x".repeat(600) } })
            }
        }
    };
    (0..OBJECTS).map(one).collect()
}

/// From nothing, as the other side: the connection counts.
fn with_taskwright(namespace: &str) -> Result<Duration> {
    let objects = objects(namespace);
    host::block_on(async {
        let began = Instant::now();
        let host = host::connect().await?;
        let applied = host.apply(&objects, &ApplyOptions::default(), |_| {}).await?;
        ensure!(applied.len() == OBJECTS, "all are applied");
        Ok(began.elapsed())
    })
}

fn with_kubectl(namespace: &str) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("objects.json");
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects(namespace) });
    std::fs::write(&file, list.to_string())?;
    let began = Instant::now();
    apply_file(&file)?;
    Ok(began.elapsed())
}

fn apply_file(file: &Path) -> Result<()> {
    let output = Command::new("kubectl")
        .args(["apply", "--server-side", "-f"])
        .arg(file)
        .stdin(Stdio::null())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "kubectl failed: {said}");
    Ok(())
}
