//! `hosts`: the clusters that can be hosts.

use api::hosts::{FileProblem, HostView};
use futures::future::join_all;
use serde::Serialize;

use super::Outcome;
use crate::console::Console;
use crate::exit::Exit;
use crate::style::{Paint, Tone};
use crate::table::table;

/// All contexts with what their servers say.
#[derive(Serialize)]
struct Answers {
    hosts: Vec<Answer>,
    problems: Vec<FileProblem>,
}

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    host: HostView,
    version: Option<String>,
    problem: Option<String>,
}

/// Shows every context, who answers there, and what is wrong with the others.
pub(super) async fn run(console: Console) -> Outcome {
    let all = api::hosts::list()?;
    let answers = Answers {
        hosts: join_all(all.hosts.into_iter().map(ask)).await,
        problems: all.problems,
    };
    console.result(&answers, |paint| lines(&answers, paint))?;
    Ok(Exit::Done)
}

async fn ask(host: HostView) -> Answer {
    let answer = api::hosts::version(&host.name)
        .await
        .map_err(|error| error.message);
    Answer {
        host,
        version: answer.as_ref().ok().cloned(),
        problem: answer.err(),
    }
}

fn lines(answers: &Answers, paint: Paint) -> Vec<String> {
    let row = |answer: &Answer| {
        let mark = if answer.host.default { "*" } else { "" };
        vec![
            mark.to_owned(),
            answer.host.name.clone(),
            answer.host.server.clone().unwrap_or_default(),
            answer.version.clone().unwrap_or_else(|| "✗".to_owned()),
        ]
    };
    let rows: Vec<Vec<String>> = answers.hosts.iter().map(row).collect();
    let mut lines = table(&["", "CONTEXT", "SERVER", "VERSION"], &rows, paint);
    for answer in &answers.hosts {
        if let Some(problem) = &answer.problem {
            lines.push(format!(
                "{} {}: {problem}",
                paint.tone(Tone::Bad, "✗"),
                answer.host.name
            ));
        }
    }
    for problem in &answers.problems {
        lines.push(format!(
            "{} {}: {}",
            paint.tone(Tone::Warning, "!"),
            problem.file,
            problem.message
        ));
    }
    lines
}
