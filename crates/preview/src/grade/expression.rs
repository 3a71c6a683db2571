//! Checks by a CEL expression over objects that are fetched when the check runs.

use bundle::expression::Expression;
use bundle::model::{Fetch, Fetched};
use cluster::{ApiError, Cluster};
use futures::future::try_join_all;
use serde_json::Value;

/// Whether the expression is true of the objects; `Ok(Err(…))` says why not.
///
/// An expression that asks for what is not there yet is false: the candidate has not made it.
pub(super) async fn holds(
    api: &Cluster,
    objects: &[Fetched],
    expression: &Expression,
) -> Result<Result<(), String>, String> {
    let fetched = try_join_all(objects.iter().map(|one| fetch(api, &one.fetch))).await;
    let fetched = fetched.map_err(|error| error.to_string())?;
    let named = objects
        .iter()
        .zip(&fetched)
        .map(|(one, value)| (one.variable.as_str(), value));
    Ok(match expression.holds_of(named) {
        Ok(true) => Ok(()),
        Ok(false) => Err("the expression is false".to_owned()),
        Err(reason) => Err(reason),
    })
}

async fn fetch(api: &Cluster, what: &Fetch) -> Result<Value, ApiError> {
    match what {
        Fetch::One(object) => {
            let (namespace, name) = (object.namespace.as_str(), object.name.as_str());
            let found = api.find_json(&object.resource, namespace, name).await?;
            Ok(found.unwrap_or(Value::Null))
        }
        Fetch::Many {
            resource,
            namespace,
            selector,
        } => {
            let all = api.find_all_json(resource.as_str(), namespace.as_str(), selector.as_deref());
            all.await.map(Value::Array)
        }
    }
}
