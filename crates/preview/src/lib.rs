//! Boots a plan on a host: a stream of events, terminals, teardown, and finding previews by their labels.
//!
//! Only this crate knows both bundles and clusters. It keeps nothing: what it must know later lies as labels
//! and annotations on the host.

mod boot;
mod carried;
mod connect;
pub mod event;
pub mod failure;
pub mod grade;
mod inventory;
mod ledger;
mod probe;
pub mod prove;
pub mod rights;
mod script;
mod session;
mod teardown;
pub mod terminal;
pub mod timeline;

pub use boot::{Boot, BootOptions, Host, boot, host_facts, update, vcluster_objects};
pub use carried::carried;
pub use connect::{Access, access, connect};
pub use event::{BootEvent, Detail, Stream, What};
pub use failure::{Cause, Failure};
pub use inventory::{PreviewError, PreviewInfo, PreviewState, find, list, watch};
pub use teardown::{Removal, Removed, down, leftovers};
pub use timeline::{Bar, Outcome, Timeline};
