//! The image registry. Nodes pull everything through it; see `containerd` for how names lead here.

use serde_json::json;

use super::{Invocation, Site, Tool, shown};

/// Where it listens, on the control plane's address.
pub(crate) const PORT: u16 = 5000;

pub(super) fn invocation(site: &Site) -> Invocation {
    let file = site.layout.plane().join("registry.yaml");
    let configuration = json!({
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": true}},
        "storage": {
            // Without a cache of what is on disk: it would go on naming blobs that are lost.
            "filesystem": {"rootdirectory": shown(&site.layout.registry())},
            "delete": {"enabled": true},
        },
        "http": {"addr": format!("{}:{PORT}", site.state.addresses.plane()), "draintimeout": "1s"},
    });
    let mut invocation = Invocation::new(Tool::Registry, vec!["serve".into(), shown(&file)]);
    invocation.env = vec![("OTEL_TRACES_EXPORTER".into(), "none".into())];
    invocation.files = vec![(file, configuration.to_string())];
    invocation
}
