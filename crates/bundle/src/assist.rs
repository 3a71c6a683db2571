//! Help for who writes a bundle: the outline of a task, completions and explanations at a place in a file.
//!
//! Everything here works on what is half written.

pub mod outline;

pub use outline::{Outline, outline};
