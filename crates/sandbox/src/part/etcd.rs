//! The database of the API server, on loopback of the control plane's namespace, for certificate holders only.

use super::{Authority, Invocation, Site, Tool, flags, shown};

pub(super) const CLIENT_URL: &str = "https://127.0.0.1:2379";
const PEER_URL: &str = "https://127.0.0.1:2380";

pub(super) fn invocation(site: &Site) -> Invocation {
    let authority = site.authority(Authority::Etcd);
    let mut args = flags([
        ("name", "sandbox".into()),
        ("data-dir", shown(&site.layout.etcd())),
        ("listen-client-urls", CLIENT_URL.into()),
        ("advertise-client-urls", CLIENT_URL.into()),
        ("listen-peer-urls", PEER_URL.into()),
        ("initial-advertise-peer-urls", PEER_URL.into()),
        ("initial-cluster", format!("sandbox={PEER_URL}")),
        ("cert-file", site.certificate("etcd")),
        ("key-file", site.key("etcd")),
        ("trusted-ca-file", authority.clone()),
        ("peer-cert-file", site.certificate("etcd")),
        ("peer-key-file", site.key("etcd")),
        ("peer-trusted-ca-file", authority),
        // There is nobody to lose an election to.
        ("heartbeat-interval", "50".into()),
        ("election-timeout", "500".into()),
        ("log-level", "warn".into()),
    ]);
    // A crash of any process loses nothing by this; a power cut may cost the sandbox, which is made anew.
    args.extend(
        [
            "--client-cert-auth",
            "--peer-client-cert-auth",
            "--unsafe-no-fsync",
        ]
        .map(str::to_owned),
    );
    Invocation::new(Tool::Etcd, args)
}
