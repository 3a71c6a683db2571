//! What goes into an image, before anything is made: enough to name it, to key it, and to make it.

use std::path::{Path, PathBuf};

use super::layer::{Node, Nodes, Ready};
use super::oci::{self, Config};
use super::{ImagesError, Part};
use crate::debian;
use crate::tools::{Tool, Toolchain, Wheel, key_of};

/// Raised when images come out differently without a change in a recipe.
const SCHEME: &str = "1";
/// Debian's static busybox, and the folder its links go to.
const BUSYBOX: &str = "/bin/busybox";
/// The certificate authorities this machine trusts.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Stands before the name of what is from the Python package index.
const WHEELS: &str = "PyPI";
const ACCOUNTS: &str =
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n";
const GROUPS: &str = "root:x:0:\nnogroup:x:65534:\n";

/// One image.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    /// Debian underneath, or nothing.
    pub(super) debian: Option<debian::Recipe<'static>>,
    /// The packages of Debian that the image is about, for the catalogue.
    pub(super) main_packages: &'static [&'static str],
    /// What lies on top.
    pub(super) nodes: Nodes<Node>,
    /// Whether busybox and its many names are there.
    shell: bool,
    pub(super) config: Config,
}

impl Recipe {
    /// An image of nothing but what is added.
    pub(super) fn scratch(config: Config) -> Self {
        Self {
            debian: None,
            main_packages: &[],
            nodes: Nodes::new(),
            shell: false,
            config,
        }
    }

    /// An image of Debian packages.
    pub(super) fn debian(
        debian: debian::Recipe<'static>,
        main_packages: &'static [&'static str],
        config: Config,
    ) -> Self {
        Self {
            debian: Some(debian),
            main_packages,
            ..Self::scratch(config)
        }
    }

    pub(super) fn with(mut self, place: &str, node: Node) -> Self {
        self.nodes.insert(place.to_owned(), node);
        self
    }

    pub(super) fn tool(self, place: &str, tool: Tool) -> Self {
        self.with(place, Node::Tool(tool))
    }

    pub(super) fn text(self, place: &str, text: &str) -> Self {
        self.with(
            place,
            Node::Text {
                mode: 0o644,
                text: text.to_owned(),
            },
        )
    }

    pub(super) fn script(self, place: &str, text: &str) -> Self {
        self.with(
            place,
            Node::Text {
                mode: 0o755,
                text: text.to_owned(),
            },
        )
    }

    pub(super) fn folder(self, place: &str, mode: u32, owner: u64) -> Self {
        self.with(place, Node::Folder { mode, owner })
    }

    /// Accounts, certificates and a place for temporary files: what a static program may look for.
    pub(super) fn system_files(self) -> Self {
        let authorities = Node::Copied {
            mode: 0o644,
            from: AUTHORITIES.into(),
        };
        self.text("etc/passwd", ACCOUNTS)
            .text("etc/group", GROUPS)
            .with("etc/ssl/certs/ca-certificates.crt", authorities)
            .folder("tmp", 0o1777, 0)
            .folder("root", 0o700, 0)
    }

    /// Busybox under all of its names in `/bin`.
    pub(super) fn shell(mut self) -> Self {
        self.shell = true;
        self.with(
            "bin/busybox",
            Node::Copied {
                mode: 0o755,
                from: BUSYBOX.into(),
            },
        )
    }

    /// What the image is made of, without asking the machine.
    pub(super) fn declared_parts(&self) -> Vec<String> {
        let tools = self.tools().map(|tool| format!("{tool} {}", tool.version()));
        let wheels = self
            .wheels()
            .map(|wheel| format!("{WHEELS} {wheel} {}", wheel.version()));
        let packages = self
            .main_packages
            .iter()
            .map(|package| format!("Debian 12 {package}"));
        tools
            .chain(wheels)
            .chain(self.shell.then(|| "Debian busybox-static".to_owned()))
            .chain(packages)
            .collect()
    }

    /// The tools in it.
    pub(super) fn tools(&self) -> impl Iterator<Item = Tool> {
        self.nodes.values().filter_map(|node| match node {
            Node::Tool(tool) => Some(*tool),
            _ => None,
        })
    }

    /// The programs of the Python package index in it.
    fn wheels(&self) -> impl Iterator<Item = Wheel> {
        self.nodes.values().filter_map(|node| match node {
            Node::Wheel(wheel) => Some(*wheel),
            _ => None,
        })
    }

    /// What the image is made of, from what was installed for it.
    pub(super) async fn parts(&self, installed: &[debian::Package]) -> Vec<Part> {
        let tools = self.tools().map(|tool| Part {
            name: tool.to_string(),
            version: tool.version().to_owned(),
        });
        let wheels = self.wheels().map(|wheel| Part {
            name: format!("{WHEELS} {wheel}"),
            version: wheel.version().to_owned(),
        });
        let main = installed
            .iter()
            .filter(|package| self.main_packages.contains(&package.name.as_str()));
        let packages = main.map(|package| Part {
            name: format!("Debian 12 {}", package.name),
            version: package.version.clone(),
        });
        let mut parts: Vec<_> = tools.chain(wheels).chain(packages).collect();
        if self.shell {
            parts.push(shell_part().await);
        }
        parts
    }

    /// What decides the image, as one hexadecimal word.
    pub(super) fn key(&self, toolchain: &Toolchain) -> Result<String, ImagesError> {
        let config = serde_json::to_vec(&self.config).unwrap_or_default();
        let mut inputs: Vec<Vec<u8>> = vec![SCHEME.into(), config];
        for (place, node) in &self.nodes {
            inputs.push(place.clone().into());
            inputs.push(identity(node, toolchain)?.into());
        }
        if let Some(debian) = &self.debian {
            inputs.extend(debian.inputs().into_iter().map(<[u8]>::to_vec));
        }
        Ok(key_of(inputs.iter().map(Vec::as_slice)))
    }

    /// The nodes with their content at hand: tools are asked what they print, busybox for its names.
    pub(super) async fn ready(&self, toolchain: &Toolchain) -> Result<Nodes<Ready>, ImagesError> {
        let mut ready = Nodes::new();
        for (place, node) in &self.nodes {
            ready.insert(place.clone(), resolve(node, toolchain).await?);
        }
        if self.shell {
            let names = printed(Path::new(BUSYBOX), &["--list"]).await?;
            for name in String::from_utf8_lossy(&names)
                .lines()
                .filter(|name| *name != "busybox")
            {
                ready
                    .entry(format!("bin/{name}"))
                    .or_insert_with(|| Ready::Link("busybox".to_owned()));
            }
        }
        Ok(ready)
    }
}

/// The machine's own package; its version is for people only, so not knowing it is no failure.
async fn shell_part() -> Part {
    let version = printed(
        Path::new("dpkg-query"),
        &["-W", "-f", "${Version}", "busybox-static"],
    )
    .await;
    let version = String::from_utf8_lossy(&version.unwrap_or_default()).into_owned();
    Part {
        name: "Debian busybox-static".to_owned(),
        version,
    }
}

fn identity(node: &Node, toolchain: &Toolchain) -> Result<String, ImagesError> {
    Ok(match node {
        Node::Text { mode, text } => format!("text {mode} {text}"),
        Node::Tool(tool) => format!("tool {}", toolchain.key(*tool)),
        Node::Wheel(wheel) => format!("wheel {}", wheel.key()),
        Node::Sourced { source, name } => format!("sourced {} {} {name}", source.path(), source.key()),
        Node::Copied { mode, from } => {
            let digest = oci::digest_of(from).map_err(|source| ImagesError::read(from, source))?;
            format!("copied {mode} {digest}")
        }
        Node::Printed { tool, arguments } => {
            format!("printed {} {}", toolchain.key(*tool), arguments.join(" "))
        }
        Node::Folder { mode, owner } => format!("folder {mode} {owner}"),
        Node::Link(target) => format!("link {target}"),
    })
}

async fn resolve(node: &Node, toolchain: &Toolchain) -> Result<Ready, ImagesError> {
    Ok(match node {
        Node::Text { mode, text } => Ready::Bytes {
            mode: *mode,
            bytes: text.clone().into_bytes(),
        },
        Node::Tool(tool) => Ready::File {
            mode: 0o755,
            path: toolchain.path(*tool),
        },
        Node::Wheel(wheel) => Ready::File {
            mode: 0o755,
            path: wheel.fetch(toolchain).await?,
        },
        Node::Sourced { source, name } => Ready::File {
            mode: 0o644,
            path: source.fetch(toolchain).await?.join(name),
        },
        Node::Copied { mode, from } => Ready::File {
            mode: *mode,
            path: from.clone(),
        },
        Node::Printed { tool, arguments } => Ready::Bytes {
            mode: 0o644,
            bytes: printed(&toolchain.path(*tool), arguments).await?,
        },
        Node::Folder { mode, owner } => Ready::Folder {
            mode: *mode,
            owner: *owner,
        },
        Node::Link(target) => Ready::Link(target.clone()),
    })
}

async fn printed(program: &Path, arguments: &[&str]) -> Result<Vec<u8>, ImagesError> {
    let failed = |reason: String| ImagesError::Ask {
        program: PathBuf::from(program),
        reason,
    };
    let mut command = tokio::process::Command::new(program);
    // Some tools keep caches and settings below the home folder: what they print must not depend on the user's.
    command
        .args(arguments)
        .env("HOME", "/nonexistent")
        .kill_on_drop(true);
    let output = command
        .output()
        .await
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}
