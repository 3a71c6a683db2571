//! From the draft of a check to how it looks at the work.

use super::{content, manifest, namespace, value};
use crate::context::Context;
use crate::draft::{CheckDraft, FetchedDraft};
use crate::model::{CheckKind, Fetch, Fetched, NamedObject};

pub(super) fn kind(context: &Context<'_>, draft: &CheckDraft) -> Option<CheckKind> {
    Some(if let Some(path) = value(draft.run.as_ref()) {
        CheckKind::Script {
            script: content(context.files, &path)?,
            path,
        }
    } else if let Some(path) = value(draft.assert.as_ref()) {
        CheckKind::Assert {
            manifest: manifest(context, &path)?,
        }
    } else if let Some(expression) = value(draft.cel.as_ref()) {
        let objects = draft.objects.iter().flat_map(|list| &list.value);
        CheckKind::Cel {
            objects: objects.map(|one| fetched(&one.value)).collect::<Option<_>>()?,
            expression,
        }
    } else if let Some(address) = value(draft.tcp.as_ref()) {
        CheckKind::Tcp { address }
    } else {
        let status = draft.status.as_ref().map_or(200, |status| status.value.0);
        CheckKind::Http {
            url: value(draft.http.as_ref())?,
            status: u16::try_from(status).ok()?,
            contains: draft.contains.as_ref().map(|text| text.value.0.clone()),
        }
    })
}

fn fetched(draft: &FetchedDraft) -> Option<Fetched> {
    let namespace = namespace(draft.namespace.as_ref())?;
    let fetch = match &draft.get {
        Some(get) => Fetch::One(NamedObject {
            resource: get.value.resource.clone(),
            name: get.value.name.clone(),
            namespace,
        }),
        None => Fetch::Many {
            resource: value(draft.list.as_ref())?,
            namespace,
            selector: draft.selector.as_ref().map(|text| text.value.0.clone()),
        },
    };
    Some(Fetched {
        variable: value(draft.variable.as_ref())?,
        fetch,
    })
}
