//! The door to the disk: opens bundles, checks folders of them, and writes new ones from templates.

pub mod check;
pub mod folder;
pub mod settings;
pub mod templates;

pub use check::{CheckedFolder, check_folder, check_folders};
pub use folder::{OpenError, open};
