//! Versions: listed, told and downloaded.

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio_util::io::ReaderStream;

use crate::digest;
use crate::platform::{Platform, Shared};
use crate::problem::{Fault, Kind, Problem};
use crate::records::Version;
use crate::uploads::time;

/// What a bundle is, for those who go by types.
const MEDIA_TYPE: &str = "application/vnd.taskwright.bundle.v1+tar+zstd";
/// Versions on a page, unless asked for fewer or more; and the most.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 100;

/// A version as clients see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    task: String,
    version: String,
    sha256: String,
    size: u64,
    published_at: String,
}

impl View {
    pub(crate) fn of(version: &Version) -> Self {
        let announced = version.announced.clone();
        Self {
            task: announced.task,
            version: announced.version,
            sha256: announced.sha256,
            size: announced.size,
            published_at: time(version.published_at),
        }
    }
}

/// Which page of versions is asked for.
#[derive(Deserialize)]
pub(crate) struct Page {
    limit: Option<u32>,
    before: Option<i64>,
}

#[derive(Serialize)]
struct List {
    versions: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where a version is told.
pub(crate) fn path(version: &Version) -> String {
    let announced = &version.announced;
    format!("/v1/tasks/{}/versions/{}", announced.task, announced.version)
}

/// `GET /v1/tasks/{task}/versions`
pub(crate) async fn list(
    State(platform): State<Shared>,
    Path(task): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Problem> {
    let Ok(Query(page)) = page else {
        let detail = format!("`limit` is 1 to {LARGEST_PAGE}, `before` the `next` of another page");
        return Err(Problem::invalid(vec![Fault::at("", detail)]));
    };
    let limit = page.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let before = page.before.unwrap_or(i64::MAX);
    let mut versions = platform.records.versions(&task, before, limit + 1).await?;
    let has_more = versions.len() > limit as usize;
    versions.truncate(limit as usize);
    let last = versions.last().filter(|_| has_more);
    let next = last.map(|version| version.number.to_string());
    let versions = versions.iter().map(View::of).collect();
    Ok(Json(List { versions, next }).into_response())
}

/// `GET /v1/tasks/{task}/versions/{version}`
pub(crate) async fn get(
    State(platform): State<Shared>,
    Path((task, version)): Path<(String, String)>,
) -> Result<Json<View>, Problem> {
    Ok(Json(View::of(&find(&platform, &task, &version).await?)))
}

/// `GET /v1/tasks/{task}/versions/{version}/bundle`
pub(crate) async fn download(
    State(platform): State<Shared>,
    Path((task, version)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let version = find(&platform, &task, &version).await?;
    let sha256 = &version.announced.sha256;
    let file = tokio::fs::File::open(platform.files.bundle(sha256)).await?;
    let digest = hex::decode(sha256).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE.as_str(), MEDIA_TYPE.to_owned()),
        (
            header::CONTENT_LENGTH.as_str(),
            version.announced.size.to_string(),
        ),
        (header::ETAG.as_str(), format!("\"{sha256}\"")),
        ("repr-digest", digest::header(&digest)),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}

async fn find(platform: &Platform, task: &str, name: &str) -> Result<Version, Problem> {
    let version = platform.records.version(task, name).await?;
    version.ok_or_else(|| {
        Problem::new(
            Kind::NotFound,
            format!("{task} has no version {name}; list its versions"),
        )
    })
}
