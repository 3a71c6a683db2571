//! Turns what the API server or the connection says into the cause of a failed step.

use cluster::{ApiError, RefusalCause};

use crate::failure::{Cause, Failure};

/// The cause behind `error`, met while working on `what` (an object, or an API).
pub(crate) fn explain(what: &str, error: &ApiError) -> Failure {
    let Some(refusal) = error.refusal() else {
        return Cause::Unreachable {
            api: what.to_owned(),
            message: error.to_string(),
        }
        .into();
    };
    let (object, message) = (what.to_owned(), refusal.message.clone());
    Failure::of(match &refusal.cause {
        RefusalCause::Forbidden {
            verb,
            resource,
            namespace,
        } => {
            let scope = namespace
                .as_ref()
                .map(|name| format!(" in {name}"))
                .unwrap_or_default();
            Cause::Permission {
                missing: vec![format!("{verb} {resource}{scope}")],
            }
        }
        RefusalCause::Unauthorized => Cause::Unreachable {
            api: object,
            message: error.to_string(),
        },
        RefusalCause::QuotaExceeded { .. } => Cause::Quota { object, message },
        RefusalCause::AdmissionDenied { .. } => Cause::Denied { object, message },
        RefusalCause::WebhookUnreachable { webhook } => Cause::Webhook {
            object,
            webhook: webhook.clone(),
            message,
        },
        RefusalCause::NamespaceTerminating => Cause::NamespaceStuck { object, message },
        _ => Cause::Refused { object, message },
    })
}
