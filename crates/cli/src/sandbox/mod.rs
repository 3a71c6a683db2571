//! How a change of the sandbox is shown: a fold of its events for terminals and for plain streams.

mod show;
mod story;
mod words;

pub use show::{Show, run};
pub use story::Story;
pub use words::{addon, pool_of_nodes, remains};
