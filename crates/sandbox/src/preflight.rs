//! Everything that has to be true of this machine before a sandbox is started, looked at without touching
//! anything, and reported all at once.

use std::path::{Path, PathBuf};

use crate::addresses::{AddressPlan, Subnet};
use crate::cgroup::Cgroups;
use crate::debian;
use crate::layout::Layout;
use crate::network;
use crate::options::UpOptions;
use crate::tools::{Tool, Toolchain, ToolsError};

/// Disk that images, volumes and logs of a small sandbox take.
const DISK: u64 = 4 << 30;

/// Something that keeps a sandbox from being started here.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Another kind of system.
    #[error("a sandbox needs Linux, and this is {0}; use a cluster made with kind or k3d instead")]
    NotLinux(&'static str),
    /// Not the right user.
    #[error("a sandbox makes network namespaces and cgroups, which takes root; try again with sudo")]
    NotRoot,
    /// Programs of the system are missing, and nobody said to install them.
    #[error("system packages are missing: {}; install them, or say --yes to have it done", .0.join(", "))]
    MissingPackages(Vec<String>),
    /// It cannot be told which packages are missing.
    #[error(transparent)]
    Packages(#[from] debian::PackagesError),
    /// The programs of the cluster can neither be found nor built.
    #[error(transparent)]
    Tools(#[from] ToolsError),
    /// Too little room.
    #[error("{} has {} MiB free, and a sandbox needs {} MiB; make room there", .path.display(), .free >> 20, .needed >> 20)]
    DiskFull {
        /// Where.
        path: PathBuf,
        /// Bytes there are.
        free: u64,
        /// Bytes it takes.
        needed: u64,
    },
    /// No usable cgroups.
    #[error("no cgroup hierarchy with a memory controller is mounted; mount cgroup2 at /sys/fs/cgroup")]
    NoCgroups,
    /// A cgroup cannot be made.
    #[error("cgroups cannot be made in {}; is this a container without its own cgroups?", .0.display())]
    CgroupsReadOnly(PathBuf),
    /// The kernel lacks something.
    #[error("the kernel lacks {0}; load the module or use another kernel")]
    KernelLacks(&'static str),
    /// All addresses that would do are in use.
    #[error("every network a sandbox would take overlaps one that this machine routes ({}); choose a free /16 with --network", shown(.routed))]
    NoFreeNetwork {
        /// What is routed.
        routed: Vec<Subnet>,
    },
    /// The network that was asked for is no good.
    #[error("{0} cannot be the network of a sandbox: it has to be a /16")]
    NotASixteen(Subnet),
    /// The network that was asked for is in use.
    #[error(
        "{wanted} overlaps {routed}, which this machine routes already; choose another /16 with --network"
    )]
    NetworkTaken {
        /// What was asked for.
        wanted: Subnet,
        /// What is in the way.
        routed: Subnet,
    },
}

fn shown(routed: &[Subnet]) -> String {
    routed
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Everything that keeps a sandbox from being started here; nothing is touched. Ports cannot be taken: all that
/// listens does so in network namespaces of its own.
pub async fn preflight(options: &UpOptions) -> Vec<Problem> {
    if std::env::consts::OS != "linux" {
        return vec![Problem::NotLinux(std::env::consts::OS)];
    }
    let mut problems = Vec::new();
    if !rustix::process::geteuid().is_root() {
        problems.push(Problem::NotRoot);
    }
    problems.extend(packages(options).await);
    problems.extend(tools(options).await.err().map(Problem::Tools));
    problems.extend(disk(Layout::default().root()));
    problems.extend(cgroups());
    problems.extend(kernel());
    problems.extend(addresses(options));
    problems
}

async fn packages(options: &UpOptions) -> Option<Problem> {
    match debian::missing().await {
        Ok(missing) if missing.is_empty() || options.consents() => None,
        Ok(missing) => Some(Problem::MissingPackages(
            missing.into_iter().map(str::to_owned).collect(),
        )),
        Err(error) => Some(Problem::Packages(error)),
    }
}

/// Whether the programs can be found or built: a Go that will do, and room for what it writes.
async fn tools(options: &UpOptions) -> Result<(), ToolsError> {
    Toolchain::locate(&options.cache())
        .await?
        .check_room(&Tool::needed())
}

fn disk(root: &Path) -> Option<Problem> {
    let path = root.ancestors().find(|path| path.exists())?;
    let space = rustix::fs::statvfs(path).ok()?;
    let free = space.f_bavail * space.f_frsize;
    (free < DISK).then(|| Problem::DiskFull {
        path: path.to_owned(),
        free,
        needed: DISK,
    })
}

fn cgroups() -> Option<Problem> {
    let Some(cgroups) = Cgroups::of_this_machine() else {
        return Some(Problem::NoCgroups);
    };
    let read_only =
        |folder: &&PathBuf| rustix::fs::access(folder.as_path(), rustix::fs::Access::WRITE_OK).is_err();
    cgroups
        .hierarchies()
        .iter()
        .find(read_only)
        .cloned()
        .map(Problem::CgroupsReadOnly)
}

fn kernel() -> Vec<Problem> {
    let file_systems = std::fs::read_to_string("/proc/filesystems").unwrap_or_default();
    let has_overlay = file_systems
        .lines()
        .any(|line| line.trim_start_matches("nodev").trim() == "overlay");
    let has_module = Path::new("/lib/modules").exists();
    // A kernel with modules loads what is asked for; one without has it or never will.
    let lacks_overlay = !has_overlay && !has_module;
    lacks_overlay
        .then_some(Problem::KernelLacks("overlayfs"))
        .into_iter()
        .collect()
}

fn addresses(options: &UpOptions) -> Option<Problem> {
    let routed = network::routed_elsewhere();
    let Some(wanted) = options.network else {
        return AddressPlan::free_of(&routed)
            .is_none()
            .then_some(Problem::NoFreeNetwork { routed });
    };
    if AddressPlan::within(wanted).is_none() {
        return Some(Problem::NotASixteen(wanted));
    }
    let in_the_way = routed.into_iter().find(|route| route.overlaps(wanted))?;
    Some(Problem::NetworkTaken {
        wanted,
        routed: in_the_way,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_to_do() {
        let routed = || "10.213.4.0/24".parse().unwrap();
        let problems = [
            (Problem::NotLinux("macos"), "kind or k3d"),
            (Problem::NotRoot, "sudo"),
            (
                Problem::MissingPackages(vec!["runc".into(), "ipset".into()]),
                "runc, ipset; install them, or say --yes",
            ),
            (
                Problem::DiskFull {
                    path: "/var/lib".into(),
                    free: 5 << 20,
                    needed: DISK,
                },
                "/var/lib has 5 MiB free, and a sandbox needs 4096 MiB",
            ),
            (Problem::NoCgroups, "mount cgroup2"),
            (
                Problem::NoFreeNetwork {
                    routed: vec![routed()],
                },
                "--network",
            ),
            (
                Problem::NetworkTaken {
                    wanted: "10.213.0.0/16".parse().unwrap(),
                    routed: routed(),
                },
                "choose another /16",
            ),
        ];
        for (problem, says) in problems {
            assert!(problem.to_string().contains(says), "{problem}");
        }
    }

    #[test]
    fn a_network_has_to_be_a_sixteen() {
        let options = UpOptions {
            network: "10.0.0.0/24".parse().ok(),
            ..UpOptions::default()
        };
        assert!(matches!(addresses(&options), Some(Problem::NotASixteen(_))));
    }
}
