//! `PostgreSQL`, as Debian has it, with the settings and habits of the public image.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use crate::debian::{self, Variant};

const ACCOUNT: &str = r#"echo 'postgres:x:999:' >> "$1/etc/group"; echo 'postgres:x:999:999:PostgreSQL:/var/lib/postgresql:/bin/bash' >> "$1/etc/passwd""#;
const DEBIANS_CLUSTER: &str = r#"rm -rf "$1"/var/lib/postgresql/15 "$1"/etc/postgresql/15 "$1"/var/log/postgresql/* "$1"/etc/ssl/private/*"#;
/// Made anew at every installation, and the same for everybody who has the image: worthless, and never twice alike.
const SNAKEOIL: &str =
    r#"find "$1/etc/ssl/certs" -name ssl-cert-snakeoil.pem -delete -o -lname ssl-cert-snakeoil.pem -delete"#;
/// Just-in-time compilation is the larger half of the package; without its library the server leaves it off.
const COMPILER: &str = r#"rm -rf "$1"/usr/lib/*/libLLVM* "$1"/usr/lib/llvm-* "$1"/usr/lib/postgresql/15/lib/llvmjit.so "$1"/usr/lib/postgresql/15/lib/bitcode "$1"/usr/lib/*/libz3.so*"#;
/// Other pods must reach it.
const LISTEN: &str = r#"sed -i "s/^#\?listen_addresses = .*/listen_addresses = '*'/" "$1/usr/share/postgresql/15/postgresql.conf.sample""#;

const DEBIAN: debian::Recipe<'static> = debian::Recipe {
    variant: Variant::Essential,
    packages: &["postgresql-15", "libnss-wrapper", "xz-utils", "zstd", "tzdata"],
    before: &[ACCOUNT],
    after: &[DEBIANS_CLUSTER, SNAKEOIL, COMPILER, LISTEN],
};

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        env: vec![
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
            "PG_MAJOR=15",
            "PGDATA=/var/lib/postgresql/data",
        ],
        entrypoint: vec!["docker-entrypoint.sh"],
        cmd: vec!["postgres"],
        stop_signal: "SIGINT",
        exposed_ports: vec!["5432/tcp"],
        volumes: vec!["/var/lib/postgresql/data"],
        ..Config::default()
    };
    Recipe::debian(DEBIAN, &["postgresql-15"], config)
        .script(
            "usr/local/bin/docker-entrypoint.sh",
            include_str!("files/postgres-entrypoint.sh"),
        )
        .folder("docker-entrypoint-initdb.d", 0o755, 0)
        .folder("var/lib/postgresql", 0o755, 999)
        .folder("var/lib/postgresql/data", 0o1777, 999)
        .folder("run/postgresql", 0o3777, 999)
}
