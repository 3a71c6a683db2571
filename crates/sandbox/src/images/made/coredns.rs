//! CoreDNS, without file capabilities: vCluster starts it with all of them dropped.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::tools::Tool;

pub(in super::super) fn recipe() -> Recipe {
    let exposed_ports = vec!["53/tcp", "53/udp"];
    let config = Config {
        env: vec![PATH],
        entrypoint: vec!["/coredns"],
        working_dir: "/",
        exposed_ports,
        ..Config::default()
    };
    Recipe::scratch(config)
        .system_files()
        .tool("coredns", Tool::Coredns)
}
