//! Removes a sandbox, then looks whether anything of it is left. What is removed is found by looking at the
//! machine, not by remembering: cgroup members, mounts below our folders, links and namespaces by name.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::mount::UnmountFlags;

use crate::cgroup::Cgroups;
use crate::error::{OnPath, SandboxError};
use crate::event::{Remains, SandboxEvent, Step};
use crate::layout::Layout;
use crate::network::{self, PLANE};
use crate::part::Part;
use crate::state::{Lock, State};

/// How long the registry may take to end; it is the one part whose data is kept.
const GRACE: Duration = Duration::from_secs(2);
/// Where kubelets put links to container logs, whatever they are told.
const LOG_LINKS: &str = "/var/log/containers";

/// What becomes of what is slow to make again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Programs, images and the registry's content stay, so that the next `up` takes seconds.
    #[default]
    Caches,
    /// Nothing stays.
    Nothing,
}

/// What `down` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownReport {
    /// What was there and is gone.
    pub removed: Vec<Remains>,
    /// What is still there, though it should not be. Empty when all went well.
    pub left: Vec<Remains>,
    /// Folders that were kept on purpose.
    pub kept: Vec<PathBuf>,
    /// How long it took.
    pub took: Duration,
}

/// Ends and removes everything of the sandbox, whatever state it is in.
pub async fn down(
    keep: Keep,
    cache: &Path,
    progress: impl Fn(SandboxEvent) + Send + Sync,
) -> Result<DownReport, SandboxError> {
    let began = Instant::now();
    let layout = Layout::default();
    let removed = {
        let _lock = Lock::take(&layout)?;
        let before = remains(&layout).await;
        end_processes(&layout, &progress).await;
        remove_mounts_below(&[layout.root(), layout.run()]);
        remove_network().await?;
        if let Some(cgroups) = Cgroups::of_this_machine() {
            cgroups.remove(None).await;
        }
        remove_files(&layout, keep)?;
        if keep == Keep::Nothing && cache.exists() {
            fs::remove_dir_all(cache).on("remove", cache)?;
        }
        before
    };
    progress(SandboxEvent::Began(Step::Verify));
    let left = remains(&layout).await;
    progress(SandboxEvent::Ended(Step::Verify));
    for gone in &removed {
        progress(SandboxEvent::Removed(gone.clone()));
    }
    let kept = [layout.registry(), cache.to_owned()]
        .into_iter()
        .filter(|path| path.exists())
        .collect();
    Ok(DownReport {
        removed,
        left,
        kept,
        took: began.elapsed(),
    })
}

/// The registry ends in peace, everything else by force: its data goes anyway.
async fn end_processes(layout: &Layout, progress: &(dyn Fn(SandboxEvent) + Send + Sync)) {
    progress(SandboxEvent::Began(Step::Processes));
    // A state that cannot be read is no reason to leave anything running.
    let records = State::load(layout)
        .ok()
        .flatten()
        .map(|state| state.processes)
        .unwrap_or_default();
    let registry = Part::Registry.process(PLANE);
    let ends = records.iter().map(|(name, record)| {
        let grace = if *name == registry { GRACE } else { Duration::ZERO };
        record.end(grace)
    });
    futures::future::join_all(ends).await;
    if let Some(cgroups) = Cgroups::of_this_machine() {
        cgroups.kill(None).await;
    }
    progress(SandboxEvent::Ended(Step::Processes));
}

/// Unmounts the last mounted first. A mount that is busy is taken out of sight at once and ends with its last user.
pub(crate) fn remove_mounts_below(folders: &[&Path]) {
    for _ in 0..4 {
        let mounts = mounts_below(folders);
        if mounts.is_empty() {
            return;
        }
        for mount in mounts.iter().rev() {
            let _looked_at_again = rustix::mount::unmount(mount, UnmountFlags::DETACH);
        }
    }
}

async fn remove_network() -> Result<(), SandboxError> {
    for space in network::namespaces() {
        network::remove_member(space.trim_start_matches(network::PREFIX)).await?;
    }
    for link in network::links() {
        network::remove_link(&link).await?;
    }
    if !network::rules().await.is_empty() {
        network::close_egress().await;
    }
    Ok(())
}

fn remove_files(layout: &Layout, keep: Keep) -> Result<(), SandboxError> {
    for link in log_links(layout) {
        fs::remove_file(&link).on("remove", link)?;
    }
    // Fails when somebody else uses the folder too, and should.
    let _used_by_others = fs::remove_dir(LOG_LINKS);
    for path in files(layout) {
        if keep == Keep::Caches && path == layout.registry() {
            continue;
        }
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.on("remove", path)?;
    }
    // The folders around what is kept stay with it.
    let _not_empty = fs::remove_dir(layout.root());
    let _not_empty = layout.root().parent().map(fs::remove_dir);
    Ok(())
}

/// Everything of a sandbox that is on this machine now, by kind, without what is kept on purpose.
pub(crate) async fn remains(layout: &Layout) -> Vec<Remains> {
    let cgroups = Cgroups::of_this_machine();
    let processes = cgroups
        .as_ref()
        .map(|cgroups| cgroups.processes(None))
        .unwrap_or_default();
    let folders = cgroups.map(|cgroups| cgroups.folders(None)).unwrap_or_default();
    let mut left = files(layout);
    left.retain(|path| *path != layout.registry() && *path != layout.lock());
    left.extend(log_links(layout));
    let all = [
        Remains::Processes(processes.into_iter().collect()),
        Remains::Mounts(mounts_below(&[layout.root(), layout.run()])),
        Remains::Namespaces(network::namespaces()),
        Remains::Links(network::links()),
        Remains::Rules(network::rules().await),
        Remains::Cgroups(folders),
        Remains::Files(left),
    ];
    all.into_iter().filter(|remains| remains.count() > 0).collect()
}

/// Mount points below `folders`, in mounting order.
fn mounts_below(folders: &[&Path]) -> Vec<PathBuf> {
    below(
        &fs::read_to_string("/proc/self/mountinfo").unwrap_or_default(),
        folders,
    )
}

fn below(mountinfo: &str, folders: &[&Path]) -> Vec<PathBuf> {
    mountinfo
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(|escaped| PathBuf::from(unescape(escaped)))
        .filter(|mount| folders.iter().any(|folder| mount.starts_with(folder)))
        .collect()
}

/// The kernel writes spaces and a few others in octal.
fn unescape(escaped: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(escaped.to_owned(), |text, (code, character)| {
            text.replace(code, character)
        })
}

/// What lies directly in our folders, and the folder of sockets itself.
fn files(layout: &Layout) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(layout.root())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    found.extend(layout.run().exists().then(|| layout.run().to_owned()));
    found
}

/// Links to logs of containers that ran on our nodes.
fn log_links(layout: &Layout) -> Vec<PathBuf> {
    let ours = |path: &PathBuf| fs::read_link(path).is_ok_and(|target| target.starts_with(layout.nodes()));
    let entries = fs::read_dir(LOG_LINKS).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(ours).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_below_our_folders_are_found_in_order() {
        let text = "1 0 0:1 / / rw - ext4 /dev/vda rw\n\
            2 1 0:2 / /var/lib/taskwright/sandbox/a rw - tmpfs tmpfs rw\n\
            3 2 0:3 / /var/lib/taskwright/sandbox/a/b\\040c rw - tmpfs tmpfs rw\n\
            4 1 0:4 / /var/lib/taskwright/sandboxes rw - tmpfs tmpfs rw\n";
        let found = below(text, &[Path::new("/var/lib/taskwright/sandbox")]);
        assert_eq!(
            found,
            [
                Path::new("/var/lib/taskwright/sandbox/a"),
                Path::new("/var/lib/taskwright/sandbox/a/b c")
            ]
        );
    }
}
