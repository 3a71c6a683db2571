//! `previews`: what runs on a host.

use api::previews::{self, PreviewState};

use super::{Outcome, host};
use crate::args::Previews;
use crate::console::Console;
use crate::exit::Exit;
use crate::table::table;

/// Shows every preview on a host, oldest first.
pub(super) async fn run(console: Console, args: Previews) -> Outcome {
    let host = host::require(&args.host).await?;
    let all = previews::list(&host).await?;
    console.result(&all, |paint| {
        if all.is_empty() {
            return vec![format!(
                "no previews on {}; boot one with `taskwright preview BUNDLE`",
                host.context()
            )];
        }
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|preview| {
                let age = previews::age(preview)
                    .map(crate::words::duration)
                    .unwrap_or_default();
                vec![
                    preview.id.to_string(),
                    state(preview.state).to_owned(),
                    age,
                    preview.title.clone(),
                ]
            })
            .collect();
        table(&["ID", "STATE", "AGE", "TITLE"], &rows, paint)
    })?;
    Ok(Exit::Done)
}

fn state(state: PreviewState) -> &'static str {
    match state {
        PreviewState::Booting => "booting",
        PreviewState::Ready => "ready",
        PreviewState::Failed => "failed",
        PreviewState::Removing => "being removed",
        PreviewState::Unknown => "unknown",
    }
}
