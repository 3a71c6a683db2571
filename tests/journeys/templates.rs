//! The templates as a hiring team gets them: each is locked, proven (untouched, solved, and solved wrongly), exported and
//! verified. `scripts/e2e.sh --all` runs them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use bundle::proof::{CaseKind, CheckOutcome, Proof};
use e2e::bundle::copy_of_template;
use e2e::{host, run, taskwright};

#[test]
fn blank() -> Result<()> {
    prove("blank", &[])
}

#[test]
fn certificate_expired() -> Result<()> {
    prove("certificate-expired", &["cert-manager"])
}

#[test]
fn ingress_502() -> Result<()> {
    prove("ingress-502", &[])
}

#[test]
fn istio_retries() -> Result<()> {
    prove("istio-retries", &["istio"])
}

#[test]
fn node_pressure() -> Result<()> {
    prove("node-pressure", &[])
}

#[test]
fn postgres_recovery() -> Result<()> {
    prove("postgres-recovery", &[])
}

#[test]
fn rabbitmq_backlog() -> Result<()> {
    prove("rabbitmq-backlog", &["rabbitmq"])
}

fn prove(template: &str, extras: &[&str]) -> Result<()> {
    if !extras.is_empty() {
        let mut arguments = vec!["sandbox", "images", "add"];
        arguments.extend(extras);
        run(taskwright(&arguments))?.expect(0)?;
    }
    let folder = copy_of_template(template)?;
    let checked = bundle::check(&workspace::open(folder.path())?);
    ensure!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    let path = folder.path().to_string_lossy();
    run(taskwright(&["lock", &path, "--host", host::CONTEXT]))?.expect(0)?;
    let proven = run(taskwright(&[
        "prove",
        &path,
        "--host",
        host::CONTEXT,
        "--jobs",
        "1",
    ]))?;
    tell(template, &proven.stderr);
    proven.expect(0)?;
    let text = std::fs::read_to_string(folder.path().join("proof.json"))?;
    let proof = Proof::from_text(&text).map_err(anyhow::Error::msg)?;
    for kind in [CaseKind::Untouched, CaseKind::Solution] {
        ensure!(
            proof.cases.iter().any(|case| case.kind == kind),
            "no case of {kind:?}"
        );
    }
    // Stricter than a proof has to be: a wrong solution fails the checks that it names and no other.
    for case in &proof.cases {
        let others = case.checks.iter().filter(|check| check.expected.is_none());
        for check in others {
            ensure!(
                check.outcome == CheckOutcome::Pass,
                "after {}, {} came to {}",
                case.name,
                check.name,
                check.outcome
            );
        }
    }
    let boot = proof.cases.first().context("no case")?;
    ensure!(
        boot.peaks.task.pods > 0,
        "nothing was seen to be used: {:?}",
        boot.peaks
    );
    ship(template, &path, folder.path())
}

/// A proven task is exported without force, and the receiving side trusts it; after one edit it is neither.
fn ship(template: &str, path: &str, folder: &Path) -> Result<()> {
    let place = tempfile::tempdir()?;
    let file = place.path().join(format!("{template}.taskbundle"));
    let file = file.to_string_lossy();
    run(taskwright(&["export", path, "--to", &file]))?.expect(0)?;
    run(taskwright(&["verify", &file]))?.expect(0)?;
    let statement = folder.join("statement.md");
    std::fs::write(
        &statement,
        std::fs::read_to_string(&statement)? + "\nOne more word.\n",
    )?;
    let refused = run(taskwright(&["export", path, "--to", &file]))?.expect(1)?;
    ensure!(
        refused.stderr.contains("edited after it was proven"),
        "{}",
        refused.stderr
    );
    Ok(())
}

#[expect(
    clippy::print_stderr,
    reason = "how long each case took is what the run is looked at for"
)]
fn tell(template: &str, lines: &str) {
    eprintln!("{template}:\n{lines}");
}
