//! From the draft of a gate to what has to become true.

use super::{manifest, namespace, value};
use crate::context::Context;
use crate::draft::{At, GateDraft, ResourceRef};
use crate::model::{Gate, NamedObject, Readiness};
use crate::name::NamespaceName;

pub(super) fn gate(context: &Context<'_>, draft: &GateDraft) -> Option<Gate> {
    let namespace = namespace(draft.namespace.as_ref())?;
    let until = if let Some(rollout) = &draft.rollout {
        Readiness::Rollout {
            kind: rollout.value.kind,
            name: rollout.value.name.clone(),
            namespace,
        }
    } else if let (Some(condition), Some(of)) = (&draft.condition, &draft.of) {
        let (resource, name) = (of.value.resource.clone(), of.value.name.clone());
        Readiness::Condition {
            resource,
            name,
            namespace,
            condition: condition.value.clone(),
        }
    } else if let Some(name) = value(draft.crd.as_ref()) {
        Readiness::Crd { name }
    } else if let Some(name) = value(draft.job.as_ref()) {
        Readiness::Job { name, namespace }
    } else if let Some(path) = &draft.dry_run {
        Readiness::DryRun {
            manifest: manifest(context, &path.value)?,
        }
    } else {
        later_gate(draft, namespace)?
    };
    Some(Gate {
        until,
        timeout: value(draft.timeout.as_ref()),
    })
}

fn later_gate(draft: &GateDraft, namespace: NamespaceName) -> Option<Readiness> {
    let named = |of: &At<ResourceRef>| NamedObject {
        resource: of.value.resource.clone(),
        name: of.value.name.clone(),
        namespace,
    };
    Some(if let Some(name) = value(draft.api_service.as_ref()) {
        Readiness::ApiService { name }
    } else if let Some(exists) = &draft.exists {
        Readiness::Exists {
            object: named(exists),
        }
    } else if let (Some(cel), Some(object)) = (&draft.cel, &draft.object) {
        Readiness::Cel {
            object: named(object),
            expression: cel.value.clone(),
        }
    } else if let Some(address) = value(draft.tcp.as_ref()) {
        Readiness::Tcp { address }
    } else {
        let status = draft.status.as_ref().map_or(200, |status| status.value.0);
        Readiness::Http {
            url: value(draft.http.as_ref())?,
            status: u16::try_from(status).ok()?,
        }
    })
}
