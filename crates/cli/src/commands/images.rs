//! `sandbox images`: what the sandbox serves under public names, and adding to it.

use std::time::Instant;

use api::sandbox::{self, AddReport, Extra, ImageView};
use serde_json::json;

use super::Outcome;
use super::sandbox::told;
use crate::console::Console;
use crate::exit::Exit;
use crate::sandbox::{run as show, whole};
use crate::style::{Paint, Tone};
use crate::terminal::unix::Ends;
use crate::words::duration;

/// Shows the catalogue.
pub(super) async fn list(console: Console) -> Outcome {
    let images = sandbox::images().await;
    console.result(&images, |paint| {
        let mut lines = vec![
            "what the sandbox serves under public names, made here and not the published images:".to_owned(),
        ];
        for image in &images {
            lines.push(String::new());
            lines.extend(entry(image, paint));
        }
        lines
    })?;
    Ok(Exit::Done)
}

fn entry(image: &ImageView, paint: Paint) -> Vec<String> {
    let mut lines: Vec<String> = image
        .names
        .iter()
        .map(|name| paint.tone(Tone::Strong, name))
        .collect();
    lines.push(format!("  made of {}", image.made_of.join(", ")));
    if let (Some(extra), false) = (image.extra, image.served == Some(true)) {
        lines.push(format!(
            "  not served; `taskwright sandbox images add {extra}` adds it"
        ));
    }
    lines
}

/// Adds to what it serves.
pub(super) async fn add(console: Console, extras: &[Extra]) -> Outcome {
    let (began, mut ends) = (Instant::now(), Ends::listen()?);
    let report = show(console, &mut ends, |events| sandbox::images_add(extras, events)).await?;
    let value = json!({ "names": report.names, "changed": report.changed, "took": whole(report.took) });
    told(console, began, "added", value, || added(&report))?;
    Ok(Exit::Done)
}

fn added(report: &AddReport) -> Vec<String> {
    let head = if report.changed {
        format!("the sandbox serves, after {}:", duration(whole(report.took)))
    } else {
        "the sandbox serves already:".to_owned()
    };
    let names = report.names.iter().map(|name| format!("  {name}"));
    std::iter::once(head).chain(names).collect()
}
