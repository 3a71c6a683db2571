//! The API server's "no", read into its true cause: right missing, quota, admission, conflict, and so on.

use kube::core::Status;

/// An answer of the API server that is not a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status code.
    pub code: u16,
    /// The machine-readable reason, such as `Forbidden`.
    pub reason: String,
    /// The server's own words.
    pub message: String,
    /// What it comes down to.
    pub cause: RefusalCause,
}

/// Why the API server said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalCause {
    /// The credentials are not accepted.
    Unauthorized,
    /// The user lacks a right.
    Forbidden {
        /// The verb, such as `create`.
        verb: String,
        /// The resource with its group and subresource, such as `deployments.apps` or `pods/exec`.
        resource: String,
        /// The namespace, when it was about one.
        namespace: Option<String>,
    },
    /// A resource quota is used up.
    QuotaExceeded {
        /// The name of the quota.
        quota: String,
    },
    /// An admission webhook, policy or plugin denied the object.
    AdmissionDenied {
        /// Who denied it.
        by: String,
    },
    /// An admission webhook could not be asked, often because its pod is still starting.
    WebhookUnreachable {
        /// The name of the webhook.
        webhook: String,
    },
    /// The object breaks a rule of its schema.
    Invalid,
    /// The object does not exist.
    NotFound,
    /// The namespace of the object does not exist (yet).
    NamespaceMissing {
        /// Its name.
        namespace: String,
    },
    /// The namespace is being deleted.
    NamespaceTerminating,
    /// The service account of a pod does not exist (yet).
    ServiceAccountMissing,
    /// The server does not (yet) serve the path, as happens right after a CRD was made.
    PathNotServed,
    /// The object exists already.
    AlreadyExists,
    /// Other field managers own fields this apply sets.
    FieldConflict,
    /// The object changed in between.
    Conflict,
    /// The server is overloaded or not ready.
    Busy,
    /// None of these.
    Other,
}

impl Refusal {
    pub(crate) fn of(status: &Status) -> Self {
        Self {
            code: status.code,
            reason: status.reason.clone(),
            message: status.message.clone(),
            cause: cause_of(status.code, &status.reason, &status.message),
        }
    }

    /// What the reader can do about it.
    pub fn hint(&self) -> String {
        match &self.cause {
            RefusalCause::Unauthorized => "sign in again, or renew the credentials of this context".into(),
            RefusalCause::Forbidden {
                verb,
                resource,
                namespace,
            } => {
                let place = namespace
                    .as_ref()
                    .map_or_else(|| "cluster-wide".into(), |name| format!("in namespace {name}"));
                format!("ask an administrator for the right to {verb} {resource} {place}")
            }
            RefusalCause::QuotaExceeded { quota } => format!("free resources or raise the quota `{quota}`"),
            RefusalCause::AdmissionDenied { by } => format!("change the object so that `{by}` accepts it"),
            RefusalCause::WebhookUnreachable { webhook } => {
                format!("the admission webhook `{webhook}` does not answer: look at its pod and Service")
            }
            RefusalCause::Invalid => "correct the object as the message says".into(),
            RefusalCause::NamespaceMissing { namespace } => format!("create namespace `{namespace}` first"),
            RefusalCause::NamespaceTerminating => "wait until the namespace is gone, or use another".into(),
            RefusalCause::FieldConflict => {
                "another tool manages these fields; force the apply to take them over".into()
            }
            RefusalCause::Conflict | RefusalCause::Busy => "try again".into(),
            RefusalCause::PathNotServed => "is the CRD of this kind installed?".into(),
            RefusalCause::NotFound
            | RefusalCause::ServiceAccountMissing
            | RefusalCause::AlreadyExists
            | RefusalCause::Other => "see the message above".into(),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.message.is_empty(), self.reason.is_empty()) {
            (false, _) => write!(f, "{}", self.message)?,
            (true, false) => write!(f, "{}", self.reason)?,
            (true, true) => f.write_str("the API server gave no reason")?,
        }
        write!(f, " (HTTP {})", self.code)
    }
}

fn cause_of(code: u16, reason: &str, message: &str) -> RefusalCause {
    if let Some(cause) = admission_cause(message) {
        return cause;
    }
    // Server-side apply reports a field that breaks the schema as an error of the server.
    if message.starts_with("failed to create typed patch object") {
        return RefusalCause::Invalid;
    }
    match code {
        401 => RefusalCause::Unauthorized,
        403 => forbidden_cause(message),
        404 => not_found_cause(message),
        409 => conflict_cause(reason, message),
        400 | 422 => RefusalCause::Invalid,
        429 | 503 | 504 => RefusalCause::Busy,
        _ => RefusalCause::Other,
    }
}

/// Denials come with several codes, so the words decide.
fn admission_cause(message: &str) -> Option<RefusalCause> {
    if let Some(quota) =
        between(message, "exceeded quota: ", ",").or_else(|| between(message, "failed quota: ", ":"))
    {
        return Some(RefusalCause::QuotaExceeded { quota });
    }
    if let Some(webhook) = between(message, "failed calling webhook \"", "\"") {
        return Some(RefusalCause::WebhookUnreachable { webhook });
    }
    let by = between(message, "admission webhook \"", "\" denied the request")
        .or_else(|| between(message, "ValidatingAdmissionPolicy '", "'"))
        .or_else(|| {
            between(message, "violates PodSecurity \"", "\"").map(|level| format!("PodSecurity {level}"))
        })
        .or_else(|| limit_range(message))?;
    Some(RefusalCause::AdmissionDenied { by })
}

fn limit_range(message: &str) -> Option<String> {
    let is_limit = message.contains("usage per Container is")
        || message.contains("usage per Pod is")
        || message.contains("usage per PersistentVolumeClaim is");
    is_limit.then(|| "LimitRange".into())
}

/// `User "jane" cannot create resource "pods/exec" in API group "" in the namespace "demo"`.
fn forbidden_cause(message: &str) -> RefusalCause {
    if message.contains("because it is being terminated") {
        return RefusalCause::NamespaceTerminating;
    }
    if message.contains("error looking up service account") {
        return RefusalCause::ServiceAccountMissing;
    }
    let Some(verb) = between(message, " cannot ", " resource \"") else {
        return RefusalCause::Other;
    };
    let resource = between(message, " resource \"", "\"").unwrap_or_default();
    let group = between(message, "in API group \"", "\"").unwrap_or_default();
    let namespace = between(message, "in the namespace \"", "\"");
    RefusalCause::Forbidden {
        verb,
        resource: with_group(&resource, &group),
        namespace,
    }
}

fn with_group(resource: &str, group: &str) -> String {
    if group.is_empty() {
        return resource.into();
    }
    match resource.split_once('/') {
        Some((name, subresource)) => format!("{name}.{group}/{subresource}"),
        None => format!("{resource}.{group}"),
    }
}

fn not_found_cause(message: &str) -> RefusalCause {
    if let Some(namespace) = between(message, "namespaces \"", "\" not found") {
        return RefusalCause::NamespaceMissing { namespace };
    }
    if message.contains("could not find the requested resource") || message.contains("page not found") {
        return RefusalCause::PathNotServed;
    }
    RefusalCause::NotFound
}

fn conflict_cause(reason: &str, message: &str) -> RefusalCause {
    if reason == "AlreadyExists" {
        return RefusalCause::AlreadyExists;
    }
    if message.starts_with("Apply failed with") {
        return RefusalCause::FieldConflict;
    }
    RefusalCause::Conflict
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    let (found, _) = rest.split_once(after)?;
    Some(found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: u16, reason: &str, message: &str, expected: &RefusalCause) {
        assert_eq!(&cause_of(code, reason, message), expected, "{message}");
    }

    #[test]
    fn a_missing_right_names_verb_and_resource() {
        check(
            403,
            "Forbidden",
            r#"pods "a" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "demo""#,
            &RefusalCause::Forbidden {
                verb: "create".into(),
                resource: "pods/exec".into(),
                namespace: Some("demo".into()),
            },
        );
        check(
            403,
            "Forbidden",
            r#"storageclasses.storage.k8s.io is forbidden: User "jane" cannot list resource "storageclasses" in API group "storage.k8s.io" at the cluster scope"#,
            &RefusalCause::Forbidden {
                verb: "list".into(),
                resource: "storageclasses.storage.k8s.io".into(),
                namespace: None,
            },
        );
    }

    #[test]
    fn quota_and_admission_win_over_the_code() {
        check(
            403,
            "Forbidden",
            r#"pods "x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=2, limited: pods=2"#,
            &RefusalCause::QuotaExceeded {
                quota: "compute".into(),
            },
        );
        check(
            403,
            "Forbidden",
            r#"pods "x" is forbidden: failed quota: compute: must specify cpu for: main"#,
            &RefusalCause::QuotaExceeded {
                quota: "compute".into(),
            },
        );
        check(
            400,
            "",
            r#"admission webhook "check.example.org" denied the request: no"#,
            &RefusalCause::AdmissionDenied {
                by: "check.example.org".into(),
            },
        );
        check(
            422,
            "Invalid",
            "configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'b' denied request: no",
            &RefusalCause::AdmissionDenied {
                by: "no-latest".into(),
            },
        );
        check(
            403,
            "Forbidden",
            r#"pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged"#,
            &RefusalCause::AdmissionDenied {
                by: "PodSecurity restricted:latest".into(),
            },
        );
    }

    #[test]
    fn states_that_pass_are_told_from_states_that_stay() {
        check(
            500,
            "InternalError",
            r#"Internal error occurred: failed calling webhook "w.example.org": failed to call webhook: Post "https://w.ns.svc:443/": dial tcp 10.0.0.1:443: connect: connection refused"#,
            &RefusalCause::WebhookUnreachable {
                webhook: "w.example.org".into(),
            },
        );
        check(
            404,
            "NotFound",
            r#"namespaces "demo" not found"#,
            &RefusalCause::NamespaceMissing {
                namespace: "demo".into(),
            },
        );
        check(
            404,
            "NotFound",
            "the server could not find the requested resource",
            &RefusalCause::PathNotServed,
        );
        check(
            404,
            "NotFound",
            r#"configmaps "x" not found"#,
            &RefusalCause::NotFound,
        );
        check(
            403,
            "Forbidden",
            r#"pods "x" is forbidden: error looking up service account demo/default: serviceaccount "default" not found"#,
            &RefusalCause::ServiceAccountMissing,
        );
    }

    #[test]
    fn conflicts_of_fields_and_of_versions_differ() {
        check(
            409,
            "Conflict",
            "Apply failed with 1 conflict: conflict with \"kubectl\"",
            &RefusalCause::FieldConflict,
        );
        check(
            409,
            "Conflict",
            "Operation cannot be fulfilled on …: the object has been modified",
            &RefusalCause::Conflict,
        );
        check(
            409,
            "AlreadyExists",
            "pods \"x\" already exists",
            &RefusalCause::AlreadyExists,
        );
    }
}
