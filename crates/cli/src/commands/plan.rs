//! `plan`: what a boot would do, with the manifests.

use api::plans::{self, PlanView, StepView};

use super::{Outcome, bundle, host};
use crate::args::{Plan, PlanFormat};
use crate::console::Console;
use crate::exit::Exit;
use crate::style::{Paint, Tone};
use crate::words::{duration, list, step};

/// Plans a boot and prints it.
pub(super) async fn run(console: Console, args: Plan) -> Outcome {
    let Some(bundle) = bundle::open(console, &args.bundle)? else {
        return Ok(Exit::Problem);
    };
    let host = host::require(&args.host).await?;
    let plan = plans::plan(&bundle, &host).await?;
    match args.output {
        PlanFormat::Json => console.json(&plan)?,
        PlanFormat::Yaml => console.print(&plans::to_yaml(&plan)?)?,
        PlanFormat::Text => console.print(&text(&plan, console.paint_out).join("\n"))?,
    }
    Ok(Exit::Done)
}

fn text(plan: &PlanView, paint: Paint) -> Vec<String> {
    let mut lines = vec![
        format!("{}  on {}", paint.tone(Tone::Strong, &plan.title), plan.host),
        format!("boots as {}, within {}", plan.id, duration(plan.budget)),
    ];
    lines.extend(plan.notes.iter().map(|note| format!("note: {note}")));
    for step in &plan.steps {
        lines.extend(step_lines(step, paint));
    }
    lines
}

fn step_lines(view: &StepView, paint: Paint) -> Vec<String> {
    let needs: Vec<String> = view.needs.iter().map(step).collect();
    let after = if needs.is_empty() {
        String::new()
    } else {
        format!("  after {}", list(&needs))
    };
    let mut lines = vec![
        String::new(),
        format!(
            "{}{}",
            paint.tone(Tone::Strong, &step(&view.step)),
            paint.tone(Tone::Faint, &after)
        ),
    ];
    lines.extend(
        view.objects
            .iter()
            .map(|object| format!("  applies {}", plans::name_of(object))),
    );
    lines.extend(view.does.iter().map(|does| format!("  {does}")));
    lines
}
