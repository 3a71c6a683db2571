//! Hosts as they are shown: the doctor on a host that is well and on one that allows nothing, and the list of previews
//! as it changes.

use std::pin::pin;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cluster::{ApplyOptions, Cluster, ObjectRef};
use e2e::{Outcome, host, run, taskwright};
use futures::StreamExt;
use preview::PreviewState;
use serde_json::{Value, json};

/// The sandbox's kubeconfig, asking as somebody who may do nothing.
fn as_jane(folder: &std::path::Path) -> Result<std::path::PathBuf> {
    let file =
        std::env::var_os("TASKWRIGHT_E2E_KUBECONFIG").context("TASKWRIGHT_E2E_KUBECONFIG is not set")?;
    let mut kubeconfig: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    kubeconfig["users"][0]["user"]["as"] = json!("jane");
    kubeconfig["contexts"][0]["name"] = json!("jane");
    let path = folder.join("kubeconfig");
    std::fs::write(&path, kubeconfig.to_string())?;
    Ok(path)
}

fn steps(outcome: &Outcome) -> Result<Vec<String>> {
    let report: Value = serde_json::from_str(&outcome.stdout)?;
    let steps = report["steps"].as_array().context("a report has steps")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(steps
        .iter()
        .map(|step| format!("{} {}", text(&step["name"]), text(&step["state"])))
        .collect())
}

#[test]
fn the_doctor_finds_nothing_wrong_with_the_sandbox() -> Result<()> {
    let found = run(taskwright(&["doctor", host::CONTEXT, "--output", "json"]))?.expect(0)?;
    let names = [
        "kubeconfig",
        "credentials",
        "dns",
        "tcp",
        "tls",
        "api",
        "permissions",
        "storage",
        "pools",
    ];
    ensure!(
        steps(&found)? == names.map(|name| format!("{name} ok")),
        "{}",
        found.stdout
    );
    Ok(())
}

#[test]
fn the_doctor_names_the_rights_that_are_missing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut doctor = taskwright(&["doctor", "jane", "--output", "json"]);
    doctor.env("KUBECONFIG", as_jane(folder.path())?);
    let found = run(doctor)?.expect(3)?;
    let expected = ["api ok", "permissions failed", "storage skipped", "pools skipped"];
    ensure!(steps(&found)?[5..] == expected, "{}", found.stdout);
    ensure!(
        found
            .stdout
            .contains("21 of 21 rights are missing: create namespaces, "),
        "{}",
        found.stdout
    );
    Ok(())
}

const ID: &str = "journey-hosts";

fn namespace(state: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": format!("task-{ID}"),
        "labels": { "taskwright.dev/preview": ID, "taskwright.dev/bundle": "journey" },
        "annotations": {
            "taskwright.dev/title": "A journey", "taskwright.dev/time-limit": "2700s", "taskwright.dev/state": state,
            "taskwright.dev/shell": r#"{"program":"/bin/sh","workingDir":"/","motd":null}"#,
        },
    } })
}

async fn apply(cluster: &Cluster, object: Value) -> Result<()> {
    cluster.apply(&[object], &ApplyOptions::default(), |_| ()).await?;
    Ok(())
}

async fn remove(cluster: &Cluster) -> Result<()> {
    let object = ObjectRef::of(&namespace("")).context("a namespace has a name")?;
    cluster.delete_json(&object, Some(0)).await?;
    Ok(())
}

/// The states of our preview as they are told, until it is gone; other tests may have previews, too.
async fn states(cluster: &Cluster) -> Result<Vec<Option<PreviewState>>> {
    let mut lists = pin!(preview::watch(cluster));
    let mut told = Vec::new();
    while let Some(list) = lists.next().await {
        let ours = list?.into_iter().find(|one| one.id.as_str() == ID);
        let state = ours.as_ref().map(|one| one.state);
        ensure!(ours.is_none_or(|one| one.time_limit == Some(2_700_000)));
        if told.last() == Some(&state) {
            continue;
        }
        told.push(state);
        match (told.len(), state) {
            (1, _) => apply(cluster, namespace("booting")).await?,
            (_, Some(PreviewState::Booting)) => apply(cluster, namespace("ready")).await?,
            (_, Some(PreviewState::Ready)) => remove(cluster).await?,
            (_, None) => break,
            _ => {}
        }
    }
    Ok(told)
}

#[test]
fn the_list_of_previews_is_told_whenever_it_changes() -> Result<()> {
    host::block_on(async {
        let cluster = host::connect().await?;
        let told = tokio::time::timeout(Duration::from_mins(1), states(&cluster)).await;
        remove(&cluster).await?;
        let expected = [
            None,
            Some(PreviewState::Booting),
            Some(PreviewState::Ready),
            Some(PreviewState::Removing),
            None,
        ];
        let told = told??;
        ensure!(told == expected, "{told:?}");
        Ok(())
    })
}
