//! Redis, as Debian has it, started as the public image starts it.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::debian::{self, Variant};

const ACCOUNT: &str = r#"echo 'redis:x:999:' >> "$1/etc/group"; echo 'redis:x:999:999::/data:/usr/sbin/nologin' >> "$1/etc/passwd""#;

const DEBIAN: debian::Recipe<'static> = debian::Recipe {
    variant: Variant::Essential,
    packages: &["redis-server", "redis-tools", "tzdata"],
    before: &[ACCOUNT],
    after: &[r#"rm -rf "$1/var/lib/redis" "$1/var/log/redis""#],
};

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        env: vec![PATH],
        entrypoint: vec!["docker-entrypoint.sh"],
        cmd: vec!["redis-server"],
        working_dir: "/data",
        exposed_ports: vec!["6379/tcp"],
        volumes: vec!["/data"],
        ..Config::default()
    };
    Recipe::debian(DEBIAN, &["redis-server"], config)
        .script(
            "usr/local/bin/docker-entrypoint.sh",
            include_str!("files/redis-entrypoint.sh"),
        )
        .folder("data", 0o755, 999)
}
