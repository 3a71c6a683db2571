//! The door to the disk: opens bundles, checks folders of them, and writes new ones from templates.

pub mod browse;
pub mod check;
pub mod files;
pub mod folder;
mod own;
mod place;
pub mod settings;
pub mod templates;
pub mod watch;

pub use check::{CheckedFolder, check_folder, check_folders};
pub use folder::{OpenError, open};
