//! What a task is: files in, a checked [`Bundle`] and [`Diagnostic`]s out.
//!
//! Pure: no disk, no clock, no environment. The same files always give the same result.

pub mod check;
pub mod diagnostic;
pub mod duration;
pub mod files;
mod graph;
pub mod model;
pub mod name;
pub mod path;
pub mod quantity;

pub use check::{Checked, check};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use files::{BundleFiles, Entry, File};
pub use model::Bundle;
pub use path::BundlePath;
pub use quantity::Quantity;
