//! nginx, as Debian has it, with the files and habits of the public image.

use super::super::layer::Node;
use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::debian::{self, Variant};

const ACCOUNT: &str = r#"echo 'nginx:x:101:' >> "$1/etc/group"; echo 'nginx:x:101:101:nginx:/nonexistent:/bin/false' >> "$1/etc/passwd""#;

const DEBIAN: debian::Recipe<'static> = debian::Recipe {
    variant: Variant::Essential,
    packages: &["nginx", "gettext-base", "curl", "ca-certificates", "tzdata"],
    before: &[ACCOUNT],
    after: &[
        // Debian's own site would answer before the image's.
        r#"rm -rf "$1"/etc/nginx/sites-* "$1"/etc/nginx/snippets "$1"/var/www "$1"/var/log/nginx/*"#,
        r#"mkdir -p "$1/var/cache/nginx" && chown 101:101 "$1/var/cache/nginx""#,
    ],
};

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        env: vec![PATH],
        entrypoint: vec!["/docker-entrypoint.sh"],
        cmd: vec!["nginx", "-g", "daemon off;"],
        stop_signal: "SIGQUIT",
        exposed_ports: vec!["80/tcp"],
        ..Config::default()
    };
    Recipe::debian(DEBIAN, &["nginx"], config)
        .script("docker-entrypoint.sh", include_str!("files/nginx-entrypoint.sh"))
        .script(
            "docker-entrypoint.d/20-envsubst-on-templates.sh",
            include_str!("files/nginx-templates.sh"),
        )
        .text("etc/nginx/nginx.conf", include_str!("files/nginx.conf"))
        .text(
            "etc/nginx/conf.d/default.conf",
            include_str!("files/nginx-default.conf"),
        )
        .text(
            "usr/share/nginx/html/index.html",
            include_str!("files/nginx-index.html"),
        )
        .text(
            "usr/share/nginx/html/50x.html",
            include_str!("files/nginx-50x.html"),
        )
        .with("var/log/nginx/access.log", Node::Link("/dev/stdout".into()))
        .with("var/log/nginx/error.log", Node::Link("/dev/stderr".into()))
}
