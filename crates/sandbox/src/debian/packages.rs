//! The Debian packages the sandbox needs on the machine: which are missing, and installing them.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use tokio::process::Command;

/// What must be installed, each with the reason in a few words.
pub const REQUIRED: [(&str, &str); 9] = [
    ("runc", "starts containers"),
    ("containernetworking-plugins", "gives pods their addresses"),
    ("iptables", "services and network policies"),
    ("ipset", "network policies"),
    ("conntrack", "services"),
    ("iproute2", "the nodes' links and routes"),
    ("busybox-static", "the busybox image"),
    ("mmdebstrap", "images made of Debian packages"),
    ("ca-certificates", "certificates inside images"),
];

/// Package lists older than this are fetched again before an installation.
const LISTS_ARE_OLD: Duration = Duration::from_hours(24);

/// Why packages could not be looked at or installed.
#[derive(Debug, thiserror::Error)]
pub enum PackagesError {
    /// This is another kind of system.
    #[error(
        "this machine runs {system}, and the sandbox takes some of its parts from Debian packages\nhint: use Debian or Ubuntu, or a cluster of kind or k3d instead of the sandbox (needed here: {packages})"
    )]
    NotDebian {
        /// What the system calls itself.
        system: String,
        /// What would be installed.
        packages: String,
    },
    /// A command of Debian's was not to be had.
    #[error(
        "failed to run `{command}`: {source}\nhint: it belongs to every Debian; repair the installation first"
    )]
    Run {
        /// Which one.
        command: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// apt-get refused.
    #[error(
        "failed to install {packages}\n{tail}\nhint: run `apt-get install {packages}` by hand, as root, to see why"
    )]
    Install {
        /// What was asked for.
        packages: String,
        /// Its last lines.
        tail: String,
    },
}

/// Those of the required packages that are not installed.
///
/// # Errors
/// When this is not Debian or one of its children.
pub async fn missing() -> Result<Vec<&'static str>, PackagesError> {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    check_system(&release)?;
    let names = REQUIRED.map(|(name, _)| name);
    let mut query = Command::new("dpkg-query");
    query
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(names)
        .kill_on_drop(true);
    let output = query.output().await.map_err(|source| PackagesError::Run {
        command: "dpkg-query",
        source,
    })?;
    Ok(not_installed(&names, &String::from_utf8_lossy(&output.stdout)))
}

/// Installs `packages` with apt-get, asking nothing: the caller has asked.
///
/// # Errors
/// When apt-get is not there or fails.
pub async fn install(packages: &[&str]) -> Result<(), PackagesError> {
    if lists_are_old(Path::new("/var/lib/apt/lists"), SystemTime::now()) {
        apt_get(&["update"], packages).await?;
    }
    let arguments = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    apt_get(&arguments, packages).await
}

async fn apt_get(arguments: &[&str], packages: &[&str]) -> Result<(), PackagesError> {
    let mut command = Command::new("apt-get");
    command
        .args(["--quiet"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null());
    let output = command.output().await.map_err(|source| PackagesError::Run {
        command: "apt-get",
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    let tail = lines[lines.len().saturating_sub(8)..].join("\n");
    Err(PackagesError::Install {
        packages: packages.join(" "),
        tail,
    })
}

fn check_system(release: &str) -> Result<(), PackagesError> {
    let field = |name: &str| {
        let value = release
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.unwrap_or_default().trim_matches('"').to_owned()
    };
    let kin = format!("{} {}", field("ID"), field("ID_LIKE"));
    if kin.split_whitespace().any(|id| id == "debian" || id == "ubuntu") {
        return Ok(());
    }
    let system = Some(field("PRETTY_NAME")).filter(|name| !name.is_empty());
    Err(PackagesError::NotDebian {
        system: system.unwrap_or_else(|| "an unknown system".into()),
        packages: REQUIRED.map(|(name, _)| name).join(" "),
    })
}

fn not_installed(names: &[&'static str], states: &str) -> Vec<&'static str> {
    let installed = |name: &str| states.lines().any(|line| line == format!("{name} installed"));
    names.iter().copied().filter(|name| !installed(name)).collect()
}

/// The files in it carry the archive's times; only the folders tell when this machine last looked.
fn lists_are_old(lists: &Path, now: SystemTime) -> bool {
    let mut entries = std::fs::read_dir(lists).into_iter().flatten().flatten();
    if !entries.any(|entry| entry.file_name().to_string_lossy().ends_with("Release")) {
        return true;
    }
    let looked = |folder: &Path| {
        std::fs::metadata(folder)
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    let latest = looked(lists).max(looked(&lists.join("partial")));
    latest.is_none_or(|latest| now.duration_since(latest).is_ok_and(|age| age > LISTS_ARE_OLD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_debian_and_its_children_will_do() {
        assert!(check_system("ID=debian\n").is_ok());
        assert!(check_system("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n").is_ok());
        let refused = check_system("PRETTY_NAME=\"Fedora Linux 42\"\nID=fedora\n")
            .unwrap_err()
            .to_string();
        assert!(
            refused.starts_with("this machine runs Fedora Linux 42"),
            "{refused}"
        );
        assert!(
            refused.contains("runc containernetworking-plugins iptables"),
            "{refused}"
        );
    }

    #[test]
    fn a_package_whose_files_are_gone_is_missing() {
        let states = "runc installed\niptables config-files\n";
        assert_eq!(
            not_installed(&["runc", "iptables", "ipset"], states),
            ["iptables", "ipset"]
        );
    }

    #[test]
    fn lists_are_fetched_when_absent_or_a_day_old() {
        let lists = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        assert!(lists_are_old(lists.path(), now));
        std::fs::write(lists.path().join("deb_InRelease"), "").unwrap();
        assert!(!lists_are_old(lists.path(), now));
        assert!(lists_are_old(lists.path(), now + 2 * LISTS_ARE_OLD));
    }
}
