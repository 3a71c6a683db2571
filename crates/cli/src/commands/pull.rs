//! `pull`: takes an exported bundle in as a folder.

use api::exports::{self, Access};

use super::Outcome;
use super::export::{progress, words};
use super::verify;
use crate::args::Pull;
use crate::console::Console;
use crate::exit::Exit;

/// Takes a bundle in, if nothing is wrong with it.
pub(super) async fn run(console: Console, args: Pull) -> Outcome {
    let access = Access {
        key: args.from.key,
        plain_http: args.from.registry.plain_http,
    };
    let says = |event| progress(console, &words(&event));
    let view = exports::pull(&args.from.source, &args.folder, &access, &says).await?;
    console.result(&view, |paint| {
        let mut lines = verify::lines(&view.report, paint);
        lines.extend(
            view.folder
                .iter()
                .map(|folder| format!("wrote {}", folder.display())),
        );
        lines
    })?;
    Ok(if view.folder.is_some() {
        Exit::Done
    } else {
        Exit::Problem
    })
}
