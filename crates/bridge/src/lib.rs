//! What stands behind the window, whatever shows it: the list of commands and streams over `api`, and what lives
//! longer than one of them: boots, terminals, connections.
//!
//! The desktop app and the development server hand every message here; neither knows a command by name.

mod app;
mod boots;
mod bundle;
pub mod codegen;
mod commands;
mod exporting;
mod grading;
mod hosts;
mod jobs;
mod locking;
mod panels;
mod plan;
mod previews;
mod removal;
mod runs;
mod sandbox;
mod streams;
mod table;
pub mod terminals;
mod told;

pub use app::{Answer, App, Desktop, Items};
pub use commands::COMMANDS;
pub use streams::STREAMS;

/// The messages of the desktop app that are in neither table, since they carry channels or belong to one.
pub const CHANNELS: [&str; 6] = [
    "cancel_job",
    "open_terminal",
    "terminal_ack",
    "terminal_close",
    "terminal_resize",
    "terminal_write",
];
