//! `lock`: renders and pins what a bundle pulls in, and says what has drifted since.

use api::locks::{self, DriftView, Event, LockView};

use super::{Outcome, bundle};
use crate::args::{Lock, Output};
use crate::console::Console;
use crate::exit::Exit;
use crate::style::{Paint, Tone};
use crate::words::count;

/// Locks a bundle, or compares it with its lock.
pub(super) async fn run(console: Console, args: Lock) -> Outcome {
    let Some(bundle) = bundle::open(console, &args.bundle)? else {
        return Ok(Exit::Problem);
    };
    let says = |event: Event| {
        if console.output == Output::Text && console.err_is_terminal {
            // A line less of progress is no reason to stop.
            let _ = console.error_line(&console.paint_err.tone(Tone::Faint, &progress(&event)));
        }
    };
    let host = args.host.host.as_deref();
    if args.check {
        let drift = locks::check(&args.bundle, &bundle, host, &says).await?;
        console.result(&drift, |paint| drift_lines(&drift, paint))?;
        return Ok(if drift.has_drifted {
            Exit::Problem
        } else {
            Exit::Done
        });
    }
    let view = locks::lock(&args.bundle, &bundle, host, &says).await?;
    if console.output == Output::Text && !view.diagnostics.is_empty() {
        let coloured = console.paint_err != Paint::PLAIN;
        console.error_line(view.problems(coloured).trim_end())?;
    }
    if console.output == Output::Json || view.lock.is_some() {
        console.result(&view, |_| lock_lines(&view))?;
    }
    Ok(if view.lock.is_some() {
        Exit::Done
    } else {
        Exit::Problem
    })
}

fn progress(event: &Event) -> String {
    match event {
        Event::Fetching { chart } => format!("fetching {chart}"),
        Event::Rendering { dependency } => format!("rendering {dependency}"),
        Event::Resolving { images } => format!("asking for the digests of {}", count(*images, "image")),
    }
}

fn lock_lines(view: &LockView) -> Vec<String> {
    let Some(lock) = &view.lock else { return Vec::new() };
    let rendered = lock.dependencies.iter();
    let mut lines: Vec<String> = rendered
        .map(|(name, locked)| {
            format!(
                "{name}: {} from {}",
                count(locked.objects, "object"),
                locked.source
            )
        })
        .collect();
    let known = lock.images.values().flatten().count();
    lines.push(format!("{known} of {} pinned", count(lock.images.len(), "image")));
    lines.extend(view.removed.iter().map(|path| format!("removed {path}")));
    lines.push(match view.written.as_slice() {
        [] => format!("{} is as it was", locks::LOCK_FILE),
        written => format!("wrote {}", written.join(", ")),
    });
    lines
}

fn drift_lines(view: &DriftView, paint: Paint) -> Vec<String> {
    if !view.is_locked {
        let never = paint.tone(Tone::Bad, "the bundle was never locked");
        return vec![format!(
            "{never}; lock it with `taskwright lock {}`",
            view.folder.display()
        )];
    }
    let mut lines: Vec<String> = view
        .drifts
        .iter()
        .map(|drift| format!("drifted: {drift}"))
        .collect();
    lines.extend(view.notes.iter().map(|note| format!("note: {note}")));
    lines.push(if view.has_drifted {
        format!("lock it again with `taskwright lock {}`", view.folder.display())
    } else {
        format!("{} holds", locks::LOCK_FILE)
    });
    lines
}
