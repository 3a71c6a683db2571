//! What happens while a sandbox changes, as data. Words are made in front ends.

use std::path::PathBuf;

use crate::images::ImageEvent;
use crate::options::Pool;
use crate::tools::ToolEvent;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum SandboxEvent {
    /// System packages are being installed, with consent.
    InstallingPackages(Vec<String>),
    /// About the programs of the cluster.
    Tool(ToolEvent),
    /// About the images it serves.
    Image(ImageEvent),
    /// A step began.
    Began(Step),
    /// A step ended well.
    Ended(Step),
    /// A process runs now that did not, or not like this.
    Started {
        /// `task-1/kubelet`.
        process: String,
        /// Why it had to be.
        cause: StartCause,
    },
    /// A process ended although it should keep running; it is started again.
    EndedEarly {
        /// `task-1/felix`.
        process: String,
        /// How often it has ended by now.
        time: u32,
        /// How often it may.
        of: u32,
        /// What it said last, as far as one line tells.
        reason: String,
    },
    /// A node reported that it takes pods.
    NodeReady {
        /// Its name.
        name: String,
        /// Its pool.
        pool: Pool,
    },
    /// An addon works.
    AddonReady(crate::addons::Addon),
    /// A group of things is gone.
    Removed(Remains),
}

/// Why a process was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartCause {
    /// It never ran.
    First,
    /// It had ended.
    Ended,
    /// It was started by another version, or for other settings.
    Changed,
    /// Its network was gone.
    CutOff,
}

/// A step of a command, long enough for a person to notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Looking whether this machine can do it.
    Preflight,
    /// Programs built or found in the cache.
    Tools,
    /// What lies underneath images, made while programs are built.
    Debian,
    /// Keys, bridge, namespaces, cgroups.
    Ground,
    /// The API server answers.
    ApiServer,
    /// Images made and served.
    Images,
    /// Objects that nodes need.
    Objects,
    /// All nodes take pods.
    Nodes,
    /// Names, storage.
    Addons,
    /// Pods of a node that goes are moved away.
    Drain,
    /// Processes are ended.
    Processes,
    /// A last look at what is left.
    Verify,
}

/// Kinds of things that `down` removes, and that may be left over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remains {
    /// Processes, by number.
    Processes(Vec<i32>),
    /// Mount points.
    Mounts(Vec<PathBuf>),
    /// Network namespaces, by name.
    Namespaces(Vec<String>),
    /// Network links of this machine.
    Links(Vec<String>),
    /// Rules and chains in this machine's packet filter.
    Rules(Vec<String>),
    /// Cgroup folders.
    Cgroups(Vec<PathBuf>),
    /// Files and folders, sockets among them.
    Files(Vec<PathBuf>),
}

impl Remains {
    /// How many.
    pub fn count(&self) -> usize {
        match self {
            Self::Processes(all) => all.len(),
            Self::Mounts(all) | Self::Cgroups(all) | Self::Files(all) => all.len(),
            Self::Namespaces(all) | Self::Links(all) | Self::Rules(all) => all.len(),
        }
    }
}
