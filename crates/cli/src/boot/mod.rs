//! How a boot is shown: folds of its log for terminals, for plain streams and for programs.

mod card;
mod frame;
mod gantt;
mod plain;
mod show;
mod story;

pub use card::card;
pub use frame::frame;
pub use gantt::summary;
pub use plain::line;
pub use show::{Show, Shown};
pub use story::Story;

#[cfg(test)]
mod tests;
