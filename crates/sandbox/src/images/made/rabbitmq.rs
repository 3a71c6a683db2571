//! `RabbitMQ`, as Debian has it, with the settings and habits of the public image that has the management plugin.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use crate::debian::{self, Variant};

const ACCOUNT: &str = r#"echo 'rabbitmq:x:999:' >> "$1/etc/group"; echo 'rabbitmq:x:999:999:RabbitMQ:/var/lib/rabbitmq:/bin/bash' >> "$1/etc/passwd""#;
/// Made anew at every installation: a secret that everybody with the image would share.
const COOKIE: &str =
    r#"rm -rf "$1/var/lib/rabbitmq/.erlang.cookie" "$1/var/lib/rabbitmq/mnesia" "$1"/var/log/rabbitmq/*"#;
/// Debian's settings are for a service of the machine. Plugins are switched on by whoever runs the server.
const SETTINGS: &str = r#"rm -f "$1/etc/rabbitmq/rabbitmq-env.conf"; mkdir -p "$1/etc/rabbitmq/conf.d"; echo '[rabbitmq_management,rabbitmq_prometheus].' > "$1/etc/rabbitmq/enabled_plugins"; chown -R 999:999 "$1/etc/rabbitmq""#;

const DEBIAN: debian::Recipe<'static> = debian::Recipe {
    variant: Variant::Essential,
    packages: &["rabbitmq-server", "tzdata"],
    before: &[ACCOUNT],
    after: &[COOKIE, SETTINGS],
};

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        env: vec![
            // Debian's own commands insist on a user and go through su; those behind them do not.
            "PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
            "HOME=/var/lib/rabbitmq",
            "RABBITMQ_LOGS=-",
        ],
        entrypoint: vec!["docker-entrypoint.sh"],
        cmd: vec!["rabbitmq-server"],
        exposed_ports: vec![
            "4369/tcp",
            "5671/tcp",
            "5672/tcp",
            "15672/tcp",
            "15692/tcp",
            "25672/tcp",
        ],
        volumes: vec!["/var/lib/rabbitmq"],
        ..Config::default()
    };
    Recipe::debian(DEBIAN, &["rabbitmq-server", "erlang-base"], config)
        .script(
            "usr/local/bin/docker-entrypoint.sh",
            include_str!("files/rabbitmq-entrypoint.sh"),
        )
        .text(
            "etc/rabbitmq/conf.d/10-defaults.conf",
            include_str!("files/rabbitmq-defaults.conf"),
        )
        .folder("var/lib/rabbitmq", 0o1777, 999)
        .folder("var/log/rabbitmq", 0o1777, 999)
}
