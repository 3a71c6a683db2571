//! The platform as a destination: uploads bundles over the HTTP API of docs/platform-api.yaml.
//!
//! Each call may be repeated, so that a lost connection, a restart of the platform and a restart of this program all end in
//! the same way: the upload is announced again under its key, and goes on from the offset that the platform holds.

mod address;
mod calls;
mod chunk;
mod content;
mod error;
mod keyring;
mod problem;
mod retry;
mod token;
mod upload;

pub use address::{Address, AddressError, Plain};
pub use error::Error;
pub use keyring::{KeyringError, forget as forget_token, store as store_token};
pub use problem::{Fault, Problem};
pub use token::{Origin, Sources, Token, TokenError, VARIABLE, find as find_token};
pub use upload::{Event, Published, Upload, upload};
