//! `doctor`: what is wrong with the connection to a host, step by step.

use api::hosts::{self, DoctorReport, DoctorStep, StepState};

use super::Outcome;
use crate::console::Console;
use crate::exit::Exit;
use crate::line::{Line, clean, width};
use crate::style::{Paint, Tone};

/// Examines a host; the exit code says whether a step failed.
pub(super) async fn run(console: Console, context: Option<&str>) -> Outcome {
    let context = context.map_or_else(hosts::default_name, |name| Ok(name.to_owned()))?;
    let report = hosts::doctor(&context, |_| ()).await?;
    console.result(&report, |paint| lines(&report, paint))?;
    Ok(if report.failed().is_some() {
        Exit::Host
    } else {
        Exit::Done
    })
}

fn lines(report: &DoctorReport, paint: Paint) -> Vec<String> {
    let titles = report
        .steps
        .iter()
        .map(|step| width(&step.title))
        .max()
        .unwrap_or(0);
    let mut lines = vec![paint.tone(Tone::Strong, &report.context)];
    for step in &report.steps {
        lines.extend(step_lines(step, titles + 4, paint));
    }
    lines.push(verdict(report));
    lines
}

fn step_lines(step: &DoctorStep, column: usize, paint: Paint) -> Vec<String> {
    let (tone, mark) = match step.state {
        StepState::Ok => (Tone::Good, "✓"),
        StepState::Warning => (Tone::Warning, "!"),
        StepState::Failed => (Tone::Bad, "✗"),
        StepState::Skipped => (Tone::Faint, "-"),
    };
    let below = |text: &str| Line::plain(" ".repeat(column)).text(clean(text)).paint(paint);
    let head = Line::default()
        .tone(tone, mark)
        .text(format!(" {}", step.title))
        .pad(column);
    let mut lines = vec![head.text(clean(&step.detail)).paint(paint)];
    lines.extend(step.fix.iter().map(|fix| below(&format!("→ {fix}"))));
    lines.extend(
        step.raw
            .iter()
            .flat_map(|raw| raw.lines())
            .map(|line| below(&format!("│ {line}"))),
    );
    lines
}

fn verdict(report: &DoctorReport) -> String {
    match report.failed() {
        Some(step) => format!("the first thing that is wrong: {}", step.title),
        None if report.steps.iter().any(|step| step.state == StepState::Warning) => {
            "a boot works here; mind the warnings".to_owned()
        }
        None => "everything a boot needs is in order".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use api::hosts::StepName;

    use super::*;

    fn step(name: StepName, title: &str, state: StepState, detail: &str) -> DoctorStep {
        DoctorStep {
            name,
            title: title.to_owned(),
            state,
            detail: detail.to_owned(),
            fix: None,
            raw: None,
        }
    }

    fn report(steps: Vec<DoctorStep>) -> DoctorReport {
        DoctorReport {
            context: "lab".to_owned(),
            steps,
        }
    }

    #[test]
    fn a_report_names_what_is_wrong_and_what_to_do() {
        let plugin = DoctorStep {
            fix: Some("Install it.".to_owned()),
            raw: Some("PATH of the app: /bin\n\x1b[31mred".to_owned()),
            ..step(
                StepName::Plugin,
                "Credential plugin",
                StepState::Failed,
                "`aws` is not on the PATH of this app",
            )
        };
        let tls = step(StepName::Tls, "TLS", StepState::Warning, "nothing is encrypted");
        let skipped = step(
            StepName::Api,
            "API",
            StepState::Skipped,
            "not tried: an earlier step failed",
        );
        let kubeconfig = step(StepName::Kubeconfig, "Kubeconfig", StepState::Ok, "complete");
        let shown = lines(&report(vec![kubeconfig, plugin, tls, skipped]), Paint::PLAIN).join("\n");
        insta::assert_snapshot!(shown, @r"
        lab
        ✓ Kubeconfig         complete
        ✗ Credential plugin  `aws` is not on the PATH of this app
                             → Install it.
                             │ PATH of the app: /bin
                             │ red
        ! TLS                nothing is encrypted
        - API                not tried: an earlier step failed
        the first thing that is wrong: Credential plugin
        ");
    }

    #[test]
    fn warnings_are_not_failures() {
        let storage = |state| report(vec![step(StepName::Storage, "Storage", state, "")]);
        assert_eq!(
            verdict(&storage(StepState::Warning)),
            "a boot works here; mind the warnings"
        );
        assert_eq!(
            verdict(&storage(StepState::Ok)),
            "everything a boot needs is in order"
        );
    }
}
