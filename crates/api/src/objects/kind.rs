//! The kinds of objects that are shown.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A kind of objects, by the name that paths have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is the Kubernetes kind of this name")]
pub enum ObjectKind {
    Pods,
    Deployments,
    StatefulSets,
    Jobs,
    Services,
    Ingresses,
    NetworkPolicies,
    ConfigMaps,
    Secrets,
    PersistentVolumeClaims,
    Nodes,
    Namespaces,
    CustomResourceDefinitions,
}

impl ObjectKind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Pods,
        Self::Deployments,
        Self::StatefulSets,
        Self::Jobs,
        Self::Services,
        Self::Ingresses,
        Self::NetworkPolicies,
        Self::ConfigMaps,
        Self::Secrets,
        Self::PersistentVolumeClaims,
        Self::Nodes,
        Self::Namespaces,
        Self::CustomResourceDefinitions,
    ];

    /// Group and version, and kind.
    pub(super) fn resource(self) -> (&'static str, &'static str) {
        match self {
            Self::Pods => ("v1", "Pod"),
            Self::Deployments => ("apps/v1", "Deployment"),
            Self::StatefulSets => ("apps/v1", "StatefulSet"),
            Self::Jobs => ("batch/v1", "Job"),
            Self::Services => ("v1", "Service"),
            Self::Ingresses => ("networking.k8s.io/v1", "Ingress"),
            Self::NetworkPolicies => ("networking.k8s.io/v1", "NetworkPolicy"),
            Self::ConfigMaps => ("v1", "ConfigMap"),
            Self::Secrets => ("v1", "Secret"),
            Self::PersistentVolumeClaims => ("v1", "PersistentVolumeClaim"),
            Self::Nodes => ("v1", "Node"),
            Self::Namespaces => ("v1", "Namespace"),
            Self::CustomResourceDefinitions => ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_paths() {
        let names = ObjectKind::ALL.map(|kind| serde_json::to_value(kind).unwrap());
        assert_eq!(names[2], "statefulsets");
        assert_eq!(names[9], "persistentvolumeclaims");
        assert_eq!(names[12], "customresourcedefinitions");
    }
}
