//! Istio: its control plane, and its proxy. Istio's own build of Envoy cannot be had from a module or a package, so the
//! proxy is the Envoy of Envoy's project, and the control plane leaves out what only Istio's build understands.

use super::super::layer::Node;
use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::debian::{self, Variant};
use crate::tools::{Source, Tool, Wheel};

/// Who runs both, as the chart and the injected container say.
const USER: &str = "1337:1337";
const ACCOUNT: &str = r#"echo 'istio-proxy:x:1337:' >> "$1/etc/group"; echo 'istio-proxy:x:1337:1337:istio-proxy:/nonexistent:/bin/sh' >> "$1/etc/passwd""#;

const DEBIAN: debian::Recipe<'static> = debian::Recipe {
    variant: Variant::Essential,
    packages: &["ca-certificates", "curl", "iptables"],
    before: &[ACCOUNT],
    after: &[],
};

/// The control plane. The two switches are on in the public image: they make it send filters that exist in Istio's build
/// of Envoy alone, without which a proxy loses what telemetry knows of its peers and the protocol sent to them in TLS.
pub(in super::super) fn pilot() -> Recipe {
    let config = Config {
        user: USER,
        env: vec![
            PATH,
            "PILOT_ENABLE_METADATA_EXCHANGE=false",
            "PILOT_ENABLE_ALPN_FILTER=false",
        ],
        entrypoint: vec!["/usr/local/bin/pilot-discovery"],
        ..Config::default()
    };
    Recipe::scratch(config)
        .system_files()
        .tool("usr/local/bin/pilot-discovery", Tool::PilotDiscovery)
}

/// The proxy, with what starts and feeds it.
pub(in super::super) fn proxy() -> Recipe {
    let config = Config {
        user: USER,
        env: vec![PATH],
        entrypoint: vec!["/usr/local/bin/pilot-agent"],
        working_dir: "/",
        ..Config::default()
    };
    let bootstrap = Node::Sourced {
        source: Source::IstioBootstrap,
        name: "envoy_bootstrap.json",
    };
    Recipe::debian(DEBIAN, &["iptables"], config)
        .tool("usr/local/bin/pilot-agent", Tool::PilotAgent)
        .with("usr/local/bin/envoy", Node::Wheel(Wheel::Envoy))
        .with("var/lib/istio/envoy/envoy_bootstrap_tmpl.json", bootstrap)
}
