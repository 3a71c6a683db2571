//! A boot that is cancelled or killed in any phase leaves nothing that the next `down --all` does not remove.
//!
//! These journeys remove every preview on the host, so they run apart from the others.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::bundle::Bundle;
use e2e::{Running, host, id_of, run, taskwright};
use preview::{BootEvent, What};

/// Only one at a time: `down --all` would remove what another test is looking at.
static ALONE: Mutex<()> = Mutex::new(());

fn bundle() -> Result<Bundle> {
    let spec = "  dependencies:
  - name: claim
    manifests: [dependencies/claim.yaml]
    ready: [{rollout: deployment/app, namespace: default}]
  init:
  - {name: forever, run: init/forever.sh, needs: [claim], timeout: 5m}
";
    Bundle::new("leftover", spec)?
        .file("dependencies/claim.yaml", CLAIM)?
        .file("init/forever.sh", "#!/bin/sh\necho running\nsleep 600\n")
}

/// Boots until `step` has started (for init: until it prints), then calls `end` with the running command.
fn boot_until(step: &str, end: impl FnOnce(&mut Running) -> Result<()>) -> Result<String> {
    let bundle = bundle()?;
    let mut command = taskwright(&[
        "preview",
        &bundle.path().to_string_lossy(),
        "--host",
        host::CONTEXT,
        "--output",
        "json",
    ]);
    let mut running = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
    let stdout = running.0.stdout.take().context("its output is a pipe")?;
    let mut seen: Vec<BootEvent> = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let event: BootEvent = serde_json::from_str(&line?)?;
        let reached = match &event.what {
            What::Output { step: of, .. } => of.to_string() == step,
            What::Started { step: of } => of.to_string() == step && !step.starts_with("init/"),
            What::Failed { failure, .. } => anyhow::bail!("the boot failed by itself: {failure:?}"),
            _ => false,
        };
        seen.push(event);
        if reached {
            end(&mut running)?;
            return id_of(&seen);
        }
    }
    anyhow::bail!("the boot ended before {step}: {:?}", seen.last())
}

fn nothing_left(id: &str) -> Result<()> {
    let left = host::block_on(async { host::leftovers(&host::connect().await?, id).await })?;
    ensure!(left.is_empty(), "left: {left:?}");
    Ok(())
}

fn killed_in(step: &str) -> Result<()> {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let id = boot_until(step, |running| Ok(running.0.kill()?))?;
    run(taskwright(&["down", "--all", "--host", host::CONTEXT]))?.expect(0)?;
    nothing_left(&id)
}

#[test]
fn killed_in_preflight() -> Result<()> {
    killed_in("preflight")
}

#[test]
fn killed_in_the_control_plane() -> Result<()> {
    killed_in("control-plane")
}

#[test]
fn killed_while_dns_starts() -> Result<()> {
    killed_in("dns")
}

#[test]
fn killed_in_a_dependency() -> Result<()> {
    killed_in("dependency/claim")
}

#[test]
fn killed_while_the_seat_starts() -> Result<()> {
    killed_in("tty")
}

#[test]
fn killed_in_init() -> Result<()> {
    killed_in("init/forever")
}

/// Ctrl-C cancels and removes.
fn cancelled_in(step: &str) -> Result<()> {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let id = boot_until(step, |running| {
        let pid = rustix::process::Pid::from_child(&running.0);
        rustix::process::kill_process(pid, rustix::process::Signal::INT)?;
        host::eventually("the end after Ctrl-C", Duration::from_mins(1), || {
            Ok(running.0.try_wait()?.is_some())
        })?;
        let code = running.0.wait()?.code();
        ensure!(code == Some(130), "exit code {code:?}");
        Ok(())
    })?;
    nothing_left(&id)
}

#[test]
fn cancelled_in_the_control_plane() -> Result<()> {
    cancelled_in("control-plane")
}

#[test]
fn cancelled_in_init() -> Result<()> {
    cancelled_in("init/forever")
}

const CLAIM: &str = "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 16Mi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
      - name: main
        image: docker.io/library/busybox:1.36
        command: [sleep, \"86400\"]
        volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
";
