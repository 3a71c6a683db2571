//! Chunks: each is stored whole, at the offset that is recorded, or not at all.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use crate::digest;
use crate::limits::Limits;
use crate::part::{Claim, Part};
use crate::platform::{Platform, Shared, blocking};
use crate::problem::{Fault, Kind, Problem};
use crate::records::Upload;
use crate::tokens::Owner;

/// Bytes that are written at once.
const WRITE: usize = 256 << 10;

/// What the headers of a chunk say.
struct Chunk {
    offset: u64,
    digest: [u8; 32],
}

/// `PATCH /v1/uploads/{id}`
pub(crate) async fn append(
    State(platform): State<Shared>,
    Extension(owner): Extension<Owner>,
    Path(id): Path<String>,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, Problem> {
    let taken = match chunk(&headers) {
        Ok(chunk) => take(&platform, &owner, &id, &chunk)
            .await
            .map(|taken| (chunk, taken)),
        Err(faults) => Err(Problem::invalid(faults)),
    };
    match taken {
        Ok((chunk, (claim, upload))) => store(&platform, &upload, claim, &chunk, body).await,
        Err(problem) => {
            drain(&mut body, &platform.limits).await;
            Err(problem)
        }
    }
}

/// All that is wrong with the headers, or what they say.
fn chunk(headers: &HeaderMap) -> Result<Chunk, Vec<Fault>> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let offset = text("upload-offset").and_then(|offset| offset.parse().ok());
    let digest = text("content-digest").and_then(digest::read_header);
    if let (Some(offset), Some(digest)) = (offset, digest) {
        return Ok(Chunk { offset, digest });
    }
    let offset = offset.is_none().then(|| {
        let detail = "say where the chunk begins, such as `Upload-Offset: 0`";
        Fault::header("Upload-Offset", detail)
    });
    let digest = digest.is_none().then(|| {
        let detail = "give the chunk's SHA-256 as `Content-Digest: sha-256=:BASE64:`";
        Fault::header("Content-Digest", detail)
    });
    Err(offset.into_iter().chain(digest).collect())
}

async fn take(
    platform: &Platform,
    owner: &Owner,
    id: &str,
    chunk: &Chunk,
) -> Result<(Claim, Upload), Problem> {
    let (claim, upload) = platform.claim(owner, id).await?;
    if upload.received == upload.announced.size {
        let problem = Problem::new(Kind::UploadComplete, "it has all its bytes; publish it");
        return Err(problem.offset(upload.received));
    }
    if chunk.offset != upload.received {
        return Err(wrong_offset(upload.received));
    }
    Ok((claim, upload))
}

fn wrong_offset(offset: u64) -> Problem {
    let detail = format!("{offset} bytes are here; go on from there");
    Problem::new(Kind::WrongOffset, detail).offset(offset)
}

async fn store(
    platform: &Platform,
    upload: &Upload,
    claim: Claim,
    chunk: &Chunk,
    body: Body,
) -> Result<Response, Problem> {
    let (path, offset) = (platform.files.part(&upload.id), upload.received);
    let part = match blocking(move || Part::open(&path, offset, claim)).await {
        Ok(part) => part,
        // The disk lost what was recorded; only the beginning is a sure place.
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            platform.rewind(upload).await?;
            return Err(wrong_offset(0));
        }
        Err(error) => return Err(error.into()),
    };
    let part = receive(part, body, upload.announced.size - offset, &platform.limits).await?;
    let (part, digest) = blocking(move || finish(part)).await?;
    if digest != chunk.digest {
        let detail =
            "the bytes do not have the digest of `Content-Digest`; nothing of them was kept, send them again";
        return Err(Problem::new(Kind::ChunkDamaged, detail).offset(offset));
    }
    let received = offset + part.written();
    platform.records.received(&upload.id, received).await?;
    Ok((StatusCode::NO_CONTENT, [("upload-offset", received.to_string())]).into_response())
}

fn finish(mut part: Part) -> std::io::Result<(Part, [u8; 32])> {
    let digest = part.finish()?;
    Ok((part, digest))
}

/// Writes the body behind what is there.
async fn receive(mut part: Part, mut body: Body, missing: u64, limits: &Limits) -> Result<Part, Problem> {
    let deadline = Instant::now() + limits.chunk_time;
    let mut waiting = BytesMut::new();
    loop {
        let bytes = next(&mut body, deadline, limits.silence).await?;
        let has_ended = bytes.is_none();
        waiting.extend_from_slice(&bytes.unwrap_or_default());
        fits(part.written() + waiting.len() as u64, missing, limits)?;
        if waiting.len() >= WRITE || has_ended {
            part = write(part, waiting.split().freeze()).await?;
        }
        if has_ended {
            return Ok(part);
        }
    }
}

fn fits(length: u64, missing: u64, limits: &Limits) -> Result<(), Problem> {
    if length > limits.chunk {
        let detail = format!("send at most {} bytes at once", limits.chunk);
        return Err(Problem::new(Kind::ChunkTooLarge, detail));
    }
    if length > missing {
        let detail = format!("only {missing} bytes are missing of the announced size");
        return Err(Problem::new(Kind::ChunkTooLarge, detail));
    }
    Ok(())
}

async fn write(mut part: Part, bytes: Bytes) -> std::io::Result<Part> {
    blocking(move || {
        part.write(&bytes)?;
        Ok(part)
    })
    .await
}

/// The next bytes of a body, nothing at its end.
pub(crate) async fn next(
    body: &mut Body,
    deadline: Instant,
    silence: Duration,
) -> Result<Option<Bytes>, Problem> {
    let until = deadline.min(Instant::now() + silence);
    loop {
        let Ok(frame) = timeout_at(until, body.frame()).await else {
            return Err(Problem::new(Kind::TooSlow, "send smaller chunks"));
        };
        match frame {
            None => return Ok(None),
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
            // Nobody is there to read this.
            Some(Err(_)) => return Err(Problem::new(Kind::InvalidRequest, "the body ended early")),
        }
    }
}

/// Reads a refused chunk to its end: a client that is still sending would see its connection break instead of the answer.
async fn drain(body: &mut Body, limits: &Limits) {
    let deadline = Instant::now() + limits.silence;
    let mut read = 0;
    while read <= limits.chunk {
        match next(body, deadline, limits.silence).await {
            Ok(Some(bytes)) => read += bytes.len() as u64,
            _ => return,
        }
    }
}
