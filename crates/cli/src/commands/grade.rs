//! `grade`: what the work in a preview is worth.

use api::grading::{self, CancellationToken, CheckOutcome, CheckResult, Grade as Graded, GradeEvent};
use api::previews;

use super::{Outcome, bundle, host};
use crate::args::{Grade, Output};
use crate::console::Console;
use crate::exit::Exit;
use crate::style::{Paint, Tone};
use crate::terminal::unix::Ends;

/// Grades, and exits with 1 unless every check passed.
pub(super) async fn run(console: Console, args: Grade) -> Outcome {
    let Some(bundle) = bundle::open(console, &args.bundle)? else {
        return Ok(Exit::Problem);
    };
    let host = host::require(&args.host).await?;
    let preview = previews::find(&host, &args.id).await?;
    let cancel = CancellationToken::new();
    let _stop = cancel_at_signal(Ends::listen()?, cancel.clone());
    let says = |event: GradeEvent| {
        if console.output == Output::Text {
            // A line less of progress is no reason to stop.
            let _ = progress(console, &event);
        }
    };
    let grade = grading::grade(&host, &bundle, &preview, &cancel, &says).await?;
    console.result(&grade, |paint| vec![sum(&grade, paint)])?;
    Ok(if grade.is_full() {
        Exit::Done
    } else {
        Exit::Problem
    })
}

/// Passes a signal on as a wish to stop, for as long as the guard is kept.
pub(super) fn cancel_at_signal(mut ends: Ends, cancel: CancellationToken) -> impl Drop {
    let waiting = tokio::spawn(async move {
        ends.next().await;
        cancel.cancel();
    });
    tokio_util::task::AbortOnDropHandle::new(waiting)
}

fn progress(console: Console, event: &GradeEvent) -> std::io::Result<()> {
    let faint = |text: &str| console.error_line(&console.paint_err.tone(Tone::Faint, text));
    match event {
        GradeEvent::Preparing { doing } if console.err_is_terminal => faint(&format!("waiting for {doing}")),
        GradeEvent::Retrying { name, reason } => faint(&format!("{name}: {reason}; tried again")),
        GradeEvent::Output { line, .. } if console.err_is_terminal => faint(&format!("  {line}")),
        GradeEvent::CheckFinished { result } => lines(result, console.paint_out)
            .iter()
            .try_for_each(|line| console.print(line)),
        _ => Ok(()),
    }
}

/// The mark of an outcome.
pub(super) fn mark(outcome: CheckOutcome, paint: Paint) -> String {
    match outcome {
        CheckOutcome::Pass => paint.tone(Tone::Good, "pass "),
        CheckOutcome::Fail => paint.tone(Tone::Bad, "FAIL "),
        CheckOutcome::Error => paint.tone(Tone::Warning, "ERROR"),
    }
}

fn lines(result: &CheckResult, paint: Paint) -> Vec<String> {
    let earned = if result.is_passed() { result.points } else { 0 };
    let time = crate::words::duration(result.ms);
    let mut lines = vec![format!(
        "{}  {earned}/{}  {}  {}",
        mark(result.outcome, paint),
        result.points,
        result.title,
        paint.tone(Tone::Faint, &format!("{} {time}", result.name)),
    )];
    lines.extend(result.message.iter().map(|message| format!("         {message}")));
    let reason = result.reason.iter();
    lines.extend(reason.map(|reason| format!("         {}", paint.tone(Tone::Faint, reason))));
    if !result.is_passed() {
        let output = result.output.iter().rev().take(5).rev();
        lines
            .extend(output.map(|line| format!("         {}", paint.tone(Tone::Faint, &format!("| {line}")))));
    }
    lines
}

fn sum(grade: &Graded, paint: Paint) -> String {
    let points = format!("{} of {} points", grade.points, grade.of);
    let tone = if grade.is_full() { Tone::Good } else { Tone::Strong };
    let undecided = if grade.decided {
        ""
    } else {
        "; a check broke, so this is not the whole truth"
    };
    format!("{}{undecided}", paint.tone(tone, &points))
}
