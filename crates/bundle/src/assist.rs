//! Help for who writes a bundle: the outline of a task, completions and explanations at a place in a file.
//!
//! Everything here works on what is half written.

pub mod complete;
mod fields;
mod grammar;
pub mod hover;
pub mod outline;
mod sketch;

pub use complete::{Completion, Completions, complete};
pub use hover::{Hover, hover};
pub use outline::{Outline, outline};
