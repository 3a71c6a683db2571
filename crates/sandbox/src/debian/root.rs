//! Root file systems of Debian 12 as one tar, made by mmdebstrap from the archive the machine itself uses.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::tools::Group;

/// The release inside images, whatever the machine runs: the tags served (postgres 15, nginx 1.22) are its versions.
const SUITE: &str = "bookworm";

/// Left out of every image; licences stay.
const LEFT_OUT: [&str; 7] = [
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/lintian/*",
    "path-exclude=/usr/lib/udev/hwdb.d/*",
];

/// Nothing in an image may raise its rights, and ping falls back to the unprivileged kind of socket.
const DROP_SETUID: &str = r#"find "$1" -xdev -type f -perm /6000 -exec chmod ug-s {} +"#;

/// How much of Debian is there beside what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Essential packages only, without apt.
    Essential,
    /// With apt.
    Minbase,
}

/// What is to be in the root file system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe<'a> {
    pub(crate) variant: Variant,
    pub(crate) packages: &'a [&'a str],
    /// Shell commands run before the packages are set up, with the root in `$1`.
    pub(crate) before: &'a [&'a str],
    /// Shell commands run at the end, with the root in `$1`.
    pub(crate) after: &'a [&'a str],
}

impl Recipe<'_> {
    /// Everything that decides what comes out, for a key.
    pub(crate) fn inputs(&self) -> Vec<&[u8]> {
        let lists = [
            self.packages,
            self.before,
            self.after,
            &LEFT_OUT,
            &[SUITE, DROP_SETUID, self.variant.name()],
        ];
        lists
            .into_iter()
            .flat_map(|list| list.iter().map(|word| word.as_bytes()).chain([&b"|"[..]]))
            .collect()
    }
}

impl Variant {
    const fn name(self) -> &'static str {
        match self {
            Self::Essential => "essential",
            Self::Minbase => "minbase",
        }
    }
}

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// Why a root file system could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// mmdebstrap could not be started, or a file not be read or written.
    #[error("failed to run mmdebstrap: {0}\nhint: install the Debian package mmdebstrap")]
    Run(#[source] std::io::Error),
    /// It did not finish.
    #[error("failed to make a Debian root file system\n{tail}\nhint: the whole log is in {}", log.display())]
    Failed {
        /// Its last lines.
        tail: String,
        /// Where all of them are.
        log: PathBuf,
    },
}

/// Writes the root file system to `tar`, the log and the list of what was installed beside it.
pub(crate) async fn build(recipe: &Recipe<'_>, tar: &Path) -> Result<(), RootError> {
    let log = tar.with_extension("log");
    let list = tar.with_extension("packages");
    let mut process = start(recipe, tar, &list, &log).map_err(RootError::Run)?;
    let status = process.process.wait().await.map_err(RootError::Run)?;
    if !status.success() {
        return Err(RootError::Failed {
            tail: tail(&log),
            log,
        });
    }
    Ok(())
}

/// What is installed in the root file system that was written to `tar`.
pub(crate) fn packages_in(tar: &Path) -> std::io::Result<Vec<Package>> {
    std::fs::read_to_string(tar.with_extension("packages")).map(|list| parse_packages(&list))
}

fn start(recipe: &Recipe<'_>, tar: &Path, list: &Path, log: &Path) -> std::io::Result<Group> {
    let log = std::fs::File::create(log)?;
    let mut command = Command::new("mmdebstrap");
    command
        .env("SOURCE_DATE_EPOCH", "1")
        .env("LC_ALL", "C.UTF-8")
        .arg(format!("--variant={}", recipe.variant.name()))
        .arg(format!("--include={}", recipe.packages.join(",")))
        .args(["--format=tar", "--skip=output/dev"])
        .args(LEFT_OUT.map(|option| format!("--dpkgopt={option}")))
        .args(
            recipe
                .before
                .iter()
                .map(|hook| format!("--essential-hook={hook}")),
        )
        .args(recipe.after.iter().map(|hook| format!("--customize-hook={hook}")))
        .arg(format!("--customize-hook={DROP_SETUID}"))
        .arg(format!("--customize-hook={}", list_hook(list)))
        .arg(SUITE)
        .arg(tar)
        .args(own_sources(Path::new("/etc/apt")))
        .stdin(Stdio::null())
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log));
    Group::spawn(command)
}

fn list_hook(list: &Path) -> String {
    format!(
        r#"chroot "$1" dpkg-query -W -f '${{Package}} ${{Version}}\n' > '{}'"#,
        list.display()
    )
}

/// The machine's own entries for this release, so that a mirror set up there is used; without any, mmdebstrap's
/// own choice.
fn own_sources(apt: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(apt.join("sources.list.d"))
        .into_iter()
        .flatten()
        .flatten();
    let mut files: Vec<PathBuf> = listed.map(|entry| entry.path()).collect();
    files.push(apt.join("sources.list"));
    files.sort();
    files.retain(|file| std::fs::read_to_string(file).is_ok_and(|text| is_debian_source(file, &text)));
    files
}

/// Others may offer newer versions of the same packages; what an image holds must not depend on them.
fn is_debian_source(file: &Path, text: &str) -> bool {
    let readable = file
        .extension()
        .is_some_and(|extension| extension == "list" || extension == "sources");
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    readable
        && lines.peek().is_some()
        && text.contains(&format!(" {SUITE}"))
        && text.contains("/debian")
        && text.to_lowercase().matches("signed-by").count() == text.matches("debian-archive-keyring").count()
}

fn parse_packages(installed: &str) -> Vec<Package> {
    let package = |line: &str| {
        let (name, version) = line.split_once(' ')?;
        Some(Package {
            name: name.to_owned(),
            version: version.to_owned(),
        })
    };
    installed.lines().filter_map(package).collect()
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_debians_own_sources_are_used() {
        let apt = tempfile::tempdir().unwrap();
        let folder = apt.path().join("sources.list.d");
        std::fs::create_dir(&folder).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        let debian = "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n\
                      Components: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n";
        write("debian.sources", debian);
        write("debian.sources.off", debian);
        write(
            "pgdg.list",
            "deb [signed-by=/usr/share/pgdg.gpg] http://apt.example/pub/debian bookworm-pgdg main\n",
        );
        std::fs::write(apt.path().join("sources.list"), "# moved\n").unwrap();
        assert_eq!(own_sources(apt.path()), [folder.join("debian.sources")]);
    }

    #[test]
    fn inputs_tell_lists_apart() {
        let recipe = |packages, before| Recipe {
            variant: Variant::Essential,
            packages,
            before,
            after: &[],
        };
        assert_ne!(recipe(&["a"], &[]).inputs(), recipe(&[], &["a"]).inputs());
    }
}
