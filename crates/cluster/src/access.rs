//! What our user may do, asked before it is needed.

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SubjectAccessReviewStatus,
};

use crate::client::Cluster;
use crate::error::ApiError;

/// A right to ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Access {
    /// Such as `create`.
    pub verb: String,
    /// Such as `apps`; empty for the core group.
    pub group: String,
    /// Such as `deployments`.
    pub resource: String,
    /// Such as `exec`.
    pub subresource: Option<String>,
    /// The namespace; cluster-wide when absent.
    pub namespace: Option<String>,
}

/// The answer to one [`Access`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessAnswer {
    /// What was asked.
    pub access: Access,
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why (not), when the cluster says so.
    pub reason: Option<String>,
}

impl Cluster {
    /// Asks for several rights at the same time; answers are in the order of the questions.
    pub async fn can_i(&self, questions: &[Access]) -> Result<Vec<AccessAnswer>, ApiError> {
        futures::future::try_join_all(questions.iter().map(|access| self.can_i_once(access))).await
    }

    async fn can_i_once(&self, access: &Access) -> Result<AccessAnswer, ApiError> {
        let reviewed = self.create(None, &review(access)).await?;
        Ok(answer(access.clone(), reviewed.status.unwrap_or_default()))
    }
}

fn review(access: &Access) -> SelfSubjectAccessReview {
    let attributes = ResourceAttributes {
        verb: Some(access.verb.clone()),
        group: Some(access.group.clone()),
        resource: Some(access.resource.clone()),
        subresource: access.subresource.clone(),
        namespace: access.namespace.clone(),
        ..ResourceAttributes::default()
    };
    SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    }
}

fn answer(access: Access, status: SubjectAccessReviewStatus) -> AccessAnswer {
    let reason = status
        .reason
        .or(status.evaluation_error)
        .filter(|reason| !reason.is_empty());
    AccessAnswer {
        access,
        allowed: status.allowed,
        reason,
    }
}
