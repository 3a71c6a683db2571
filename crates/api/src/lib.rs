//! The use cases of Taskwright: the only surface that front ends see.
//!
//! One function for each thing a person can do. Results are views and typed events; words are made in front ends.

pub mod bundles;
pub mod editor;
mod error;
pub mod events;
pub mod exports;
pub mod files;
mod fit;
pub mod grading;
pub mod host_pods;
pub mod hosts;
mod json;
pub mod locks;
pub mod logs;
pub mod markdown;
pub mod objects;
pub mod plans;
pub mod previews;
pub mod sandbox;
pub mod seats;
mod settings;
pub mod terminals;
mod units;
pub mod window;
pub mod words;

/// A boot's log and what it folds into.
pub mod boot {
    pub use plan::step::Step;
    pub use plan::{Phase, StepId};
    pub use preview::{Bar, Boot, BootEvent, Cause, Detail, Failure, Outcome, Stream, Timeline, What};
}

pub use error::{Code, Error};
