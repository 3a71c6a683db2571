//! The metrics server, as an ordinary user.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::tools::Tool;

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        user: "65534",
        env: vec![PATH],
        entrypoint: vec!["/metrics-server"],
        ..Config::default()
    };
    Recipe::scratch(config)
        .system_files()
        .tool("metrics-server", Tool::MetricsServer)
}
