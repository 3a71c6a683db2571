//! The operator of Elasticsearch, as an ordinary user. Its licence lets everybody build and run it, and not everybody
//! offer it as a service: it is built on the machine that asks for it, and nothing of it lies in this project.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::tools::Tool;

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        user: "1001",
        env: vec![PATH],
        entrypoint: vec!["/elastic-operator"],
        cmd: vec!["manager"],
        ..Config::default()
    };
    Recipe::scratch(config)
        .system_files()
        .tool("elastic-operator", Tool::EckOperator)
}
