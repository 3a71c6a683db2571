//! A key stands only where it has an effect.

use crate::context::Context;
use crate::diagnostic::Code;
use crate::draft::{DependencyDraft, GateDraft, InitDraft, InitTarget, Written};
use crate::report::Report;
use crate::text::Marks;

/// Reports keys of gates and init steps that have no effect, or lack the key they belong to.
pub(super) fn rule(context: &Context<'_>, report: &mut Report) {
    for dependency in context.dependencies() {
        for gate in dependency.ready.iter().flat_map(|list| &list.value) {
            gate_keys(context, &gate.value, report);
        }
        preset_keys(context, dependency, report);
    }
    for step in context.init() {
        image_needs_job(context, step, report);
    }
}

fn gate_keys(context: &Context<'_>, gate: &GateDraft, report: &mut Report) {
    match (&gate.condition, &gate.of) {
        (Some(condition), None) => {
            let problem = context.problem(Code::MissingKey, condition.marks, "`of` is missing");
            report.push(problem.hint("name the object that has the condition: `of: certificate/web`"));
        }
        (None, Some(of)) => useless(context, of.marks, "`of`", "`condition`", report),
        _ => {}
    }
    match (&gate.cel, &gate.object) {
        (Some(cel), None) if !gate.is_refused("object") => {
            let problem = context.problem(Code::MissingKey, cel.marks, "`object` is missing");
            report
                .push(problem.hint("name the object that the expression is about: `object: deployment/web`"));
        }
        (None, Some(object)) if !gate.is_refused("cel") => {
            useless(context, object.marks, "`object`", "`cel`", report);
        }
        _ => {}
    }
    if let Some(status) = gate
        .status
        .as_ref()
        .filter(|_| gate.http.is_none() && !gate.is_refused("http"))
    {
        useless(context, status.marks, "`status`", "`http`", report);
    }
    let is_global = gate.crd.is_some()
        || gate.dry_run.is_some()
        || gate.api_service.is_some()
        || gate.tcp.is_some()
        || gate.http.is_some();
    if let Some(namespace) = gate.namespace.as_ref().filter(|_| is_global) {
        useless(
            context,
            namespace.marks,
            "`namespace`",
            "`rollout`, `condition`, `job`, `exists` or `cel`",
            report,
        );
    }
}

/// `version` and `values` of a dependency belong to its preset; those of a chart stand in `helm`.
fn preset_keys(context: &Context<'_>, dependency: &DependencyDraft, report: &mut Report) {
    if dependency.preset.is_some() || dependency.is_refused("preset") {
        return;
    }
    if let Some(version) = &dependency.version {
        useless(context, version.marks, "`version`", "`preset`", report);
    }
    if let Some(values) = &dependency.values {
        useless(context, values.marks, "`values`", "`preset`", report);
    }
}

fn image_needs_job(context: &Context<'_>, step: &InitDraft, report: &mut Report) {
    let is_job = step
        .target
        .as_ref()
        .is_some_and(|target| target.value == InitTarget::Job);
    if let Some(image) = step.image.as_ref().filter(|_| !is_job) {
        useless(context, image.marks, "`image`", "`target: job`", report);
    }
}

pub(super) fn useless(context: &Context<'_>, marks: Marks, key: &str, needed: &str, report: &mut Report) {
    let problem = context.problem(
        Code::UselessKey,
        marks,
        format!("{key} has no effect without {needed}"),
    );
    report.push(problem.hint("remove it"));
}
