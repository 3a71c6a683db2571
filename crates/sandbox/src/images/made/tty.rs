//! The candidate's seat: a Debian with what one works on a cluster with, an ordinary user, and completion set up.

use super::super::layer::Node;
use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::debian::{self, Variant};
use crate::tools::Tool;

const ACCOUNT: &str = r#"echo 'candidate:x:1000:' >> "$1/etc/group"; echo 'candidate:x:1000:1000:Candidate:/home/candidate:/bin/bash' >> "$1/etc/passwd""#;
const HOME: &str = r#"cp -r "$1/etc/skel" "$1/home/candidate" && chown -R 1000:1000 "$1/home/candidate" && chmod 755 "$1/home/candidate""#;

const DEBIAN: debian::Recipe<'static> = debian::Recipe {
    variant: Variant::Minbase,
    packages: &[
        "bash-completion",
        "bind9-dnsutils",
        "ca-certificates",
        "curl",
        "git",
        "iproute2",
        "iputils-ping",
        "jq",
        "less",
        "nano",
        "netcat-openbsd",
        "openssl",
        "postgresql-client",
        "procps",
        "redis-tools",
        "tini",
        "tmux",
        "tzdata",
        "vim",
    ],
    before: &[ACCOUNT],
    after: &[HOME],
};

pub(in super::super) fn recipe() -> Recipe {
    let config = Config {
        user: "1000:1000",
        env: vec![PATH, "LANG=C.UTF-8"],
        // Something must answer signals and reap what shells leave behind.
        entrypoint: vec!["/usr/bin/tini", "--"],
        cmd: vec!["sleep", "infinity"],
        working_dir: "/home/candidate",
        ..Config::default()
    };
    let shown = &[
        "postgresql-client-15",
        "redis-tools",
        "vim",
        "tmux",
        "git",
        "jq",
        "curl",
    ];
    let recipe = Recipe::debian(DEBIAN, shown, config)
        .tool("usr/local/bin/kubectl", Tool::Kubectl)
        .tool("usr/local/bin/helm", Tool::Helm)
        .tool("usr/local/bin/yq", Tool::Yq)
        .text("etc/bash.bashrc", include_str!("files/tty.bashrc"))
        .text("etc/vim/vimrc.local", include_str!("files/tty.vimrc"))
        .text(
            "usr/share/bash-completion/completions/k",
            include_str!("files/tty-k-completion.bash"),
        );
    completions(recipe)
}

/// Read by bash when the first completion is asked for, not when the shell starts.
fn completions(recipe: Recipe) -> Recipe {
    let all: [(Tool, &[&str]); 3] = [
        (Tool::Kubectl, &["completion", "bash"]),
        (Tool::Helm, &["completion", "bash"]),
        (Tool::Yq, &["shell-completion", "bash"]),
    ];
    all.into_iter().fold(recipe, |recipe, (tool, arguments)| {
        let place = format!("usr/share/bash-completion/completions/{tool}");
        recipe.with(&place, Node::Printed { tool, arguments })
    })
}
