//! What the sandbox remembers between commands: one JSON file, replaced whole, and a lock beside it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};

use crate::addresses::{AddressPlan, MAX_NODES};
use crate::error::{OnPath, SandboxError};
use crate::layout::Layout;
use crate::options::{NodeCounts, Pool};
use crate::process::ProcessRecord;

const FORMAT: u32 = 1;

/// Everything needed to find the sandbox again after a crash of anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    format: u32,
    /// Where everything is reached.
    pub addresses: AddressPlan,
    /// Whether nodes may reach beyond this machine.
    pub egress: bool,
    /// By name.
    pub nodes: BTreeMap<String, NodeRecord>,
    /// By `member/part`, such as `task-1/kubelet`.
    pub processes: BTreeMap<String, ProcessRecord>,
    /// Network namespaces we made, by member, as the kernel numbers them.
    pub namespaces: BTreeMap<String, u64>,
}

/// One node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRecord {
    /// What it is for.
    pub pool: Pool,
    /// Chooses its addresses; kept as long as the node is.
    pub number: u8,
}

impl State {
    /// A sandbox without nodes and processes.
    pub fn new(addresses: AddressPlan) -> Self {
        Self {
            format: FORMAT,
            addresses,
            egress: false,
            nodes: BTreeMap::new(),
            processes: BTreeMap::new(),
            namespaces: BTreeMap::new(),
        }
    }

    /// Adds a node to `pool` under the lowest free name and number.
    pub fn add_node(&mut self, pool: Pool) -> Result<String, SandboxError> {
        let number = (1..=MAX_NODES)
            .find(|number| self.nodes.values().all(|node| node.number != *number))
            .ok_or(SandboxError::Full(MAX_NODES))?;
        let name = (1..=MAX_NODES)
            .map(|ordinal| format!("{pool}-{ordinal}"))
            .find(|name| !self.nodes.contains_key(name))
            .ok_or(SandboxError::Full(MAX_NODES))?;
        self.nodes.insert(name.clone(), NodeRecord { pool, number });
        Ok(name)
    }

    /// How many nodes are in `pool`.
    pub fn nodes_in(&self, pool: Pool) -> usize {
        self.nodes.values().filter(|node| node.pool == pool).count()
    }

    /// Nodes beyond `counts`, those that came last.
    pub fn surplus(&self, counts: NodeCounts) -> Vec<String> {
        let beyond = |pool: Pool| {
            let mut nodes: Vec<_> = self.nodes.iter().filter(|(_, node)| node.pool == pool).collect();
            nodes.sort_by_key(|(_, node)| node.number);
            let names = nodes.into_iter().map(|(name, _)| name.clone());
            names.skip(usize::from(counts.of(pool))).collect::<Vec<_>>()
        };
        Pool::ALL.into_iter().flat_map(beyond).collect()
    }

    /// What was last written, if anything was.
    pub fn load(layout: &Layout) -> Result<Option<Self>, SandboxError> {
        let path = layout.state();
        let text = match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.on("read", &path)?,
        };
        let state: Self =
            serde_json::from_slice(&text).map_err(|source| SandboxError::ReadState { path, source })?;
        Ok(Some(state))
    }

    /// Replaces what was last written.
    pub fn save(&self, layout: &Layout) -> Result<(), SandboxError> {
        let text = serde_json::to_vec_pretty(self).map_err(|source| SandboxError::ReadState {
            path: layout.state(),
            source,
        })?;
        write_private(&layout.state(), &text)
    }
}

/// Writes a file that only root reads, so that a reader sees the old or the new text and never half of one.
pub(crate) fn write_private(path: &Path, text: &[u8]) -> Result<(), SandboxError> {
    let beside = path.with_extension("new");
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .on("write", &beside)?;
    file.write_all(text).on("write", &beside)?;
    fs::rename(&beside, path).on("write", path)
}

/// Held while a command changes the sandbox; the kernel lets go of it when the command ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock or says who may hold it.
    pub(crate) fn take(layout: &Layout) -> Result<Self, SandboxError> {
        let path = layout.lock();
        fs::create_dir_all(layout.root()).on("create", layout.root())?;
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .on("create", &path)?;
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| SandboxError::Busy(path))?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State::new(AddressPlan::free_of(&[]).unwrap())
    }

    #[test]
    fn nodes_take_the_lowest_free_name_and_number() {
        let mut state = state();
        let names: Vec<String> = [Pool::Control, Pool::Task, Pool::Task]
            .into_iter()
            .map(|pool| state.add_node(pool).unwrap())
            .collect();
        assert_eq!(names, ["control-1", "task-1", "task-2"]);
        state.nodes.remove("task-1");
        assert_eq!(state.add_node(Pool::Control).unwrap(), "control-2");
        assert_eq!(state.nodes["control-2"].number, 2);
        assert_eq!(state.add_node(Pool::Task).unwrap(), "task-1");
        assert_eq!(state.nodes_in(Pool::Control), 2);
    }

    #[test]
    fn a_saved_state_is_read_back_and_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(folder.path(), folder.path());
        assert!(State::load(&layout).unwrap().is_none());
        let mut state = state();
        state.add_node(Pool::Task).unwrap();
        state
            .processes
            .insert("task-1/kubelet".into(), ProcessRecord::of_this_process().unwrap());
        state.save(&layout).unwrap();
        assert_eq!(State::load(&layout).unwrap(), Some(state));
        assert_eq!(
            fs::metadata(layout.state()).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn half_a_state_is_an_error_and_not_a_fresh_start() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(folder.path(), folder.path());
        fs::write(layout.state(), "{\"format\": 1,").unwrap();
        assert!(matches!(
            State::load(&layout),
            Err(SandboxError::ReadState { .. })
        ));
    }

    #[test]
    fn the_lock_is_held_once() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(folder.path(), folder.path());
        let held = Lock::take(&layout).unwrap();
        assert!(matches!(Lock::take(&layout), Err(SandboxError::Busy(_))));
        drop(held);
        Lock::take(&layout).unwrap();
    }
}
