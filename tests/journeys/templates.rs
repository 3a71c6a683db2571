//! The templates as a hiring team gets them: each is booted, fails its checks untouched, passes them solved, and fails
//! those that a wrong solution names; everything is played from the candidate's seat. `scripts/e2e.sh --all` runs them.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bundle::Bundle;
use bundle::model::{Check, CheckKind, Solution};
use e2e::{Preview, run, taskwright};

/// Checks that hold before anything is done: they guard what a wrong solution would break.
const GUARDS: [(&str, &str); 1] = [("postgres-recovery", "database-is-ready")];

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

/// Boots the template for each of its solutions, and plays it.
fn prove(template: &str, extras: &[&str]) -> Result<()> {
    if !extras.is_empty() {
        let mut arguments = vec!["sandbox", "images", "add"];
        arguments.extend(extras);
        run(taskwright(&arguments))?.expect(0)?;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../task-templates")
        .join(template);
    let bundle = checked(&folder)?;
    for (place, solution) in bundle.solutions.iter().enumerate() {
        let seat = Seat::boot(&folder, template)?;
        if place == 0 {
            seat.untouched(&bundle.checks)?;
        }
        seat.solve(solution)?;
        seat.expect_of(solution, &bundle.checks)?;
    }
    Ok(())
}

fn checked(folder: &Path) -> Result<Bundle> {
    let checked = bundle::check(&workspace::open(folder)?);
    ensure!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    checked.bundle.context("no bundle")
}

/// A booted template.
struct Seat {
    template: String,
    preview: Preview,
}

impl Seat {
    fn boot(folder: &Path, template: &str) -> Result<Self> {
        let preview = Preview::boot(folder)?;
        #[expect(
            clippy::print_stderr,
            reason = "the timeline is what the run is looked at for"
        )]
        for bar in preview::Timeline::of(&preview.events).bars {
            if let (Some(started), Some(ended)) = (bar.started, bar.ended) {
                eprintln!("{template}: {started:>6} ms to {ended:>6} ms {}", bar.step);
            }
        }
        Ok(Self {
            template: template.to_owned(),
            preview,
        })
    }

    fn untouched(&self, checks: &[Check]) -> Result<()> {
        for check in checks {
            let guard = GUARDS.contains(&(self.template.as_str(), check.name.as_str()));
            let (passed, said) = self.look(check)?;
            ensure!(
                passed == guard,
                "untouched, {} passed: {passed}\n{said}",
                check.name
            );
        }
        Ok(())
    }

    fn solve(&self, solution: &Solution) -> Result<()> {
        let script = String::from_utf8_lossy(solution.script.as_ref());
        self.preview
            .try_sh(&script)?
            .expect(0)
            .with_context(|| format!("play {}", solution.run))
            .map(drop)
    }

    /// A right solution passes all checks, a wrong one fails those it names and no other.
    fn expect_of(&self, solution: &Solution, checks: &[Check]) -> Result<()> {
        for check in checks {
            let (passed, said) = self.look(check)?;
            let wanted = !solution.must_fail.contains(&check.name);
            ensure!(
                passed == wanted,
                "after {}, {} passed: {passed}\n{said}",
                solution.name,
                check.name
            );
        }
        Ok(())
    }

    fn look(&self, check: &Check) -> Result<(bool, String)> {
        let CheckKind::Script { script, path } = &check.kind else {
            return Ok((false, format!("{} is no script", check.name)));
        };
        let began = Instant::now();
        let outcome = self.preview.try_sh(&String::from_utf8_lossy(script.as_ref()))?;
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        ensure!(
            began.elapsed() < check.timeout,
            "{path} took longer than it may: {:?}\n{said}",
            began.elapsed()
        );
        Ok((outcome.status.success(), said))
    }
}
