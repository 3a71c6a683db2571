//! Debian, the machine's own and the one inside images: packages the sandbox needs, and root file systems.

mod packages;
mod root;

pub use packages::{PackagesError, REQUIRED, install, missing};
pub use root::RootError;
pub(crate) use root::{Package, Recipe, Variant, build as build_root, packages_in};
