//! Ships bundles: packs one into an archive that has the same bytes everywhere, puts it where it is wanted, and verifies and
//! takes in what others packed.
//!
//! Packing, reading and comparing are pure. The doors are `file` and `folder` for the disk and `oci` for registries, `platform`
//! for platforms.

pub mod compare;
pub mod destination;
pub mod digest;
pub mod file;
pub mod folder;
mod frame;
mod header;
mod layer;
pub mod limits;
pub mod manifest;
pub mod oci;
mod pack;
mod paths;
pub mod platform;
mod problem;
mod proof;
mod reason;
mod rules;
pub mod sign;
mod survey;
#[cfg(test)]
mod tests;
pub mod verify;

pub use frame::LEVEL;
pub use header::Foreign;
pub use layer::Layer;
pub use manifest::{FileInfo, Manifest, TaskInfo};
pub use pack::Package;
pub use paths::{Clash, PathFault};
pub use problem::{Problem, What};
pub use reason::{Objection, Reason};
pub use verify::{Received, Report};
