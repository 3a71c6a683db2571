//! What a boot must be allowed to do on a host, and what each right is for.

use std::fmt;

use cluster::{Access, ApiError, Cluster};

/// What a right is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The namespace that a preview lives in.
    Home,
    /// Removing a preview.
    Removal,
    /// Finding previews again.
    Inventory,
    /// Choosing nodes.
    Nodes,
    /// The vCluster's control plane.
    ControlPlane,
    /// What the control plane may do itself.
    Roles,
    /// What keeps the candidate in.
    Boundary,
    /// What keeps a task from taking more than it may.
    Limits,
    /// The credentials of the vCluster.
    Credentials,
    /// Seeing how far a boot is, and why it fails.
    Progress,
    /// The candidate's terminal.
    Terminal,
    /// The way to the vCluster's API.
    Tunnel,
}

/// Whether a right is asked for in the preview's namespace or everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Everywhere,
    Preview,
}

struct Right(&'static str, &'static str, &'static str, Place, Purpose);

/// Verb, API group and resource of everything that a boot does on the host.
const RIGHTS: [Right; 21] = {
    use Place::{Everywhere, Preview};
    const RBAC: &str = "rbac.authorization.k8s.io";
    [
        Right("create", "", "namespaces", Everywhere, Purpose::Home),
        Right("delete", "", "namespaces", Everywhere, Purpose::Removal),
        Right("list", "", "namespaces", Everywhere, Purpose::Inventory),
        Right("list", "", "nodes", Everywhere, Purpose::Nodes),
        Right("create", RBAC, "clusterroles", Everywhere, Purpose::Roles),
        Right("create", RBAC, "clusterrolebindings", Everywhere, Purpose::Roles),
        Right("create", RBAC, "roles", Preview, Purpose::Roles),
        Right("create", RBAC, "rolebindings", Preview, Purpose::Roles),
        Right(
            "create",
            "networking.k8s.io",
            "networkpolicies",
            Preview,
            Purpose::Boundary,
        ),
        Right("create", "apps", "deployments", Preview, Purpose::ControlPlane),
        Right("create", "", "serviceaccounts", Preview, Purpose::ControlPlane),
        Right("create", "", "secrets", Preview, Purpose::ControlPlane),
        Right("get", "", "secrets", Preview, Purpose::Credentials),
        Right("create", "", "services", Preview, Purpose::ControlPlane),
        Right("create", "", "configmaps", Preview, Purpose::Inventory),
        Right("create", "", "resourcequotas", Preview, Purpose::Limits),
        Right("create", "", "limitranges", Preview, Purpose::Limits),
        Right("watch", "", "pods", Preview, Purpose::Progress),
        Right("get", "", "pods/log", Preview, Purpose::Progress),
        Right("create", "", "pods/exec", Preview, Purpose::Terminal),
        Right("create", "", "pods/portforward", Preview, Purpose::Tunnel),
    ]
};

/// How many rights a boot needs.
pub const NEEDED: usize = RIGHTS.len();

/// A right that a boot needs and that we do not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRight {
    /// Such as `create`.
    pub verb: String,
    /// With its group and subresource, such as `deployments.apps` or `pods/exec`.
    pub resource: String,
    /// What it is for.
    pub purpose: Purpose,
}

impl fmt::Display for MissingRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)
    }
}

/// The rights that are missing on a host, for previews in `namespace`, which need not exist.
///
/// # Errors
/// When the host does not answer.
pub async fn missing(host: &Cluster, namespace: &str) -> Result<Vec<MissingRight>, ApiError> {
    let wanted: Vec<Access> = RIGHTS.iter().map(|right| right.access(namespace)).collect();
    let answers = host.can_i(&wanted).await?;
    let asked = RIGHTS.iter().zip(answers);
    Ok(asked
        .filter(|(_, answer)| !answer.allowed)
        .map(|(right, _)| right.missing())
        .collect())
}

impl Right {
    fn access(&self, namespace: &str) -> Access {
        let Self(verb, group, resource, place, _) = *self;
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        Access {
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: Some(subresource.to_owned()).filter(|name| !name.is_empty()),
            namespace: (place == Place::Preview).then(|| namespace.to_owned()),
        }
    }

    fn missing(&self) -> MissingRight {
        let Self(verb, group, resource, _, purpose) = *self;
        let resource = match (group, resource.split_once('/')) {
            ("", _) => resource.to_owned(),
            (group, None) => format!("{resource}.{group}"),
            (group, Some((name, subresource))) => format!("{name}.{group}/{subresource}"),
        };
        MissingRight {
            verb: verb.to_owned(),
            resource,
            purpose,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_is_asked_for_where_it_is_needed_and_named_with_its_group() {
        let asked = |resource: &str| {
            let right = RIGHTS.iter().find(|right| right.2 == resource).unwrap();
            let access = right.access("task-x");
            (access.subresource, access.namespace, right.missing().to_string())
        };
        assert_eq!(asked("nodes"), (None, None, "list nodes".to_owned()));
        let preview = Some("task-x".to_owned());
        let policies = "create networkpolicies.networking.k8s.io".to_owned();
        assert_eq!(asked("networkpolicies"), (None, preview.clone(), policies));
        assert_eq!(
            asked("pods/exec"),
            (Some("exec".to_owned()), preview, "create pods/exec".to_owned())
        );
    }
}
