//! Boots a plan on a host: a stream of events, terminals, teardown, and finding previews by their labels.
//!
//! Only this crate knows both bundles and clusters. It keeps nothing: what it must know later lies as labels
//! and annotations on the host.

pub mod event;
pub mod failure;
pub mod timeline;

pub use event::{BootEvent, Detail, Stream, What};
pub use failure::{Cause, Failure};
pub use timeline::{Bar, Outcome, Timeline};
