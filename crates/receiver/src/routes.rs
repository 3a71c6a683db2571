//! The list of calls, and what holds for all of them: a token, and a problem for whatever is refused.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, patch, post};

use crate::platform::Shared;
use crate::problem::{Kind, Problem};
use crate::{append, publish, uploads, versions};

/// Method, path and what answers: the same as in docs/platform-api.yaml, which a test compares.
fn table() -> [(&'static str, &'static str, MethodRouter<Shared>); 8] {
    [
        ("post", "/v1/uploads", post(uploads::create)),
        ("get", "/v1/uploads/{id}", get(uploads::get)),
        ("patch", "/v1/uploads/{id}", patch(append::append)),
        ("delete", "/v1/uploads/{id}", delete(uploads::delete)),
        ("post", "/v1/uploads/{id}/publish", post(publish::publish)),
        ("get", "/v1/tasks/{task}/versions", get(versions::list)),
        ("get", "/v1/tasks/{task}/versions/{version}", get(versions::get)),
        (
            "get",
            "/v1/tasks/{task}/versions/{version}/bundle",
            get(versions::download),
        ),
    ]
}

/// Each call's method and path.
pub fn calls() -> Vec<(&'static str, &'static str)> {
    table()
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect()
}

pub(crate) fn router(platform: Shared) -> Router {
    let calls = table().into_iter();
    let router = calls.fold(Router::new(), |router, (_, path, answer)| {
        router.route(path, answer)
    });
    router
        .fallback(async || Problem::new(Kind::NotFound, "docs/platform-api.yaml lists what is there"))
        .method_not_allowed_fallback(async || {
            Problem::new(
                Kind::MethodNotAllowed,
                "docs/platform-api.yaml lists what is there",
            )
        })
        .layer(middleware::from_fn_with_state(platform.clone(), admit))
        .with_state(platform)
}

/// Lets requests with a known token through, with its owner.
async fn admit(
    State(platform): State<Shared>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(owner) = platform.tokens.owner(request.headers()) else {
        let detail = "send `Authorization: Bearer TOKEN` with a token that the platform's operators gave you";
        return Err(Problem::new(Kind::Unauthorized, detail));
    };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let name = owner.0.clone();
    request.extensions_mut().insert(owner);
    let response = next.run(request).await;
    tracing::info!(owner = name, %method, path, status = response.status().as_u16());
    Ok(response)
}
