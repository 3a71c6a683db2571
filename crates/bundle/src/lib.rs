//! What a task is: files in, a checked [`Bundle`] and [`Diagnostic`]s out.
//!
//! Pure: no disk, no clock, no environment. The same files always give the same result.

mod assemble;
pub mod assist;
pub mod check;
mod context;
pub mod diagnostic;
pub mod digest;
mod draft;
pub mod duration;
pub mod edit;
pub mod expression;
pub mod files;
mod graph;
pub mod leak;
pub mod lock;
mod manifest;
pub mod model;
pub mod name;
mod nearest;
pub mod path;
pub mod preset;
pub mod proof;
pub mod quantity;
mod report;
mod rules;
mod text;
pub mod vcluster;
mod yaml;

pub use check::{Checked, check};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use draft::schema::schema;
pub use files::{BundleFiles, Entry, File};
pub use manifest::list_items;
pub use model::Bundle;
pub use path::BundlePath;
pub use quantity::Quantity;
