//! What `needs` names has to be there, and nothing may wait for itself.

use std::collections::HashMap;

use crate::context::Context;
use crate::diagnostic::Code;
use crate::draft::At;
use crate::graph::cycles;
use crate::name::Name;
use crate::report::Report;
use crate::text::Marks;

/// Reports unknown needs and circles.
pub(super) fn rule(context: &Context<'_>, report: &mut Report) {
    let steps = steps(context);
    let index: HashMap<&Name, usize> = steps
        .iter()
        .enumerate()
        .rev()
        .map(|(at, step)| (step.name, at))
        .collect();
    let known: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    let mut edges = vec![Vec::new(); steps.len()];
    for (at, step) in steps.iter().enumerate() {
        for need in step.needs {
            match index.get(&need.value) {
                Some(target) => edges[at].push(*target),
                None => unknown(context, need, &known, report),
            }
        }
        edges[at].extend(step.after.and_then(|name| index.get(name)));
    }
    for cycle in cycles(&edges) {
        let on_cycle: Vec<&Step<'_>> = cycle.iter().map(|at| &steps[*at]).collect();
        report_cycle(context, &on_cycle, report);
    }
}

struct Step<'a> {
    name: &'a Name,
    marks: Marks,
    needs: &'a [At<Name>],
    /// The init step before it, if that is what it waits for.
    after: Option<&'a Name>,
}

fn steps<'a>(context: &'a Context<'_>) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    for dependency in context.dependencies() {
        if let Some(name) = &dependency.name {
            let needs = dependency.needs.as_ref().map_or(&[][..], |needs| &needs.value);
            steps.push(Step {
                name: &name.value,
                marks: name.marks,
                needs,
                after: None,
            });
        }
    }
    let mut before = None;
    for step in context.init() {
        if let Some(name) = &step.name {
            let after = if step.needs.is_none() { before } else { None };
            let needs = step.needs.as_ref().map_or(&[][..], |needs| &needs.value);
            steps.push(Step {
                name: &name.value,
                marks: name.marks,
                needs,
                after,
            });
            before = Some(&name.value);
        }
    }
    steps
}

fn unknown(context: &Context<'_>, need: &At<Name>, known: &[&str], report: &mut Report) {
    let message = format!("there is no dependency or init step `{}`", need.value);
    let problem = context.problem(Code::UnknownNeed, need.marks, message);
    report.push(match known {
        [] => problem,
        _ => crate::draft::suggest(problem, need.value.as_str(), known, "there are"),
    });
}

fn report_cycle(context: &Context<'_>, cycle: &[&Step<'_>], report: &mut Report) {
    let Some(first) = cycle.first() else { return };
    let names: Vec<&str> = cycle
        .iter()
        .chain([first])
        .map(|step| step.name.as_str())
        .collect();
    let next = cycle.get(1).unwrap_or(first).name;
    let marks = first
        .needs
        .iter()
        .find(|need| need.value == *next)
        .map_or(first.marks, |need| need.marks);
    let message = format!("a circle of needs: {}", names.join(" needs "));
    let problem = context.problem(Code::Cycle, marks, message);
    let implied = cycle.iter().any(|step| step.after.is_some());
    report.push(if implied {
        problem.hint("an init step without `needs` needs the init step before it; give it `needs`, even `[]`")
    } else {
        problem.hint("remove one of these needs")
    });
}
