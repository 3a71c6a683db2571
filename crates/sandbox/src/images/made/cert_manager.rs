//! The programs of cert-manager, as an ordinary user.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::tools::Tool;

/// One image holds one of them.
pub(in super::super) fn recipe(tool: Tool) -> Recipe {
    let entrypoint = match tool {
        Tool::CertManagerCainjector => "/app/cmd/cainjector/cainjector",
        Tool::CertManagerWebhook => "/app/cmd/webhook/webhook",
        _ => "/app/cmd/controller/controller",
    };
    let config = Config {
        user: "1000",
        env: vec![PATH],
        entrypoint: vec![entrypoint],
        ..Config::default()
    };
    Recipe::scratch(config)
        .system_files()
        .tool(entrypoint.trim_start_matches('/'), tool)
}
