//! Uploads: announced, found again, asked for and given up.

use std::hash::{BuildHasher, RandomState};

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bundle::name::TaskName;
use bytes::{Bytes, BytesMut};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::append::next;
use crate::limits::Limits;
use crate::platform::{Platform, Shared, busy};
use crate::problem::{Fault, Kind, Problem};
use crate::records::{Announced, Beginning, Upload};
use crate::tokens::Owner;

/// An upload as clients see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: &'a str,
    task: &'a str,
    version: &'a str,
    sha256: &'a str,
    size: u64,
    offset: u64,
    state: &'static str,
    max_chunk: u64,
    expires_at: String,
}

/// `POST /v1/uploads`
pub(crate) async fn create(
    State(platform): State<Shared>,
    Extension(owner): Extension<Owner>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let body = read(body, &platform.limits).await?;
    let (key, announced) = announced(&headers, &body).map_err(Problem::invalid)?;
    if announced.size > platform.limits.bundle {
        let detail = format!(
            "at most {} bytes are taken; take large files out of the task",
            platform.limits.bundle
        );
        return Err(Problem::new(Kind::BundleTooLarge, detail));
    }
    if let Some(upload) = found(&platform, &owner, &key, &announced).await? {
        return Ok(view(&platform, &upload, StatusCode::OK));
    }
    let is_new = begin(&platform, &owner, &key, &announced).await?;
    match found(&platform, &owner, &key, &announced).await? {
        Some(upload) if is_new => Ok(view(&platform, &upload, StatusCode::CREATED)),
        Some(upload) => Ok(view(&platform, &upload, StatusCode::OK)),
        None => {
            let open = platform.limits.open_uploads;
            let detail = format!("{open} uploads of this token are open; publish or delete some");
            Err(Problem::new(Kind::TooManyUploads, detail).retry_after(60))
        }
    }
}

/// `GET /v1/uploads/{id}`
pub(crate) async fn get(
    State(platform): State<Shared>,
    Extension(owner): Extension<Owner>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let upload = platform.upload(&owner, &id).await?;
    Ok(view(&platform, &upload, StatusCode::OK))
}

/// `DELETE /v1/uploads/{id}`
pub(crate) async fn delete(
    State(platform): State<Shared>,
    Extension(owner): Extension<Owner>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if let Some(upload) = platform.records.upload(&owner.0, &id).await? {
        let claim = platform.busy.take(&id).ok_or_else(|| busy(&upload))?;
        platform.remove(&upload, claim).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn read(mut body: Body, limits: &Limits) -> Result<Bytes, Problem> {
    let deadline = Instant::now() + limits.silence;
    let mut read = BytesMut::new();
    while let Some(bytes) = next(&mut body, deadline, limits.silence).await? {
        if read.len() + bytes.len() > limits.body {
            let detail = format!("send at most {} bytes", limits.body);
            return Err(Problem::new(Kind::BodyTooLarge, detail));
        }
        read.extend_from_slice(&bytes);
    }
    Ok(read.freeze())
}

/// The upload of a key. One that expired is forgotten on the way, with its key.
async fn found(
    platform: &Platform,
    owner: &Owner,
    key: &str,
    announced: &Announced,
) -> Result<Option<Upload>, Problem> {
    let Some(upload) = platform.records.by_key(&owner.0, key).await? else {
        return Ok(None);
    };
    if platform.is_expired(&upload) {
        platform.forget(&upload).await?;
        return Ok(None);
    }
    if upload.announced != *announced {
        let detail = "another bundle was announced with this `Idempotency-Key`; choose another key";
        return Err(Problem::new(Kind::KeyReused, detail));
    }
    Ok(Some(upload))
}

/// Records an upload with what is here already.
async fn begin(
    platform: &Platform,
    owner: &Owner,
    key: &str,
    announced: &Announced,
) -> Result<bool, Problem> {
    let version = platform
        .records
        .version(&announced.task, &announced.version)
        .await?;
    if let Some(version) = &version
        && version.announced.sha256 != announced.sha256
    {
        return Err(taken(&version.announced));
    }
    let stored = platform.files.stored(&announced.sha256);
    if stored.is_some_and(|size| size != announced.size) {
        let fault = Fault::at("/size", "the bundle of this SHA-256 is here and has another size");
        return Err(Problem::invalid(vec![fault]));
    }
    let beginning = Beginning {
        id: &id(),
        owner: &owner.0,
        key,
        announced,
        received: stored.unwrap_or(0),
        is_published: version.is_some(),
        limit: platform.limits.open_uploads,
    };
    Ok(platform.records.begin(&beginning).await?)
}

/// A version never changes.
pub(crate) fn taken(version: &Announced) -> Problem {
    let Announced {
        task,
        version,
        sha256,
        ..
    } = version;
    let detail = format!("version {version} of {task} is the bundle {sha256}; choose another version");
    Problem::new(Kind::VersionTaken, detail)
}

/// 128 bits. Only the owner's token opens an upload, so that an id need not be a secret.
fn id() -> String {
    let random = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", random(), random())
}

/// What a client announces, or all that is wrong with it.
fn announced(headers: &HeaderMap, body: &[u8]) -> Result<(String, Announced), Vec<Fault>> {
    let mut faults = Vec::new();
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.filter(|key| is_key(key)).map(ToOwned::to_owned);
    if key.is_none() {
        let detail = "give 16 to 128 letters, digits and `._:-` that stand for this upload";
        faults.push(Fault::header("Idempotency-Key", detail));
    }
    let announced = match serde_json::from_slice::<Map<String, Value>>(body) {
        Ok(members) => read_members(&members, &mut faults),
        Err(error) => {
            faults.push(Fault::at("", format!("this is not a JSON object: {error}")));
            None
        }
    };
    match (key, announced) {
        (Some(key), Some(announced)) if faults.is_empty() => Ok((key, announced)),
        _ => Err(faults),
    }
}

fn read_members(members: &Map<String, Value>, faults: &mut Vec<Fault>) -> Option<Announced> {
    for name in members.keys() {
        if !["task", "version", "sha256", "size"].contains(&name.as_str()) {
            faults.push(Fault::at(&format!("/{name}"), "this member is not known"));
        }
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let task = text("task").filter(|task| TaskName::new(task).is_ok());
    if task.is_none() {
        let expected = TaskName::EXPECTED;
        faults.push(Fault::at(
            "/task",
            format!("give the task's name: {expected}, at most {}", TaskName::LIMIT),
        ));
    }
    let sha256 = text("sha256").filter(|sha256| export::digest::is_hex(sha256));
    if sha256.is_none() {
        faults.push(Fault::at(
            "/sha256",
            "give the bundle's SHA-256 in 64 lower-case hex digits",
        ));
    }
    let size = members
        .get("size")
        .and_then(Value::as_u64)
        .filter(|size| *size > 0);
    if size.is_none() {
        faults.push(Fault::at("/size", "give the bundle's size in bytes, at least 1"));
    }
    let version = match members.get("version") {
        None => sha256.map(|sha256| &sha256[..12]),
        Some(_) => text("version").filter(|version| is_version(version)),
    };
    if version.is_none() && members.contains_key("version") {
        let detail = "a version is 1 to 64 letters, digits and `._-`, starting with a letter or digit";
        faults.push(Fault::at("/version", detail));
    }
    Some(Announced {
        task: task?.to_owned(),
        version: version?.to_owned(),
        sha256: sha256?.to_owned(),
        size: size?,
    })
}

fn is_key(key: &str) -> bool {
    (16..=128).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

fn is_version(version: &str) -> bool {
    (1..=64).contains(&version.len())
        && version.starts_with(|first: char| first.is_ascii_alphanumeric())
        && version
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn view(platform: &Platform, upload: &Upload, status: StatusCode) -> Response {
    let announced = &upload.announced;
    let view = View {
        id: &upload.id,
        task: &announced.task,
        version: &announced.version,
        sha256: &announced.sha256,
        size: announced.size,
        offset: upload.received,
        state: match upload {
            Upload {
                is_published: true, ..
            } => "published",
            Upload { received, .. } if *received == announced.size => "complete",
            _ => "open",
        },
        max_chunk: platform.limits.chunk,
        expires_at: time(
            upload
                .touched
                .saturating_add_unsigned(millis(platform.limits.expiry)),
        ),
    };
    let mut response = (
        status,
        [("upload-offset", upload.received.to_string())],
        Json(view),
    )
        .into_response();
    if status == StatusCode::CREATED
        && let Ok(location) = format!("/v1/uploads/{}", upload.id).parse()
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds since 1970 as RFC 3339 has it.
pub(crate) fn time(millis: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    time.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn faults(key: &'static str, body: &str) -> Vec<String> {
        let headers = HeaderMap::from_iter([("idempotency-key".parse().unwrap(), key.parse().unwrap())]);
        let faults = announced(&headers, body.as_bytes()).err().unwrap_or_default();
        let place = |fault: Fault| fault.pointer.or(fault.header.map(ToOwned::to_owned));
        faults.into_iter().filter_map(place).collect()
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let key = "0123456789abcdef";
        let good = format!(r#"{{"task":"a","sha256":"{SHA256}","size":1}}"#);
        assert_eq!(faults(key, &good), [""; 0]);
        assert_eq!(faults("short", &good), ["Idempotency-Key"]);
        assert_eq!(faults(key, "[]"), [""]);
        assert_eq!(faults("a b", "{"), ["Idempotency-Key", ""]);
        assert_eq!(faults(key, "{}"), ["/task", "/sha256", "/size"]);
        let bad = r#"{"task":"A","sha256":"9F","size":0,"version":"..","more":1}"#;
        assert_eq!(
            faults(key, bad),
            ["/more", "/task", "/sha256", "/size", "/version"]
        );
        let path = format!(r#"{{"task":"../a","version":"a/b","sha256":"{SHA256}","size":-1}}"#);
        assert_eq!(faults(key, &path), ["/task", "/size", "/version"]);
    }

    #[test]
    fn a_version_without_a_name_is_named_by_its_digest() {
        let headers = HeaderMap::from_iter([(
            "idempotency-key".parse().unwrap(),
            "0123456789abcdef".parse().unwrap(),
        )]);
        let body = format!(r#"{{"task":"a","sha256":"{SHA256}","size":1}}"#);
        let (_, announced) = announced(&headers, body.as_bytes()).unwrap();
        assert_eq!(announced.version, "9f86d081884c");
    }
}
