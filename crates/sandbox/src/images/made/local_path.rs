//! The provisioner of the default storage class.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::tools::Tool;

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        env: vec![PATH],
        cmd: vec!["local-path-provisioner"],
        ..Config::default()
    };
    Recipe::scratch(config)
        .system_files()
        .shell()
        .tool("usr/bin/local-path-provisioner", Tool::LocalPathProvisioner)
}
