//! Locks a bundle: fetches and renders its charts, builds its kustomizations, and asks registries for the digests of its
//! images. The format of the lock is `bundle::lock`; what is written to disk is the caller's business.
//!
//! Alone in knowing registries. Programs are started by `cluster`, and read nothing but private copies of checked files.

mod archive;
mod chart;
mod images;
mod locking;
mod losses;
mod render;
mod words;

pub use images::{ImageError, resolve};
pub use locking::{Checked, Event, Locked, Moved, Tools, check, lock};
