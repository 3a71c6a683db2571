//! How a change of the sandbox is shown: a fold of its events for terminals and for plain streams.

mod log;
mod show;
mod status;
mod story;

pub use api::sandbox::words::{pool_of_nodes, remains, whole};
pub use log::{ending, info as info_json};
pub use show::{Show, run};
pub use status::{status_json, status_lines};
pub use story::Story;
