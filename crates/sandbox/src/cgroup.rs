//! The cgroups of the sandbox: one tree in every hierarchy, with a branch per member. Membership is how every
//! process of the sandbox is found, those of pods included, whatever became of their parents.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal};

use crate::error::{OnPath, SandboxError};

/// The name of the tree, below the root of each hierarchy.
pub(crate) const TREE: &str = "taskwright";

/// Where processes of a member live; pods live beside it. The unified hierarchy allows processes in leaves only.
const LEAF: &str = "system";

/// The cgroup file systems of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cgroups {
    hierarchies: Vec<PathBuf>,
    /// The unified hierarchy beside separate ones, where the runtime makes branches although we do not.
    beside: Vec<PathBuf>,
    unified: bool,
}

impl Cgroups {
    /// Reads what is mounted, from the text of `/proc/self/mountinfo`. None when no controller can be used.
    pub(crate) fn mounted(mountinfo: &str) -> Option<Self> {
        let of_type = |kind: &str| -> Vec<PathBuf> {
            mountinfo
                .lines()
                .filter_map(|line| mount_point(line, kind))
                .map(PathBuf::from)
                .collect()
        };
        let separate = of_type("cgroup");
        if separate.iter().any(|path| path.ends_with("memory")) {
            return Some(Self {
                hierarchies: separate,
                beside: of_type("cgroup2"),
                unified: false,
            });
        }
        let hierarchies = of_type("cgroup2");
        (!hierarchies.is_empty()).then_some(Self {
            hierarchies,
            beside: Vec::new(),
            unified: true,
        })
    }

    /// The cgroup file systems of this machine now.
    pub(crate) fn of_this_machine() -> Option<Self> {
        Self::mounted(&fs::read_to_string("/proc/self/mountinfo").ok()?)
    }

    /// The mount points.
    pub(crate) fn hierarchies(&self) -> &[PathBuf] {
        &self.hierarchies
    }

    /// Makes the branch of a member and returns the folders its processes join.
    pub(crate) fn create(&self, member: &str) -> Result<Vec<PathBuf>, SandboxError> {
        let mut joined = Vec::new();
        for hierarchy in &self.hierarchies {
            let mut folder = hierarchy.clone();
            for step in [TREE, member, LEAF] {
                self.hand_down_controllers(&folder)?;
                folder.push(step);
                fs::create_dir_all(&folder).on("create", &folder)?;
                copy_cpus(&folder)?;
            }
            joined.push(folder);
        }
        Ok(joined)
    }

    /// In the unified hierarchy a folder has the controllers that its parent hands down.
    fn hand_down_controllers(&self, folder: &Path) -> Result<(), SandboxError> {
        if !self.unified {
            return Ok(());
        }
        let have = fs::read_to_string(folder.join("cgroup.controllers")).on("read", folder)?;
        let wanted: Vec<String> = have.split_whitespace().map(|name| format!("+{name}")).collect();
        let control = folder.join("cgroup.subtree_control");
        fs::write(&control, wanted.join(" ")).on("write", control)
    }

    /// Every process in the branch of a member, or of all members.
    pub(crate) fn processes(&self, member: Option<&str>) -> BTreeSet<i32> {
        let mut found = BTreeSet::new();
        for folder in self.folders(member) {
            let listed = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
            found.extend(listed.lines().filter_map(|line| line.parse::<i32>().ok()));
        }
        found
    }

    /// The folders of a member's branch, or of the tree, parents first.
    pub(crate) fn folders(&self, member: Option<&str>) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for hierarchy in self.hierarchies.iter().chain(&self.beside) {
            let top = hierarchy.join(TREE);
            collect(member.map_or(top.clone(), |member| top.join(member)), &mut found);
        }
        found
    }

    /// Ends every process in the branch by force. Repeated until none is left, because a process can start
    /// another between our look and our signal.
    pub(crate) async fn kill(&self, member: Option<&str>) {
        for _ in 0..200 {
            let left = self.processes(member);
            if left.is_empty() {
                return;
            }
            for pid in left.into_iter().filter_map(Pid::from_raw) {
                let _gone_already = rustix::process::kill_process(pid, Signal::KILL);
            }
            // The kernel has no notice for "this cgroup is empty" that exists in both versions of cgroups.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Removes the branch of a member, or the tree, and returns the folders that would not go.
    pub(crate) async fn remove(&self, member: Option<&str>) -> Vec<PathBuf> {
        for attempt in 0..50 {
            for folder in self.folders(member).iter().rev() {
                let _still_busy = fs::remove_dir(folder);
            }
            if self.folders(member).is_empty() {
                return Vec::new();
            }
            // An ended process is taken out of its cgroup a little after it is gone from the list.
            tokio::time::sleep(Duration::from_millis(10 + attempt)).await;
        }
        self.folders(member)
    }
}

fn collect(folder: PathBuf, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(&folder) else {
        return;
    };
    found.push(folder);
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(entry.path(), found);
        }
    }
}

/// A new cpuset holds no processors and no process can join it until it does.
fn copy_cpus(folder: &Path) -> Result<(), SandboxError> {
    for file in ["cpuset.cpus", "cpuset.mems"] {
        let (Some(parent), own) = (folder.parent(), folder.join(file)) else {
            continue;
        };
        let empty = fs::read_to_string(&own).is_ok_and(|text| text.trim().is_empty());
        if empty && parent.join("cpuset.cpu_exclusive").exists() {
            let inherited = fs::read(parent.join(file)).on("read", parent)?;
            fs::write(&own, inherited).on("write", own)?;
        }
    }
    Ok(())
}

fn mount_point<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    let (mount, file_system) = line.split_once(" - ")?;
    (file_system.split(' ').next()? == kind).then(|| mount.split(' ').nth(4))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separate_hierarchies_are_found() {
        let text = "30 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
            31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\
            32 30 0:28 / /sys/fs/cgroup/memory rw,relatime shared:5 - cgroup cgroup rw,memory\n\
            33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let cgroups = Cgroups::mounted(text).unwrap();
        assert!(!cgroups.unified);
        assert_eq!(
            cgroups.hierarchies(),
            [
                Path::new("/sys/fs/cgroup/cpu"),
                Path::new("/sys/fs/cgroup/memory")
            ]
        );
    }

    #[test]
    fn the_unified_hierarchy_is_found() {
        let cgroups =
            Cgroups::mounted("31 30 0:27 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n").unwrap();
        assert!(cgroups.unified);
        assert_eq!(cgroups.hierarchies(), [Path::new("/sys/fs/cgroup")]);
        assert!(Cgroups::mounted("30 24 0:26 / /tmp rw - tmpfs tmpfs rw\n").is_none());
    }
}
