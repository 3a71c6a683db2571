//! `export`: ships a bundle to a file or a registry.

use api::exports::{self, Changes, Event, ExportView, Kind, Options, Replaced, Timing, Token, VARIABLE};
use api::{Code, Error};

use super::{Outcome, bundle};
use crate::args::{Export, Output};
use crate::console::Console;
use crate::exit::Exit;
use crate::halt::Halt;
use crate::style::{Paint, Tone};
use crate::words::{count, duration, size};

/// Exports a bundle.
pub(super) async fn run(console: Console, args: Export) -> Outcome {
    let Some(bundle) = bundle::open(console, &args.bundle)? else {
        return Ok(Exit::Problem);
    };
    let options = Options {
        force: args.force,
        sign: args.sign,
        images: args.images,
        plain_http: args.registry.plain_http,
        version: args.version,
        token_file: args.token_file,
        token: token()?,
    };
    let says = |event: Event| progress(console, &words(&event));
    let view = exports::export(&bundle, &args.to, &options, &says).await?;
    console.result(&view, |paint| lines(&view, paint))?;
    Ok(Exit::Done)
}

/// The token for a platform that the environment has. It is a secret: it is read here and shown nowhere.
fn token() -> Result<Option<Token>, Halt> {
    let Ok(text) = std::env::var(VARIABLE) else {
        return Ok(None);
    };
    match Token::new(&text) {
        Ok(token) => Ok(Some(token)),
        Err(error) => Err(Error::new(Code::Usage, format!("{VARIABLE}: {error}")).into()),
    }
}

/// What an export or a pull is doing.
pub(super) fn words(event: &Event) -> String {
    match event {
        Event::Sending { what, bytes } => format!("sending {what}, {}", size(*bytes)),
        Event::Fetching { what, bytes } => format!("fetching {what}, {}", size(*bytes)),
        Event::Present { what } => format!("{what} is there already"),
        Event::Retrying { what, reason } => format!("going on with {what} after: {reason}"),
        Event::Copying { image } => format!("copying {image}"),
    }
}

fn lines(view: &ExportView, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for objection in &view.forced {
        lines.push(format!("{} {objection}", paint.tone(Tone::Warning, "forced:")));
    }
    if let Some(changes) = &view.changes {
        lines.extend(changed(changes));
    }
    lines.extend(view.images.iter().map(|image| format!("copied {image}")));
    lines.push(format!(
        "exported {} to {}: {} for the candidate, {} restricted, {}",
        view.task,
        view.destination,
        count(view.candidate_files, "file"),
        view.restricted_files,
        size(view.size)
    ));
    lines.push(format!("  digest    {}", view.digest));
    lines.push(format!(
        "  contents  {}, which `verify` shows and a signature is over",
        view.subject
    ));
    lines.extend(view.signature.iter().map(|place| format!("  signed in {place}")));
    lines
}

fn changed(changes: &Changes) -> Vec<String> {
    if changes.is_empty() {
        return vec!["nothing has changed since the export before".to_owned()];
    }
    let files = changes
        .files
        .iter()
        .map(|file| format!("{} {}", sign(file.kind), file.path));
    let named = |noun: &'static str, all: &[Replaced]| -> Vec<String> {
        let one = |one: &Replaced| format!("{} {noun} {}{}", sign(one.kind()), one.name, values(one));
        all.iter().map(one).collect()
    };
    files
        .chain(named("chart", &changes.charts))
        .chain(named("image", &changes.images))
        .chain(named("version of", &changes.versions))
        .chain(changes.timings.iter().map(timing))
        .collect()
}

fn sign(kind: Kind) -> char {
    match kind {
        Kind::Added => '+',
        Kind::Removed => '-',
        Kind::Changed => '~',
    }
}

fn values(one: &Replaced) -> String {
    match (&one.before, &one.after) {
        (Some(before), Some(after)) => format!(": {after} instead of {before}"),
        (None, Some(value)) | (Some(value), None) => format!(": {value}"),
        (None, None) => String::new(),
    }
}

fn timing(one: &Timing) -> String {
    let step = &one.step;
    match (one.before_ms, one.after_ms) {
        (Some(before), Some(after)) => format!(
            "~ time of {step}: {} instead of {}",
            duration(after),
            duration(before)
        ),
        (None, Some(ms)) => format!("+ time of {step}: {}", duration(ms)),
        (Some(ms), None) => format!("- time of {step}: {}", duration(ms)),
        (None, None) => String::new(),
    }
}

/// A line of progress for a person.
pub(super) fn progress(console: Console, text: &str) {
    if console.output == Output::Text && console.err_is_terminal {
        // A line less of progress is no reason to stop.
        let _ = console.error_line(&console.paint_err.tone(Tone::Faint, text));
    }
}
