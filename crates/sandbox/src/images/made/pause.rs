//! What holds a pod's namespaces.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::tools::Tool;

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        user: "65535:65535",
        env: vec![PATH],
        entrypoint: vec!["/pause"],
        ..Config::default()
    };
    Recipe::scratch(config).tool("pause", Tool::Pause)
}
