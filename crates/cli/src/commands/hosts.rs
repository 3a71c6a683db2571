//! `hosts`: the clusters that can be hosts.

use super::Outcome;
use crate::console::Console;
use crate::exit::Exit;
use crate::style::Tone;
use crate::table::table;

/// Shows every context, who answers there, and what is wrong with the others.
pub(super) async fn run(console: Console) -> Outcome {
    let all = api::hosts::list().await?;
    console.result(&all, |paint| {
        let rows: Vec<Vec<String>> = all
            .hosts
            .iter()
            .map(|host| {
                let mark = if host.default { "*" } else { "" };
                let answer = host.version.clone().unwrap_or_else(|| "✗".to_owned());
                vec![
                    mark.to_owned(),
                    host.name.clone(),
                    host.server.clone().unwrap_or_default(),
                    answer,
                ]
            })
            .collect();
        let mut lines = if rows.is_empty() {
            vec![
                "no kubeconfig has a context; start a host on this machine with `taskwright sandbox up`"
                    .to_owned(),
            ]
        } else {
            table(&["", "CONTEXT", "SERVER", "VERSION"], &rows, paint)
        };
        for host in &all.hosts {
            if let Some(problem) = &host.problem {
                lines.push(format!("{} {}: {problem}", paint.tone(Tone::Bad, "✗"), host.name));
            }
        }
        for problem in &all.problems {
            let file = problem.file.display();
            lines.push(format!(
                "{} {file}: {}",
                paint.tone(Tone::Warning, "!"),
                problem.message
            ));
        }
        lines
    })?;
    Ok(Exit::Done)
}
