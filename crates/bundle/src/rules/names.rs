//! Names are unique where something refers to them.

use std::collections::HashMap;

use crate::context::Context;
use crate::diagnostic::Code;
use crate::draft::At;
use crate::name::Name;
use crate::report::Report;

/// Reports names that are used twice: among dependencies and init steps, checks, and solutions.
pub(super) fn rule(context: &Context<'_>, report: &mut Report) {
    let spec = context.spec();
    let dependencies = context
        .dependencies()
        .filter_map(|dependency| dependency.name.as_ref());
    let init = context.init().filter_map(|step| step.name.as_ref());
    let checks = spec
        .checks
        .iter()
        .flat_map(|list| &list.value)
        .filter_map(|check| check.value.name.as_ref());
    let solutions = spec
        .solutions
        .iter()
        .flat_map(|list| &list.value)
        .filter_map(|item| item.value.name.as_ref());
    unique(context, dependencies.chain(init), report);
    unique(context, checks, report);
    unique(context, solutions, report);
}

fn unique<'a>(context: &Context<'_>, names: impl Iterator<Item = &'a At<Name>>, report: &mut Report) {
    let mut first: HashMap<&Name, &At<Name>> = HashMap::new();
    for name in names {
        if let Some(earlier) = first.get(&name.value) {
            let message = format!("the name `{}` is used twice", name.value);
            let place = context.task.span(earlier.marks);
            let problem = context.problem(Code::DuplicateName, name.marks, message);
            report.push(problem.related(context.task.path.clone(), Some(place), "it is used here first"));
        } else {
            first.insert(&name.value, name);
        }
    }
}
