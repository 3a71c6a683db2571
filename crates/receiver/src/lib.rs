//! The reference receiver of bundles: the HTTP API of docs/platform-api.yaml over SQLite and files on disk, for tests and as
//! an example for platform teams.
//!
//! `routes` is the list of calls; `uploads`, `publish` and `versions` answer them; `records` (SQLite) and `files` (disk) are
//! what remains. A chunk counts when the record says so, and the record says so only after the bytes are on disk.

mod append;
mod digest;
mod files;
mod limits;
mod part;
mod platform;
mod problem;
mod publish;
mod records;
mod routes;
mod serve;
mod tokens;
mod uploads;
mod verify;
mod versions;

pub use limits::Limits;
pub use problem::Kind;
pub use routes::calls;
pub use serve::{Options, Receiver, StartError};
pub use tokens::{Tokens, TokensError};
pub use verify::{Finding, Readable, Verify};
