//! The vCluster: the syncer, with a shell for looking around.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::tools::Tool;

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        env: vec![PATH],
        entrypoint: vec!["/vcluster", "start"],
        working_dir: "/",
        ..Config::default()
    };
    Recipe::scratch(config)
        .system_files()
        .shell()
        .tool("vcluster", Tool::Vcluster)
}
