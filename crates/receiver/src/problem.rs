//! Problem details as in RFC 9457: each refusal with what is wrong, all at once, and what to do next.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Where the types of problems are named.
const TYPES: &str = "https://taskwright.dev/problems/";
/// How much of what is wrong is said; whoever has more reads this first.
const MOST: usize = 100;

/// What can be wrong. Clients decide by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A JSON body is longer than any real one.
    BodyTooLarge,
    /// The bundle does not pass verification.
    BundleInvalid,
    /// The announced bundle is larger than what is taken.
    BundleTooLarge,
    /// A chunk does not have its digest.
    ChunkDamaged,
    /// A chunk is larger than what is taken.
    ChunkTooLarge,
    /// The bytes are not those that were announced.
    DigestMismatch,
    /// The receiver failed.
    Internal,
    /// A header or a member of the body is missing or wrong.
    InvalidRequest,
    /// An idempotency key came with another body before.
    KeyReused,
    /// The path is there, but not for this method.
    MethodNotAllowed,
    /// Nothing is there.
    NotFound,
    /// The disk is full.
    StorageFull,
    /// The token has too many uploads open.
    TooManyUploads,
    /// The bytes came too slowly.
    TooSlow,
    /// No token, or none that is known.
    Unauthorized,
    /// Another request is at work on the upload.
    UploadBusy,
    /// The upload takes no more bytes.
    UploadComplete,
    /// Bytes are missing.
    UploadIncomplete,
    /// The upload is not known, or was forgotten.
    UploadNotFound,
    /// The version is another bundle already.
    VersionTaken,
    /// The chunk does not begin where the last one ended.
    WrongOffset,
}

impl Kind {
    /// All of them, by name.
    pub const ALL: [Self; 21] = [
        Self::BodyTooLarge,
        Self::BundleInvalid,
        Self::BundleTooLarge,
        Self::ChunkDamaged,
        Self::ChunkTooLarge,
        Self::DigestMismatch,
        Self::Internal,
        Self::InvalidRequest,
        Self::KeyReused,
        Self::MethodNotAllowed,
        Self::NotFound,
        Self::StorageFull,
        Self::TooManyUploads,
        Self::TooSlow,
        Self::Unauthorized,
        Self::UploadBusy,
        Self::UploadComplete,
        Self::UploadIncomplete,
        Self::UploadNotFound,
        Self::VersionTaken,
        Self::WrongOffset,
    ];

    /// The URI that names it.
    pub fn uri(self) -> String {
        format!("{TYPES}{}", self.row().0)
    }

    fn status(self) -> StatusCode {
        self.row().1
    }

    fn title(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as S;
        const UNFIT: S = S::UNPROCESSABLE_ENTITY;
        const LARGE: S = S::PAYLOAD_TOO_LARGE;
        match self {
            Self::BodyTooLarge => ("body-too-large", LARGE, "The body is too large"),
            Self::BundleInvalid => ("bundle-invalid", UNFIT, "The bundle is not valid"),
            Self::BundleTooLarge => ("bundle-too-large", LARGE, "The bundle is too large"),
            Self::ChunkDamaged => ("chunk-damaged", UNFIT, "The chunk was damaged on its way"),
            Self::ChunkTooLarge => ("chunk-too-large", LARGE, "The chunk is too large"),
            Self::DigestMismatch => ("digest-mismatch", UNFIT, "The bytes are not those announced"),
            Self::Internal => ("internal", S::INTERNAL_SERVER_ERROR, "The platform failed"),
            Self::InvalidRequest => ("invalid-request", S::BAD_REQUEST, "The request is not valid"),
            Self::KeyReused => ("key-reused", UNFIT, "The idempotency key is taken"),
            Self::MethodNotAllowed => (
                "method-not-allowed",
                S::METHOD_NOT_ALLOWED,
                "The method is not allowed",
            ),
            Self::NotFound => ("not-found", S::NOT_FOUND, "Nothing is there"),
            Self::StorageFull => (
                "storage-full",
                S::INSUFFICIENT_STORAGE,
                "The platform's storage is full",
            ),
            Self::TooManyUploads => (
                "too-many-uploads",
                S::TOO_MANY_REQUESTS,
                "Too many uploads are open",
            ),
            Self::TooSlow => ("too-slow", S::REQUEST_TIMEOUT, "The bytes came too slowly"),
            Self::Unauthorized => ("unauthorized", S::UNAUTHORIZED, "The token is not accepted"),
            Self::UploadBusy => ("upload-busy", S::CONFLICT, "The upload is busy"),
            Self::UploadComplete => ("upload-complete", S::CONFLICT, "The upload is complete"),
            Self::UploadIncomplete => ("upload-incomplete", S::CONFLICT, "The upload is not complete"),
            Self::UploadNotFound => ("upload-not-found", S::NOT_FOUND, "The upload is not known"),
            Self::VersionTaken => ("version-taken", S::CONFLICT, "The version is another bundle"),
            Self::WrongOffset => (
                "wrong-offset",
                S::CONFLICT,
                "The chunk begins at the wrong offset",
            ),
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) header: Option<&'static str>,
}

impl Fault {
    pub(crate) fn at(pointer: &str, detail: impl Into<String>) -> Self {
        let (detail, pointer) = (detail.into(), Some(pointer.to_owned()));
        Self {
            detail,
            pointer,
            header: None,
        }
    }

    pub(crate) fn header(header: &'static str, detail: impl Into<String>) -> Self {
        let (detail, header) = (detail.into(), Some(header));
        Self {
            detail,
            pointer: None,
            header,
        }
    }
}

/// A refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    offset: Option<u64>,
    retry_after: Option<u32>,
    errors: Vec<Fault>,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            offset: None,
            retry_after: None,
            errors: Vec::new(),
        }
    }

    pub(crate) fn invalid(errors: Vec<Fault>) -> Self {
        let detail = "correct what `errors` names, and send the request again";
        Self::new(Kind::InvalidRequest, detail).errors(errors)
    }

    /// How far the upload is; a client goes on from there.
    pub(crate) fn offset(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// Asking again makes sense after this many seconds.
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(crate) fn errors(mut self, mut errors: Vec<Fault>) -> Self {
        errors.truncate(MOST);
        self.errors = errors;
        self
    }
}

/// What failed goes to the log, never to the client.
impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the database failed");
        Self::new(Kind::Internal, "the platform's log says more; try again later")
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "the disk failed");
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Self::new(
                Kind::StorageFull,
                "what was received so far is kept; ask the platform's operators for room",
            );
        }
        Self::new(Kind::Internal, "the platform's log says more; try again later")
    }
}

#[derive(Serialize)]
struct Details<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Details {
            r#type: self.kind.uri(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            offset: self.offset,
            errors: &self.errors,
        };
        // Strings and numbers always become JSON.
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (self.kind.status(), Body::from(json)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(offset) = self.offset {
            headers.insert("upload-offset", offset.into());
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.kind == Kind::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
